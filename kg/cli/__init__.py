"""The ``kg`` command: a thin reader of the library, one module a command.

An error is one clear sentence on standard error and exit code 1 (2 for wrong usage), never a traceback.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

import typer

from kg.cli import build, check, diff, export, load, locate, mcp, publish, query, questions, serve, verify
from kg.errors import KgError
from kg.text import printable

COMMANDS: dict[str, Callable[..., None]] = {
    "build": build.build,
    "check": check.check,
    "diff": diff.diff,
    "export": export.export,
    "load": load.load,
    "locate": locate.locate,
    "mcp": mcp.mcp,
    "publish": publish.publish,
    "query": query.query,
    "questions": questions.questions,
    "serve": serve.serve,
    "verify": verify.verify,
}

app = typer.Typer(
    help="The evidence on calcinosis in systemic sclerosis as a knowledge graph.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)


def main() -> None:
    """Run the command line."""
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except KgError as error:
        fail(str(error))
    except BrokenPipeError:
        # The reader of our output has gone, such as `head`: not an error of ours.
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:  # such as a full disk, or a file that may not be read
        fail(f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error))


def fail(message: str) -> NoReturn:
    """Print an error and end; file names and values in it cannot control the terminal."""
    print(*map(printable, message.splitlines()), sep="\n", file=sys.stderr)
    with suppress(OSError):
        sys.stdout.close()  # else Python tries once more to write what it could not
    sys.exit(1)
