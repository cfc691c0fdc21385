"""The protocols by which the predictor is judged: what is fitted on which rows, and scored on which others."""

from ansatzlint.predictor.evaluation.gradients import evaluate_gradients, target_of
from ansatzlint.predictor.evaluation.held_out import Effort, HeldOut
from ansatzlint.predictor.evaluation.own import OwnLabels, evaluate_labels, glance, score_labels
from ansatzlint.predictor.evaluation.scores import Evaluation, Table
from ansatzlint.predictor.evaluation.training import evaluate_training

__all__ = [
    "Effort",
    "Evaluation",
    "HeldOut",
    "OwnLabels",
    "Table",
    "evaluate_gradients",
    "evaluate_labels",
    "evaluate_training",
    "glance",
    "score_labels",
    "target_of",
]
