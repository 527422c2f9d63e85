"""Options that several commands share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Output = Annotated[Path | None, typer.Option("--output", help="The archive's folder [default: output].")]
Portals = Annotated[
    list[Path] | None,
    typer.Option("--portals", help="A portal's TOML file, or a folder of them, added to the bundled ones. May repeat."),
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="The operator's choices [default: citynews.toml].")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")]
AsJson = Annotated[bool, typer.Option("--json", help="End stdout with one line of JSON: the summary.")]
Wait = Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for another run to end.")]
MaxMinutes = Annotated[
    float | None,
    typer.Option("--max-minutes", min=0, help="Ask for nothing more after so many minutes; 0: no end [default: 55]."),
]
AllowHost = Annotated[
    list[str] | None,
    typer.Option("--allow-host", help="HOST[:PORT] that may be reached though not public. Repeatable."),
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", min=1, help="Processes that extract, at most [default: the usable cores, when needed]."),
]
Unverified = Annotated[bool, typer.Option("--unverified", help="With --all: portals that nobody has seen to work too.")]
Names = Annotated[list[str] | None, typer.Argument(metavar="[PORTAL]...", help="Portals [default: all].")]
Ident = Annotated[str, typer.Argument(metavar="ID|URL", help="An article's id, or its address.")]
TextForm = Annotated[
    str, typer.Option("--format", metavar="FORM", help="json (the record), or its text: text, markdown or html.")
]
Setting = Annotated[list[str] | None, typer.Option("-s", help="A Scrapy setting, NAME=VALUE. May repeat.")]


def set_logging(*, quiet: bool) -> None:
    """Our own messages from the level of information up; only errors when *quiet*."""
    import logging

    logging.getLogger("crawler").setLevel(logging.ERROR if quiet else logging.INFO)
