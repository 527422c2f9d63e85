"""Where texts come from: who copies whom, and the sources that pages name."""

from __future__ import annotations

from collections import Counter

from crawler.analysis.report import queries
from crawler.analysis.report.section import PORTALS, ROWS, Cell, ReportSection, ReportTable
from crawler.analysis.report.source import ReportSource
from crawler.analysis.web.render import number


def reprints(source: ReportSource) -> ReportSection:
    """Who copies whom."""
    sql = queries.REPRINTS
    found = source.rows(sql)
    (undirected,) = source.rows(queries.UNDIRECTED)[0]
    section = ReportSection("reprints", [source.label("undirected_pairs", n=number(undirected))])
    if not found:
        return section
    pages = {(origin, copier): count for origin, copier, count, _, _ in found}
    weight: Counter[str] = Counter()
    for (origin, copier), count in pages.items():
        weight[origin] += count
        weight[copier] += count
    portals = [portal for portal, _ in sorted(weight.items(), key=lambda item: (-item[1], item[0]))]
    shown = portals[:PORTALS]
    rows = [
        [Cell(source.title(origin)),
         *(source.count(pages.get((origin, copier)), portal=copier, origin=origin) for copier in shown)]
        for origin in shown
    ]  # fmt: skip
    names = ("origin_by_copier", *(source.title(portal) for portal in shown))
    section.tables.append(
        ReportTable(
            "reprint-matrix", names, rows, sql, source.label("reprint_matrix"), len(portals) - len(shown), matrix=True
        )
    )
    listed = [
        [Cell(source.title(origin)), Cell(source.title(copier)),
         source.count(count, portal=copier, origin=origin), Cell(lag), Cell(timed)]
        for origin, copier, count, lag, timed in found[:20]
    ]  # fmt: skip
    names = ("origin_portal", "copy_portal", "pages", "median_lag_hours", "timed")
    section.tables.append(
        ReportTable("reprint-pairs", names, listed, sql, source.label("reprint_pairs"), max(0, len(found) - 20))
    )
    return section


def sources(source: ReportSource) -> ReportSection:
    """Where the texts of each portal come from, and how many say nothing."""
    sql = queries.SOURCES
    found = source.rows(sql)
    pages: Counter[str] = Counter()
    for portal, _, count, _ in found:
        pages[portal] += count
    silent = {portal: count for portal, name, count, _ in found if name is None}
    rows = [
        [Cell(source.title(portal)), source.count(count, portal=portal),
         source.count(silent.get(portal, 0), portal=portal, source=None),
         Cell(round(100 * silent.get(portal, 0) / count, 1))]
        for portal, count in sorted(pages.items(), key=lambda item: (-item[1], item[0]))
    ]  # fmt: skip
    first = ReportTable(
        "without-source", ("portal", "pages", "no_source", "percent"), rows, sql, source.label("without_source")
    )
    listed = [
        [Cell(source.title(portal)), Cell(name), source.count(count, portal=portal, source=name),
         Cell(round(100 * count / pages[portal], 1)), Cell(source.title(named) if named else None)]
        for portal, name, count, named in found if name is not None
    ]  # fmt: skip
    names = ("portal", "facet_source", "pages", "percent", "source_portal")
    second = ReportTable(
        "sources", names, listed[:ROWS], sql, source.label("sources_listed"), max(0, len(listed) - ROWS)
    )
    return ReportSection("sources", [], [], [first, second])
