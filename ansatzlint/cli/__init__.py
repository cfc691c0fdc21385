"""The command line: parse, call, print, exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from ansatzlint import __version__
from ansatzlint.cli.linting import check, explain, measure, rules
from ansatzlint.cli.predicting import predictor
from ansatzlint.cli.searching import recommend, search
from ansatzlint.cli.shared import CLEAN, FAILURE, say_error
from ansatzlint.errors import AnsatzlintError


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: runs a command and exits with 0 (clean), 1 (findings) or 2 (the user's or our mistake)."""
    try:
        code = cli.main(args=arguments, prog_name="ansatzlint", standalone_mode=False)
    except AnsatzlintError as error:
        say_error(str(error))
        code = FAILURE
    except click.ClickException as error:
        say_error(error.format_message())
        code = FAILURE
    except (click.Abort, KeyboardInterrupt):
        say_error("interrupted")
        code = 130
    except SystemExit:  # click's way where the reader of our output went away, with the code that means findings
        code = FAILURE
    except OSError as error:
        if error.filename is not None:
            say_error(f"{error.filename}: {(error.strerror or str(error)).lower()}")
        else:
            say_error(f"the output cannot be written: {(error.strerror or str(error)).lower()}")
            _drop_output()
        code = FAILURE
    except Exception:  # noqa: BLE001 - a bug of ours must not look like findings, which exit with 1
        import traceback

        traceback.print_exc()
        say_error("this is a bug in ansatzlint; please report it with the lines above")
        code = FAILURE
    sys.exit(code if isinstance(code, int) else CLEAN)


def _drop_output() -> None:
    """Let what is still buffered go nowhere: Python would complain again when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ansatzlint")
def cli() -> None:
    """Lint parametrised quantum circuits for barren plateaus: where, why, and what to do instead."""


for command in (check, rules, explain, measure, search, recommend, predictor):
    cli.add_command(command)
