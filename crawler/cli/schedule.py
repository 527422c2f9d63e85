"""`citynews schedule`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from crawler.cli import inputs
from crawler.cli.app import app
from crawler.cli.options import AllowHost, ConfigFile, Names, Output, Portals


@app.command()
def schedule(
    names: Names = None,
    everything: Annotated[bool, typer.Option("--all", help="Schedule every portal there is.")] = False,
    every: Annotated[str, typer.Option("--every", help="How often: 15m, 1h, 6h, 1d.")] = "1h",
    target: Annotated[
        Literal["crontab", "systemd", "logrotate"], typer.Option("--for", help="What to print.")
    ] = "crontab",
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FOLDER", help="Write all of them as files instead.")
    ] = None,
    output: Output = None,
    portal_files: Portals = None,
    allow_host: AllowHost = None,
    config_file: ConfigFile = None,
) -> None:
    """Print crontab lines or systemd units; installs nothing."""
    from crawler import config, portals
    from crawler.cli import units

    chosen = config.resolve(config_file, output, portal_files or [])
    found = inputs.select(portals.load(chosen.portals), names or [], everything=everything)
    paths = [("--output", chosen.output), *(("--portals", path) for path in portal_files or [])]
    paths += [("--config", config_file)] if config_file else []
    options = [word for name, path in paths for word in (name, str(path.absolute()))]
    options += [word for host in allow_host or [] for word in ("--allow-host", host)]
    folder = Path.cwd()
    plan = units.Plan(
        [portal.name for portal in found], units.every(every), folder, chosen.output.absolute(), options,
        folder / "citynews.log",
    )  # fmt: skip
    if write is not None:
        for path in units.write(plan, write):
            typer.echo(path)
        return
    if target == "systemd":
        for name, text in units.systemd(plan).items():
            typer.echo(f"# {name}\n{text}")
        return
    typer.echo(units.crontab(plan) if target == "crontab" else units.logrotate(plan), nl=False)
