"""`check`, `rules`, `explain` and `measure`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ansatzlint.cli.shared import (
    CLEAN,
    FAILURE,
    FINDINGS,
    assume,
    assumptions,
    configuration,
    configured,
    on_terminal,
    read_target,
    say_error,
    several,
    sources_of,
    split_list,
)
from ansatzlint.errors import UsageError

if TYPE_CHECKING:
    from ansatzlint.config import Config
    from ansatzlint.evidence import Evidence
    from ansatzlint.readers import Target
    from ansatzlint.source import Source


@click.command()
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
@assumptions
@configuration
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
    config = configured(targets, config_file, isolated)
    config = replace(
        config,
        select=split_list(select) or config.select,
        extend_select=config.extend_select + split_list(extend_select),
        ignore=config.ignore + split_list(ignore),
        fail_on=Severity.parse(fail_on) if fail_on else config.fail_on,
        output_format=output_format or config.output_format,
        assumed=assume(config.assumed, observable, init, noise, shots),
        fast=fast,
        effort=Effort(samples, seed, budget or Effort().work),
    )
    named = bool(paths) and "-" not in paths
    execute = not no_import and (config.import_ if config.import_ is not None else named)
    if execute:
        _warm_up(targets, config)
    sources = _progress(sources_of(targets, config, execute, stdin_filename))
    from ansatzlint.linter import lint_sources
    from ansatzlint.report import renderer

    report = lint_sources(sources, config)
    if not fast:
        from ansatzlint.advice.helping import with_measured_help

        report = with_measured_help(report)
    color = output_file is None and on_terminal(sys.stdout) and "NO_COLOR" not in os.environ
    text = renderer(config.output_format)(report, color=color)
    for error in report.errors:
        say_error(str(error))
    if output_file is None:
        click.echo(text, nl=False)
    else:
        from ansatzlint.files import write_atomically

        write_atomically(Path(output_file), text)
    if report.errors:
        return FAILURE
    return CLEAN if report.ok else FINDINGS


@click.command()
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


@click.command()
@click.argument("rule")
def explain(rule: str) -> int:
    """Show a rule's page; RULE is a code or a name."""
    from ansatzlint.rulebook import find_rule

    click.echo(find_rule(rule).page, nl=False)
    return CLEAN


@click.command()
@click.argument("target")
@click.option("--format", "output_format", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--no-import", is_flag=True, help="Never execute Python input.")
@click.option("--plot", metavar="FILE", help="Draw the gradients against the number of qubits as PNG or SVG.")
@click.option("--stdin-filename", metavar="NAME", help="What standard input is called, when TARGET is -.")
@assumptions
@configuration
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
    config = configured([where], config_file, isolated)
    assumed = assume(config.assumed, observable, init, noise, shots)
    execute = not no_import and (config.import_ if config.import_ is not None else target != "-")
    read, failed = read_target(where, config, execute, stdin_filename)
    found = [state(circuit, assumed) for _, circuit in read]
    if (output_format == "json" or plot) and len(found) > 1:
        raise several(where, found)
    render = render_json if output_format == "json" else render_table
    for number, circuit in enumerate(found):
        evidence = Evidence(complete(circuit), Effort(samples, seed))
        click.echo("\n" * (number > 0) + render(evidence), nl=False)
        if plot:
            _draw(evidence, plot)
    return FAILURE if failed else CLEAN


def _draw(evidence: Evidence, path: str) -> None:
    from ansatzlint.plots import figure

    claim = evidence.claim("scaling")
    if claim.value is None:
        raise UsageError(f"{path} cannot be drawn: {claim.reason}")
    figure(claim.value, path)


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


def _progress(sources: Iterator[Source]) -> Iterator[Source]:
    """The same sources; after two seconds, on a terminal, a line on stderr says how many are done."""
    if not on_terminal(sys.stderr):
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
