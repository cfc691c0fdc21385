"""The protocols, on learners that are known: what they may see, and what the scores say of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from ansatzlint.predictor.evaluation import (
    Effort,
    Evaluation,
    OwnLabels,
    Table,
    evaluate_gradients,
    evaluate_labels,
    evaluate_training,
    score_labels,
    target_of,
)
from ansatzlint.predictor.evaluation.held_out import folds, leave_out, predict_held_out
from ansatzlint.predictor.model_card import render_card, render_json, render_text

GROUPS = ("brickwork", "random", "trees")
NAMES = (
    "qubits", "log10_cost_unit_square", "shared_angles", "init_cross_mean", "depth", "parameters",
    "cost_weight_maximum", "log10_mean_field_largest", "log10_belief_largest",
    "start_log10_largest", "start_log10_median", "expressibility", "signal",
)  # fmt: skip
EFFORT = Effort(rows=150, neighbours=100, permuted=40)


@dataclass
class Domain:
    """Knows rows whose signal is at most 0.9."""

    def inside(self, rows: Any) -> Any:
        return rows[:, -1] <= 0.9


@dataclass
class Signal:
    """Predicts its last column, with a half width of `reach`; writes down what it was fitted on."""

    reach: float = 0.1
    seen: list[dict[str, Any]] = field(default_factory=list)

    def fit(self, X: Any, y: Any, *, upper: Any = None, groups: Any = None) -> Signal:
        self.seen.append({"X": X, "y": y, "upper": upper, "groups": groups})
        self.domain_ = Domain()
        return self

    def predict(self, X: Any) -> Any:
        return X[:, -1].astype(np.float64)

    def predict_interval(self, X: Any, coverage: float) -> Any:
        assert coverage == 0.9
        return self.predict(X) - self.reach, self.predict(X) + self.reach


class Odds(Signal):
    def predict_proba(self, X: Any) -> Any:
        chance = np.clip(-self.predict(X) / 4, 0, 1)
        return np.column_stack([1 - chance, chance])


@dataclass
class Data:
    columns: dict[str, Any]
    features: Any
    names: tuple[str, ...] = NAMES


def gradients(rows: int = 360, noise: float = 0.02) -> Data:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(rows, len(NAMES))).astype(np.float32)
    signal = -4 * rng.random(rows)
    signal[:10] = 0.95  # outside the domain
    qubits = rng.choice([4, 8, 24], rows)
    features[:, 0], features[:, -1] = qubits, signal
    values = signal + noise * rng.choice([-1, 1], rows)
    censored = np.zeros(rows, dtype=bool)
    censored[-30:] = True
    columns: dict[str, Any] = {
        "index": np.arange(rows), "group": rng.choice(GROUPS, rows), "kind": rng.choice(["family", "mutation"], rows),
        "qubits": qubits, "method": rng.choice(["exact", "sampled"], rows), "barren": (signal < -2).astype(np.int8),
    }  # fmt: skip
    for head in ("largest", "median"):
        columns[f"log10_{head}"] = np.where(censored, np.nan, values)
        columns[f"log10_{head}_lower"] = np.where(censored, -np.inf, values - 0.01)
        columns[f"log10_{head}_upper"] = np.where(censored, signal + 0.5, values + 0.01)
    columns["barren"][:5] = -1
    columns["log10_largest"][40], columns["log10_largest_upper"][40] = np.nan, np.nan
    return Data(columns, features)


def training(rows: int = 240) -> Data:
    rng = np.random.default_rng(1)
    features = rng.normal(size=(rows, len(NAMES))).astype(np.float32)
    share = rng.random(rows)
    features[:, -1] = share
    features[:, NAMES.index("expressibility")] = -share + 0.3 * rng.normal(size=rows)
    columns = {
        "index": np.arange(rows), "group": rng.choice(GROUPS, rows), "kind": np.full(rows, "family"),
        "hamiltonian": rng.choice(["maxcut", "tfim"], rows), "qubits": rng.choice([3, 8], rows),
        "trained_fraction": features[:, -1].astype(np.float64), "succeeding": np.round(share * 12) / 12,
    }  # fmt: skip
    return Data(columns, features)


def cell(found: Evaluation, table: str, row: str, column: str) -> Any:
    (one,) = [t for t in found.tables if t.name == table]
    (cells,) = [r for r in one.rows if str(r[0]).startswith(row)]
    return cells[one.columns.index(column)]


@pytest.fixture(scope="module")
def judged() -> Evaluation:
    models = {"largest": Signal, "median": Signal, "barren": Odds}
    return evaluate_gradients(gradients(), models, EFFORT)


def test_the_scores_are_those_of_the_learner(judged: Evaluation) -> None:
    table = "Largest gradient, leave-group-out"
    assert cell(judged, table, "median absolute error", "value") == pytest.approx(0.02, abs=1e-6)
    assert cell(judged, table, "median absolute error", "reached") == "yes"
    assert cell(judged, table, "Spearman, pooled", "value") > 0.99
    assert cell(judged, table, "90 % interval covers", "value") == 1.0
    assert cell(judged, table, "90 % interval covers", "reached") == "no"
    assert cell(judged, table, "half width", "value") == pytest.approx(0.1)


def test_simple_rules_know_the_unit_of_the_cost() -> None:
    data = gradients(noise=0.0)
    unit = NAMES.index("log10_cost_unit_square")
    data.features[:, NAMES.index("log10_mean_field_largest")] = data.columns["log10_largest"] - data.features[:, unit]
    found = evaluate_gradients(data, {"largest": Signal, "median": Signal, "barren": Odds}, EFFORT)
    table = "Beside simple rules, leave-group-out"
    assert cell(found, table, "mean field alone", "nine in ten below") == pytest.approx(0.0, abs=1e-5)


def test_larger_circuits_are_predicted_from_smaller_ones() -> None:
    seen: list[dict[str, Any]] = []
    models = {"largest": lambda: Signal(seen=seen), "median": Signal, "barren": Odds}
    found = evaluate_gradients(gradients(), models, Effort(rows=None, neighbours=50, permuted=0))
    assert [set(fitted["X"][:, 0]) for fitted in seen if 24 not in fitted["X"][:, 0]] == [{4, 8}]
    (table,) = [t for t in found.tables if t.name == "Largest gradient, larger circuits"]
    assert "Fitted on circuits of at most 16 qubits" in table.protocol


def test_barren_is_ranked_by_its_probability(judged: Evaluation) -> None:
    table = "Barren plateau, leave-group-out"
    assert cell(judged, table, "area under the ROC curve", "value") == 1.0
    (one,) = [t for t in judged.tables if t.name == table]
    assert "355 circuits predicted" in one.protocol


def test_simple_rules_stand_beside_the_model(judged: Evaluation) -> None:
    table = "Beside simple rules, leave-group-out"
    (one,) = [t for t in judged.tables if t.name == table]
    rules = [str(row[0]) for row in one.rows]
    assert rules[0] == "the model"
    assert [r for r in rules if r.startswith("nearest")] == [f"nearest neighbours, k = {k}" for k in range(1, 6)]
    for rule in ("mean field alone", "linear in qubits", "cost locality alone", "nearest neighbours, k = 3"):
        assert cell(judged, table, rule, "median |error|") > 0.3  # the signal is in none of them alone


def test_censored_labels_are_scored_apart(judged: Evaluation) -> None:
    assert cell(judged, "Censored labels", "largest", "labels") == 30
    assert cell(judged, "Censored labels", "largest", "predicted at or below the bound") == 1.0


def test_what_the_model_abstains_from_is_told(judged: Evaluation) -> None:
    assert cell(judged, "Abstention", "abstained", "uncensored labels") == 10
    assert cell(judged, "Abstention", "answered", "share of circuits") == pytest.approx(1 - 10 / 359)


def test_permuting_the_only_column_that_counts_hurts_most(judged: Evaluation) -> None:
    (one,) = [t for t in judged.tables if t.name == "Permutation importance"]
    assert [row[0] for row in one.rows] == ["signal"]


def test_every_table_says_its_protocol(judged: Evaluation) -> None:
    assert all(len(table.protocol) > 40 for table in judged.tables)
    scored = [t for t in judged.tables if "leave-group-out" in t.name and t.columns[0] == "score"]
    assert all("fitted on 150 rows drawn at random from the others (seed 0)" in t.protocol for t in scored)


def test_labels_without_value_and_bound_are_left_out() -> None:
    target = target_of(gradients().columns, "largest")
    assert (target.usable.sum(), target.known.sum()) == (359, 329)
    assert np.isfinite(target.upper[target.usable]).all()


@pytest.fixture(scope="module")
def trained() -> Evaluation:
    data = training()
    guess = data.columns["trained_fraction"] ** 3
    return evaluate_training(data, {"fraction": Signal, "succeeding": Signal}, EFFORT, guess)


def test_the_training_head_by_groups_and_by_hamiltonians(trained: Evaluation) -> None:
    table = "Share of the way that training covers"
    assert cell(trained, table, "Spearman, leave-group-out", "value") == pytest.approx(1)
    assert cell(trained, table, "Spearman, leave-Hamiltonian-out", "reached") == "yes"
    assert cell(trained, "By hamiltonian", "tfim", "median |error|") == 0


def test_single_predictors_rank_without_their_sign(trained: Evaluation) -> None:
    column = "share covered, leave-group-out"
    rho = cell(trained, "Beside single predictors", "expressibility", column)
    assert -1 < rho < -0.5
    assert cell(trained, "Beside single predictors", "the gradients' head", column) == pytest.approx(1)
    (margin, *_) = [r for t in trained.tables for r in t.rows if str(r[0]).startswith("… above the best")]
    assert margin[1] == pytest.approx(0)  # the gradients' head ranks as well here
    assert margin[-1] == "no"


def test_a_margin_counts_predictors_that_point_the_other_way() -> None:
    found = evaluate_training(training(), {"fraction": Signal, "succeeding": Signal}, EFFORT)
    (margin, *_) = [r for t in found.tables for r in t.rows if str(r[0]).startswith("… above the best")]
    rho = cell(found, "Beside single predictors", "expressibility", "share covered, leave-group-out")
    assert margin[1] == pytest.approx(1 - abs(rho))


def own(rows: int = 60) -> OwnLabels:
    rng = np.random.default_rng(2)
    features = rng.random((rows, 3))
    return OwnLabels("fidelity", features[:, -1], features, ("a", "b", "c"), "labels.jsonl")


def test_random_folds_predict_each_row_once() -> None:
    labels = own()
    found, held = evaluate_labels(labels, Signal, EFFORT)
    assert sorted(held.rows.tolist()) == list(range(60))
    assert held.fitted == (48,) * 5
    assert cell(found, "Scores", "R²", "value") == 1.0
    assert cell(found, "Beside simple rules", "the mean of the others", "R²") <= 0


@pytest.mark.parametrize(("seen", "said"), [(True, "how well it remembers"), (False, "must be others than those")])
def test_a_given_model_is_scored_with_a_warning(seen: bool, said: str) -> None:
    labels = own()
    _, held = evaluate_labels(labels, Signal, EFFORT)
    (table,) = score_labels(labels, held, "own.npz", seen=seen).tables
    assert said in table.protocol


def test_no_row_is_fitted_on_and_predicted() -> None:
    groups = np.array(["a", "b", "a", "c", "b"])
    for train, test in [*leave_out(groups), *folds(17, 5, 0)]:
        assert not set(train) & set(test)
    assert [groups[test].tolist() for _, test in leave_out(groups)] == [["a", "a"], ["b", "b"], ["c"]]
    assert sorted(np.concatenate([test for _, test in folds(17, 5, 0)]).tolist()) == list(range(17))


def test_learners_get_bounds_and_groups_of_their_rows_only() -> None:
    seen: list[dict[str, Any]] = []
    rng = np.random.default_rng(0)
    features, groups = rng.random((40, 2)), np.repeat(["a", "b"], 20)
    target = np.where(np.arange(40) % 4 == 0, np.nan, features[:, 1])
    bound = np.where(np.isnan(target), 2.0, target)
    held = predict_held_out(
        lambda: Signal(seen=seen), features, target, list(leave_out(groups)),
        censored_at=bound, groups=groups, effort=Effort(permuted=10),
    )  # fmt: skip
    assert [set(one["groups"]) for one in seen] == [{"b"}, {"a"}]
    assert all(np.isfinite(one["upper"]).all() and len(one["upper"]) == 20 for one in seen)
    assert np.array_equal(held.predicted, features[held.rows, 1])
    assert held.importance[0] == 0 < held.importance[1]


def test_a_row_of_a_table_has_a_cell_a_column() -> None:
    with pytest.raises(ValueError, match="has not 2 cells"):
        Table("t", "p", ("a", "b"), ((1,),))


def test_text_json_and_card_say_the_same(judged: Evaluation) -> None:
    import json

    page = json.loads(render_json([judged]))
    text, card = render_text(judged), render_card([judged], shipped=True)
    for table in page["evaluations"][0]["tables"]:
        assert table["name"] in text
        assert f"### {table['name']}" in card
    row = page["evaluations"][0]["tables"][0]["rows"][0]
    assert (row["score"], row["aim"], row["reached"]) == ("median absolute error", "at most 0.1", "yes")
    assert f"| {row['score']} | {row['value']:.3f} |" in card


def test_the_card_is_a_page_of_markdown(judged: Evaluation, trained: Evaluation) -> None:
    card = render_card([judged, trained], shipped=True)
    assert card.startswith("# Model card")
    assert [line for line in card.splitlines() if line.startswith("## ")] == ["## Gradient size", "## Trained quality"]
    rows = [line for line in card.splitlines() if line.startswith("|")]
    assert all(line.endswith(" |") for line in rows)
    assert "median \\|error\\|" in card
    assert max(len(line) for line in card.splitlines() if not line.startswith(("|", "- "))) <= 120


def test_cells_are_short_and_nothing_is_a_dash() -> None:
    table = Table("T", "A protocol.", ("name", "number"), (("a", 0.12345), ("b", None), ("c", 1234567), ("d", 1e-7)))
    text = render_text(Evaluation("E", (), (table,)))
    assert [line.split()[-1] for line in text.splitlines()[-4:]] == ["0.123", "–", "1,234,567", "1e-07"]
