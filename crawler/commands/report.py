"""What commands print, and the small checks of what they were given."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import orjson
import typer

from crawler.archive.records.jsonl import Json
from crawler.article import as_record
from crawler.exit_codes import UsageError
from crawler.portals import Portal

if TYPE_CHECKING:
    from crawler.commands.crawl import Report
    from crawler.commands.replay import Report as ReplayReport
    from crawler.extraction import Explanation

#: Line feeds and tabs stay: texts are printed line by line.
_ESCAPES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


SHOWN = 200  #: characters of a value in an explanation


def printable(text: str) -> str:
    """*text* without what a terminal would obey."""
    return _ESCAPES.sub("\ufffd", text)


def select(portals: Mapping[str, Portal], names: Sequence[str], *, everything: bool) -> list[Portal]:
    """The portals that *names* name, or all. Raises UsageError."""
    if everything:
        return list(portals.values())
    if not names:
        raise UsageError("name at least one portal, or say --all; `citynews portals` lists them")
    if unknown := [name for name in names if name not in portals]:
        raise UsageError(f"no portal is called {unknown[0]!r}; `citynews portals` lists them")
    return [portals[name] for name in dict.fromkeys(names)]


def day(text: str | None, option: str = "--since") -> str | None:
    """*text*, given with *option*, as an ISO day. Raises UsageError."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(f"{option} {text}: not a day such as 2026-11-23") from None


def portal_name(name: str | None, option: str = "--as") -> str | None:
    """*name*, where a portal may be called so. Raises UsageError."""
    if name is not None and not re.fullmatch(r"[a-z0-9-]{1,64}", name):
        raise UsageError(f"{option} {name}: not a portal's name ([a-z0-9-], up to 64)")
    return name


def pairs(settings: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE of each -s. Raises UsageError."""
    found = dict(each.partition("=")[::2] for each in settings)
    for name, each in zip(found, settings, strict=False):
        if "=" not in each or not name:
            raise UsageError(f"-s {each}: not NAME=VALUE")
    return found


def emit(record: object) -> None:
    """One line of JSON on stdout, in UTF-8 whatever the locale."""
    from crawler.archive.records.jsonl import encode  # noqa: PLC0415 - keeps `citynews --help` quick

    sys.stdout.flush()
    sys.stdout.buffer.write(encode(record))  # type: ignore[arg-type] # any JSON value will do
    sys.stdout.buffer.flush()


def crawled(report: Report, *, quiet: bool, as_json: bool) -> None:
    """The end of a crawl: one line a portal and a last line, on stderr; the summary on stdout with --json."""
    if not quiet:
        for name, tally in report.portals.items():
            typer.echo(f"{name}: {line(tally)}", err=True)
        typer.echo(f"run {report.run}: exit {int(report.exit)}, archive in {report.output}", err=True)
    if as_json:
        emit(summary(report))


def replayed(report: ReplayReport, *, quiet: bool, as_json: bool) -> None:
    """The end of a replay."""
    if not quiet:
        for name, tally in report.portals.items():
            outcomes = ", ".join(f"{count} {outcome}" for outcome, count in tally["outcomes"].items())
            typer.echo(f"{name}: {outcomes}", err=True)
        for damage in report.damaged:
            typer.echo(f"damaged source: {printable(damage)}", err=True)
        for change, count in sorted(report.differing.items()):
            typer.echo(f"decided otherwise than before: {change}: {count}", err=True)
        if report.not_archived:
            typer.echo(f"{report.not_archived} further pages or counters are not archived", err=True)
        if report.unresolved:
            typer.echo(f"{report.unresolved} revisits refer to answers that are in no source", err=True)
        if report.unclaimed:
            typer.echo(f"{report.unclaimed} pages belong to no portal; --as NAME takes them", err=True)
        skipped = f", {report.skipped} there already" if report.skipped else ""
        typer.echo(f"run {report.run}: {report.visits} visits{skipped}, archive in {report.output}", err=True)
    if as_json:
        emit(
            {
                "run": report.run,
                "exit_code": int(report.exit),
                "output": str(report.output),
                "visits": report.visits,
                "skipped": report.skipped,
                "differing": report.differing,
                "damaged": report.damaged,
                "not_archived": report.not_archived,
                "unclaimed": report.unclaimed,
                "unresolved": report.unresolved,
                "portals": report.portals,
            }
        )


def explanations(fields: Sequence[Explanation]) -> None:
    """How each field was found, one block a field."""
    for each in fields:
        value = orjson.dumps(each.value, default=as_record).decode() if each.value is not None else "(none)"
        typer.echo(f"{each.field}: {printable(value[:SHOWN])}{'...' if len(value) > SHOWN else ''}")
        typer.echo(f"    rule: {each.rule or 'none'}{f', at {printable(each.place)}' if each.place else ''}")
        for other in each.others:
            typer.echo(f"    also: {printable(other)}")


def summary(report: Report) -> Json:
    """The machine-readable summary of a crawl."""
    return {
        "run": report.run,
        "exit_code": int(report.exit),
        "output": str(report.output),
        "portals": report.portals,
        "problems": report.problems,
        "notices": report.notices,
    }


def line(tally: Json) -> str:
    """A portal's tally in one line."""
    outcomes = ", ".join(f"{count} {name}" for name, count in tally["outcomes"].items()) or "nothing new"
    bad = {**tally["drops"], **tally["failures"], **{f"beyond {k}": v for k, v in tally["limits"].items()}}
    notes = f" ({', '.join(f'{name} {count}' for name, count in bad.items())})" if bad else ""
    return f"{tally['requests']} requests, {tally['seen']} found, {tally['known']} known, {outcomes}{notes}"


__all__ = ["crawled", "day", "emit", "line", "pairs", "printable", "select", "summary"]
