"""The `citynews` command: one module per group of commands, each function named after its command.

A module holds what its commands are given and what they print; what they do lies in the package of their subject.
Importing a module registers its commands; their groups and order in the help are in :mod:`app`. Nothing but Typer is
imported before a command runs, so that `citynews --help` is quick.
"""

from __future__ import annotations

import sys

import typer

from crawler.cli import (
    crawl,
    demo,
    extract,
    health,
    maintain,
    pack,
    portals,
    portals_check,
    portals_new,
    read,
    repair,
    replay,
    schedule,
    schema,
    search,
    verify,
)
from crawler.cli.app import app
from crawler.cli.output import printable
from crawler.exit_codes import Exit, UsageError

__all__ = [
    "app", "crawl", "demo", "extract", "health", "main", "maintain", "pack", "portals", "portals_check", "portals_new",
    "read", "repair", "replay", "run", "schedule", "schema", "search", "verify",
]  # fmt: skip


def main() -> None:
    """Runs the command line and exits with its code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(run())


def run(arguments: list[str] | None = None) -> int:
    """Runs the command line *arguments* and returns the exit code."""
    try:
        app(args=arguments, prog_name="citynews", standalone_mode=True)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(Exit.OK)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    except Exception as error:
        code = _code(error)
        if code is None:
            raise
        typer.echo(f"citynews: {printable(str(error))}", err=True)
        return int(code)
    return int(Exit.OK)


def _code(error: Exception) -> Exit | None:
    """The exit code of an error whose message is all that the user needs; None for one of ours."""
    from crawler.archive.storage.errors import BusyError, DamagedError, NewerFormatError, SealedError, StorageError
    from crawler.portals import DefinitionError

    codes: dict[type[Exception], Exit] = {
        UsageError: Exit.USAGE, NewerFormatError: Exit.USAGE, SealedError: Exit.USAGE, DefinitionError: Exit.USAGE,
        BusyError: Exit.BUSY, DamagedError: Exit.DAMAGED, StorageError: Exit.STORAGE,
    }  # fmt: skip
    return next((code for kind, code in codes.items() if isinstance(error, kind)), None)
