"""What became of pages later: corrections, and pages that are gone."""

from __future__ import annotations

from crawler.analysis.report import queries
from crawler.analysis.report.section import Cell, ReportSection, ReportTable
from crawler.analysis.report.source import ReportSource


def corrections(source: ReportSource) -> ReportSection:
    """Later versions: how many, how late, of which fields, the largest."""
    rows = [
        [Cell(source.title(portal)), Cell(count), source.count(pages, portal=portal, revised="yes"), *map(Cell, rest)]
        for portal, count, pages, *rest in source.rows(queries.CORRECTIONS)
    ]  # fmt: skip
    names = ("portal", "corrections_n", "pages", "mean_days", "chars_added", "chars_removed")
    fields = [[Cell(name), Cell(count)] for name, count in source.rows(queries.CHANGED_FIELDS)]
    largest = [
        [Cell(title, source.at(f"/a/{ident}/diff", old=revision - 1, new=revision)), Cell(ident), Cell(url),
         Cell(revision), Cell(moment[:10]), Cell(added), Cell(removed), Cell(f"{file} @ {offset}")]
        for ident, revision, title, url, moment, added, removed, file, offset in source.rows(queries.LARGEST)
    ]  # fmt: skip
    listed = ("title", "id", "url", "revision", "day", "chars_added", "chars_removed", "warc")
    return ReportSection("corrections", [], [], [
        ReportTable("corrections", names, rows, queries.CORRECTIONS),
        ReportTable(
            "changed-fields", ("field", "corrections_n"), fields, queries.CHANGED_FIELDS, source.label("changed_fields")
        ),
        ReportTable("largest-corrections", listed, largest, queries.LARGEST, source.label("largest")),
    ])  # fmt: skip


def gone(source: ReportSource) -> ReportSection:
    """Pages that are there no more."""
    counts = [
        [Cell(source.title(portal)), source.count(pages, portal=portal, state="gone")]
        for portal, pages in source.rows(queries.GONE)
    ]
    last = [
        [Cell(title, source.at(f"/a/{ident}")), Cell(ident), Cell(url), Cell(portal), Cell(published), Cell(at[:10]),
         Cell(f"{file} @ {offset}")]
        for ident, title, url, portal, published, at, file, offset in source.rows(queries.LAST_GONE)
    ]  # fmt: skip
    names = ("title", "id", "url", "portal", "published", "gone_since", "warc")
    total = sum(int(row[1].value or 0) for row in counts)
    return ReportSection("gone", [], [], [
        ReportTable("gone", ("portal", "pages"), counts, queries.GONE),
        ReportTable("last-gone", names, last, queries.LAST_GONE, source.label("last_gone"), max(0, total - len(last))),
    ])  # fmt: skip
