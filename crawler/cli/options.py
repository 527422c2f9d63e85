"""Options that several commands share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Output = Annotated[Path | None, typer.Option("--output", help="The archive's folder [default: output].")]
Portals = Annotated[
    list[Path] | None,
    typer.Option("--portals", help="A portal's TOML file, or a folder of them, besides the bundled ones. May repeat."),
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="The configuration file [default: citynews.toml].")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print a summary as one line of JSON at the end of stdout.")]
Wait = Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait while another run holds the lock.")]
MaxMinutes = Annotated[
    float | None,
    typer.Option(
        "--max-minutes", min=0, help="Start no new requests after this many minutes; 0: no limit [default: 55]."
    ),
]
AllowHost = Annotated[
    list[str] | None,
    typer.Option("--allow-host", help="Allow HOST[:PORT] although its address is not public. May repeat."),
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", min=1, help="Maximum number of extraction processes [default: usable cores, as needed]."),
]
Unverified = Annotated[bool, typer.Option("--unverified", help="With --all: include unverified portals.")]
Names = Annotated[list[str] | None, typer.Argument(metavar="[PORTAL]...", help="Portals [default: all].")]
Ident = Annotated[str, typer.Argument(metavar="ID|URL", help="An article's id, or its URL.")]
TextForm = Annotated[
    str, typer.Option("--format", metavar="FORM", help="json (the record), or its text: text, markdown or html.")
]
Setting = Annotated[list[str] | None, typer.Option("-s", help="A Scrapy setting, NAME=VALUE. May repeat.")]


def set_logging(*, quiet: bool) -> None:
    """Our own messages from the level of information up; only errors when *quiet*."""
    import logging

    logging.getLogger("crawler").setLevel(logging.ERROR if quiet else logging.INFO)
