"""One article, one address: parameters that name no page, slashes at the end, encodings, cookies that are demanded."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from harness import disk
from harness.command import Done, citynews
from harness.scripted import Answer, Scripted, page, story

COUNT = 12


def crawl(
    server: Scripted, tmp_path: Path, *more: object, discover: str = "", days: float = 0, code: int | None = 0
) -> Done:
    discover = f'pages = ["{server.base}/"]\n{discover}'
    definition = server.definition(tmp_path, discover=discover, more="[revisit]\nafter = ['2d']\n")
    command = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive"]
    return citynews(*command, "--allow-host", server.host, "--json", *more, code=code, later=timedelta(days=days))


def lines(tmp_path: Path, stream: str) -> list[dict[str, Any]]:
    return list(disk.records(tmp_path / "archive", stream))


def asked(server: Scripted, since: int = 0) -> list[str]:
    return [path for path in server.paths()[since:] if path.startswith("/a/")]


def whole(tmp_path: Path) -> None:
    """verify finds nothing, replay gives the same lines, and so does an index that is rebuilt."""
    archive = tmp_path / "archive"
    citynews("verify", "--output", archive)
    shutil.rmtree(tmp_path / "again", ignore_errors=True)
    citynews("replay", archive / "warc", "--output", tmp_path / "again")
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(archive)
    citynews("reindex", "--output", archive)


class Numbered(Scripted):
    """Articles at /a/view?id=N, whatever other parameters say."""

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        if path.startswith("/a/view?"):
            number = parse_qs(urlsplit(path).query)["id"][0]
            return Answer(page(f"The story of number {number}", story(f"number {number}")))
        return super().answer(path, headers)


@pytest.fixture
def numbered(server: Scripted) -> Scripted:
    server.__class__ = Numbered
    return server


def show(server: Scripted, *names: str, value: Callable[[], str] = lambda: secrets.token_hex(5), count: int = COUNT,
         first: int = 0) -> None:  # fmt: skip
    """Lists the articles, each with a new value of each parameter."""
    server.listing(
        *(f"/a/view?id={n}" + "".join(f"&amp;{name}={value()}" for name in names) for n in range(first, first + count))
    )


def test_parameters_that_the_definition_drops_are_in_no_address(numbered: Scripted, tmp_path: Path) -> None:
    rule = 'drop_params = ["x", "y"]\n'
    for day in (0, 1):
        show(numbered, "x", "y")
        crawl(numbered, tmp_path, discover=rule, days=day)
    assert sorted(asked(numbered)) == sorted(f"/a/view?id={n}" for n in range(COUNT))
    assert {len(lines(tmp_path, "articles")), len(lines(tmp_path, "observations"))} == {COUNT}
    assert lines(tmp_path, "duplicates") == []
    whole(tmp_path)
    shown = citynews("show", f"{numbered.base}/a/view?y=2&id=7&x=never", "--output", tmp_path / "archive").summary
    assert shown["url"] == f"{numbered.base}/a/view?id=7"


def test_an_archived_address_that_a_new_rule_maps_onto_another_stays_its_article(
    numbered: Scripted, tmp_path: Path
) -> None:
    show(numbered, "x")
    crawl(numbered, tmp_path)
    before = {record["id"]: record["url"] for record in lines(tmp_path, "articles")}
    rule = 'drop_params = ["x"]\n'
    for day in (1, 3, 4):  # not due, due, not due
        show(numbered, "x")
        crawl(numbered, tmp_path, discover=rule, days=day)
        assert {record["id"]: record["url"] for record in lines(tmp_path, "articles")} == before
        citynews("reindex", "--output", tmp_path / "archive")
    assert lines(tmp_path, "duplicates") == []
    outcomes = [record["outcome"] for record in lines(tmp_path, "observations")]
    assert outcomes == ["new"] * COUNT + ["unchanged"] * COUNT
    assert {record["id"] for record in lines(tmp_path, "observations")} == set(before)
    show(numbered, "x", count=COUNT + 1)
    crawl(numbered, tmp_path, discover=rule, days=5)
    assert len(lines(tmp_path, "articles")) == COUNT + 1
    whole(tmp_path)
    for url in (f"{numbered.base}/a/view?id=7", f"{numbered.base}/a/view?id=7&x=other"):
        assert citynews("show", url, "--output", tmp_path / "archive").summary["id"] in before


def test_the_rule_holds_for_redirects_canonicals_and_links_between_articles(server: Scripted, tmp_path: Path) -> None:
    server.listing("/a/1", "/a/2", "/a/2?x=9")
    server.pages["/a/1"] = Answer(b"", 302, {"Location": "/a/one?x=77"})
    linked = page("One", story("one")).replace(
        b"</article>", b"<a href='/a/2?x=5'>The story of the second</a></article>"
    )
    server.pages["/a/one?x=77"] = Answer(linked)
    canonical = f"<link rel=canonical href='{server.base}/a/2?x=8'></head>".encode()
    server.pages["/a/2"] = Answer(page("Two", story("two")).replace(b"</head>", canonical))
    crawl(server, tmp_path, discover='drop_params = ["x"]\n')
    records = {record["url"].removeprefix(server.base): record for record in lines(tmp_path, "articles")}
    assert set(records) == {"/a/one", "/a/2"}
    assert records["/a/2"]["canonical_url"] == f"{server.base}/a/2"
    assert all("x=" not in link["url"] for record in records.values() for link in record["related_links"])
    whole(tmp_path)


def test_values_that_change_at_every_look_are_noticed_after_three_copies(numbered: Scripted, tmp_path: Path) -> None:
    show(numbered, "x")
    assert "drop_params" not in crawl(numbered, tmp_path).err
    for day in (1, 3, 5):
        show(numbered, "x", count=COUNT + 1)
        done = crawl(numbered, tmp_path, days=day)
        assert 'drop_params = ["x"]' in done.err
        assert len(lines(tmp_path, "duplicates")) == 3, "as many as prove it"
    assert len(lines(tmp_path, "articles")) == COUNT + 1, "what is new is found all the same"
    whole(tmp_path)


def test_two_lists_of_one_run_that_name_new_articles_with_other_values(numbered: Scripted, tmp_path: Path) -> None:
    """Noticed in the first run already: three copies, not one of each article."""
    show(numbered, "x")
    numbered.pages["/list/2"] = numbered.pages["/"]
    show(numbered, "x")
    begin = f'pages = ["{numbered.base}/", "{numbered.base}/list/2"]\n'
    definition = numbered.definition(tmp_path, discover=begin)
    command = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive", "--allow-host"]
    done = citynews(*command, numbered.host, "--json")
    assert 'drop_params = ["x"]' in done.err
    assert len(lines(tmp_path, "articles")) == COUNT
    assert len(lines(tmp_path, "duplicates")) == 3, "as many as prove it"
    (stats,) = done.summary["portals"].values()
    assert (stats["seen"], stats["known"], stats["outcomes"]["new"]) == (COUNT + 3, 0, COUNT)
    whole(tmp_path)


def test_one_list_that_names_each_article_by_two_values(numbered: Scripted, tmp_path: Path) -> None:
    """Picture and headline link it, each with a value of its own."""
    hrefs = [f"/a/view?id={n}&amp;x={secrets.token_hex(5)}" for n in range(COUNT) for _ in range(2)]
    numbered.listing(*hrefs)
    done = crawl(numbered, tmp_path)
    assert 'drop_params = ["x"]' in done.err
    assert len(lines(tmp_path, "articles")) == COUNT
    assert len(lines(tmp_path, "duplicates")) == 3, "as many as prove it"
    whole(tmp_path)


@pytest.mark.parametrize("address", ["/a/view?id={}", "/a/view?cid={cid}&amp;id={}"])
def test_numbers_that_tell_articles_apart_delay_nothing(numbered: Scripted, tmp_path: Path, address: str) -> None:
    """The lists of a site that knows its articles by a parameter: all are asked for, in the order they were named."""
    for page_number in (1, 2):
        hrefs = [address.format(page_number * COUNT + n, cid=n % 3) for n in range(COUNT)]
        numbered.listing(*hrefs, path=f"/list/{page_number}")
    numbered.listing("/list/1", "/list/2", address.format(0, cid=0), address.format(1, cid=0))
    done = crawl(numbered, tmp_path)
    assert len(lines(tmp_path, "articles")) == 2 * COUNT + 2
    assert "drop_params" not in done.err
    ids = [int(parse_qs(urlsplit(path).query)["id"][0]) for path in asked(numbered)]
    for begin in (0, COUNT, 2 * COUNT):
        of_page = [number for number in ids if begin <= number < begin + COUNT]
        assert of_page == sorted(of_page), "none waited for the end"


def test_few_addresses_are_learned_over_several_runs(numbered: Scripted, tmp_path: Path) -> None:
    for day in range(6):
        show(numbered, "x", count=1)
        done = crawl(numbered, tmp_path, days=day / 10)
    assert len(lines(tmp_path, "duplicates")) == 3
    assert done.summary["portals"]["scripted"]["learned"].keys() == {"x"}
    assert len(asked(numbered)) == 4


def test_a_parameter_that_names_pages_is_not_taken_for_one_that_changes(numbered: Scripted, tmp_path: Path) -> None:
    numbered.listing(*(f"/a/view?cat={n}&amp;id={n}" for n in range(COUNT)))
    crawl(numbered, tmp_path)
    numbered.listing(*(f"/a/view?cat={n}&amp;id={n + 100}" for n in range(COUNT)))
    assert "drop_params" not in crawl(numbered, tmp_path, days=1).err
    assert len(lines(tmp_path, "articles")) == 2 * COUNT


@pytest.mark.parametrize("slashed", ["", "/"])
@pytest.mark.parametrize("how", ["redirect", "canonical"])
def test_with_and_without_a_slash_is_one_article(server: Scripted, tmp_path: Path, how: str, slashed: str) -> None:
    """The one address is archived; later the list names the other, which the site says is the same."""
    first, second = ("/a/1", "/a/1/") if not slashed else ("/a/1/", "/a/1")
    said = f"<link rel=canonical href='{server.base}{second}'></head>".encode() if how == "canonical" else b"</head>"
    text = Answer(page("One", story("one")).replace(b"</head>", said))
    server.listing(first)
    server.pages[first] = text
    crawl(server, tmp_path)
    server.listing(first, second)
    server.pages[second] = text
    if how == "redirect":
        server.pages[first] = Answer(b"", 301, {"Location": second})
    for day in (1, 3, 6):
        crawl(server, tmp_path, days=day)
    assert [record["url"] for record in lines(tmp_path, "articles")] == [server.base + first]
    assert lines(tmp_path, "duplicates") == lines(tmp_path, "revisions") == []
    whole(tmp_path)


def test_addresses_as_browsers_make_them(server: Scripted, tmp_path: Path) -> None:
    """Chinese in a query goes out in the encoding of the page; a backslash is a slash."""
    links = '<a href="/a/s?题=智慧">一条足够长的新闻标题在这里</a><a href="\\a\\back">另一条足够长的新闻标题</a>'
    server.pages["/"] = Answer(links.encode("gbk"), headers={"Content-Type": "text/html; charset=gbk"})
    server.article("/a/s?%CC%E2=%D6%C7%BB%DB")
    server.article("/a/back")
    crawl(server, tmp_path)
    assert sorted(asked(server)) == ["/a/back", "/a/s?%CC%E2=%D6%C7%BB%DB"]
    assert len(lines(tmp_path, "articles")) == 2


class Demanding(Scripted):
    """Answers nobody who does not send its cookie back."""

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        if "pass=" not in headers.get("Cookie", ""):
            return Answer(b"", 302, {"Location": path, "Set-Cookie": f"pass={secrets.token_hex(4)}; Path=/; HttpOnly"})
        return super().answer(path, headers)


def test_a_cookie_that_is_demanded_is_sent_back_to_that_host_alone(server: Scripted, tmp_path: Path) -> None:
    server.__class__ = Demanding
    with Scripted() as other:
        server.listing("/a/1", "/a/2")
        server.article("/a/1")
        server.pages["/a/2"] = Answer(b"", 302, {"Location": f"{other.base}/a/other"})
        other.article("/a/other")
        definition = server.definition(tmp_path)
        definition.write_text(definition.read_text().replace(f'"{server.host}"', f'"{server.host}", "{other.host}"', 1))
        citynews("crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive", "--allow-host",
                 server.host, "--allow-host", other.host)  # fmt: skip
        assert {record["url"] for record in lines(tmp_path, "articles")} == {
            f"{server.base}/a/1",
            f"{other.base}/a/other",
        }
        assert all("Cookie" not in request.headers for request in other.asked)
    assert len(server.asked) <= 2 * 4, "once without, once with"
    whole(tmp_path)


def test_a_site_that_sets_another_cookie_each_time_and_never_answers_ends(server: Scripted, tmp_path: Path) -> None:
    def answer(path: str, headers: dict[str, str]) -> Answer:
        return Answer(b"", 302, {"Location": path, "Set-Cookie": f"pass={secrets.token_hex(4)}"})

    server.answer = answer  # type: ignore[method-assign] # a site of this test's own
    crawl(server, tmp_path, code=3)
    assert len(server.asked) < 30
