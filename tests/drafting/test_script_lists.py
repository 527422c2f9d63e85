"""Lists that a script of the page asks for are drafted as [[discover.api]], once they were asked and answered."""

# ruff: noqa: E501 - scripts, which do not read better when they are cut
from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.drafting.javascript import LONGEST, Script
from crawler.drafting.script_calls import calls
from harness import disk
from harness.command import citynews
from harness.scripted import Answer, Headers, Scripted, page, story

PAGES, EACH = 3, 6
ROW = "out += '<li><a href=\"/a/' + row.id + '.html\">' + row.title + '</a></li>';"
TEMPLATE = 'out += `<li><a href="/a/${row.id}.html">${row.title}</a></li>`;'
BY_URL = "link.href = row.url; link.textContent = row.title;"
#: The scripts of a list page; what a row holds besides its title: "id" or "url"; the first page's number.
SCRIPTS = {
    "fetch": ("var page = 1; fetch('/rows.json?size=6&page=' + page).then(r => r.json()).then(show); " + ROW, "id", 1),
    "fetch template": ("let pageNo = 1; fetch(`/rows.json?page=${pageNo}&size=6`); " + TEMPLATE, "id", 1),
    "fetch of a name": ("const API = '/rows.json'; function more(n) { fetch(API + '?page=' + n); } " + BY_URL, "url", 1),
    "fetch post": ("fetch('/rows.json', {method: 'POST', headers: {'Content-Type': 'application/json'},"
                   " body: JSON.stringify({page: cur, size: 6})}); " + TEMPLATE, "id", 1),
    "axios": ("axios.get('/rows.json', { params: { page: this.page, size: 6 } }).then(show); " + BY_URL, "url", 1),
    "axios post": ("axios.post('/rows.json', {page: this.current, size: 6}); " + ROW, "id", 1),
    "axios options": ("axios({method: 'get', url: '/rows.json', params: {page, size: 6}}); " + ROW, "id", 1),
    "getJSON": ("$.getJSON('/rows.json', {page: n, size: 6}, function (data) { " + ROW + " });", "id", 1),
    "ajax": ("$.ajax({ type: 'post', url: '/rows.json', data: { page: p, size: 6 }, dataType: 'json' }); " + ROW, "id", 1),
    "from 0": ("var page = 0; $.get('/rows.json?page=' + page + '&size=6', show); " + ROW, "id", 0),
    "xhr": ("var x = new XMLHttpRequest(); x.open('GET', '/rows.json?page=' + n + '&size=6', true); x.send(); " + ROW,
            "id", 1),
    "xhr post": ("x.open('POST', '/rows.json'); x.setRequestHeader('a', 'b'); x.send('page=' + n + '&size=6'); " + BY_URL,
                 "url", 1),
    "comment": ("// fetch('/none?page=' + n)\n/* \" */ fetch('/rows.json?' + new URLSearchParams({page: n, size: 6})); "
                + BY_URL, "url", 1),
}  # fmt: skip
SHELL = "<html><head><title>News</title></head><body><div id='app'></div><script>{}</script></body></html>"


def place(page_number: int, row: int) -> str:
    return f"/a/{2000 + 10 * page_number + row}.html"


def serve(server: Scripted, script: str, holds: str, first: int, *, some: str = "") -> None:
    """A list page that shows *some* itself, and the data behind it: PAGES pages of EACH rows, numbered from *first*."""
    server.pages["/"] = Answer(SHELL.format(script).replace("<div id='app'>", f"<div id='app'>{some}").encode())
    for number in range(PAGES):
        for row in range(EACH):
            server.pages[place(number, row)] = Answer(page(f"Lamp {number}-{row} is mended", story(f"{number}-{row}")))
    static = server.answer

    def rows(number: int) -> Answer:
        found: list[Any] = []
        for row in range(EACH if first <= number < first + PAGES else 0):
            where = place(number - first, row)
            value = where if holds == "url" else int(where[3:-5])
            found.append({"title": f"Lamp {row}", holds: value, "publishTime": "2026-03-04 05:06:00"})
        data = {"code": 0, "data": {"total": PAGES * EACH, "records": found}}
        return Answer(json.dumps(data).encode(), headers={"Content-Type": "application/json"})

    def answer(path: str, headers: Headers) -> Answer:
        if not path.startswith("/rows.json"):
            return static(path, headers)
        query = path.replace('"', "").replace(": ", "=").replace(", ", "&").replace("{", "&").replace("}", "")
        stated = [part[5:] for part in query.replace("?", "&").replace(" ", "&").split("&") if part.startswith("page=")]
        return rows(int(stated[0])) if stated else Answer(b"no page", 400)

    server.answer = answer  # type: ignore[method-assign] # what a test may do


def draft(server: Scripted, tmp_path: Path) -> Path:
    citynews("portals", "new", server.base, "--name", "x", "--write", tmp_path, "--delay", 0, "--articles", 8,
             "--allow-host", server.host)  # fmt: skip
    return tmp_path / "x.toml"


@pytest.mark.parametrize(
    "kind",
    [kind if kind in {"fetch", "axios", "xhr post", "from 0"} else pytest.param(kind, marks=pytest.mark.ci)
     for kind in SCRIPTS],
)  # fmt: skip
def test_what_a_script_asks_page_by_page_is_drafted_and_crawled(server: Scripted, tmp_path: Path, kind: str) -> None:
    serve(server, *SCRIPTS[kind])
    definition = draft(server, tmp_path)
    assert "[[discover.api]]" in definition.read_text("utf-8")
    citynews("crawl", "x", "--portals", definition, "--output", tmp_path / "o", "--allow-host", server.host)
    found = {record["url"].removeprefix(server.base) for record in disk.records(tmp_path / "o", "articles")}
    assert found == {place(number, row) for number in range(PAGES) for row in range(EACH)}


def deaf(server: Scripted) -> None:
    before = server.answer
    server.answer = lambda path, headers: (  # type: ignore[method-assign] # what a test may do
        before("/rows.json?page=1", headers) if path.startswith("/rows.json") else before(path, headers)
    )


def busy(server: Scripted) -> None:
    before = server.answer
    server.answer = lambda path, headers: (  # type: ignore[method-assign] # what a test may do
        Answer(b'{"code": 500}') if path.startswith("/rows.json") else before(path, headers)
    )


@pytest.mark.parametrize("wrong", [deaf, busy])
def test_what_does_not_answer_as_a_list_is_not_drafted(
    server: Scripted, tmp_path: Path, wrong: Callable[[Scripted], None]
) -> None:
    """The list shows some articles itself; its script asks for more, and the answers are none, or always the same."""
    some = "".join(f"<a href='{place(0, row)}'>Lamp {row} is mended by those who pass</a>" for row in range(EACH))
    serve(server, *SCRIPTS["fetch"], some=some)
    wrong(server)
    assert "discover.api" not in draft(server, tmp_path).read_text("utf-8")


@given(st.text(alphabet="fetch($.ajax({url:`${'\"\\+page,})];n/*=?&", max_size=80))
def test_any_text_is_read_to_its_end(text: str) -> None:
    script = Script(f"fetch({text}")
    assert len(list(calls(script))) + len(list(script.texts())) <= len(text) + 6


@pytest.mark.parametrize("piece", ["fetch(", "fetch({a:", "`${", "'a' + ", "fetch(`${", "open('GET',"])
def test_a_hostile_script_takes_little_time(piece: str) -> None:
    begun = time.process_time()
    script = Script(piece * (LONGEST // len(piece)))
    list(calls(script))
    list(script.texts())
    assert time.process_time() - begun < 5  # some 0.3 s; without bounds it takes minutes
