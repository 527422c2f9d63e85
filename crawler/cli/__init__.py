"""The `citynews` command: one module per group of commands, each function named after its command.

A module holds what its commands are given and what they print; what they do lies in the package of their subject.
Importing a module registers its commands; their groups and order in the help, and the modules that define them, are in
:mod:`app`. A command that is named needs no other's module, and nothing but Typer is imported before a command runs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from crawler.cli import errors, streams
from crawler.cli.app import GROUPS, MODULES, app
from crawler.cli.output import printable
from crawler.exit_codes import Exit

__all__ = ["app", "main", "register", "run"]


def main() -> None:
    """Runs the command line and exits with its code."""
    streams.prepare()
    sys.exit(streams.finish(run()))


def register(arguments: Sequence[str] = ()) -> None:
    """Registers the command that *arguments* name first; all where they name none: for help, errors and completion."""
    every = [name for names in GROUPS.values() for name in names.split()]
    for command in arguments[:1] if arguments and arguments[0] in every else every:
        for module in MODULES.get(command, command).split():
            import_module(f"{__name__}.{module}")


def run(arguments: list[str] | None = None) -> int:
    """Runs the command line *arguments* and returns the exit code."""
    register(sys.argv[1:] if arguments is None else arguments)
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
