"""`search` and `recommend`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ansatzlint.cli.shared import (
    CLEAN,
    FAILURE,
    assume,
    assumptions,
    configuration,
    configured,
    on_terminal,
    processes,
    read_target,
    say_error,
    several,
    split_list,
    status,
)
from ansatzlint.errors import UsageError

if TYPE_CHECKING:
    from ansatzlint.architecture.result import Progress


@click.command()
@click.option("--qubits", type=int, metavar="N", help="Of the circuits; may be left out where a file says it.")
@click.option("--observable", metavar="TEXT", help='"Z0 Z1 + 0.5 X2", local-z, global-z or projector. [local-z]')
@click.option("--hamiltonian", metavar="NAME", help="tfim, heisenberg, maxcut:GRAPH, or a file: 0.5 Z0 Z1 a line.")
@click.option("--state", metavar="FILE", help="A target state: 0110 0.7071 a line.")
@click.option("--families", multiple=True, metavar="NAMES", help="Only these families, by commas. [all]")
@click.option("--trials", type=int, default=100, show_default=True, metavar="N", help="Finished trials in all.")
@click.option("--timeout", type=float, metavar="S", help="Begin no trial after so many seconds.")
@click.option("--sampler", type=click.Choice(["tpe", "nsga2", "random"]), default="tpe", show_default=True)
@click.option("--max-depth", type=int, metavar="N")
@click.option("--max-two-qubit-gates", type=int, metavar="N")
@click.option("--max-parameters", type=int, metavar="N")
@click.option("--coupling", metavar="FILE", help="Pairs of qubits on which gates may act: 0 1 a line.")
@click.option("--shots", metavar="N", help="Budget per circuit that resolves the median gradient. [100000]")
@click.option("--storage", metavar="URL", help="postgresql://…, grpc://host:port, or a journal file.")
@click.option("--study", metavar="NAME", help="The study's name in the storage. [search]")
@click.option("--resume", is_flag=True, help="Go on with the study that the journal holds.")
@click.option("--jobs", type=int, default=1, show_default=True, metavar="N", help="Processes, -1 for one a core.")
@click.option("--seed", type=click.IntRange(0, 2**62 - 1), default=0, metavar="N", help="Of proposals and samples. [0]")
@click.option("--output", metavar="DIR", default="ansatzlint-search", show_default=True, help="Journal and winners.")
def search(
    qubits: int | None,
    observable: str | None,
    hamiltonian: str | None,
    state: str | None,
    families: tuple[str, ...],
    trials: int,
    timeout: float | None,
    sampler: str,
    max_depth: int | None,
    max_two_qubit_gates: int | None,
    max_parameters: int | None,
    coupling: str | None,
    shots: str | None,
    storage: str | None,
    study: str | None,
    resume: bool,
    jobs: int,
    seed: int,
    output: str,
) -> int:
    """Search structured circuits for large gradients, expressibility and few two-qubit gates.

    The output folder holds the journal (--resume goes on with it after any end) and the winners: Python, OpenQASM 3,
    JSON, lint reports, and the plot of the front. Several processes on any hosts share a study by the same --storage
    and --study.
    """
    from ansatzlint.directives import parse_shots
    from ansatzlint.report.search import render_terminal
    from ansatzlint.report.winners import prepare, write
    from ansatzlint.searcher import JOURNAL
    from ansatzlint.searcher import search as run

    folder = Path(output)
    with _bar() as progress:
        found = run(
            qubits, observable=observable, hamiltonian=hamiltonian, state=state, families=split_list(families) or None,
            trials=trials, timeout=timeout, sampler=sampler,  # type: ignore[arg-type]  # a Choice
            max_depth=max_depth, max_two_qubit_gates=max_two_qubit_gates, max_parameters=max_parameters,
            coupling=coupling, shots=None if shots is None else parse_shots(shots),
            storage=storage or str(folder / JOURNAL), study=study, resume=resume, jobs=processes(jobs), seed=seed,
            progress=progress,
        )  # fmt: skip
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    if not found.pareto:
        if found.interrupted:
            say_error("interrupted before a feasible circuit was found; go on by --resume")
            return 130
        raise UsageError(found.infeasible)
    click.echo(render_terminal(found), nl=False)
    click.echo(f"\n{write(prepare(output), found)}", err=True)
    if found.interrupted:
        say_error("interrupted; the finished trials are kept, go on by --resume")
        return 130
    return CLEAN


@click.command()
@click.argument("target")
@click.option("--format", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--kinds", multiple=True, metavar="KINDS", help="Only these kinds of change, by commas.")
@click.option("--pick", type=click.IntRange(1), default=1, metavar="N", help="Print the code of the Nth change. [1]")
@click.option("--train", is_flag=True, help="Rank by short training runs too: Hamiltonians on at most 8 qubits.")
@click.option("--code", multiple=True, metavar="FORMS", help="diff, pennylane, openqasm3, by commas, or none. [all]")
@click.option("--no-import", is_flag=True, help="Never execute Python input.")
@click.option("--stdin-filename", metavar="NAME", help="What standard input is called, when TARGET is -.")
@assumptions
@configuration
def recommend(
    target: str,
    output_format: str,
    kinds: tuple[str, ...],
    pick: int,
    train: bool,
    code: tuple[str, ...],
    no_import: bool,
    stdin_filename: str | None,
    observable: str | None,
    init: str | None,
    noise: str | None,
    shots: str | None,
    samples: int | None,
    seed: int,
    config_file: str | None,
    isolated: bool,
) -> int:
    """Rank changes of the circuit TARGET (path, path::name or -), each applied and measured; print the best one's code.

    A change is recommended only where the engine confirms that the median gradient gets cheaper to measure.
    """
    from ansatzlint.advice import WORK, Recommendation, advise, patches
    from ansatzlint.advice.render import render_json, render_text
    from ansatzlint.assumptions import complete, state
    from ansatzlint.evidence import Effort, Evidence
    from ansatzlint.readers import Target

    forms = split_list(code) or ("diff", "pennylane", "openqasm3")
    for form in forms:
        if form not in ("diff", "pennylane", "openqasm3", "none"):
            raise UsageError(f"--code {form!r} is none of diff, pennylane, openqasm3, none")
    where = Target.parse(target)
    config = configured([where], config_file, isolated)
    assumed = assume(config.assumed, observable, init, noise, shots)
    execute = not no_import and (config.import_ if config.import_ is not None else target != "-")
    read, failed = read_target(where, config, execute, stdin_filename)
    if len(read) > 1:
        raise several(where, [circuit for _, circuit in read])
    if failed:
        return FAILURE
    source, circuit = read[0]
    before = complete(state(circuit, assumed))
    with status() as report:
        evidence = Evidence(before, Effort(samples, seed, WORK))
        advice = advise(evidence, split_list(kinds) or None, train=train, report=report)

    def diff(found: Recommendation) -> str | None:
        return patches.diff(source, before, found.circuit, assumed)

    if output_format == "json":
        click.echo(render_json(advice, diff), nl=False)
        return CLEAN
    if advice.recommendations and pick > len(advice.recommendations):
        raise UsageError(f"--pick {pick} is beyond the {len(advice.recommendations)} changes that are recommended")
    color = on_terminal(sys.stdout) and "NO_COLOR" not in os.environ
    shown = () if "none" in forms else forms
    click.echo(render_text(advice, diff, pick, shown, color), nl=False)
    return CLEAN


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    """A progress bar on stderr, on a terminal, with the best trade-off so far; it goes in the end."""
    import shutil

    from ansatzlint.report.search import render_progress

    with status() as show:
        yield lambda progress: show(render_progress(progress, shutil.get_terminal_size().columns - 1))
