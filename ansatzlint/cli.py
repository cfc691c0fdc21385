"""The command line: parse, call, print, exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from ansatzlint import __version__
from ansatzlint.errors import AnsatzlintError, UsageError

if TYPE_CHECKING:
    from ansatzlint.architecture.result import Progress
    from ansatzlint.assumptions import Assumed
    from ansatzlint.circuit import Circuit
    from ansatzlint.config import Config
    from ansatzlint.evidence import Evidence
    from ansatzlint.readers import Target
    from ansatzlint.source import Source

F = TypeVar("F", bound=Callable[..., Any])

CLEAN, FINDINGS, FAILURE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: runs a command and exits with 0 (clean), 1 (findings) or 2 (the user's or our mistake)."""
    try:
        code = cli.main(args=arguments, prog_name="ansatzlint", standalone_mode=False)
    except AnsatzlintError as error:
        _say_error(str(error))
        code = FAILURE
    except click.ClickException as error:
        _say_error(error.format_message())
        code = FAILURE
    except (click.Abort, KeyboardInterrupt):
        _say_error("interrupted")
        code = 130
    except SystemExit:  # click's way where the reader of our output went away, with the code that means findings
        code = FAILURE
    except OSError as error:
        if error.filename is not None:
            _say_error(f"{error.filename}: {(error.strerror or str(error)).lower()}")
        else:
            _say_error(f"the output cannot be written: {(error.strerror or str(error)).lower()}")
            _drop_output()
        code = FAILURE
    except Exception:  # noqa: BLE001 - a bug of ours must not look like findings, which exit with 1
        import traceback

        traceback.print_exc()
        _say_error("this is a bug in ansatzlint; please report it with the lines above")
        code = FAILURE
    sys.exit(code if isinstance(code, int) else CLEAN)


def _drop_output() -> None:
    """Let what is still buffered go nowhere: Python would complain again when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _on_terminal(stream: TextIO | None) -> bool:
    """Whether the stream is a terminal; it is None where the caller closed it."""
    return stream is not None and stream.isatty()


def _say_error(text: str) -> None:
    click.echo(f"{click.style('error', fg='red')}: {text}", err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ansatzlint")
def cli() -> None:
    """Lint parametrised quantum circuits for barren plateaus: where, why, and what to do instead."""


def _assumptions(command: F) -> F:
    for option in (
        click.option("--seed", type=click.IntRange(0, 2**62), default=0, metavar="N", help="Of what is sampled. [0]"),
        click.option("--samples", type=click.IntRange(1), metavar="N", help="Samples; else as many as are needed."),
        click.option("--shots", metavar="N", help="Shots per circuit."),
        click.option("--noise", metavar="NOISE", help="Noise: depolarizing:P1:P2."),
        click.option("--init", metavar="INIT", help="uniform, normal:STD, uniform:LOW:HIGH or zeros."),
        click.option("--observable", metavar="TEXT", help='"Z0 Z1 + 0.5 X2", local-z, global-z or projector.'),
    ):
        command = option(command)
    return command


def _configuration(command: F) -> F:
    for option in (
        click.option("--isolated", is_flag=True, help="Ignore configuration files."),
        click.option("--config", "config_file", metavar="FILE", help="Use this configuration file."),
    ):
        command = option(command)
    return command


@cli.command()
@click.argument("paths", nargs=-1, metavar="[PATH…]")
@click.option("--select", multiple=True, metavar="RULES", help="Only these: codes, names or prefixes, by commas.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Not these.")
@click.option("--extend-select", multiple=True, metavar="RULES", help="These too.")
@click.option("--fail-on", type=click.Choice(["error", "warning", "info"]), help="Exit 1 at or above. [warning]")
@click.option("--output-format", type=click.Choice(["full", "concise", "json"]), help="[full]")
@click.option("-o", "--output-file", metavar="FILE", help="Write the result there instead of to stdout.")
@click.option("--no-import", is_flag=True, help="Never execute Python input: syntax-tree rules alone.")
@click.option("--fast", is_flag=True, help="Do without the costly claims.")
@click.option("--budget", type=click.IntRange(1), metavar="WORK", help="Gate-samples for each circuit. [10^9]")
@click.option("--stdin-filename", metavar="NAME", help="What standard input is called, when a PATH is -.")
@_assumptions
@_configuration
def check(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    extend_select: tuple[str, ...],
    fail_on: str | None,
    output_format: str | None,
    output_file: str | None,
    no_import: bool,
    fast: bool,
    budget: int | None,
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
    """Lint circuits in files and folders (default: the current folder).

    PATH may be file::name for one circuit of a file, or - for standard input. Naming a path asks for its circuits
    to be traced, which executes parts of Python files; without a PATH, and on standard input, nothing is executed
    unless the configuration says `import = true`.
    """
    from ansatzlint.diagnostic import Severity
    from ansatzlint.readers import Target
    from ansatzlint.variance import Effort

    if "" in paths:
        raise UsageError("a PATH is empty; leave it out to lint the current folder")
    targets = [Target.parse(path) for path in paths or (".",)]
    config = _config(targets, config_file, isolated)
    config = replace(
        config,
        select=_split(select) or config.select,
        extend_select=config.extend_select + _split(extend_select),
        ignore=config.ignore + _split(ignore),
        fail_on=Severity.parse(fail_on) if fail_on else config.fail_on,
        output_format=output_format or config.output_format,
        assumed=_assumed(config.assumed, observable, init, noise, shots),
        fast=fast,
        effort=Effort(samples, seed, budget or Effort().work),
    )
    named = bool(paths) and "-" not in paths
    execute = not no_import and (config.import_ if config.import_ is not None else named)
    if execute:
        _warm_up(targets, config)
    sources = _progress(_sources(targets, config, execute, stdin_filename))
    from ansatzlint.linter import lint_sources
    from ansatzlint.report import renderer

    report = lint_sources(sources, config)
    if not fast:
        from ansatzlint.advice.helping import with_measured_help

        report = with_measured_help(report)
    color = output_file is None and _on_terminal(sys.stdout) and "NO_COLOR" not in os.environ
    text = renderer(config.output_format)(report, color=color)
    for error in report.errors:
        _say_error(str(error))
    if output_file is None:
        click.echo(text, nl=False)
    else:
        from ansatzlint.files import write_atomically

        write_atomically(Path(output_file), text)
    if report.errors:
        return FAILURE
    return CLEAN if report.ok else FINDINGS


@cli.command()
@click.option("--format", "output_format", type=click.Choice(["table", "json"]), default="table", show_default=True)
def rules(output_format: str) -> int:
    """List all rules."""
    import json

    from ansatzlint.rulebook import load_rules

    book = load_rules().values()
    if output_format == "json":
        rows = [
            {
                "code": rule.code,
                "name": rule.name,
                "severity": str(rule.severity),
                "since": rule.since,
                "summary": rule.summary,
                "needs": list(rule.needs),
                "thresholds": {
                    name: {"value": t.value, "unit": t.unit, "why": t.why, "citation": t.citation}
                    for name, t in rule.thresholds.items()
                },
                "citations": [c.reference for c in rule.citations],
                "url": rule.url,
            }
            for rule in book
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return CLEAN
    width = max(len(rule.name) for rule in book)
    for rule in book:
        click.echo(f"{rule.code}  {rule.name:<{width}}  {rule.severity!s:<7}  {rule.summary}")
    return CLEAN


@cli.command()
@click.argument("rule")
def explain(rule: str) -> int:
    """Show a rule's page; RULE is a code or a name."""
    from ansatzlint.rulebook import find_rule

    click.echo(find_rule(rule).page, nl=False)
    return CLEAN


@cli.command()
@click.argument("target")
@click.option("--format", "output_format", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--no-import", is_flag=True, help="Never execute Python input.")
@click.option("--plot", metavar="FILE", help="Draw the gradients against the number of qubits as PNG or SVG.")
@click.option("--stdin-filename", metavar="NAME", help="What standard input is called, when TARGET is -.")
@_assumptions
@_configuration
def measure(
    target: str,
    output_format: str,
    no_import: bool,
    plot: str | None,
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
    """Print every claim about the circuits of TARGET: path, path::name or -."""
    from ansatzlint.assumptions import complete, state
    from ansatzlint.evidence import Evidence
    from ansatzlint.readers import Target
    from ansatzlint.report.measure import render_json, render_table
    from ansatzlint.variance import Effort

    where = Target.parse(target)
    config = _config([where], config_file, isolated)
    assumed = _assumed(config.assumed, observable, init, noise, shots)
    execute = not no_import and (config.import_ if config.import_ is not None else target != "-")
    read, failed = _read_target(where, config, execute, stdin_filename)
    found = [state(circuit, assumed) for _, circuit in read]
    if (output_format == "json" or plot) and len(found) > 1:
        raise _several(where, found)
    render = render_json if output_format == "json" else render_table
    for number, circuit in enumerate(found):
        evidence = Evidence(complete(circuit), Effort(samples, seed))
        click.echo("\n" * (number > 0) + render(evidence), nl=False)
        if plot:
            _draw(evidence, plot)
    return FAILURE if failed else CLEAN


@cli.command()
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
            qubits, observable=observable, hamiltonian=hamiltonian, state=state, families=_split(families) or None,
            trials=trials, timeout=timeout, sampler=sampler,  # type: ignore[arg-type]  # a Choice
            max_depth=max_depth, max_two_qubit_gates=max_two_qubit_gates, max_parameters=max_parameters,
            coupling=coupling, shots=None if shots is None else parse_shots(shots),
            storage=storage or str(folder / JOURNAL), study=study, resume=resume, jobs=_jobs(jobs), seed=seed,
            progress=progress,
        )  # fmt: skip
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    if not found.pareto:
        if found.interrupted:
            _say_error("interrupted before a feasible circuit was found; go on by --resume")
            return 130
        raise UsageError(found.infeasible)
    click.echo(render_terminal(found), nl=False)
    click.echo(f"\n{write(prepare(output), found)}", err=True)
    if found.interrupted:
        _say_error("interrupted; the finished trials are kept, go on by --resume")
        return 130
    return CLEAN


@cli.command()
@click.argument("target")
@click.option("--format", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--kinds", multiple=True, metavar="KINDS", help="Only these kinds of change, by commas.")
@click.option("--pick", type=click.IntRange(1), default=1, metavar="N", help="Print the code of the Nth change. [1]")
@click.option("--train", is_flag=True, help="Rank by short training runs too: Hamiltonians on at most 8 qubits.")
@click.option("--code", multiple=True, metavar="FORMS", help="diff, pennylane, openqasm3, by commas, or none. [all]")
@click.option("--no-import", is_flag=True, help="Never execute Python input.")
@click.option("--stdin-filename", metavar="NAME", help="What standard input is called, when TARGET is -.")
@_assumptions
@_configuration
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

    forms = _split(code) or ("diff", "pennylane", "openqasm3")
    for form in forms:
        if form not in ("diff", "pennylane", "openqasm3", "none"):
            raise UsageError(f"--code {form!r} is none of diff, pennylane, openqasm3, none")
    where = Target.parse(target)
    config = _config([where], config_file, isolated)
    assumed = _assumed(config.assumed, observable, init, noise, shots)
    execute = not no_import and (config.import_ if config.import_ is not None else target != "-")
    read, failed = _read_target(where, config, execute, stdin_filename)
    if len(read) > 1:
        raise _several(where, [circuit for _, circuit in read])
    if failed:
        return FAILURE
    source, circuit = read[0]
    before = complete(state(circuit, assumed))
    with _status() as report:
        evidence = Evidence(before, Effort(samples, seed, WORK))
        advice = advise(evidence, _split(kinds) or None, train=train, report=report)

    def diff(found: Recommendation) -> str | None:
        return patches.diff(source, before, found.circuit, assumed)

    if output_format == "json":
        click.echo(render_json(advice, diff), nl=False)
        return CLEAN
    if advice.recommendations and pick > len(advice.recommendations):
        raise UsageError(f"--pick {pick} is beyond the {len(advice.recommendations)} changes that are recommended")
    color = _on_terminal(sys.stdout) and "NO_COLOR" not in os.environ
    shown = () if "none" in forms else forms
    click.echo(render_text(advice, diff, pick, shown, color), nl=False)
    return CLEAN


@cli.group()
def predictor() -> None:
    """Make the predictor's data, fit its models, score them; also on labels of your own."""


@predictor.command("build")
@click.option("-o", "--output", "folder", required=True, metavar="DIR", help="What the folder holds is kept.")
@click.option("--head", type=click.Choice(["gradients", "training"]), default="gradients", show_default=True)
@click.option("--count", type=click.IntRange(1), metavar="N", help="Circuits. [200000; training: 4000]")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, metavar="N", help="Of the circuits. [0]")
@click.option("--jobs", type=int, default=1, metavar="N", help="Processes, -1 for one a core. [1]")
def predictor_build(folder: str, head: str, count: int | None, seed: int, jobs: int) -> int:
    """Label circuits by the engine, or by training them, in a folder that grows.

    Started again it goes on where it stopped; a larger --count adds circuits. Within `joblib.parallel_config` the same
    work runs on a cluster: see examples/predictor_on_dask.py.
    """
    from ansatzlint.predictor.dataset import build, read_recipe

    number = count or {"gradients": 200_000, "training": 4_000}[head]
    try:
        with _status() as report:
            written = build(
                folder, head, number, seed, _jobs(jobs),  # type: ignore[arg-type]  # a Choice
                progress=lambda done, total: report(f"{done} of {total} files of circuits"),
            )  # fmt: skip
    except KeyboardInterrupt:
        click.echo(f"{folder}: finished files are kept; the same command goes on from them", err=True)
        raise
    held = read_recipe(folder).count
    click.echo(f"{folder}: {held:,} circuits for the head {head}, seed {seed}; files written: {written}")
    return CLEAN


@predictor.command("fit")
@click.argument("source")
@click.option("-o", "--output", metavar="FILE", default="model.npz", show_default=True, help="The model.")
@click.option("--target", metavar="NAME", help="The key of the number in a file of labels.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, metavar="N", help="Of folds and trees. [0]")
@click.option("--jobs", type=int, default=1, metavar="N", help="Processes for features, -1 for one a core. [1]")
def predictor_fit(source: str, output: str, target: str | None, seed: int, jobs: int) -> int:
    """Fit on SOURCE: a folder that `build` made, or a file of your own labels.

    A file of labels has a circuit and a number a line, LABELS.jsonl or LABELS.jsonl.gz:

    {"circuit": "ansatz.qasm", "energy": -1.1} or {"qasm": "OPENQASM 3.0; …", "label": 0.9, "observable": "Z0 Z1"}
    """
    from ansatzlint.files import check_writable
    from ansatzlint.predictor.model_card import render_text
    from ansatzlint.predictor.sources import fit

    check_writable(Path(output))
    with _status() as report:
        fitted = fit(source, target, seed=seed, jobs=_jobs(jobs), report=report)
    click.echo(render_text(fitted.scores), nl=False)
    size = fitted.keep(output)
    click.echo(f"\n{output}: {', '.join(sorted(fitted.models))}; {size / 2**10:,.0f} KiB")
    return CLEAN


@predictor.command("evaluate")
@click.argument("sources", nargs=-1, metavar="[SOURCE…]")
@click.option("--model", metavar="FILE", help="Score this model instead of fitting on a part and scoring the rest.")
@click.option("--target", metavar="NAME", help="The key of the number in a file of labels.")
@click.option("-o", "--output", metavar="FILE", help="Write a prediction for each line of a file of labels there.")
@click.option("--card", "card_file", metavar="FILE", help="Write the model card there.")
@click.option("--format", "output_format", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--rows", type=click.IntRange(100), metavar="N", help="Fit each fold on so many rows. [20000]")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, metavar="N", help="Of folds and trees. [0]")
@click.option("--jobs", type=int, default=1, metavar="N", help="Processes for features, -1 for one a core. [1]")
def predictor_evaluate(
    sources: tuple[str, ...],
    model: str | None,
    target: str | None,
    output: str | None,
    card_file: str | None,
    output_format: str,
    rows: int | None,
    seed: int,
    jobs: int,
) -> int:
    """Print scores and how they were got.

    A SOURCE is a folder that `build` made, judged by the full protocols (families left out, larger circuits), or a
    file of labels, judged by five random folds. Without a SOURCE the card of the shipped models is shown.

    To predict with a model of your own: evaluate CIRCUITS.jsonl --model MODEL.npz -o PREDICTIONS.jsonl, where lines
    need no label.
    """
    from ansatzlint.files import check_writable, write_atomically
    from ansatzlint.predictor.evaluation import Effort
    from ansatzlint.predictor.model_card import render_card, render_json, render_text, shipped_card
    from ansatzlint.predictor.sources import evaluate, is_built, write_predictions

    if not sources:
        if model or target or output or card_file or output_format == "json":
            raise UsageError("a SOURCE is missing: a folder that `ansatzlint predictor build` made, or LABELS.jsonl")
        click.echo(shipped_card(), nl=False)
        return CLEAN
    if output is not None and (len(sources) > 1 or is_built(sources[0])):
        raise UsageError("-o writes the predictions for one file of labels; name that as the only SOURCE")
    if rows is not None and model is not None:
        raise UsageError("--rows is for fitting, and --model is asked as it is; leave one of both out")
    for file in (output, card_file):
        if file is not None:
            check_writable(Path(file))
    effort = Effort(rows=rows or Effort().rows, seed=seed)
    with _status() as report:
        found = [
            evaluate(source, target, model=model, effort=effort, jobs=_jobs(jobs), report=report)
            for source in sources
        ]
    evaluations = [scores for scores, _ in found]
    text = render_json(evaluations) if output_format == "json" else "\n".join(map(render_text, evaluations))
    click.echo(text, nl=False)
    if output is not None:
        write_predictions(output, found[0][1])
    if card_file is not None:
        write_atomically(Path(card_file), render_card(evaluations, shipped=is_built(sources[0]) and model is None))
    return CLEAN


def _jobs(jobs: int) -> int:
    if jobs == 0:
        raise UsageError("--jobs 0 leaves nobody to work; use 1, or -1 for one process a core")
    return jobs


@contextmanager
def _status() -> Iterator[Callable[[str], None]]:
    """What keeps a line on stderr, on a terminal, that says what is being done; the line goes in the end."""
    on = _on_terminal(sys.stderr)

    def show(text: str) -> None:
        if on:
            click.echo(f"\r\x1b[K{text}", err=True, nl=False)

    yield show
    if on:
        click.echo("\r\x1b[K", err=True, nl=False)


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    """A progress bar on stderr, on a terminal, with the best trade-off so far; it goes in the end."""
    import shutil

    from ansatzlint.report.search import render_progress

    with _status() as show:
        yield lambda progress: show(render_progress(progress, shutil.get_terminal_size().columns - 1))


def _draw(evidence: Evidence, path: str) -> None:
    from ansatzlint.plots import figure

    claim = evidence.claim("scaling")
    if claim.value is None:
        raise UsageError(f"{path} cannot be drawn: {claim.reason}")
    figure(claim.value, path)


def _split(values: Iterable[str]) -> tuple[str, ...]:
    """Selectors of options that may come several times, each a list by commas; an empty one is kept to be refused."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip() or not value.strip())


def _config(targets: Sequence[Target], config_file: str | None, isolated: bool) -> Config:
    from ansatzlint.config import Config, find_config, load_config
    from ansatzlint.files import is_folder

    if config_file is not None:
        return load_config(Path(config_file))
    if isolated:
        return Config()
    first = Path(targets[0].path)
    start = Path.cwd() if targets[0].path == "-" else first if is_folder(first) else first.parent
    found = find_config(start)
    return load_config(found) if found else Config()


def _assumed(
    configured: Assumed, observable: str | None, init: str | None, noise: str | None, shots: str | None
) -> Assumed:
    from ansatzlint.directives import parse_shots
    from ansatzlint.initialisation import parse_initialisation
    from ansatzlint.noise import parse_noise

    return replace(
        configured,
        observable=observable if observable is not None else configured.observable,
        init=parse_initialisation(init) if init is not None else configured.init,
        noise=parse_noise(noise) if noise is not None else configured.noise,
        shots=parse_shots(shots) if shots is not None else configured.shots,
    )


def _warm_up(targets: Sequence[Target], config: Config) -> None:
    """Start the worker that Python files need, so that its imports overlap with ours."""
    from ansatzlint.errors import InputError
    from ansatzlint.files import collect, read_bytes

    libraries: set[str] = set()
    for file in collect((target.path for target in targets), config.exclude):
        if file.suffix in (".py", ".ipynb"):
            try:
                text = read_bytes(file)
            except InputError:
                continue  # said when it is read for good
            libraries |= {name for name in ("pennylane", "qiskit") if name.encode() in text}
    if libraries:
        from ansatzlint.readers.python import start_worker

        start_worker(libraries)


def _sources(
    targets: Sequence[Target], config: Config, execute: bool, stdin_filename: str | None
) -> Iterator[Source]:
    """What the targets hold, a file at a time."""
    from ansatzlint.errors import InputError
    from ansatzlint.files import collect, decode
    from ansatzlint.readers import ReadOptions, read_sources, read_text, select
    from ansatzlint.source import Source

    options = ReadOptions(execute=execute, arguments=config.arguments)
    whole = [t.path for t in targets if t.circuit is None and t.path != "-"]
    if any(t.path == "-" for t in targets):
        if stdin_filename is None:
            raise UsageError("standard input needs --stdin-filename NAME, whose suffix says the format")
        try:
            text = decode(sys.stdin.buffer.read(), stdin_filename)
        except InputError as error:
            yield Source(path=stdin_filename, errors=(error,))
        else:
            yield read_text(text, stdin_filename, options)
    yield from read_sources(list(collect(whole, config.exclude)), options)
    for target in targets:
        if target.circuit is not None:
            for source in read_sources([Path(target.path)], options):
                try:
                    circuits = source.circuits if source.errors else select(source.circuits, target)
                except InputError as error:
                    yield replace(source, circuits=(), errors=(error,))
                else:
                    yield replace(source, circuits=circuits, draws=(), optimisers=(), unread=())


def _read_target(
    where: Target, config: Config, execute: bool, stdin_filename: str | None
) -> tuple[list[tuple[Source, Circuit]], bool]:
    """The circuits that a target means, each with its source, and whether something could not be read; says what."""
    from ansatzlint.directives import declare

    found: list[tuple[Source, Circuit]] = []
    failed = False
    for source in _sources([where], config, execute, stdin_filename):
        for error in source.errors:
            _say_error(str(error))
            failed = True
        for unread in source.unread:
            line = f":{unread.location.line}" if unread.location else ""
            click.echo(f"note: {source.path}{line}: {unread.reason}", err=True)
        found += [(source, circuit) for circuit in declare(source)]
    if not found and not failed:
        raise UsageError(f"{where.path}: holds no circuit that can be measured")
    return found, failed


def _several(where: Target, found: Sequence[Circuit]) -> UsageError:
    names = ", ".join(circuit.name for circuit in found)
    return UsageError(f"{where.path} holds {len(found)} circuits ({names}); name one as {where.path}::name")


def _progress(sources: Iterator[Source]) -> Iterator[Source]:
    """The same sources; after two seconds, on a terminal, a line on stderr says how many are done."""
    if not _on_terminal(sys.stderr):
        yield from sources
        return
    import time

    started = time.monotonic()
    shown = False
    for done, source in enumerate(sources, 1):
        yield source
        if time.monotonic() - started > 2:
            click.echo(f"\r{done} files read", err=True, nl=False)
            shown = True
    if shown:
        click.echo("\r\x1b[K", err=True, nl=False)
