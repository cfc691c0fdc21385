"""Automated architecture search on Optuna: who proposes circuits, what becomes of trials, how workers share a study.

A trial says in its user attributes which `design` it is, its `content` (a digest of the circuit), what is known of it
(`evaluation`), and which process works on it (`worker`); the study holds the `problem`. A killed process loses the
trial in hand and nothing else.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from ansatzlint.architecture import finalists, front
from ansatzlint.architecture.plan import VARIATIONS, Options, Plan, Sampler, content, differences
from ansatzlint.architecture.result import Progress, Search
from ansatzlint.architecture.stages import BUILT, WORK
from ansatzlint.architecture.storages import in_memory, reach, readable
from ansatzlint.architecture.values import Candidate, Design, Evaluation, Objective, Trained
from ansatzlint.architecture.workers import lives, patient, supervise, this_worker
from ansatzlint.circuit import PauliSum
from ansatzlint.errors import AnsatzlintError, CircuitError, UsageError
from ansatzlint.initialisation import Initialisation

if TYPE_CHECKING:
    import optuna
    from optuna.study import Study
    from optuna.trial import FrozenTrial, Trial

STUDY = "search"
JOURNAL = "search.journal"
STARTUP = 20
"""Trials before circuits of the front are varied."""
ATTEMPTS = 30
"""Changes that are tried until one leads to a circuit that is new and keeps to the limits."""
FINALISTS = 6
"""Circuits of the front that are trained on the task."""
MEASURED = 40
"""Circuits of the front that the engine measures where circuits are screened by the predictor."""
MOST_ERRORS = 5
"""So many circuits that errors of ours left unjudged end the search, where they are most of it."""
NAMELESS, FORGOTTEN = 60, 3600
"""Seconds after which a trial counts as lost that never said who works on it, or whose worker nobody can look after."""


def search(
    qubits: int | None = None,
    *,
    observable: str | None = None,
    hamiltonian: str | PauliSum | None = None,
    state: str | None = None,
    families: Iterable[str] | None = None,
    trials: int = 100,
    timeout: float | None = None,
    sampler: Sampler = "tpe",
    max_depth: int | None = None,
    max_two_qubit_gates: int | None = None,
    max_parameters: int | None = None,
    max_gates: int | None = None,
    gates: Iterable[str] | None = None,
    coupling: str | Iterable[tuple[int, int]] | None = None,
    symmetry: str | None = None,
    shots: float | None = None,
    init: Initialisation | None = None,
    variations: float | None = None,
    work: int | None = None,
    storage: str | None = None,
    study: str | None = None,
    resume: bool = False,
    jobs: int = 1,
    seed: int = 0,
    progress: Callable[[Progress], object] | None = None,
) -> Search:
    """Search the structured families for circuits that train, express much and take few two-qubit gates.

    Parameters
    ----------
    qubits : int
        May be left out where a file says it.
    observable, hamiltonian, state
        The task: a cost as `--observable` takes it (by default the mean of Z), a Hamiltonian (`tfim`, `heisenberg`,
        `maxcut:GRAPH`, a file, or a PauliSum), or a file with a target state. See `ansatzlint.tasks`.
    families : iterable of str, optional
        Names of `ansatzlint.families`; by default all that take no inputs.
    trials : int
        Finished trials of the study after which the search ends, all processes and runs together.
    timeout : float, optional
        Seconds after which no trial is begun.
    sampler : {"tpe", "nsga2", "random"}
        Who proposes circuits: a model of what was good, the default; a genetic algorithm for thousands of trials, which
        are screened by the predictor alone until the engine measures the front; or chance, for comparison.
    max_depth, max_two_qubit_gates, max_parameters, max_gates : int, optional
    gates : iterable of str, optional
        The gates that a circuit may be made of.
    coupling : str or iterable of pairs, optional
        A file of pairs, or the pairs themselves, on which gates may act.
    symmetry : str, optional
        A Pauli word of which the circuit's state has one definite value at all angles.
    shots : float, optional
        The budget per circuit within which the median live gradient has to be resolved, 95 % sure; by default that of
        the rules.
    init : Initialisation, optional
        The law of the angles; by default it is searched for.
    variations : float, optional
        The share of trials that change a circuit of the front gate by gate; none with the sampler "random".
    work : int, optional
        Gate-samples for the gradients of one circuit.
    storage : str, optional
        A journal file, or a database's URL; by default in memory.
    study : str, optional
        The study's name in the storage.
    resume : bool
        Go on with what a journal file holds. A database's study is joined without it.
    jobs : int
        Processes; -1 for one a core.
    seed : int
        With one process and no timeout, the same seed gives the same trials.
    progress : callable, optional
        Is given a `Progress` after each trial.

    Raises
    ------
    UsageError
        For arguments that cannot be meant, a storage that cannot be reached, a study of another problem.
    InputError
        For a file that cannot be read or written.
    """
    given = Options(
        qubits, observable, hamiltonian, state, None if families is None else tuple(families), trials, timeout, sampler,
        max_depth, max_two_qubit_gates, max_parameters, max_gates, None if gates is None else tuple(gates),
        coupling if coupling is None or isinstance(coupling, str) else tuple((a, b) for a, b in coupling),
        symmetry, shots, init, VARIATIONS if variations is None else variations,
        WORK if work is None else work, seed,
    )  # fmt: skip
    if jobs == 0 or jobs < -1:
        raise UsageError(f"jobs must be a number of processes, or -1 for one a core, not {jobs}")
    count = (os.cpu_count() or 1) if jobs == -1 else jobs
    plan = Plan(given)
    with _quiet():
        if storage is None and count > 1:
            with TemporaryDirectory(prefix="ansatzlint-") as folder:  # processes need a place to meet
                return _run(plan, str(Path(folder) / JOURNAL), study or STUDY, resume, count, progress, keep=False)
        return _run(plan, storage, study or STUDY, resume, count, progress, keep=True)


def _run(
    plan: Plan,
    storage: str | None,
    name: str,
    resume: bool,
    jobs: int,
    progress: Callable[[Progress], object] | None,
    keep: bool,
) -> Search:
    started = time.monotonic()
    with readable(storage):
        study = _open(plan, storage, name, ordinal=0, shared=jobs > 1, resume=resume)
    deadline = None if plan.options.timeout is None else started + plan.options.timeout

    def tell() -> None:
        if progress is not None:
            progress(_progress(study, plan, time.monotonic() - started))

    interrupted = False
    notes: list[str] = []
    with readable(storage):
        try:
            if jobs == 1:
                _serve(study, plan, deadline, tell)
            else:
                assert storage is not None, "processes meet in a storage"
                notes += _supervise(plan, storage, name, jobs, deadline, tell)
        except KeyboardInterrupt:
            interrupted = True
        _settle(study)
        if not interrupted:
            try:
                notes += _measure(study, plan)
                notes += _train(study, plan)
            except KeyboardInterrupt:
                interrupted = True
        if not keep:
            study = in_memory(study, name)
        return _result(study, plan, tuple(notes), interrupted)


def _serve(study: Study, plan: Plan, deadline: float | None, tell: Callable[[], None]) -> None:
    """Work on the study until it has all its trials, or no time is left."""
    with patient() as interrupted:
        while deadline is None or time.monotonic() < deadline:
            _settle(study)
            states = Counter(t.state.name for t in study.get_trials(deepcopy=False))
            if interrupted():
                raise KeyboardInterrupt
            if states["COMPLETE"] >= plan.options.trials:
                break
            if states["COMPLETE"] + states["RUNNING"] >= plan.options.trials:
                time.sleep(0.2)  # others are at the last ones; should they die, this worker steps in
                continue
            _propose(study, plan)
            study.optimize(lambda trial: _objective(trial, plan), n_trials=1, catch=_UnjudgedError)
            _stop_at_many_failures(study)
            tell()


class _UnjudgedError(Exception):
    """An error of ours at one circuit: the trial fails and says why, the search goes on."""


def _stop_at_many_failures(study: Study) -> None:
    """AnsatzlintError where circuits that could not be judged are no exception."""
    trials = study.get_trials(deepcopy=False)
    errors = [t.user_attrs["error"] for t in trials if "error" in t.user_attrs]
    if len(errors) >= MOST_ERRORS and 2 * len(errors) > len(trials):
        count = f"{len(errors)} of {len(trials)} circuits"
        raise AnsatzlintError(f"{count} could not be judged; the last one: {errors[-1]}")


def _propose(study: Study, plan: Plan) -> None:
    """Now and then queue a change of a circuit of the front instead of leaving the next trial to the sampler."""
    from optuna.trial import TrialState

    options = plan.options
    trials = study.get_trials(deepcopy=False)
    if options.sampler == "random" or any(t.state == TrialState.WAITING for t in trials):
        return
    done = [t for t in trials if t.state == TrialState.COMPLETE]
    rng = np.random.default_rng([options.seed, len(trials), 1])
    if len(done) < min(STARTUP, options.trials // 4) or rng.random() >= options.variations:
        return
    best = _front(study, plan)
    known = {t.user_attrs.get("content") for t in trials}
    for _ in range(ATTEMPTS if best else 0):
        parent = best[int(rng.integers(len(best)))]
        design = Design.from_dict(parent.user_attrs["design"])
        found = plan.vary(design, int(rng.integers(1 << 31)))
        if found is not None and content(found[1]) not in known:
            attributes = {"design": found[0].as_dict(), "parent": parent.number}
            study.enqueue_trial(dict(parent.params), user_attrs=attributes)
            return


class _Asked:
    """A trial as the space asks it."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial

    def choice(self, name: str, values: Sequence[str | int | bool]) -> str | int | bool:
        return self._trial.suggest_categorical(name, list(values))  # type: ignore[return-value]  # one of the values

    def whole(self, name: str, low: int, high: int) -> int:
        return self._trial.suggest_int(name, low, high)


def _objective(trial: Trial, plan: Plan) -> tuple[float, ...]:
    """Judge the circuit that a trial stands for, unless another trial has."""
    trial.set_user_attr("worker", this_worker())
    design = plan.space.ask(_Asked(trial))
    if "design" in trial.user_attrs:  # a change of a circuit of the front, which was queued
        design = Design.from_dict(trial.user_attrs["design"])
    else:
        trial.set_user_attr("design", design.as_dict())
    try:
        circuit = plan.space.build(design)
    except UsageError as error:
        evaluation = Evaluation({}, {BUILT: 1.0}, "built", {"qubits": plan.task.qubits}, (str(error),))
    else:
        digest = content(circuit)
        trial.set_user_attr("content", digest)
        known = _known(trial, digest)
        try:
            evaluation = plan.judge.judge(circuit) if known is None else known
        except Exception as error:
            trial.set_user_attr("error", f"{type(error).__name__}: {error}")
            raise _UnjudgedError from error
    trial.set_user_attr("evaluation", evaluation.as_dict())
    for key, value in evaluation.constraints.items():
        trial.set_constraint(key, value)
    return tuple(_value(evaluation, objective) for objective in plan.judge.objectives)


def _value(evaluation: Evaluation, objective: Objective) -> float:
    figure = evaluation.figures.get(objective.key)
    return objective.worst if figure is None else figure.value


def _known(trial: Trial, digest: str) -> Evaluation | None:
    """What an earlier trial found of the same circuit; waits for one that is at it in another process."""
    from optuna.trial import TrialState

    while True:
        same = [
            t for t in trial.study.get_trials(deepcopy=False)
            if t.number < trial.number and t.user_attrs.get("content") == digest
        ]  # fmt: skip
        for other in same:
            if other.state == TrialState.COMPLETE:
                trial.set_user_attr("same_as", other.number)
                return Evaluation.from_dict(other.user_attrs["evaluation"])
        if not any(other.state == TrialState.RUNNING for other in same):
            return None
        time.sleep(0.2)
        _settle(trial.study)


def _settle(study: Study) -> None:
    """Fail the trials that processes left behind when they died: at once on this machine, else after a while."""
    import optuna
    from optuna.trial import TrialState

    optuna.storages.fail_stale_trials(study)  # databases know by the heartbeat
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        worker = trial.user_attrs.get("worker")
        age = 0.0 if trial.datetime_start is None else time.time() - trial.datetime_start.timestamp()
        if age > (NAMELESS if worker is None else FORGOTTEN) or (worker is not None and not lives(worker)):
            try:
                study.tell(trial.number, state=TrialState.FAIL)
            except (ValueError, RuntimeError):
                continue  # another process was quicker to say so


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Optuna's own log, and its word that grouped spaces and heartbeats are experimental."""
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(level)


# Studies


def _open(plan: Plan, storage: str | None, name: str, ordinal: int, shared: bool, resume: bool) -> Study:
    """The study of that name, made if there is none; UsageError where it is of another problem."""
    import optuna

    kept = reach(storage)
    is_database = storage is not None and "://" in storage
    directions = [objective.direction for objective in plan.judge.objectives]
    if storage is not None and not is_database and not resume:
        for summary in optuna.get_all_study_names(kept):
            if summary == name:
                remedy = "go on with it by --resume, or give another --study or --output"
                raise UsageError(f"{storage} holds the study {name!r}; {remedy}")
    try:
        study = optuna.create_study(storage=kept, study_name=name, directions=directions, load_if_exists=True)
    except optuna.exceptions.DuplicatedStudyError:  # another process was quicker
        study = optuna.load_study(storage=kept, study_name=name)
    there = study.user_attrs.get("problem")
    if there is None and not study.get_trials(deepcopy=False):
        study.set_user_attr("problem", dict(plan.problem))
        there = study.user_attrs.get("problem")
    if there != plan.problem:
        where = differences(plan.problem, there) if isinstance(there, dict) else "it is no study of ansatzlint's"
        raise UsageError(f"the study {name!r} is of another problem ({where}); give another --study")
    begun = len(study.get_trials(deepcopy=False))
    study.sampler = _sampler(plan, ordinal, begun, shared or is_database)
    return study


def _sampler(plan: Plan, ordinal: int, begun: int, shared: bool) -> optuna.samplers.BaseSampler:
    """The sampler, with a seed of its own for each worker and each time that a study is gone on with."""
    import optuna

    own = [plan.options.seed, ordinal, begun]
    if shared:  # others that know nothing of this one may have started at the same moment
        own += [os.getpid(), *socket.gethostname().encode()]
    seed = int(np.random.SeedSequence(own).generate_state(1)[0])
    match plan.options.sampler:
        case "random":
            return optuna.samplers.RandomSampler(seed=seed)
        case "nsga2":
            size = min(max(plan.options.trials // 5, 8), 50)
            return optuna.samplers.NSGAIISampler(seed=seed, population_size=size)
    return optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True, constant_liar=shared)


# Several processes on one machine


def _supervise(
    plan: Plan, storage: str, name: str, jobs: int, deadline: float | None, tell: Callable[[], None]
) -> list[str]:
    """Have so many workers serve the study; what is to be said of them."""
    said = {"options": plan.options.dumps(), "storage": storage, "study": name, "deadline": deadline}
    texts = [json.dumps(said | {"ordinal": ordinal}) for ordinal in range(1, jobs + 1)]
    return supervise([sys.executable, "-c", "from ansatzlint.searcher import work; work()"], texts, tell)


def work() -> None:
    """A worker's life: standard input says what to work on."""
    said = json.loads(sys.stdin.read())
    plan = Plan(Options.loads(said["options"]))
    deadline = said["deadline"]  # of the clock that all processes of a machine share
    parent = os.getppid()

    def follow() -> None:
        if os.getppid() != parent:  # nobody is left who waits for what is found
            raise KeyboardInterrupt

    with _quiet(), suppress(KeyboardInterrupt):
        study = _open(plan, said["storage"], said["study"], said["ordinal"], shared=True, resume=True)
        _serve(study, plan, deadline, follow)


# Results


def _front(study: Study, plan: Plan) -> list[FrozenTrial]:
    """The trials on the front, each circuit once."""
    from optuna.trial import TrialState

    done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    feasible = [t for t in done if all(v <= 0 for v in t.constraints.values()) and "same_as" not in t.user_attrs]
    return [feasible[i] for i in front.front([_smaller(t.values, plan) for t in feasible])]


def _smaller(values: Sequence[float], plan: Plan) -> tuple[float, ...]:
    """The values, all of them to be made small."""
    return tuple(
        -value if objective.direction == "maximize" else value
        for value, objective in zip(values, plan.judge.objectives, strict=True)
    )


def _ranked(study: Study, plan: Plan) -> list[FrozenTrial]:
    """The front, the compromise first, then by distance from the ideal point."""
    found = _front(study, plan)
    return [found[i] for i in front.ranking([_smaller(t.values, plan) for t in found])]


def _final(study: Study, plan: Plan) -> list[tuple[FrozenTrial, Evaluation]]:
    """The front with what is known of it, in the same order; where circuits are screened, of what was measured."""
    if not plan.judge.screening:
        return [(t, Evaluation.from_dict(t.user_attrs["evaluation"])) for t in _ranked(study, plan)]
    known = {n: e for n, e in _measured(study).items() if e.feasible}
    numbers = list(known)
    points = [_smaller([_value(known[n], o) for o in plan.judge.objectives], plan) for n in numbers]
    best = front.front(points)
    trials = study.get_trials(deepcopy=False)
    order = front.ranking([points[i] for i in best])
    return [(trials[numbers[best[i]]], known[numbers[best[i]]]) for i in order]


def _measured(study: Study) -> dict[int, Evaluation]:
    """By trial, what the engine found of circuits that had been screened."""
    key = "measured:"
    said = study.user_attrs
    return {int(k.removeprefix(key)): Evaluation.from_dict(e) for k, e in said.items() if k.startswith(key)}


def _progress(study: Study, plan: Plan, seconds: float) -> Progress:
    from optuna.trial import TrialState

    done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    best = _ranked(study, plan)
    text = ""
    if best:
        found = Evaluation.from_dict(best[0].user_attrs["evaluation"])
        values = ", ".join(f"{o.key} {found.figures[o.key].value:.3g}" for o in plan.judge.objectives)
        text = f"{best[0].user_attrs['design']['family']}: {values}"
    feasible = sum(all(v <= 0 for v in t.constraints.values()) for t in done)
    return Progress(len(done), plan.options.trials, feasible, len(best), text, seconds)


def _measure(study: Study, plan: Plan) -> list[str]:
    """Have the engine judge the first of a front that was only predicted, those that were not yet."""
    if not plan.judge.screening:
        return []
    judge = replace(plan.judge, screening=False)
    best = _ranked(study, plan)
    known = _measured(study)
    for trial in best[:MEASURED]:
        if trial.number not in known:
            circuit = plan.space.build(Design.from_dict(trial.user_attrs["design"]))
            study.set_user_attr(f"measured:{trial.number}", judge.judge(circuit).as_dict())
    left = f"; the {len(best) - MEASURED} farthest from the ideal were not" if len(best) > MEASURED else ""
    return [f"the predictor alone screened the trials; {min(len(best), MEASURED)} of its front were measured{left}"]


def _train(study: Study, plan: Plan) -> list[str]:
    """Train the first of the front on the task, those that were not yet."""
    notes = []
    if plan.task.trained and plan.task.qubits <= finalists.MOST_QUBITS:
        for trial, _ in _final(study, plan)[:FINALISTS]:
            key = f"trained:{trial.number}"
            if key in study.user_attrs:
                continue
            try:
                circuit = plan.space.build(Design.from_dict(trial.user_attrs["design"]))
                study.set_user_attr(key, finalists.train(circuit, plan.task, plan.options.seed).as_dict())
            except CircuitError as error:
                notes.append(f"trial {trial.number} was not trained: {error}")
    return notes


def _result(study: Study, plan: Plan, notes: tuple[str, ...], interrupted: bool) -> Search:
    from optuna.trial import TrialState

    trials = study.get_trials(deepcopy=False)
    done = [t for t in trials if t.state == TrialState.COMPLETE]
    judged = [t.constraints for t in done] + [e.constraints for e in _measured(study).values()]
    excluded = Counter(key for constraints in judged for key, value in constraints.items() if value > 0)
    pareto = []
    for trial, evaluation in _final(study, plan):
        design = Design.from_dict(trial.user_attrs["design"])
        trained = study.user_attrs.get(f"trained:{trial.number}")
        pareto.append(
            Candidate(trial.number, plan.space.build(design), design, evaluation,
                      None if trained is None else Trained(**trained))
        )  # fmt: skip
    said = dict.fromkeys(n for t in done for n in t.user_attrs["evaluation"]["notes"] if n.startswith("the predictor"))
    unjudged = [f"trial {t.number} was not judged: {t.user_attrs['error']}" for t in trials if "error" in t.user_attrs]
    return Search(
        tuple(pareto), plan.task, plan.judge.objectives, len(done),
        sum(all(v <= 0 for v in t.constraints.values()) for t in done),
        sum(t.state == TrialState.FAIL for t in trials), dict(excluded), (*notes, *said, *unjudged), interrupted, study,
        plan.space,
    )  # fmt: skip
