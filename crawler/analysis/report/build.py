"""The report: all sections in one HTML file, without anything outside of it."""

from __future__ import annotations

import base64
import hashlib
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import orjson

from crawler.analysis.report.contents import contents, coverage
from crawler.analysis.report.corrections import corrections, gone
from crawler.analysis.report.origins import reprints, sources
from crawler.analysis.report.per_day import per_day
from crawler.analysis.report.section import ReportSection
from crawler.analysis.report.source import ReportSource
from crawler.analysis.report.views import growth, views_at_age
from crawler.analysis.report.words import ComparedPeriods, words
from crawler.analysis.selection import Selection
from crawler.analysis.web.labels import Language
from crawler.analysis.web.render import render, style

MOST = 3_000_000  #: bytes of a report


class ReportError(ValueError):
    """The report cannot be made as asked; the message says why."""


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What is asked for. *compare*: "2026-10:2026-11", months or periods of days; None: the last two whole months."""

    choice: Selection
    browse: str  #: address of `citynews browse`, that numbers lead to
    lang: Language = "en"
    compare: str | None = None
    words: Sequence[str] = ()  #: never cut


def build(db: sqlite3.Connection, request: ReportRequest) -> bytes:
    """The report over the tables in *db*. Raises ReportError, QueryError."""
    source = ReportSource(db, request.choice, request.browse.rstrip("/"), request.lang)
    db.execute("BEGIN")  # one state of the tables for all of it
    source.narrow()
    periods = _periods(source, request.compare)
    made = [
        contents(source), per_day(source), views_at_age(source), growth(source), reprints(source), sources(source),
        words(source, periods, request.words) if periods else ReportSection("words", [source.label("words_none")]),
        corrections(source), coverage(source), gone(source),
    ]  # fmt: skip
    meta = dict(db.execute("SELECT * FROM main.meta").fetchone())
    css = style()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    made_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    page = render(
        "report.html", request.lang, sections=made, meta=meta, css=css, digest=digest, browse=source.browse,
        filters=_filters(request.choice), made_at=made_at,
    ).encode("utf-8", "replace")  # fmt: skip
    if len(page) > MOST:
        raise ReportError(f"the report has {len(page)} bytes, more than {MOST}; choose fewer pages, as with --since")
    return page


def _filters(choice: Selection) -> str:
    return "" if choice.is_everything else ", ".join(f"{k} = {v}" for k, v in orjson.loads(choice.as_json()).items())


def _periods(source: ReportSource, compare: str | None) -> ComparedPeriods | None:
    """The periods to compare: those of *compare*, else the last two whole months of publication. Raises ReportError."""
    if compare is not None:
        earlier, colon, later = compare.partition(":")
        if not colon:
            raise ReportError(f"--compare {compare}: two periods separated by a colon, such as 2026-10:2026-11")
        return ComparedPeriods(_period(earlier), _period(later))
    first, last = source.rows("SELECT min(published_date), max(published_date) FROM pages")[0]
    if last is None:
        return None
    month = date.fromisoformat(last).replace(day=1)
    if (date.fromisoformat(last) + timedelta(days=1)).day != 1 and first < month.isoformat():
        month = (month - timedelta(days=1)).replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    if (month - timedelta(days=1)).isoformat() < first:
        return None
    return ComparedPeriods(_period(before.isoformat()[:7]), _period(month.isoformat()[:7]))


def _period(text: str) -> tuple[str, str]:
    """First and last day of a month, or of FIRST..LAST. Raises ReportError."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}", text):
            first = date.fromisoformat(f"{text}-01")
            return first.isoformat(), ((first + timedelta(days=32)).replace(day=1) - timedelta(days=1)).isoformat()
        begin, dots, end = text.partition("..")
        return date.fromisoformat(begin).isoformat(), date.fromisoformat(end if dots else begin).isoformat()
    except ValueError:
        raise ReportError(f"{text}: neither a month such as 2026-11 nor days such as 2026-11-01..2026-11-14") from None
