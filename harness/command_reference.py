"""docs/commands.md from the command line itself: every command with its arguments, its options and what they do.

``make docs`` writes it; a test holds the page and the program together.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from crawler.cli import app, register

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
_HEAD = """\
# Commands

Every command with its options, as `--help` prints them. Written by `make docs`. Exit codes:
[watch.md](watch.md#exit-codes); options, environment variables and `citynews.toml`:
[configure.md](configure.md#configuration).
"""


def commands(command: Any = None, name: str = "citynews") -> Iterator[tuple[str, Any]]:
    """(name, command) of the program and of everything below it, in the order of the help."""
    if command is None:
        register()
        command = typer.main.get_command(app)
    yield name, command
    for word in command.list_commands(None) if hasattr(command, "commands") else ():
        below = command.commands[word]
        if not below.hidden:
            yield from commands(below, f"{name} {word}")


def reference() -> str:
    """The page."""
    return _HEAD + "".join(_section(name, command) for name, command in commands())


def _section(name: str, command: Any) -> str:
    own = [param for param in command.params if not getattr(param, "hidden", False)]
    arguments = [param for param in own if param.param_type_name == "argument"]
    options = [param for param in own if param.param_type_name == "option"]
    prose = "\n\n".join(textwrap.fill(paragraph, 120) for paragraph in _prose(command.help or "").split("\n\n"))
    text = f"\n## {name}\n\n{prose}\n"
    used = " ".join([name, *map(_usage, arguments)])
    if arguments or not hasattr(command, "commands"):
        text += f"\n```text\n{used} [OPTIONS]\n```\n"
    rows = [(_metavar(param), param) for param in arguments] + [(_names(param), param) for param in options]
    if rows:
        text += "\n| | |\n|---|---|\n" + "".join(f"| {shown} | {_cell(param)} |\n" for shown, param in rows)
    return text


def _names(param: Any) -> str:
    value = f" {param.metavar}" if param.metavar and not param.is_flag else ""
    names = [*param.opts, *param.secondary_opts]
    return ", ".join(f"`{name}{value if name == names[-1] else ''}`" for name in names)


def _usage(param: Any) -> str:
    shown = (param.metavar or param.name.upper()).strip("[].") + ("..." if param.nargs == -1 else "")
    return shown if param.required else f"[{shown}]"


def _metavar(param: Any) -> str:
    return f"`{(param.metavar or param.name.upper()).strip('[].')}`"


def _cell(param: Any) -> str:
    return _prose(param.help or "").replace("|", r"\|").replace("\n", " ")


def _prose(text: str) -> str:
    """*text* without Rich's markup and the line breaks of its source."""
    paragraphs = re.split(r"\n\s*\n|\f|\x08\n", text.strip())
    return "\n\n".join(re.sub(r"\s+", " ", paragraph).strip() for paragraph in paragraphs if paragraph.strip())


if __name__ == "__main__":
    PAGE.write_text(reference(), "utf-8")
    sys.stdout.write(f"{PAGE} written\n")
