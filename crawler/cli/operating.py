"""health, schedule: what an operator needs once crawls run by themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from crawler import config, portals
from crawler.cli.app import app
from crawler.cli.options import AllowHost, AsJson, ConfigFile, Output, Portals
from crawler.commands import report

Names = Annotated[list[str] | None, typer.Argument(metavar="[PORTAL]...", help="Portals [default: all].")]


@app.command()
def health(
    names: Names = None,
    output: Output = None,
    portal_files: Portals = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """How each portal and each of its fields stand against their own past: last crawl, freshness, coverage, alarms.

    Exit code 3: the last crawl of one of them raised an alarm.
    """
    from crawler.commands import health as command  # noqa: PLC0415 - keeps `citynews --help` quick

    chosen = config.resolve(config_file, output, portal_files or [])
    defined = portals.load(chosen.portals)
    raise typer.Exit(command.health(chosen.output, names or [], defined, datetime.now(UTC), as_json=as_json))


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
    """Print crontab lines, or systemd units, that crawl the portals, spread over the hour. Installs nothing."""
    from crawler.commands import schedule as command  # noqa: PLC0415 - keeps `citynews --help` quick

    chosen = config.resolve(config_file, output, portal_files or [])
    found = report.select(portals.load(chosen.portals), names or [], everything=everything)
    paths = [("--output", chosen.output), *(("--portals", path) for path in portal_files or [])]
    paths += [("--config", config_file)] if config_file else []
    options = [word for name, path in paths for word in (name, str(path.absolute()))]
    options += [word for host in allow_host or [] for word in ("--allow-host", host)]
    folder = Path.cwd()
    plan = command.Plan(
        [portal.name for portal in found], command.every(every), folder, chosen.output.absolute(), options,
        folder / "citynews.log",
    )  # fmt: skip
    if write is not None:
        for path in command.write(plan, write):
            typer.echo(path)
        return
    if target == "systemd":
        for name, text in command.systemd(plan).items():
            typer.echo(f"# {name}\n{text}")
        return
    typer.echo(command.crontab(plan) if target == "crontab" else command.logrotate(plan), nl=False)
