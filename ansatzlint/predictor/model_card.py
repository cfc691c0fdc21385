"""Evaluations as people read them: a table on a terminal, JSON, and the model card."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

from ansatzlint.predictor.evaluation.scores import Cell, Evaluation, Table

WIDTH = 100
_NONE = "–"

_ABOUT = """\
Two questions, two models. **Gradient size**: how large are the gradients of a parametrised circuit under its cost and
initialisation, and does the largest drown in shot noise? Learned from circuits that the second-moment engine measured.
**Trained quality**: how much of the way to the ground state does plain training cover? Learned from training runs on
few qubits. `ansatzlint measure` shows the predictions, `al.predict(circuit)` returns them, and `ansatzlint check` uses
them in AL502, where nothing exact or sampled is there, and in AL505.

Each model is a sum of boosted trees over named features of the circuit; around a prediction lies a conformal interval,
calibrated on circuits of families that were left out. Outside the domain of what it learned a model abstains, and says
what is unlike anything it has seen.

**Not for**: circuits whose gradients can be measured (measure them: `ansatzlint measure`), a proof of anything (a
prediction never raises a finding to an error), other optimisers and budgets than those of the training runs.

**Known to be weak**, beside what the tables show: entanglers that run down the qubits like a staircase, as real
amplitudes and efficient SU(2) have by default, with costs on one or two qubits and several layers, where strings are
either short or spread out: beliefs have one answer for each, apart by `belief_split_largest`, the truth is between,
and intervals are wide (uniform angles, 8 to 20 qubits, 30 circuits of each family: the 90 % interval covered 87 and
70 %, its middle too low by up to two decades); gates that turn several Pauli words by one angle, as controlled
rotations do, since the joint moments of those words are not among the features (on random circuits of CRX or CRY
alone the interval of the largest gradient covered 67 to 80 %, that of the median less); angles drawn around neither 0
nor pi (an interval of the median covered 69 % on uniform angles from 0 to 0.6); gradients that vanish for a reason
that no feature sees are predicted as live, and the median counts them; a free-fermionic chain is seen only where its
qubits stand in order.

Every table below says how its numbers were got. *Held out* means that the circuit's group of families, with all that is
nearly the same, took no part in fitting, choosing or calibrating the model that predicted it. *answered* are the
scores where the model does not abstain."""

_OWN = """\
Learned from labels of the user's own: boosted trees over named features of the circuit, with a conformal interval
around each prediction. Every table below says how its numbers were got."""


def render_text(evaluation: Evaluation) -> str:
    """Facts, then each table below its protocol, in columns."""
    width = max((len(name) for name, _ in evaluation.facts), default=0)
    lines = [evaluation.title]
    for name, text in evaluation.facts:
        room = " " * (width + 4)
        lines += textwrap.wrap(f"  {name:<{width}}  {text}", WIDTH, subsequent_indent=room)
    for table in evaluation.tables:
        protocol = textwrap.wrap(table.protocol, WIDTH - 2, initial_indent="  ", subsequent_indent="  ")
        lines += ["", table.name, *protocol]
        lines += [f"  {line}" for line in _columns(table)]
    return "\n".join([*lines, *("" for _ in evaluation.notes[:1]), *evaluation.notes]) + "\n"


def render_json(evaluations: Sequence[Evaluation]) -> str:
    """`{"schema": 1, "evaluations": [{"title", "facts", "tables": [{"name", "protocol", "rows"}], "notes"}]}`.

    A row is an object of column and cell.
    """
    page = {
        "schema": 1,
        "evaluations": [
            {
                "title": one.title,
                "facts": dict(one.facts),
                "tables": [
                    {
                        "name": table.name,
                        "protocol": table.protocol,
                        "rows": [dict(zip(table.columns, row, strict=True)) for row in table.rows],
                    }
                    for table in one.tables
                ],
                "notes": list(one.notes),
            }
            for one in evaluations
        ],
    }
    return json.dumps(page, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def render_card(evaluations: Sequence[Evaluation], *, shipped: bool) -> str:
    """The model card in Markdown; `shipped` says that it is about the models of the package, not about a user's own."""
    lines = ["# Model card: the learned trainability predictor" if shipped else "# Model card", ""]
    lines += [_ABOUT if shipped else _OWN, ""]
    for one in evaluations:
        lines += [f"## {one.title}", ""]
        lines += [*(f"- **{_plain(name)}**: {_plain(text)}" for name, text in one.facts), ""]
        for table in one.tables:
            protocol = textwrap.wrap(_plain(table.protocol), 120)
            lines += [f"### {_plain(table.name)}", "", *protocol, "", *_markdown(table), ""]
        lines += [line for note in one.notes for line in (note, "")]
    return "\n".join(lines).rstrip() + "\n"


def shipped_card() -> str:
    """The card of the models that ship with the package; InputError where there is none."""
    from ansatzlint.files import decode, read_bytes
    from ansatzlint.predictor import FOLDER

    file = FOLDER / "CARD.md"
    return decode(read_bytes(file), file.as_posix())


def _columns(table: Table) -> list[str]:
    cells = [table.columns, *(tuple(_cell(c) for c in row) for row in table.rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(table.columns))]
    right = _numeric(table)
    return [
        "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=True)).rstrip()
        for row in cells
    ]


def _markdown(table: Table) -> list[str]:
    rule = ["---:" if right else "---" for right in _numeric(table)]
    body = [tuple(_plain(_cell(cell)) for cell in row) for row in table.rows]
    rows = [tuple(map(_plain, table.columns)), tuple(rule), *body]
    return [f"| {' | '.join(row)} |" for row in rows]


def _numeric(table: Table) -> list[bool]:
    """Whether a column holds numbers, so that it stands to the right."""
    columns = [[row[i] for row in table.rows] for i in range(len(table.columns))]
    return [
        any(isinstance(cell, int | float) for cell in column) and not any(isinstance(cell, str) for cell in column)
        for column in columns
    ]


def _cell(value: Cell) -> str:
    if value is None:
        return _NONE
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3f}" if value == 0 or 5e-4 <= abs(value) < 1e4 else f"{value:.2g}"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, code in backticks aside."""
    return text.replace("|", "\\|").replace("*", "\\*").replace("\n", " ")
