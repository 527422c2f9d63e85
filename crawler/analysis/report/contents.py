"""What is in the archive, and how many pages have each field."""

from __future__ import annotations

from collections import Counter

from crawler.analysis.report import queries
from crawler.analysis.report.section import ROWS, Cell, ReportSection, ReportTable
from crawler.analysis.report.source import ReportSource
from crawler.analysis.web.render import number


def contents(source: ReportSource) -> ReportSection:
    """What is in the archive, by portal."""
    sql = queries.CONTENTS
    names = ("portal", "pages", "texts", "articles", "copies_n", "with_views", "without_date", "first_day", "last_day")
    rows = []
    total: Counter[str] = Counter()
    for portal, title, *counts, first, last in source.rows(sql):
        pages, texts, articles, copies, views, undated = counts
        total.update({"pages": pages, "articles": articles, "copies": copies})
        rows.append([
            Cell(title, source.href(portal=portal)), source.count(pages, portal=portal),
            source.count(texts, portal=portal, count="texts"), source.count(articles, portal=portal, kind="article"),
            source.count(copies, portal=portal, kind="copy"), source.count(views, portal=portal, views="yes"),
            source.count(undated, portal=portal, month=None), Cell(first), Cell(last),
        ])  # fmt: skip
    meta = source.db.execute("SELECT * FROM main.meta").fetchone()
    notes = [
        source.label("report_total", pages=number(total["pages"]), articles=number(total["articles"]),
                     copies=number(total["copies"])),
        source.label("report_verify", articles=number(meta["articles"]), duplicates=number(meta["duplicates"]),
                     revisions=number(meta["revisions"]), observations=number(meta["observations"]),
                     removed=number(meta["removed_articles"] + meta["removed_duplicates"])),
    ]  # fmt: skip
    return ReportSection("contents", notes, [], [ReportTable("contents", names, rows, sql)])


def coverage(source: ReportSource) -> ReportSection:
    """How many pages have each field, by portal and by month of the first fetch."""
    tables = []
    fields = {"published_date": "month", "source": "source", "author": "author", "views": "views", "section": "section",
              "tags": "tag", "language": "language"}  # fmt: skip
    for key, facet, sql in (
        ("portal", "portal", queries.COVERAGE), ("month", "fetched", queries.COVERAGE_BY_MONTH),
    ):  # fmt: skip
        found = source.rows(sql)
        rows = []
        for name, pages, *have in found[-ROWS:]:
            cells = []
            for field, count in zip(fields, have, strict=True):
                lacking = {"views": "no"} if field == "views" else {fields[field]: None}
                cells.append(source.share(count, pages, **{facet: name}, **lacking))
            title = source.title(name) if key == "portal" else name
            rows.append([Cell(title), source.count(pages, **{facet: name}), *cells])
        heading = "portal" if key == "portal" else "facet_fetched"
        tables.append(ReportTable(f"coverage-by-{key}", (heading, "pages", *fields), rows, sql,
                            source.label(f"coverage_{key}"), max(0, len(found) - ROWS)))  # fmt: skip
    return ReportSection("coverage", [], [], tables)
