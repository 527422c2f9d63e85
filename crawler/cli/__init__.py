"""The `citynews` command: one module per group of commands, each function named after its command.

A module holds what its commands are given and what they print; what they do lies in the package of their subject.
Importing a module registers its commands; their groups and order in the help are in :mod:`app`. Nothing but Typer is
imported before a command runs, so that `citynews --help` is quick.
"""

from __future__ import annotations

import sys

import typer

from crawler.cli import (  # noqa: F401 - to import a module is to register its commands
    browse,
    changes,
    cluster,
    config,
    crawl,
    demo,
    errors,
    export,
    extract,
    health,
    maintain,
    merge,
    pack,
    portals,
    portals_check,
    portals_new,
    portals_recall,
    portals_trial,
    queries,
    read,
    repair,
    replay,
    report,
    schedule,
    schema,
    search,
    status,
    store,
    streams,
    verify,
)
from crawler.cli.app import app
from crawler.cli.output import printable
from crawler.exit_codes import Exit

__all__ = ["app", "main", "run"]


def main() -> None:
    """Runs the command line and exits with its code."""
    streams.prepare()
    sys.exit(streams.finish(run()))


def run(arguments: list[str] | None = None) -> int:
    """Runs the command line *arguments* and returns the exit code."""
    try:
        app(args=arguments, prog_name="citynews", standalone_mode=True)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(Exit.OK)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    except Exception as error:  # what has a sentence gets it; anything else is raised again, as a fault of ours
        explained = errors.explain(error)
        if explained is None:
            raise
        code, sentence = explained
        typer.echo(f"citynews: {printable(sentence)}", err=True)
        return int(code)
    return int(Exit.OK)
