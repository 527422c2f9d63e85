"""Views at equal age, and how they grow."""

from __future__ import annotations

from collections import defaultdict

from crawler.analysis.report import queries
from crawler.analysis.report.section import ROWS, Cell, ReportSection, ReportTable
from crawler.analysis.report.source import ReportSource
from crawler.analysis.web.charts import ChartPoint, line
from crawler.analysis.web.render import number

AGES = (1, 3, 7, 30)  #: days


def views_at_age(source: ReportSource) -> ReportSection:
    """Medians of views at equal age, by portal and by source."""
    section = ReportSection("equal_age", [source.label("equal_age_rule")])
    for by, key in (("portal_title", "portal"), ("source_norm", "source")):
        sql, given = source.aged(queries.VIEWS_AT_AGE.format(by=by))
        found: dict[str | None, dict[int, tuple[float, int]]] = defaultdict(dict)
        for name, age, middle, pages in given:
            found[name][age] = (middle, pages)
        ranked = sorted(found, key=lambda name: (-found[name].get(0, (0, 0))[1], name is None, name or ""))
        rows = []
        for name in ranked[:ROWS]:
            cells: list[Cell] = []
            for age in (*AGES, 0):
                middle, pages = found[name].get(age, (None, 0))
                cells += [Cell(middle), Cell(pages or None)]
            href = source.href(source=name, views="yes") if key == "source" else None
            cells[-1] = Cell(cells[-1].value, href)
            rows.append([Cell(name if name is not None else source.label("no_source")), *cells])
        headings = [f"facet_{key}"]
        for age in AGES:
            headings += [source.label("at_age", n=age), "pages"]
        headings += ["latest", "pages"]
        table = ReportTable(
            f"views-by-{key}", headings, rows, sql, source.label(f"equal_age_{key}"), max(0, len(ranked) - ROWS)
        )
        section.tables.append(table)
    return section


def growth(source: ReportSource) -> ReportSection:
    """Median and quartiles of views by age."""
    sql, found = source.aged(queries.GROWTH)
    rows = [[Cell(value) for value in row] for row in found]
    section = ReportSection("growth", [source.label("growth_rule")])
    if found:
        points = [
            ChartPoint(age, middle, source.label("growth_point", age=age, median=number(middle), low=number(low),
                                            high=number(high), pages=number(pages)), low, high)
            for age, pages, low, middle, high in found
        ]  # fmt: skip
        last = max(points[-1].x, 1)
        step = max(1, int(last) // 8)
        labels = [(float(day), str(day)) for day in range(0, int(last) + 1, step)]
        section.figures.append(
            (source.label("growth_caption"), line(points, source.label("growth"), labels=labels, x_range=(0, last)))
        )
    names = ("age_days", "pages", "lower_quartile", "median", "upper_quartile")
    section.tables.append(ReportTable("growth", names, rows, sql))
    return section
