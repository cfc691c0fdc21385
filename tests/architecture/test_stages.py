"""Stages: the cheap ones exclude first, figures are the engine's, a predictor that refuses is passed over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import predictor_models
import pytest

from ansatzlint import predictor
from ansatzlint.architecture import stages
from ansatzlint.architecture.limits import Limits
from ansatzlint.architecture.space import Space
from ansatzlint.architecture.stages import Judge, median_gradient
from ansatzlint.architecture.values import Design, Evaluation
from ansatzlint.circuit import Circuit
from ansatzlint.errors import AnsatzlintError
from ansatzlint.tasks import task_of
from ansatzlint.variance import gradient_variance

TASK = task_of(3, observable="Z0")
SPACE = Space(TASK, ("finite-light-cone",))


def built(**changes: object) -> Circuit:
    design = Design("finite-light-cone", {"layers": 1}, "uniform", "given")
    return SPACE.build(replace(design, **changes))  # type: ignore[arg-type]


def judge(**changes: object) -> Judge:
    return replace(Judge(TASK, Limits(), 1e5, predictor=False), **changes)  # type: ignore[arg-type]


def test_a_limit_ends_it_before_anything_is_measured() -> None:
    found = judge(limits=Limits(max_depth=1)).judge(built())
    assert found.stage == "limits"
    assert set(found.figures) == {"two_qubit_gates"}
    assert not found.feasible


def test_a_cost_out_of_reach_ends_it_by_the_rules() -> None:
    circuit = built()
    alone = tuple(g for g in circuit.gates if 0 not in g.qubits)
    names = {name for gate in alone for name in gate.parameters}
    cut = replace(circuit, gates=alone, parameters=tuple(p for p in circuit.parameters if p.name in names))
    found = judge().judge(cut)
    assert found.stage == "rules"
    assert found.constraints["live parameters"] > 0


def test_the_median_is_that_of_the_live_parameters() -> None:
    known = gradient_variance(built())
    figure, shots = median_gradient(known)
    assert figure.source == "exact"
    assert figure.value == pytest.approx(np.median(known.mean_square[known.live]))
    assert shots == pytest.approx(np.median(known.shots[known.live]))


def test_a_gradient_beyond_the_shots_is_no_candidate() -> None:
    circuit = built()
    _, shots = median_gradient(gradient_variance(circuit))
    assert judge(shots=shots * 1.01).judge(circuit).feasible
    assert judge(shots=shots * 0.99).judge(circuit).constraints["shots"] > 0


def test_a_cost_without_shot_noise_is_within_any_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    figure, _ = median_gradient(gradient_variance(built()))
    monkeypatch.setattr(stages, "median_gradient", lambda _: (figure, 0.0))
    assert judge().judge(built()).constraints["shots"] < 0


def test_a_predicted_plateau_is_set_aside_unmeasured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    predictor_models.write_gradients(tmp_path, odds=9.0)
    monkeypatch.setattr(predictor, "FOLDER", tmp_path)
    predictor._load.cache_clear()
    found = judge(predictor=True).judge(built())
    predictor._load.cache_clear()
    assert found.stage == "predictor"
    assert found.constraints["predicted plateau"] > 0


def test_without_a_predictor_the_engine_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AnsatzlintError("a model of another version; refit it")

    monkeypatch.setattr(predictor, "predict_all", refuse)
    found = judge(predictor=True).judge(built())
    assert found.stage == "expressibility"
    assert found.notes == ("the predictor was not asked: a model of another version; refit it",)


def test_expressibility_is_that_of_the_ansatz_whatever_its_start() -> None:
    narrow, wide = (stages.expressiveness(built(init=init), 0)[1] for init in ("narrow", "uniform"))
    assert narrow == wide


def test_beyond_ten_qubits_the_dimension_stands_for_expressibility() -> None:
    task = task_of(12, observable="Z0")
    circuit = Space(task, ("finite-light-cone",)).build(Design("finite-light-cone", {"layers": 1}, "uniform", "given"))
    key, figure = stages.expressiveness(circuit, 0)
    assert (key, figure.source, figure.upper) == ("dimension", "bound", None)
    assert 0 < figure.value <= len(circuit.trainable)


def test_an_evaluation_survives_json() -> None:
    found = judge().judge(built())
    assert Evaluation.from_dict(found.as_dict()).figures == found.figures
