"""The sections of the report, each from its queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from statistics import median

from markupsafe import Markup

from crawler.analysis.report import queries
from crawler.analysis.report.section import Cell, ReportSection, ReportTable
from crawler.analysis.report.source import ReportSource
from crawler.analysis.web.charts import ChartBar, ChartPoint, ShadedRange, bars, line
from crawler.analysis.web.periods import Periods, bins_of
from crawler.analysis.web.render import number

PORTALS = 12  #: plots, at most
ROWS = 60  #: rows of a table that could have any number
AGES = (1, 3, 7, 30)
_GAP = 3  #: a crawl gap is longer than this many times the usual distance of two crawls, and than two days


def contents(source: ReportSource) -> ReportSection:
    """What is in it."""
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
