"""report: each number is that of the hits it leads to, and of the truth; the file needs nothing else."""

from __future__ import annotations

import base64
import csv
import io
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from lxml import html

from crawler.analysis.report.words import own_words
from harness.browsing import Site, browsing
from harness.command import citynews
from tests.analysis.conftest import Known

MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture(scope="session")
def site(known: Known) -> Iterator[Site]:
    with browsing(known.root, known.index) as running:
        yield running


@pytest.fixture(scope="session")
def page(known: Known, site: Site, tmp_path_factory: pytest.TempPathFactory) -> html.HtmlElement:
    return html.fromstring(made(known, tmp_path_factory.mktemp("report") / "report.html", "--browse", site.base))


def made(known: Known, target: Path, *options: str) -> bytes:
    """The report as the command writes it."""
    citynews("report", "-o", target, "--output", known.root, "--index", known.index, *options)
    return target.read_bytes()


def rows(page: html.HtmlElement, name: str) -> list[list[str]]:
    """The cells of the table *name*, without separators of thousands."""
    (table,) = page.xpath(f"//table[@id='table-{name}']")
    return [[cell.text_content().replace(",", "") for cell in row.xpath("td")] for row in table.xpath("tbody/tr")]


def links(page: html.HtmlElement) -> list[tuple[str, str]]:
    """(number as shown, address) of every number that leads to pages."""
    return [
        (link.text_content().replace(",", ""), link.get("href"))
        for link in page.xpath("//table//td[contains(@class, 'n')]/a") if "%" not in link.text_content()
    ]  # fmt: skip


@pytest.mark.parametrize("options", [
    (), ("--portal", "north", "--since", "2026-09-04"), ("--query", "交通 -外交", "--kind", "article"),
    ("--fetched-since", "2026-09-20"),
], ids=str)  # fmt: skip
def test_every_number_is_that_of_its_hits(known: Known, site: Site, tmp_path: Path, options: tuple[str, ...]) -> None:
    page = html.fromstring(made(known, tmp_path / "r.html", "--browse", site.base, *options))
    found = links(page)
    assert len(found) > 20
    for shown, address in found:
        parts = urlsplit(address)
        hits = site.json(parts.path, parse_qsl(parts.query))
        assert hits["total"] == int(shown), address


def test_shares_lead_to_what_is_missing(page: html.HtmlElement, site: Site) -> None:
    for link in page.xpath("//table[starts-with(@id, 'table-coverage')]//a[contains(., '%')]"):
        row = link.getparent().getparent()
        pages = int(row.xpath("td")[1].text_content().replace(",", ""))
        parts = urlsplit(link.get("href"))
        missing = site.json(parts.path, parse_qsl(parts.query))["total"]
        assert link.text_content() == f"{100 * (pages - missing) / pages:.1f} %"


def test_bars_lead_to_their_pages(page: html.HtmlElement, site: Site) -> None:
    bars = page.xpath("//*[name()='svg'][@class='chart']//*[name()='a']")
    assert len(bars) > 50
    for bar in bars[::7]:
        parts = urlsplit(bar.get("href"))
        hits = site.json(parts.path, parse_qsl(parts.query))["total"]
        assert bar.xpath("*[name()='title']")[0].text.endswith(f": {hits} pages")


def test_pages_a_day_are_the_truth(page: html.HtmlElement, known: Known) -> None:
    days: Counter[str] = Counter()
    for (_, day), count in known.truth.days().items():
        if day:
            days[day] += count
    shown = {row[0]: int(row[2]) for row in rows(page, "pages-a-day")}
    assert {day: count for day, count in shown.items() if count} == days


def test_reprints_are_the_truth(page: html.HtmlElement, known: Known, db: sqlite3.Connection) -> None:
    titles = dict(db.execute("SELECT portal, title FROM portals").fetchall())
    wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
    sql = (
        "SELECT p.url, o.url FROM copies c JOIN pages p ON p.id = c.copy_id JOIN pages o ON o.id = c.origin_id"
        " WHERE c.direction IS NOT NULL"
    )
    for copier, origin in db.execute(sql):
        wanted[titles[known.truth.seen[origin].portal], titles[known.truth.seen[copier].portal]].add(copier)
    pairs = {(row[0], row[1]): int(row[2]) for row in rows(page, "reprint-pairs")}
    assert pairs == {pair: len(copiers) for pair, copiers in wanted.items()}
    (table,) = page.xpath("//table[@id='table-reprint-matrix']")
    heads = [head.text_content() for head in table.xpath("thead//th")][1:]
    matrix = {
        (row[0], heads[n]): int(cell) for row in rows(page, "reprint-matrix") for n, cell in enumerate(row[1:]) if cell
    }
    assert matrix == pairs


def test_medians_at_equal_age_are_the_truth(page: html.HtmlElement, known: Known, db: sqlite3.Connection) -> None:
    """Computed another way: page by page, in Python."""
    seen: dict[tuple[str, int], list[int]] = defaultdict(list)
    titles = dict(db.execute("SELECT portal, title FROM portals").fetchall())
    for ident, portal, published, views in db.execute("SELECT id, portal, published_at, views FROM pages").fetchall():
        if views is not None:
            seen[titles[portal], 0].append(views)
        if published is None:
            continue
        begin = datetime.fromisoformat(published)
        visits = db.execute(
            "SELECT at, view_count FROM visits WHERE id = ? AND view_count IS NOT NULL ORDER BY at", [ident]
        )
        counted = [(datetime.fromisoformat(at).replace(microsecond=0) - begin, count) for at, count in visits]
        for age in (1, 3, 7, 30):
            first = [c for passed, c in counted if timedelta(days=age) <= passed < timedelta(days=2 * age)][:1]
            seen[titles[portal], age] += first
    shown = rows(page, "views-by-portal")
    assert {row[0] for row in shown} == set(titles.values())
    for name, *cells in shown:
        for n, age in enumerate((1, 3, 7, 30, 0)):
            values = seen[name, age]
            assert int(cells[2 * n + 1] or 0) == len(values)
            assert not values or float(cells[2 * n]) == pytest.approx(median(values), abs=0.06)


def test_the_query_gives_the_numbers(page: html.HtmlElement, db: sqlite3.Connection) -> None:
    """Each query runs over the tables by itself, and every number of its table stands in what it gives."""
    tables = page.xpath("//table[starts-with(@id, 'table-')]")
    assert len(tables) >= 15
    for table in tables:
        holder = table.xpath("following::details[1]")[0]
        sql = unescape(holder.xpath(".//pre")[0].text_content())
        parameters = [part for p in holder.xpath("./p") for part in p.text_content().removeprefix("? = ").split(", ")]
        given = db.execute(sql, parameters).fetchall()
        assert given, table.get("id")
        if table.get("id") in {"table-growth", "table-gone", "table-changed-fields"}:
            values = [list(row) for row in given]
            shown = rows(page, table.get("id").removeprefix("table-"))
            assert [len(row) for row in shown] == [len(row) for row in values]
            assert [[cell for cell in row if cell.isdigit()] for row in shown] == [
                [str(value) for value in row if isinstance(value, int)] for row in values
            ]


def test_csv_is_the_table(page: html.HtmlElement) -> None:
    for link in page.xpath("//a[@download]"):
        data = base64.b64decode(link.get("href").partition("base64,")[2]).decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(data, newline="")))
        shown = rows(page, link.get("download").removesuffix(".csv"))
        assert len(lines) == len(shown) + 1
        assert not [cell for line in lines[1:] for cell in line if cell[:1] in "=@+" and cell[:1]]


def test_deterministic_but_for_the_moment(known: Known, tmp_path: Path) -> None:
    first, second = (MOMENT.sub(b"", made(known, tmp_path / f"{n}.html", "--lang", "zh")) for n in range(2))
    assert first == second


def test_words_of_a_list_are_not_cut(known: Known, tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("# mine\n交通。数据  # no word\n公共交通\n", "utf-8")
    assert own_words("\ufeffa b # c\n\n#d\ne") == ["a b", "e"]
    page = html.fromstring(made(known, tmp_path / "r.html", "--words", str(tmp_path / "own.txt"),
                                "--compare", "2026-09-01..2026-09-12:2026-09-13..2026-10-30"))  # fmt: skip
    words = {row[0] for name in ("words-later", "words-earlier") for row in rows(page, name)}
    assert "公共交通" in words
    assert not words & {"年", "http", "hyperlink"}


def test_wrong_options_say_so(known: Known, tmp_path: Path) -> None:
    base = ("report", "-o", tmp_path / "r.html", "--output", known.root, "--index", known.index)
    for options, said in (
        (("--compare", "2026"), "--compare"), (("--compare", "2026-13:2026-11"), "2026-13"),
        (("--lang", "de"), "--lang"),
        (("--query", "(a"), "bracket"), (("--words", tmp_path / "no.txt"), "no.txt"),
    ):  # fmt: skip
        done = citynews(*base, *options, code=2)
        assert said in done.err
        assert not (tmp_path / "r.html").exists()


def test_nothing_outside_and_no_script(known: Known, tmp_path: Path) -> None:
    data = made(known, tmp_path / "r.html")
    assert len(data) < 3_000_000
    page: Any = html.fromstring(data)
    assert page.xpath("//script | //link | //img | //iframe | //*[@style] | //*[@src]") == []
    assert "default-src 'none'" in page.xpath("//meta[@http-equiv]/@content")[0]
    hrefs = page.xpath("//a/@href")
    assert {urlsplit(href).scheme for href in hrefs} <= {"", "http", "data"}
