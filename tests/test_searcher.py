"""Searches end to end on a few qubits: reproducible, resumable, never mixed, nothing evaluated twice."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import ansatzlint as al
from ansatzlint import searcher
from ansatzlint.architecture.front import dominates
from ansatzlint.architecture.result import Search
from ansatzlint.architecture.stages import Judge
from ansatzlint.architecture.values import Evaluation
from ansatzlint.errors import AnsatzlintError, InputError, UsageError

SMALL = {"families": ["hardware-efficient", "real-amplitudes", "simplified-two-design"], "work": 2_000_000}


def run(**changes: object) -> Search:
    return al.search(**{"qubits": 3, "trials": 12, "max_depth": 12, **SMALL, **changes})  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def found() -> Search:
    return run(trials=24)


def test_no_circuit_of_the_front_is_beaten_by_a_feasible_one(found: Search) -> None:
    directions = [1.0 if o.direction == "minimize" else -1.0 for o in found.objectives]

    def values(trial: object) -> list[float]:
        return [s * v for s, v in zip(directions, trial.values, strict=True)]  # type: ignore[attr-defined]

    feasible = [t for t in found.study.trials if all(v <= 0 for v in t.constraints.values())]
    best = {c.number: values(found.study.trials[c.number]) for c in found.pareto}
    assert best
    assert not any(dominates(values(t), point) for t in feasible for point in best.values())


def test_optuna_sees_the_same_front(found: Search) -> None:
    ours = {tuple(found.study.trials[c.number].values) for c in found.pareto}
    assert ours == {tuple(t.values) for t in found.study.best_trials}


def test_what_the_predictor_screened_the_engine_measures_in_the_end() -> None:
    found = run(sampler="nsga2", trials=30)
    screened = [t.user_attrs["evaluation"]["figures"].get("log10_gradient") for t in found.study.trials]
    assert {figure["source"] for figure in screened if figure} == {"predicted"}
    assert found.pareto
    assert {candidate.objectives["log10_gradient"].source for candidate in found.pareto} <= {"exact", "sampled"}
    assert found.notes[0].startswith("the predictor alone screened the trials; ")


def test_the_gradient_of_a_candidate_is_the_engines(found: Search) -> None:
    for candidate in found.pareto[:3]:
        v = al.gradient_variance(candidate.circuit)
        figure = candidate.objectives["log10_gradient"]
        if figure.source == "exact":
            assert figure.value == pytest.approx(np.log10(np.median(v.mean_square[v.live])))
        else:
            assert figure.lower <= figure.value <= figure.upper


def test_the_limits_are_kept(found: Search) -> None:
    assert all(c.evaluation.sizes["depth"] <= 12 for c in found.pareto)


def test_a_circuit_that_is_proposed_again_is_not_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    judge = Judge.judge
    monkeypatch.setattr(Judge, "judge", lambda self, circuit: calls.append(circuit) or judge(self, circuit))
    result = run(families=["finite-light-cone"], max_depth=4, trials=10, sampler="random")
    digests = [t.user_attrs["content"] for t in result.study.trials]
    assert len(calls) == len(set(digests)) < len(digests) == 10


def test_a_circuit_that_our_own_error_leaves_unjudged_does_not_end_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    judge, calls = Judge.judge, iter(range(1000))

    def fail_once(self: Judge, circuit: al.Circuit) -> Evaluation:
        return judge(self, circuit) if next(calls) != 2 else 1 / 0  # type: ignore[return-value]

    monkeypatch.setattr(Judge, "judge", fail_once)
    found = run()
    assert (found.finished, found.lost) == (12, 1)
    assert any(note.endswith("was not judged: ZeroDivisionError: division by zero") for note in found.notes)


def test_errors_of_ours_at_most_circuits_end_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Judge, "judge", lambda *_: 1 / 0)
    with pytest.raises(AnsatzlintError, match=r"^5 of 5 circuits could not be judged; the last one: ZeroDivisionError"):
        run()


def test_the_same_seed_gives_the_same_trials() -> None:
    first, second = (run(seed=7, trials=8) for _ in range(2))
    assert [t.params for t in first.study.trials] == [t.params for t in second.study.trials]
    assert [t.values for t in first.study.trials] == [t.values for t in second.study.trials]


@pytest.mark.parametrize("sampler", ["random", "nsga2"])
def test_other_samplers_find_a_front(sampler: str) -> None:
    assert run(sampler=sampler, trials=10).pareto


def test_changes_of_the_front_keep_to_gate_set_and_coupling() -> None:
    result = run(trials=16, variations=1.0, gates=["ry", "rz", "cz"], coupling=[(0, 1), (1, 2)],
                 families=["finite-light-cone"])  # fmt: skip
    changed = [t for t in result.study.trials if "parent" in t.user_attrs]
    assert changed
    for candidate in result.pareto:
        assert {gate.name for gate in candidate.circuit.gates} <= {"ry", "rz", "cz"}
        assert all(abs(g.qubits[0] - g.qubits[1]) == 1 for g in candidate.circuit.gates if len(g.qubits) == 2)


def test_finalists_are_trained_on_a_hamiltonian() -> None:
    result = run(hamiltonian="tfim", trials=8)
    trained = [c.trained for c in result.pareto if c.trained is not None]
    assert trained
    ising = np.linalg.eigvalsh(_ising(3))[0]
    for t in trained:
        assert t.optimum == pytest.approx(ising)
        assert t.best >= ising - 1e-9
    assert result.best.trained is not None
    assert result.best.trained.median == min(t.median for t in trained)


def _ising(n: int) -> np.ndarray:
    x, z, eye = np.array([[0.0, 1.0], [1.0, 0.0]]), np.diag([1.0, -1.0]), np.eye(2)

    def on(places: dict[int, np.ndarray]) -> np.ndarray:
        product = np.eye(1)
        for q in range(n):
            product = np.kron(product, places.get(q, eye))
        return product

    return sum(on({q: z, (q + 1) % n: z}) + on({q: x}) for q in range(n))


def test_no_feasible_circuit_is_said_with_the_limit_that_excludes_most() -> None:
    result = run(max_depth=1, max_two_qubit_gates=0, families=["real-amplitudes"], trials=4)
    assert result.pareto == ()
    with pytest.raises(UsageError, match=r"no feasible circuit in 4 trials: 'depth' excludes most \(4.*--max-depth"):
        _ = result.best


def test_a_family_that_needs_an_even_number_of_qubits_excludes_only_those_members() -> None:
    result = run(qubits=5, families=["qaoa"], hamiltonian="maxcut:cycle", trials=14, sampler="random", seed=3)
    graphs = {t.params["qaoa.graph"]: t.constraints.get("built", 0.0) for t in result.study.trials}
    assert graphs["regular3"] == 1.0
    assert all(value == 0.0 for graph, value in graphs.items() if graph != "regular3")


@pytest.mark.parametrize("bad", [
    {"trials": 0}, {"timeout": 0}, {"sampler": "gp"}, {"shots": 0}, {"jobs": 0}, {"seed": -1}, {"families": []},
    {"families": ["nope"]}, {"variations": 2}, {"max_depth": 0}, {"coupling": [(0, 7)]}, {"gates": ["nope"]},
    {"storage": "nosuch://somewhere"}, {"storage": "grpc://nowhere"},
])  # fmt: skip
def test_what_cannot_be_meant_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        run(**bad)


def test_a_journal_is_gone_on_with_only_when_asked(tmp_path: Path) -> None:
    journal = str(tmp_path / "search.journal")
    run(storage=journal, trials=4)
    with pytest.raises(UsageError, match="--resume"):
        run(storage=journal, trials=6)
    again = run(storage=journal, trials=6, resume=True)
    assert (again.finished, len(again.study.trials)) == (6, 6)


def test_a_study_of_another_problem_is_never_mixed(tmp_path: Path) -> None:
    journal = str(tmp_path / "search.journal")
    run(storage=journal, trials=2)
    with pytest.raises(UsageError, match=r"another problem.*max_depth"):
        run(storage=journal, trials=4, resume=True, max_depth=9)
    assert run(storage=journal, trials=2, study="other", max_depth=9).finished == 2


def test_a_study_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    import optuna

    journal = tmp_path / "search.journal"
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(journal)))
    optuna.create_study(storage=storage, study_name="search").add_trial(optuna.trial.create_trial(value=1.0))
    with pytest.raises(UsageError, match="no study of ansatzlint"):
        run(storage=str(journal), resume=True)


def test_a_line_that_was_never_finished_is_cut_off(tmp_path: Path) -> None:
    journal = tmp_path / "search.journal"
    run(storage=str(journal), trials=3)
    whole = journal.read_bytes()
    journal.write_bytes(whole + whole[-80:-30])
    assert run(storage=str(journal), trials=4, resume=True).finished == 4


def test_a_trial_whose_process_died_is_lost_and_said(tmp_path: Path) -> None:
    import optuna

    journal = tmp_path / "search.journal"
    run(storage=str(journal), trials=2)
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(journal)))
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    trial = optuna.load_study(study_name="search", storage=storage).ask()
    trial.set_user_attr("worker", {"host": socket.gethostname(), "pid": gone.pid, "born": "1"})
    again = run(storage=str(journal), trials=3, resume=True)
    assert (again.finished, again.lost) == (3, 1)
    assert {t.state.name for t in again.study.trials} == {"COMPLETE", "FAIL"}


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="folder"):
        run(storage=str(tmp_path / "file" / "search.journal"))


def test_a_full_disk_is_said_in_one_line_and_the_finished_trials_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from optuna.storages.journal import JournalFileBackend

    journal = tmp_path / "search.journal"
    append = JournalFileBackend.append_logs

    def full(self: JournalFileBackend, logs: list[dict[str, object]]) -> None:
        if _finished(journal) == 3:
            with journal.open("ab") as file:
                file.write(b'{"op_code": 9, "tri')  # what still had room
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        append(self, logs)

    with monkeypatch.context() as patched:
        patched.setattr(JournalFileBackend, "append_logs", full)
        with pytest.raises(InputError, match=r"search.journal: cannot be written: no space left.*trials are kept"):
            run(storage=str(journal))
    assert run(storage=str(journal), resume=True, trials=4).finished == 4


def _command(output: Path, trials: int, *more: str) -> list[str]:
    families = ",".join(SMALL["families"])  # type: ignore[arg-type]  # names
    options = ["--qubits", "3", "--trials", str(trials), "--families", families, "--output", str(output), *more]
    return [sys.executable, "-m", "ansatzlint", "search", *options]


def _finished(journal: Path) -> int:
    """Trials that the journal says are complete (state 1)."""
    if not journal.exists():
        return 0
    lines = [line for line in journal.read_text().splitlines(keepends=True) if line.endswith("\n")]
    return sum(log.get("state") == 1 and "values" in log for log in map(json.loads, lines))


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_search_that_is_stopped_loses_no_finished_trial(tmp_path: Path, how: signal.Signals) -> None:
    journal = tmp_path / searcher.JOURNAL
    process = subprocess.Popen(_command(tmp_path, 500), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while _finished(journal) < 5 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(how)
    output, errors = process.communicate(timeout=60)
    before = _finished(journal)
    assert before >= 5, errors
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert "on the front" in output, "the front of the finished trials is printed"
    again = run(storage=str(journal), resume=True, trials=before + 2, max_depth=None, work=None)
    assert again.finished == before + 2
    assert again.lost <= 1


@pytest.mark.slow
def test_two_processes_share_one_study(tmp_path: Path) -> None:
    result = run(storage=str(tmp_path / "search.journal"), trials=10, jobs=2, work=200_000)
    owners = {t.user_attrs["worker"]["pid"] for t in result.study.trials}
    assert 10 <= result.finished <= 11
    assert os.getpid() not in owners
    assert not result.notes
