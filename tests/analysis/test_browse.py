"""browse: what its pages say is what the tables hold, and nothing but this machine is answered."""

from __future__ import annotations

import csv
import html
import io
import json
import random
import re
import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import lxml.html
import openpyxl
import pytest

from crawler.analysis.browse.columns import FACETS
from crawler.analysis.browse.compare import rows
from crawler.analysis.browse.state import SearchState
from crawler.archive.read.reader import Reader
from harness import truth
from harness.browsing import Parameters, Site, browsing
from harness.command import CITYNEWS, citynews, finish, start
from harness.waiting import elapse, until
from tests.analysis.conftest import Known

CHOSEN: tuple[Parameters, ...] = (
    [],
    [("q", "交通")],
    [("q", "交通 -数字孪生"), ("count", "texts")],
    [("q", "smart*"), ("portal", "west"), ("portal", "south")],
    [("without", "source"), ("kind", "article")],
    [("q", "会计"), ("since", "2026-09-05"), ("until", "2026-09-20"), ("sort", "relevance")],
    [("state", "gone")],
    [("origin", "north"), ("count", "texts"), ("sort", "growth")],
)


@pytest.fixture(scope="session")
def site(known: Known) -> Iterator[Site]:
    with browsing(known.root, known.index) as running:
        yield running


def everything(site: Site, parameters: Parameters) -> list[dict[str, Any]]:
    """The hits of all pages of a search."""
    hits: list[dict[str, Any]] = []
    page = 1
    while True:
        found = site.json("/search", [*parameters, ("page", str(page))])
        hits += found["hits"]
        if page == found["last_page"]:
            assert len(hits) == found["total"]
            return hits
        page += 1


@pytest.mark.parametrize("parameters", CHOSEN, ids=str)
def test_counts_agree(site: Site, parameters: Parameters) -> None:
    """Facets, bins, pages of hits, exports and `citynews search` say the same number."""
    found = site.json("/search", parameters)
    hits = everything(site, parameters)
    ids = [hit["id"] for hit in hits]
    assert len(set(ids)) == len(ids) == found["total"] == found[SearchState.of(parameters).count]
    for facet in found["facets"]:
        assert (
            facet["several"] or sum(value["hits"] for value in facet["values"]) + facet["more_hits"] == found["total"]
        )
    bins = found["over_time"]["bins"]
    assert sum(time_bin["hits"] for time_bin in bins) + found["over_time"]["undated"] == found["total"]
    exported = {form: site.get("/export", [*parameters, ("to", form)]).body for form in ("csv", "jsonl", "bib")}
    lines = list(csv.DictReader(io.StringIO(exported["csv"].decode("utf-8-sig"), newline="")))
    assert [line["id"].lstrip("'") for line in lines] == ids
    assert [json.loads(line)["id"] for line in exported["jsonl"].splitlines()] == ids
    assert exported["bib"].count(b"@misc{") == len(ids)
    daily = list(csv.DictReader(io.StringIO(site.get("/over-time.csv", parameters).body.decode("utf-8-sig"))))
    days = Counter(hit["published_date"] for hit in hits if hit["published_date"])
    assert {line["day"]: int(line["hits"]) for line in daily} == days


@pytest.mark.parametrize("parameters", [[], [("q", "交通")], [("q", "外交 OR ai"), ("count", "texts")]], ids=str)
def test_each_facet_value_filters_to_its_count(site: Site, parameters: Parameters) -> None:
    state = SearchState.of(parameters)
    for name in FACETS[1:]:  # the first is for saved queries: tests/commands/test_queries.py
        whole = site.json(f"/facet/{name}", parameters)
        for value in whole["values"]:
            narrowed = site.json("/search", state.but(count="pages").toggled(name, value["value"]).parameters())
            if state.count == "pages":
                assert narrowed["total"] == value["hits"], (name, value)
            else:
                assert narrowed["texts"] >= value["hits"], (name, value)


@pytest.mark.parametrize(("lang", "word"), [("zh", "政府"), ("en", "government")])
def test_facets_of_fixed_values_are_in_the_language_of_the_page(site: Site, lang: str, word: str) -> None:
    facet = site.get("/search", [("lang", lang)]).text.partition('aria-labelledby="facet-portal_kind"')[2]
    assert f"<span>{word}</span>" in facet.partition("</section>")[0]
    chosen = site.get("/search", [("lang", lang), ("portal_kind", "government"), ("source", "media")]).text
    chips = re.findall(r"= ([^<>=]+) ✕", chosen)
    assert sorted(chips) == sorted([word, "media"]), "what a page says of its source is not translated"


def test_a_facet_is_never_cut_in_silence(site: Site) -> None:
    found = site.json("/search")
    for facet in found["facets"]:
        whole = site.json(f"/facet/{facet['name']}")
        assert len(facet["values"]) + facet["more"] == whole["count"]
        assert sum(value["hits"] for value in whole["values"]) == (
            sum(value["hits"] for value in facet["values"]) + facet["more_hits"]
        )


def test_copies_once_is_one_page_a_group(site: Site, db: Any) -> None:
    hits = everything(site, [("count", "texts")])
    groups = Counter(hit["group_id"] for hit in hits)
    assert set(groups.values()) == {1}
    assert len(groups) == db.execute("SELECT count(DISTINCT group_id) FROM pages").fetchone()[0]
    origins = dict(db.execute("SELECT group_id, group_origin FROM pages WHERE group_origin IS NOT NULL").fetchall())
    assert {hit["group_id"]: hit["id"] for hit in hits if hit["group_id"] in origins} == origins


@pytest.mark.parametrize("sort", ["newest", "oldest", "views", "growth", "relevance"])
def test_sorting(site: Site, sort: str) -> None:
    hits = everything(site, [("q", "交通"), ("sort", sort)])
    if sort in {"newest", "oldest"}:
        dates = [hit["published_local"] for hit in hits if hit["published_local"]]
        assert dates == sorted(dates, reverse=sort == "newest")
        assert all(hit["published_local"] is None for hit in hits[len(dates) :])
    elif sort != "relevance":
        numbers = [
            hit["views"] - (hit["views_first"] if sort == "growth" else 0) for hit in hits if hit["views"] is not None
        ]
        assert numbers == sorted(numbers, reverse=True)
    else:
        titled = ["交通" in hit["title"] for hit in hits]
        assert titled[0]


def test_search_finds_what_the_command_finds(site: Site, known: Known) -> None:
    for text in ("交通", "香", "5G基站", "smart city", "title:交通 OR source:新华社", "数字孪生 -外交"):
        done = citynews("search", text, "--count", "--output", known.root, "--index", known.index)
        assert site.json("/search", [("q", text)])["pages"] == int(done.out.splitlines()[-1])


def test_exported_files_hold_the_hits(site: Site, tmp_path: Path) -> None:
    parameters = [("q", "交通"), ("without", "source"), ("count", "texts")]
    ids = {hit["id"] for hit in everything(site, parameters)}
    for form in ("xlsx", "sqlite", "duckdb"):
        (tmp_path / f"hits.{form}").write_bytes(site.get("/export", [*parameters, ("to", form)]).body)
    sheet = openpyxl.load_workbook(tmp_path / "hits.xlsx")["pages"]
    assert {row[0] for row in sheet.iter_rows(min_row=2, values_only=True)} == ids
    with closing(sqlite3.connect(tmp_path / "hits.sqlite")) as db:
        assert {row[0] for row in db.execute("SELECT id FROM pages")} == ids
        assert "交通" in db.execute("SELECT filters FROM meta").fetchone()[0]
    with duckdb.connect(str(tmp_path / "hits.duckdb"), read_only=True) as duck:
        assert {row[0] for row in duck.execute("SELECT id FROM pages").fetchall()} == ids


def test_lines_are_those_of_citynews_export(site: Site, known: Known, tmp_path: Path) -> None:
    target = tmp_path / "pages.jsonl"
    citynews("export", target, "--query", "交通", "--output", known.root, "--index", known.index, "--quiet")
    mine = site.get("/export", [("q", "交通"), ("to", "jsonl")]).body
    assert sorted(mine.splitlines()) == sorted(target.read_bytes().splitlines())


def test_a_state_survives_its_address() -> None:
    rng = random.Random(3)
    for _ in range(300):
        facets = {name: tuple(dict.fromkeys(rng.choices(("a&b=c", "本网", None, " x ", "交通?"), k=2))) for name in
                  rng.sample(FACETS, rng.randrange(4))}  # fmt: skip
        state = SearchState(
            rng.choice(("", '交通 OR "a b"', "a+b %20 &")), rng.choice(("", "title")),
            rng.choice((None, "2026-09-01")), None, tuple(sorted(facets.items())),
            rng.choice(("newest", "views")), rng.choice(("pages", "texts")), rng.choice((1, 7)),
        )  # fmt: skip
        again = SearchState.of(state.parameters())
        assert again == state


def test_an_article_page_holds_what_the_archive_holds(site: Site, known: Known) -> None:
    reader = Reader(known.root)
    revised = [hit["id"] for hit in everything(site, [("revised", "yes")])]
    others = [hit["id"] for hit in site.json("/search", [("kind", "copy")])["hits"]]
    assert revised
    assert others
    for ident in [*revised[:3], *others[:3]]:
        life = reader.life(ident)
        found = site.json(f"/a/{ident}")
        latest = life.latest
        assert latest is not None
        assert found["record"]["body"] == found["version"]["body"] == latest["body"]
        assert found["record"]["extracted_by"] == latest["extracted_by"]
        assert len(found["visits"]) == len(life.observations)
        assert [version["revision"] for version in found["versions"]] == list(range(1, latest["revision"] + 1))
        assert site.json(f"/a/{ident}/v1")["version"]["revision"] == 1
        checked = site.json(f"/a/{ident}/verify")
        assert checked["whole"], checked
        assert [check["name"] for check in checked["checks"]] == [
            "check_lines", "check_content", "check_record", "check_block", "check_payload",
        ]  # fmt: skip


def test_links_lead_both_ways(site: Site) -> None:
    hit = site.json("/search", [("sort", "views")])["hits"][0]
    for link in site.json(f"/a/{hit['id']}")["links_out"]:
        if link["to_id"]:
            inward = site.json(f"/a/{link['to_id']}")
            assert inward["links_in_count"] == len(inward["links_in"])
            assert hit["id"] in {link["id"] for link in inward["links_in"]}


def test_a_diff_holds_both_texts(site: Site) -> None:
    ident = everything(site, [("revised", "yes")])[0]["id"]
    found = site.json(f"/a/{ident}/diff", [("old", "1"), ("new", "2")])
    for side, name in (("old", "del"), ("new", "ins")):
        pieces = [row[side] for row in found["rows"] if row[side] is not None]
        assert "\n\n".join("".join(text for _, text in row) for row in pieces) == found[side]["body"]
        assert any(mark == name for row in pieces for mark, _ in row) == (name == "ins")  # corrections only add


def test_a_comparison_loses_nothing() -> None:
    rng = random.Random(5)
    words = ("交通", "规划", "。", "a", "b c", "\n\n", "数字孪生", "1")
    for _ in range(500):
        old, new = ("".join(rng.choices(words, k=rng.randrange(30))).strip() for _ in range(2))
        found = rows(old, new)
        for side, text in (("old", old), ("new", new)):
            parts = ["".join(t for _, t in getattr(row, side)) for row in found if getattr(row, side) is not None]
            assert "\n\n".join(parts) == text
        assert all(row.kind == "same" for row in found) == (old == new)


def test_only_this_machine_is_answered(site: Site) -> None:
    assert site.get("/search", headers={"Host": "news.city.example"}).status == 421
    assert site.get("/search", headers={"Host": "127.0.0.1"}).status == 421
    assert site.get("/search", method="POST").status == 405
    answer = site.get("/search")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"])
def test_a_signal_has_its_exit_code(known: Known, number: signal.Signals, code: int) -> None:
    """However soon it comes, and also to a job in the background of a script, for which SIGINT is ignored at first."""
    ignoring = ("sh", "-c", 'trap "" INT; exec "$0" "$@"', *CITYNEWS)
    process = start("browse", "--output", known.root, "--port", "0", "--index", known.index, command=ignoring)
    assert process.stderr is not None
    assert b"Ctrl-C ends it" in process.stderr.readline()
    process.send_signal(number)
    done = finish(process)
    assert (done.code, done.out) == (code, "")
    assert "Traceback" not in done.err


def test_wrong_addresses_say_so(site: Site) -> None:
    for path, parameters, status in (
        ("/search", [("q", "(a")], 400), ("/search", [("sort", "best")], 400), ("/search", [("since", "soon")], 400),
        ("/search", [("page", "0")], 400), ("/nothing", [], 404), ("/a/" + "0" * 32, [], 404),
        ("/search", [("q", "(" * 1500)], 400), ("/search", [("q", "a" * 2001)], 400), ("/search", [("q", "a\0")], 200),
        ("/facet/nothing", [], 404), ("/export", [("to", "exe")], 400), ("/a/x/verify", [], 404),
    ):  # fmt: skip
        answer = site.get(path, parameters)
        assert answer.status == status, (path, parameters, answer.status)
        assert "Traceback" not in answer.text
        assert site.get(f"{path}.json", parameters).status == status or path == "/export"


def test_a_query_that_cannot_be_read_is_there_to_be_mended(site: Site) -> None:
    answer = site.get("/search", [("q", '(a "b'), ("since", "2026-09-02"), ("portal", "north"), ("sort", "views")])
    page = lxml.html.fromstring(answer.text)
    assert isinstance(page, lxml.html.HtmlElement)
    (form,) = page.forms
    assert answer.status == 400
    assert dict(form.fields) == {
        "q": '(a "b', "field": "", "since": "2026-09-02", "until": "", "sort": "views", "count": "pages",
        "portal": "north",
    }  # fmt: skip
    assert "an opening bracket without a closing one" in answer.text


def test_facets_without_a_value_are_left_out(site: Site) -> None:
    assert 'class="facet"' not in site.get("/search", [("q", "没有这样的文字")]).text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_languages_on_every_page(site: Site, lang: str) -> None:
    ident = everything(site, [("revised", "yes")])[0]["id"]
    other = everything(site, [("copied", "yes")])
    pair = [hit["id"] for hit in other if hit["group_id"] == other[0]["group_id"]]
    paths = ["/search", "/facet/source", f"/a/{ident}", f"/a/{ident}/v1", f"/a/{ident}/page", f"/a/{ident}/diff",
             f"/a/{ident}/verify", f"/a/{pair[0]}/beside/{pair[1]}", "/nothing"]  # fmt: skip
    for path in paths:
        text = site.get(path, [("lang", lang)]).text
        assert f'<html lang="{"zh-Hans" if lang == "zh" else "en"}">' in text
        assert ("跳到正文" in text) == (lang == "zh")
        assert "<script" not in text
    answer = site.get("/search", headers={"Accept-Language": f"{lang},fr;q=0.5"})
    assert ("跳到正文" in answer.text) == (lang == "zh")


@pytest.fixture
def own(tmp_path: Path) -> tuple[truth.Truth, Path]:
    """A small archive of this test's own."""
    invented = truth.invent(40, 6)
    for _ in truth.live(invented, tmp_path / "archive", range(0, 8, 2)):
        pass
    return invented, tmp_path / "archive"


@pytest.mark.ci
def test_what_a_crawl_brings_is_seen_when_it_has_finished(own: tuple[truth.Truth, Path], tmp_path: Path) -> None:
    invented, root = own
    with browsing(root, tmp_path / "index.sqlite3") as site:
        before = site.json("/search")["pages"]
        moment = datetime(2026, 9, 20, 20, tzinfo=UTC)
        truth.crawl(invented, root, 19, moment, random.Random(1), die=True)
        elapse(4)  # more than a look for new runs takes
        assert site.json("/search")["pages"] == before
        fresh = invented.stories[0]
        invented.seen.pop(fresh.url, None)
        for _ in truth.live(invented, root, [21]):
            pass
        runs = len(list((root / "runs").glob("*.json")))
        until(lambda: site.json("/search")["as_of"]["run_number"] == runs, "the new run is shown")


@pytest.mark.ci
def test_a_permalink_names_its_run_and_the_archive_is_shown_as_of_it(
    own: tuple[truth.Truth, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    invented, root = own
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with browsing(root, tmp_path / "now.sqlite3") as site:
        run, before = site.json("/search")["as_of"]["run"], everything(site, [])
        for path in ("/search", f"/a/{before[0]['id']}"):
            assert f"run={run}" in site.get(path).text
            assert "--as-of" not in site.get(path, [("run", run)]).text
        for _ in truth.live(invented, root, [30]):
            pass
        until(lambda: site.json("/search")["as_of"]["run"] != run, "the new run is shown")
        assert f"citynews browse --as-of {run}" in site.get("/search", [("run", run)]).text
        assert everything(site, []) != before
    with browsing(root, tmp_path / "then.sqlite3", "--as-of", run) as site:
        assert (site.json("/search")["as_of"]["run"], everything(site, [])) == (run, before)
        citynews("remove", before[0]["id"], "--output", root, "--reason", "a test")
        until(lambda: site.get("/search").status == 503, "it is shown no more")
        assert "has changed what was archived" in site.get("/search").text
    for asked, said in ((run, "has changed what was archived"), ("20990101T000000Z-ab", "no finished run")):
        assert said in citynews("browse", "--as-of", asked, "--output", root, code=2).err


def test_a_removed_article_is_nowhere(own: tuple[truth.Truth, Path], tmp_path: Path) -> None:
    _, root = own
    with browsing(root, tmp_path / "index.sqlite3") as site:
        hit = site.json("/search", [("kind", "article"), ("copied", "no")])["hits"][0]
        citynews("remove", hit["id"], "--output", root, "--reason", "a test")
        until(lambda: site.get(f"/a/{hit['id']}").status == 404, "the removed article goes")
        assert hit["id"] not in {hit["id"] for hit in everything(site, [])}


def test_a_flipped_byte_is_found(own: tuple[truth.Truth, Path], tmp_path: Path) -> None:
    _, root = own
    with browsing(root, tmp_path / "index.sqlite3") as site:
        ident = site.json("/search")["hits"][0]["id"]
        version = site.json(f"/a/{ident}")["version"]
        path = root / "warc" / version["warc_file"]
        data = bytearray(path.read_bytes())
        data[version["warc_offset"] + version["warc_length"] // 2] ^= 1
        shutil.copy(path, tmp_path / "kept")
        path.write_bytes(data)
        checked = site.json(f"/a/{ident}/verify")
        assert not checked["whole"]
        assert {check["name"] for check in checked["checks"] if not check["holds"]} & {"check_record", "check_payload"}
        assert "check_lines" not in {check["name"] for check in checked["checks"] if not check["holds"]}


def test_what_came_from_the_web_is_escaped(own: tuple[truth.Truth, Path], tmp_path: Path) -> None:
    invented, root = own
    hostile = '</title></textarea>"><script>alert(1)</script>\u2028'
    story = invented.stories[0]
    story.title, story.source, story.links = hostile, hostile, ["javascript:alert(1)", "data:text/html,x"]
    story.path, story.corrections, story.copy_of, story.gone = "/a/9999.html", {}, None, 10_000
    story.body = f"{hostile} 全新的正文。" * 12
    for _ in truth.live(invented, root, [9]):
        pass
    with browsing(root, tmp_path / "index.sqlite3") as site:
        for path, parameters in (
            ("/search", [("q", "alert")]), ("/facet/source", []), (f"/a/{story.id}", [("q", "alert")]),
            (f"/a/{story.id}/page", []), (f"/a/{story.id}/verify", []), ("/search", [("q", hostile)]),
            ("/search", [("source", hostile)]), (f"/facet/{html.escape(hostile)}", []),
        ):  # fmt: skip
            answer = site.get(path if path.isascii() else "/x", parameters)
            assert answer.status in {200, 400, 404}
            assert "<script" not in answer.text.lower(), path
            assert 'href="javascript' not in answer.text.lower()
            assert 'href="data:' not in answer.text.lower()
        assert "&lt;script&gt;" in site.get(f"/a/{story.id}").text
