"""What a search found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansatzlint.architecture.space import Space
from ansatzlint.architecture.values import Candidate, Design, Evaluation, Objective, Trained
from ansatzlint.errors import UsageError
from ansatzlint.tasks import Task


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is: trials that are finished, how many of them feasible, and the best trade-off so far."""

    finished: int
    trials: int
    feasible: int
    front: int
    best: str
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What a search found.

    Attributes
    ----------
    pareto : tuple of Candidate
        Circuits that are feasible and that no other one beats in every objective, the compromise first.
    task : Task
    objectives : tuple of Objective
    finished, feasible : int
        Trials of the study, all processes and runs together; a circuit that was proposed again counts again, though it
        is evaluated once.
    lost : int
        Trials whose process died or was interrupted.
    excluded : mapping of str to int
        By constraint, how many finished trials it excludes; trials may break several.
    notes : tuple of str
    interrupted : bool
    study : optuna.study.Study
    space : Space
        What builds a trial's circuit from its design.
    """

    pareto: tuple[Candidate, ...]
    task: Task
    objectives: tuple[Objective, ...]
    finished: int
    feasible: int
    lost: int
    excluded: Mapping[str, int]
    notes: tuple[str, ...]
    interrupted: bool
    study: Any
    space: Space

    def candidates(self) -> Iterator[Candidate]:
        """All feasible circuits of the study, each once, in the order of trials: to be ranked by other standards."""
        for trial in self.study.get_trials(deepcopy=False):
            said = trial.user_attrs
            if trial.values is None or "same_as" in said or any(value > 0 for value in trial.constraints.values()):
                continue
            design = Design.from_dict(said["design"])
            trained = self.study.user_attrs.get(f"trained:{trial.number}")
            yield Candidate(
                trial.number, self.space.build(design), design, Evaluation.from_dict(said["evaluation"]),
                None if trained is None else Trained(**trained),
            )  # fmt: skip

    @property
    def best(self) -> Candidate:
        """The best by training where finalists were trained, else the compromise (`front.ranking`).

        Raises
        ------
        UsageError
            Where no circuit is feasible, with the constraint that excludes most.
        """
        if not self.pareto:
            raise UsageError(self.infeasible)
        trained = [c for c in self.pareto if c.trained is not None]
        if not trained:
            return self.pareto[0]
        sign = -1.0 if self.task.sense == "max" else 1.0
        return min(trained, key=lambda c: sign * c.trained.median if c.trained else 0.0)

    @property
    def infeasible(self) -> str:
        """Why there is no feasible circuit, in one line."""
        if not self.finished:
            return "no trial was finished"
        constraint, count = max(self.excluded.items(), key=lambda item: item[1])
        others = ", ".join(f"{name} {n}" for name, n in self.excluded.items() if name != constraint)
        beyond = [t.constraints.get(constraint, 0.0) for t in self.study.get_trials(deepcopy=False)]
        closest = min((value for value in beyond if value > 0), default=None)
        remedy = _REMEDIES.get(constraint, "relax it, or allow more trials")
        return (
            f"no feasible circuit in {self.finished} trials: {constraint!r} excludes most ({count}"
            + (f"; {others}" if others else "")
            + ("); " if closest is None else f"); the nearest is {closest:.3g} beyond it; ")
            + remedy
        )

    def __str__(self) -> str:
        from ansatzlint.report.search import render_text

        if not self.pareto:
            return self.infeasible
        return render_text(self.pareto, self.task, self.objectives, self.summary)

    @property
    def summary(self) -> str:
        """Trials in words."""
        lost = f", {self.lost} lost" if self.lost else ""
        return f"{self.finished} trials, {self.feasible} feasible, {len(self.pareto)} on the front{lost}"


_REMEDIES: Mapping[str, str] = {
    "depth": "raise --max-depth", "two-qubit gates": "raise --max-two-qubit-gates",
    "parameters": "raise --max-parameters", "coupling": "allow more pairs, or families that take a coupling map",
    "shots": "raise --shots, or seek a cost that is more local",
    "live parameters": "the families chosen never move this cost; allow others",
    "built": "allow other families, or another number of qubits",
}  # fmt: skip
