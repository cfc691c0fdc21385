"""What commands share: options, targets, configuration, and what goes to stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from ansatzlint.errors import UsageError

if TYPE_CHECKING:
    from ansatzlint.assumptions import Assumed
    from ansatzlint.circuit import Circuit
    from ansatzlint.config import Config
    from ansatzlint.readers import Target
    from ansatzlint.source import Source

F = TypeVar("F", bound=Callable[..., Any])

CLEAN, FINDINGS, FAILURE = 0, 1, 2
"""Exit codes."""


def on_terminal(stream: TextIO | None) -> bool:
    """Whether the stream is a terminal; it is None where the caller closed it."""
    return stream is not None and stream.isatty()


def say_error(text: str) -> None:
    click.echo(f"{click.style('error', fg='red')}: {text}", err=True)


def assumptions(command: F) -> F:
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


def configuration(command: F) -> F:
    for option in (
        click.option("--isolated", is_flag=True, help="Ignore configuration files."),
        click.option("--config", "config_file", metavar="FILE", help="Use this configuration file."),
    ):
        command = option(command)
    return command


def processes(jobs: int) -> int:
    if jobs == 0:
        raise UsageError("--jobs 0 leaves nobody to work; use 1, or -1 for one process a core")
    return jobs


@contextmanager
def status() -> Iterator[Callable[[str], None]]:
    """What keeps a line on stderr, on a terminal, that says what is being done; the line goes in the end."""
    on = on_terminal(sys.stderr)

    def show(text: str) -> None:
        if on:
            click.echo(f"\r\x1b[K{text}", err=True, nl=False)

    yield show
    if on:
        click.echo("\r\x1b[K", err=True, nl=False)


def split_list(values: Iterable[str]) -> tuple[str, ...]:
    """Selectors of options that may come several times, each a list by commas; an empty one is kept to be refused."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip() or not value.strip())


def configured(targets: Sequence[Target], config_file: str | None, isolated: bool) -> Config:
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


def assume(
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


def sources_of(
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


def read_target(
    where: Target, config: Config, execute: bool, stdin_filename: str | None
) -> tuple[list[tuple[Source, Circuit]], bool]:
    """The circuits that a target means, each with its source, and whether something could not be read; says what."""
    from ansatzlint.directives import declare

    found: list[tuple[Source, Circuit]] = []
    failed = False
    for source in sources_of([where], config, execute, stdin_filename):
        for error in source.errors:
            say_error(str(error))
            failed = True
        for unread in source.unread:
            line = f":{unread.location.line}" if unread.location else ""
            click.echo(f"note: {source.path}{line}: {unread.reason}", err=True)
        found += [(source, circuit) for circuit in declare(source)]
    if not found and not failed:
        raise UsageError(f"{where.path}: holds no circuit that can be measured")
    return found, failed


def several(where: Target, found: Sequence[Circuit]) -> UsageError:
    names = ", ".join(circuit.name for circuit in found)
    return UsageError(f"{where.path} holds {len(found)} circuits ({names}); name one as {where.path}::name")
