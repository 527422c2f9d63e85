"""`citynews schedule`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from crawler.cli import inputs
from crawler.cli.app import app
from crawler.cli.options import AllowHost, ConfigFile, Names, Output, Portals, Unverified
from crawler.cli.portal_filters import ALL_PORTALS, PortalFilters, with_options


@app.command()
@with_options(PortalFilters)
def schedule(
    names: Names = None,
    everything: Annotated[bool, typer.Option("--all", help="The portals of `crawl --all`.")] = False,
    unverified: Unverified = False,
    filters: PortalFilters = ALL_PORTALS,
    every: Annotated[str, typer.Option("--every", help="How often: 15m, 1h, 6h, 1d.")] = "1h",
    target: Annotated[
        Literal["crontab", "systemd", "logrotate"], typer.Option("--for", help="What to print.")
    ] = "crontab",
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FOLDER", help="Write all of them to files instead.")
    ] = None,
    output: Output = None,
    portal_files: Portals = None,
    allow_host: AllowHost = None,
    config_file: ConfigFile = None,
) -> None:
    """Print crontab lines or systemd units; installs nothing.

    One crawl of all portals in parallel, a weekly verify, a monthly seal; with alarm_after_hours in citynews.toml also
    a check that crawls still finish.
    """
    from crawler import config, portals
    from crawler.cli import units

    chosen = config.resolve(config_file, output, portal_files or [])
    defined = portals.load(chosen.portals)
    wanted = inputs.select(defined, names or [], chosen.chosen, filters, everything=everything)  # are they there?
    states = inputs.standing(chosen, defined)
    unnamed = everything or not (names or filters.is_everything)
    if unnamed and not unverified and all(states[portal.name] == "unverified" for portal in wanted):
        typer.echo(
            "none of these portals was chosen, defined by you or crawled before: this crawl would end with 2; "
            "choose some in citynews.toml, or use --unverified",
            err=True,
        )
    portal_words = ["--all"] if everything else list(dict.fromkeys(names or []))
    portal_words += [*filters.words, *(["--unverified"] if unverified else [])]
    options = [word for path in portal_files or [] for word in ("--portals", str(path.absolute()))]
    options += [word for host in allow_host or [] for word in ("--allow-host", host)]
    plan = units.plan(chosen, portal_words, minutes=units.every(every), options=options, file=config_file)
    if write is not None:
        for path in units.write(plan, write):
            typer.echo(path)
        return
    if target == "systemd":
        for name, text in units.systemd(plan).items():
            typer.echo(f"# {name}\n{text}")
        return
    typer.echo(units.crontab(plan) if target == "crontab" else units.logrotate(plan), nl=False)
