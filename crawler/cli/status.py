"""`citynews status`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.app import app
from crawler.cli.inputs import existing_archive
from crawler.cli.options import AsJson, ConfigFile, Output, Portals
from crawler.cli.output import ago, emit, printable
from crawler.cli.portal_filters import ALL_PORTALS, PortalFilters, with_options
from crawler.exit_codes import Exit

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.config import Config
    from crawler.health.last_run import LastRun

SHOWN = 3  #: portals with alarms that are named; `citynews health` names all


@dataclass(frozen=True, slots=True)
class ArchiveStatus:
    """What an operator asks first."""

    archive: str
    writer: int | None  #: the process that writes, 0 where its number is not known; None: nobody
    run: LastRun | None
    crawl_ended: datetime | None  #: when a crawl last came to its end
    due: Mapping[str, int] | None  #: addresses to be asked again, by portal; None: the index cannot say
    free: int  #: bytes on the archive's disk
    used: int  #: bytes of the archive
    well: int  #: portals crawled in the last weeks without an alarm now
    alarms: Mapping[str, Sequence[str]]  #: what is wrong with the others


@app.command()
@with_options(PortalFilters)
def status(
    max_age: Annotated[
        float | None,
        typer.Option("--max-age", min=0, metavar="HOURS", help="Exit code 3 if no crawl has finished for this long."),
    ] = None,
    notify: Annotated[
        bool, typer.Option("--notify", help="Then send an alarm; the age is alarm_after_hours, or --max-age.")
    ] = False,
    filters: PortalFilters = ALL_PORTALS,
    output: Output = None,
    portal_files: Portals = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Current writer, last run, due addresses, disk space, health.

    Five lines; --place, --portal-kind and --portal-tag narrow due addresses and health to some portals. Exit code 3: no
    crawl has finished for --max-age (alarm_after_hours) hours. Writes nothing.
    """
    from crawler import config

    chosen = config.resolve(config_file, output, portal_files or [])
    now = datetime.now(UTC)
    found = _look(chosen, filters, now)
    hours = chosen.alarm_after_hours if max_age is None else max_age
    late = hours is not None and (found.crawl_ended is None or now - found.crawl_ended > timedelta(hours=hours))
    for line in _lines(found, now):
        typer.echo(printable(line))
    if late:
        since = f"the last one ended {ago(found.crawl_ended, now)}" if found.crawl_ended else "none ever did"
        text = f"no crawl has ended for {hours:g} hours: {since}"
        typer.echo(f"citynews: {text}", err=True)
        if notify:
            from crawler.health import notify as notification

            notification.failure(chosen, "status", int(Exit.EXPECTATION), text)
    if as_json:
        emit(_summary(found, late=late))
    raise typer.Exit(Exit.EXPECTATION if late else Exit.OK)


def _look(chosen: Config, filters: PortalFilters, now: datetime) -> ArchiveStatus:
    from crawler import portals
    from crawler.archive.storage.lock import holder
    from crawler.crawl import disk_space
    from crawler.crawl.frontier.due import count_due
    from crawler.health.last_run import last_crawl_ended, last_run
    from crawler.health.summary import summaries

    paths = existing_archive(chosen.output)
    crawled = summaries(paths, (), (), now)
    alarms = {health.portal: [alarm["text"] for alarm in health.crawls[-1].alarms] for health in crawled}
    defined = portals.load(chosen.portals, bundled=alarms) if chosen.portals or alarms else {}
    if not filters.is_everything:
        defined = {portal.name: portal for portal in filters.of(defined.values())}
        alarms = {name: texts for name, texts in alarms.items() if name in defined}
    return ArchiveStatus(
        archive=str(chosen.output),
        writer=holder(paths.lock),
        run=last_run(paths),
        crawl_ended=last_crawl_ended(paths),
        due=count_due(paths.index, defined, now),
        free=disk_space.free(chosen.output),
        used=disk_space.used(chosen.output),
        well=sum(not texts for texts in alarms.values()),
        alarms={name: texts for name, texts in alarms.items() if texts},
    )


def _lines(found: ArchiveStatus, now: datetime) -> list[str]:
    from crawler.values.sizes import readable

    writer = "nobody" if found.writer is None else f"process {found.writer or 'unknown'}"
    if found.due is None:
        due = "unknown: no index in state/; the next crawl, or `citynews reindex`, makes it"
    else:
        due = f"{sum(found.due.values())} addresses of {len(found.due)} portals to be visited again"
    health = f"{found.well} portals well, {len(found.alarms)} with alarms"
    named = [f"{name} ({'; '.join(texts)})" for name, texts in list(found.alarms.items())[:SHOWN]]
    more = f" and {len(found.alarms) - SHOWN} more" if len(found.alarms) > SHOWN else ""
    return [
        f"writing   {writer}",
        f"last run  {_run(found, now)}",
        f"due       {due}",
        f"disk      {readable(found.free)} free, the archive has {readable(found.used)}",
        f"health    {health}{': ' + ', '.join(named) + more if named else ''}",
    ]


def _run(found: ArchiveStatus, now: datetime) -> str:
    run = found.run
    if run is None:
        return "none yet"
    if run.finished_at is None:
        state = "is under way" if found.writer is not None else "was cut short; the next command that writes ends it"
        return f"{run.kind} {run.run} {state}, begun {ago(run.started_at, now)}"
    code = "" if run.exit_code is None else f", exit code {run.exit_code}"
    return f"{run.kind} {run.run}, ended {ago(run.finished_at, now)}{code}"


def _summary(found: ArchiveStatus, *, late: bool) -> Json:
    from crawler.article import isoformat

    run = found.run
    return {
        "exit_code": int(Exit.EXPECTATION if late else Exit.OK),
        "archive": found.archive,
        "writer": found.writer,
        "last_run": None if run is None else {
            "run": run.run, "kind": run.kind, "started_at": isoformat(run.started_at),
            "finished_at": isoformat(run.finished_at) if run.finished_at else None, "exit_code": run.exit_code,
        },
        "last_crawl_ended": isoformat(found.crawl_ended) if found.crawl_ended else None,
        "late": late,
        "due": None if found.due is None else dict(sorted(found.due.items())),
        "free_bytes": found.free,
        "archive_bytes": found.used,
        "well": found.well,
        "alarms": {name: list(texts) for name, texts in found.alarms.items()},
    }  # fmt: skip
