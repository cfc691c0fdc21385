"""The protocols by which the predictor is judged: what is fitted on which rows, and scored on which others."""

from ansatzlint.predictor.evaluation.gradients import evaluate_gradients
from ansatzlint.predictor.evaluation.held_out import Effort
from ansatzlint.predictor.evaluation.scores import Evaluation, Table

__all__ = ["Effort", "Evaluation", "Table", "evaluate_gradients"]
