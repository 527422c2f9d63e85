"""Pages a day, with the gaps of the crawl."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from statistics import median

from markupsafe import Markup

from crawler.analysis.report import queries
from crawler.analysis.report.section import PORTALS, Cell, ReportSection, ReportTable
from crawler.analysis.report.source import ReportSource
from crawler.analysis.web.charts import ChartBar, ShadedRange, bars
from crawler.analysis.web.periods import Periods, bins_of
from crawler.analysis.web.render import number

_GAP = 3  #: a crawl gap is longer than this many times the usual distance of two crawls, and than two days


def per_day(source: ReportSource) -> ReportSection:
    """Pages a day by portal, with the gaps of the crawl."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for portal, day, pages in source.rows(queries.PER_DAY):
        counts[portal][day] = pages
    visits: dict[str, list[str]] = defaultdict(list)
    for portal, day in source.rows(queries.VISIT_DAYS):
        visits[portal].append(day)
    whole: Counter[str] = Counter()
    for days in counts.values():
        whole.update(days)
    section = ReportSection("per_day")
    if not whole:
        return section
    bins = bins_of(min(whole), max(whole))
    ranked = sorted(counts, key=lambda portal: (-counts[portal].total(), portal))
    everywhere = sorted({day for days in visits.values() for day in days})
    section.notes.append(source.label("per_day_unit", unit=source.label(f"by_{bins.unit}")))
    if len(ranked) > PORTALS:
        section.notes.append(source.label("more_portals", n=len(ranked) - PORTALS))
    shown: list[tuple[str | None, Counter[str], list[str]]] = [(None, whole, everywhere)]
    shown += [(portal, counts[portal], visits[portal]) for portal in ranked[:PORTALS]]
    for portal, days, visited in shown if len(ranked) > 1 else shown[:1]:
        title = source.label("all_portals") if portal is None else source.title(portal)
        section.figures.append((title, _per_day_chart(source, bins, portal, days, visited, title)))
    names = ("since_day", "until_day", "pages", *(source.title(portal) for portal in ranked[:PORTALS]))
    rows = []
    for since, until in bins.periods:
        inside = (None, *ranked[:PORTALS])
        found = [bins.sum(whole if p is None else counts[p], since, until) for p in inside]
        cells = [_of_period(source, n, p, since, until) for n, p in zip(found, inside, strict=True)]
        rows.append([Cell(since), Cell(until), *cells])
    section.tables.append(ReportTable("pages-a-day", names, rows, queries.PER_DAY))
    return section


def _of_period(source: ReportSource, pages: int, portal: str | None, since: str, until: str) -> Cell:
    chosen = {"portal": portal} if portal else {}
    return source.count(pages, **chosen, since=since, until=until)


def _per_day_chart(
    source: ReportSource, bins: Periods, portal: str | None, days: Counter[str], visited: list[str], title: str
) -> Markup:
    items = []
    for since, until in bins.periods:
        pages = bins.sum(days, since, until)
        said = source.label("report_bar", since=since, until=until, pages=number(pages))
        href = _of_period(source, pages, portal, since, until).href
        items.append(ChartBar(since[:7] if bins.unit == "month" else since, pages, said, href))
    return bars(items, source.label("per_day_of", name=title), spans=_spans(source, bins, visited), height=150)


def _spans(source: ReportSource, bins: Periods, visited: list[str]) -> list[ShadedRange]:
    """The time before the first crawl, and gaps of the crawl, as shaded ranges."""
    if not visited:
        return []
    spans = []
    if (begin := bins.place(visited[0])) > 0:
        spans.append(ShadedRange(0, begin, source.label("before_crawl", day=visited[0]), "begin"))
    distances = [_days(a, b) for a, b in pairwise(visited)]
    usual = median(distances) if distances else 1
    for before, after in pairwise(visited):
        if _days(before, after) > max(2, _GAP * usual):
            spans.append(
                ShadedRange(
                    bins.place(before) + 1 / bins.length,
                    bins.place(after),
                    source.label("gap", since=before, until=after),
                )
            )
    return [span for span in spans if span.end > span.begin]


def _days(before: str, after: str) -> int:
    return (date.fromisoformat(after) - date.fromisoformat(before)).days
