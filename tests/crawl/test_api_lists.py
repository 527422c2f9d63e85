"""Lists that are served as data: JSON by page, JSON by cursor and POST, pieces of HTML for a script."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.portals import api
from crawler.portals.sections import Api
from harness import disk
from harness.command import citynews
from harness.scripted import Answer, Scripted

NOW = datetime(2026, 3, 5, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}


def data(value: Any) -> Answer:
    return Answer(json.dumps(value).encode(), headers=JSON)


def test_every_kind_of_list_is_walked_to_its_end(server: Scripted, tmp_path: Path) -> None:
    """By page, by cursor, by script; from the server's side: what was asked, how, and in which order."""
    for name in ("p1", "p2", "c1", "c2", "c3", "h1", "h2"):
        server.article(f"/a/{name}")
    server.pages["/rows.json?page=1"] = data({"data": {"rows": [{"no": "p1"}, {"no": "p2"}, {"no": None}]}})
    server.pages["/rows.json?page=2"] = data({"data": {"rows": []}})
    server.pages["/next.do cursor="] = data({"list": [{"href": "/a/c1"}, {"href": "/a/c2"}], "next": "q&2"})
    server.pages["/next.do cursor=q%262"] = data({"list": [{"href": "/a/c3"}], "next": ""})
    server.pages["/more?p=0"] = Answer(b"<div><a href='/a/h1'>one</a><a href='/a/h2'>two</a></div>")
    server.pages["/more?p=1"] = Answer(b"")
    definition = server.definition(tmp_path, discover=f"""
[[discover.api]]
url = "{server.base}/rows.json?page={{page}}"
items = "data.rows"
link = "/a/{{no}}"
[[discover.api]]
url = "{server.base}/next.do"
method = "POST"
headers = {{ Content-Type = "application/x-www-form-urlencoded" }}
body = "cursor={{cursor}}"
items = "list"
link = "{{href}}"
cursor = "next"
[[discover.api]]
url = "{server.base}/more?p={{page}}"
headers = {{ X-Requested-With = "XMLHttpRequest" }}
first_page = 0
""")  # fmt: skip
    output = tmp_path / "archive"
    command = ["crawl", "scripted", "--portals", definition, "--output", output, "--allow-host", server.host]
    done = citynews(*command, "--json")
    found = {record["url"].removeprefix(server.base) for record in disk.records(output, "articles")}
    assert found == {"/a/p1", "/a/p2", "/a/c1", "/a/c2", "/a/c3", "/a/h1", "/a/h2"}
    asked = {request.path: request.headers for request in server.asked}
    assert asked["/more?p=0"]["X-Requested-With"] == "XMLHttpRequest"
    posted = [request.body for request in server.asked if request.path == "/next.do"]
    assert posted == [b"cursor=", b"cursor=q%262"]
    assert server.paths().count("/rows.json?page=2") == 1
    assert done.summary["exit_code"] == 0
    citynews("verify", "--output", output)


def test_a_server_that_ignores_the_number_ends_the_list(server: Scripted, tmp_path: Path) -> None:
    for name in ("p1", "p2"):
        server.article(f"/a/{name}")
    rows = data({"data": {"rows": [{"no": "p1"}, {"no": "p2"}]}})
    before = server.answer
    server.answer = lambda path, headers: rows if "nr=" in path else before(path, headers)  # type: ignore[method-assign]
    definition = server.definition(
        tmp_path,
        discover=f'[[discover.api]]\nurl = "{server.base}/rows.json?nr={{page}}"\n'
        'items = "data.rows"\nlink = "/a/{no}"\n',
    )
    command = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive"]
    for whole in (False, True):
        begun = len(server.asked)
        done = citynews(*command, "--allow-host", server.host)
        assert [path for path in server.paths()[begun:] if "nr=" in path] == ["/rows.json?nr=1", "/rows.json?nr=2"]
        assert "paging ends there" in done.err
        assert disk.runs(tmp_path / "archive")[-1]["portals"]["scripted"]["whole"] is whole


def test_an_answer_that_is_no_list_is_said_and_ends_the_list(server: Scripted, tmp_path: Path) -> None:
    server.article("/a/good")
    server.listing("/a/good")
    server.pages["/rows.json?page=1"] = Answer(b"<html>maintenance</html>")
    definition = server.definition(tmp_path, discover=f"""pages = ["{server.base}/"]
[[discover.api]]
url = "{server.base}/rows.json?page={{page}}"
items = "rows"
link = "{{url}}"
""")  # fmt: skip
    output = tmp_path / "archive"
    command = ["crawl", "scripted", "--portals", definition, "--output", output, "--allow-host", server.host]
    done = citynews(*command)
    assert "rows.json?page=1: not JSON" in done.err
    assert len(disk.records(output, "articles")) == 1


def step(**keys: Any) -> api.ApiStep:
    given = {"url": "https://x.example/list?p={page}", "items": "rows", "link": "/a/{id}"} | keys
    return api.ApiStep(Api.model_validate(given), 1)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"t": "2026-03-04 10:00:00"}, "2026-03-04T10:00:00+00:00"),
        ({"t": 1772618400}, "2026-03-04T10:00:00+00:00"),
        ({"t": 1772618400000}, "2026-03-04T10:00:00+00:00"),
        ({"t": "1772618400"}, "2026-03-04T10:00:00+00:00"),
        ({"t": "soon"}, None),
        ({"t": True}, None),
        ({"t": 1e300}, None),
        ({}, None),
    ],
)
def test_times_of_rows(row: dict[str, Any], expected: str | None) -> None:
    (found,), _ = api.read(json.dumps({"rows": [{"id": 1} | row]}), "https://x.example/", step(dated="t"), UTC, NOW)
    assert (found.dated.isoformat() if found.dated else None) == expected


def test_jsonp_and_html_inside_json() -> None:
    found, following = api.read('cb({"rows": [{"id": "7"}]});', "https://x.example/", step(), UTC, NOW)
    assert [link.url for link in found] == ["https://x.example/a/7"]
    assert following is not None
    assert following.page == 2
    inside = json.dumps({"d": {"html": "<li><a href='/a/8'>x</a></li>"}})
    found, _ = api.read(inside, "https://x.example/", step(items=None, link="", html="d.html"), UTC, NOW)
    assert [link.url for link in found] == ["https://x.example/a/8"]


def test_a_cursor_that_stands_still_ends_the_list() -> None:
    still = api.ApiStep(step(url="https://x.example/?c={cursor}", cursor="c").api, 3, "same")
    _, following = api.read('{"rows": [{"id": 1}], "c": "same"}', "https://x.example/", still, UTC, NOW)
    assert following is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.sampled_from(["rows", "id", "t", "c"]), x),
    )
)
def test_any_json_is_addresses_or_named_an_error(value: Any) -> None:
    one = step(url="https://x.example/?c={cursor}", cursor="c", dated="t")
    try:
        found, _ = api.read(json.dumps(value), "https://x.example/", one, UTC, NOW)
    except api.AnswerError:
        return
    assert all(link.url.startswith("https://x.example/a/") for link in found)


@pytest.mark.parametrize("text", ["", "[", "[" * 100_000, "cb(", "\x00", '"\ud800"'])
def test_broken_answers_are_named(text: str) -> None:
    with pytest.raises(api.AnswerError):
        api.read(text, "https://x.example/", step(), UTC, NOW)


def jpage(server: Scripted, folder: Path) -> Path:
    """A list of Hanweb's jpage: records in CDATA, asked for by their numbers; the definition of its portal."""
    for group in (1, 2, 3):
        names = [f"/a/{number}" for number in range(3 * group - 2, 3 * group + 1) if number <= 8]
        records = "".join(f"<record><![CDATA[<li><a href='{name}'>A headline</a></li>]]></record>" for name in names)
        answer = (
            f"<datastore><nextgroup><![CDATA[<a href='/x'>]]></nextgroup><recordset>{records}</recordset></datastore>"
        )
        server.pages[f"/proxy.jsp?startrecord={3 * group - 2}&endrecord={3 * group}&perpage=3 columnid=12"] = Answer(
            answer.encode(), headers={"Content-Type": "text/xml;charset=utf-8"}
        )
        for name in names:
            server.article(name)
    server.pages["/proxy.jsp?startrecord=10&endrecord=12&perpage=3 columnid=12"] = Answer(b"<datastore></datastore>")
    return server.definition(folder, discover=f"""
[[discover.api]]
url = "{server.base}/proxy.jsp?startrecord={{first}}&endrecord={{last}}&perpage=3"
method = "POST"
headers = {{ Content-Type = "application/x-www-form-urlencoded" }}
body = "columnid=12"
per_page = 3
""")  # fmt: skip


def test_a_list_that_is_asked_for_by_numbers_of_records(server: Scripted, tmp_path: Path) -> None:
    definition, output = jpage(server, tmp_path), tmp_path / "archive"
    citynews("crawl", "scripted", "--portals", definition, "--output", output, "--allow-host", server.host)
    assert len(disk.records(output, "articles")) == 8
    assert len([path for path in server.paths() if path.startswith("/proxy")]) == 4


def test_check_asks_the_data_too(server: Scripted, tmp_path: Path) -> None:
    definition = jpage(server, tmp_path)
    check = ["portals", "check", "scripted", "--portals", definition, "--output", tmp_path / "archive"]
    seen = citynews(*check, "--allow-host", server.host, "--json").summary
    assert list(seen["discovery"].values()) == [3]
    assert seen["problems"] == []
    server.pages = {path: page for path, page in server.pages.items() if not path.startswith("/proxy")}
    done = citynews(*check, "--allow-host", server.host, code=3)
    assert "answers 404" in done.out


def test_numbers_of_records_and_how_many_belong_together() -> None:
    with pytest.raises(ValueError, match="per_page"):
        Api(url="http://x.y/?from={first}")
    with pytest.raises(ValueError, match="per_page"):
        Api(url="http://x.y/?p={page}", per_page=3)
