"""The `citynews` command: parses arguments, calls one function each, turns outcomes into exit codes in one place.

Each module holds the commands of one kind; to import it is to register them, in the order of the help.
"""

from __future__ import annotations

import sys

import typer

from crawler import portals
from crawler.archive.storage.errors import BusyError, DamagedError, SealedError, StorageError
from crawler.cli import analysing, catalogue, crawling, keeping, operating, reading, sharing
from crawler.cli.app import app
from crawler.commands import report
from crawler.exit_codes import Exit, UsageError

__all__ = ["analysing", "app", "catalogue", "crawling", "keeping", "main", "operating", "reading", "run", "sharing"]


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
    except (UsageError, SealedError, portals.DefinitionError) as error:
        return _say(error, Exit.USAGE)
    except BusyError as error:
        return _say(error, Exit.BUSY)
    except DamagedError as error:
        return _say(error, Exit.DAMAGED)
    except StorageError as error:
        return _say(error, Exit.STORAGE)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    return int(Exit.OK)


def _say(error: Exception, code: Exit) -> int:
    typer.echo(f"citynews: {report.printable(str(error))}", err=True)
    return int(code)
