"""Saved queries over crawls: what is sent when, each match once, whatever fails or dies in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from crawler.analysis.browse import search_page
from crawler.analysis.browse.state import SearchState, StateError
from crawler.analysis.browse.view import IndexView
from crawler.analysis.search_index import SearchIndex
from crawler.archive.storage.layout import Paths
from crawler.config import QueryChoice, resolve
from crawler.queries import choices, deliver, saved
from harness.command import Done, citynews
from harness.scripted import Answer, Scripted, page, story
from tests.docs.pages import ROOT, blocks_of

ATOM = "{http://www.w3.org/2005/Atom}"
WORDS = 'words = "智慧交通"'


class Place:
    """A portal, an archive, a citynews.toml."""

    def __init__(self, server: Scripted, folder: Path) -> None:
        self.server, self.folder, self.archive = server, folder, folder / "archive"
        self.definition = server.definition(folder, more='[revisit]\nafter = ["1d", "2d", "3d"]\n')

    def says(self, text: str) -> None:
        (self.folder / "citynews.toml").write_text(text, "utf-8")

    def article(self, number: int, title: str = "", text: str = "") -> None:
        path = f"/a/{number}"
        self.server.pages[path] = Answer(page(title or f"Nothing of that kind, {number}", story(path) + "\n\n" + text))
        paths = sorted(name for name in self.server.pages if name.startswith("/a/"))
        self.server.listing(*paths)

    def crawl(self, days: float = 0, code: int | None = 0, *more: str) -> Done:
        return citynews(
            "crawl", "scripted", "--portals", self.definition, "--output", self.archive, "--allow-host",
            self.server.host, "--json", *more, code=code, cwd=self.folder, later=timedelta(days=days),
        )  # fmt: skip

    def posted(self) -> list[Any]:
        return [json.loads(asked.body) for asked in self.server.asked if asked.path == "/hook"]

    def hooked(self, answer: Answer | None = None) -> None:
        """The webhook answers so, whatever it gets."""
        before = self.server.answer
        given = answer or Answer(b"ok")
        self.server.answer = lambda path, headers: (  # type: ignore[method-assign] # what a test may do
            given if path.startswith("/hook ") else before(path, headers)
        )

    def feed(self, name: str = "traffic") -> list[str | None]:
        root = ElementTree.parse(self.archive / "queries" / f"{name}.atom").getroot()
        return [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]


@pytest.fixture
def place(server: Scripted, tmp_path: Path) -> Place:
    return Place(server, tmp_path)


def titles(posted: list[Any]) -> list[str]:
    return [match["title"] for body in posted for match in body["matches"]]


def test_each_match_is_sent_once_by_every_way(place: Place) -> None:
    got = place.folder / "got"
    place.says(
        f'[queries.traffic]\n{WORDS}\ntitle = "交通"\nwebhook = "{place.server.base}/hook"\n'
        f'command = ["sh", "-c", "cat >> {got}; echo >> {got}"]\n'
    )
    place.hooked()
    place.article(1)
    place.article(2, "智慧交通一期")
    place.article(3, text="全市的智慧交通系统已经上线。")
    done = place.crawl()
    assert done.summary["queries"]["traffic"]["sent"] == {"atom": 2, "webhook": 2, "command": 2}
    (body,) = place.posted()
    assert (body["schema"], body["query"], body["title"]) == ("citynews/matches/1", "traffic", "交通")
    assert sorted(titles([body])) == ["Nothing of that kind, 3", "智慧交通一期"]
    assert "全市的智慧交通系统已经上线" in str([match["passage"] for match in body["matches"]])
    assert json.loads(got.read_text()) == body
    place.article(4, "智慧交通二期")
    place.crawl(1.1)
    place.crawl(1.2)
    assert titles(place.posted()[1:]) == ["智慧交通二期"]
    assert place.feed() == ["智慧交通二期", *place.feed()[1:]]
    assert len(place.feed()) == 3
    assert len(got.read_text().splitlines()) == 2
    shown = citynews("queries", "--output", place.archive, "--json", cwd=place.folder).summary["queries"][0]
    assert shown["understood"] == "智慧交通"
    assert {state["run"] for state in shown["ways"].values()} == {place_last(place)}
    citynews("verify", "--output", place.archive)


def place_last(place: Place) -> str:
    return max(path.stem for path in (place.archive / "runs").glob("*.json"))


def test_a_webhook_that_fails_loses_nothing_and_holds_up_nothing_else(place: Place) -> None:
    place.says(f'[queries.traffic]\n{WORDS}\nwebhook = "{place.server.base}/hook?key=secret"\n')
    place.server.pages["/hook?key=secret "] = Answer(b"")
    for answer in (Answer(b"", 503), Answer(b'{"errcode":45009,"errmsg":"api freq out of limit"}'),
                   Answer(b"", 302, {"Location": "/login"})):  # fmt: skip
        before = place.server.answer
        place.server.answer = lambda path, headers, a=answer, b=before: (  # type: ignore[method-assign,misc] # a test may
            a if path.startswith("/hook") else b(path, headers)
        )
        number = len(place.server.pages)
        place.article(number, f"智慧交通{number}")
        done = place.crawl(number / 100)
        assert "wait for the next run" in done.err
        assert "secret" not in done.err
    assert len(place.feed()) == 3
    asked = len(place.server.asked)
    place.server.answer = lambda path, headers: (  # type: ignore[method-assign] # as above
        Answer(b'{"errcode":0,"errmsg":"ok"}')
        if path.startswith("/hook")
        else Scripted.answer(place.server, path, headers)
    )
    place.crawl(0.5)
    posted = [json.loads(request.body) for request in place.server.asked[asked:] if request.path.startswith("/hook")]
    assert len(titles(posted)) == len(set(titles(posted))) == 3
    assert place.crawl(0.6).summary["queries"]["traffic"]["sent"] == {"atom": 0, "webhook": 0}


def test_a_crawl_that_is_killed_before_it_could_send(place: Place) -> None:
    place.says(f'[queries.traffic]\n{WORDS}\nwebhook = "{place.server.base}/hook"\n')
    place.hooked()
    place.article(1, "智慧交通1")
    program = (
        "import os, signal\nfrom crawler.cli import crawl, main\nfrom crawler.cli import queries\n"
        "queries.send_matches = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\nmain()"
    )
    arguments = ["crawl", "scripted", "--portals", place.definition, "--output", place.archive, "--allow-host",
                 place.server.host]  # fmt: skip
    killed = subprocess.run([sys.executable, "-c", program, *map(str, arguments)], cwd=place.folder,
                            env=os.environ, check=False, capture_output=True)  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert place.posted() == []
    place.crawl(0.1)
    assert titles(place.posted()) == ["智慧交通1"] == place.feed()


def test_what_is_there_when_a_query_is_made_is_no_news(place: Place) -> None:
    place.article(1, "智慧交通1")
    place.crawl()
    place.says(f"[queries.traffic]\n{WORDS}\n")
    assert place.crawl(0.1).summary["queries"]["traffic"]["sent"] == {"atom": 0}
    assert place.feed() == []
    place.article(2, "智慧交通2")
    place.crawl(0.2)
    assert place.feed() == ["智慧交通2"]


@pytest.mark.parametrize("every", [False, True])
def test_later_versions(place: Place, every: bool) -> None:
    place.says(f"[queries.traffic]\n{WORDS}\nrevisions = {str(every).lower()}\nwebhook = '{place.server.base}/hook'\n")
    place.hooked()
    place.article(1, "A story that will be corrected")
    place.article(2, "智慧交通 story that will be corrected")
    place.crawl()
    assert len(titles(place.posted())) == 1
    for number, days in ((1, 1.5), (2, 3.6)):
        place.article(1, f"智慧交通 story that was corrected {number}")
        place.article(2, f"智慧交通 story that was corrected {number}")
        place.crawl(days)
    revisions = [(match["url"][-1], match["revision"]) for body in place.posted() for match in body["matches"]]
    assert sorted(revisions) == ([("1", 2), ("1", 3), ("2", 1), ("2", 2), ("2", 3)] if every else [("1", 2), ("2", 1)])
    assert len(place.feed()) == 2, "one entry a page"


def test_removal_repair_and_adoption_send_nothing_again(place: Place) -> None:
    place.says(f'[queries.traffic]\n{WORDS}\nwebhook = "{place.server.base}/hook"\n')
    place.hooked()
    for number in range(3):
        place.article(number, f"智慧交通{number}")
    place.crawl()
    assert len(place.posted()[0]["matches"]) == 3
    gone = place.posted()[0]["matches"][0]
    done = citynews("remove", gone["id"], "--reason", "asked", "--output", place.archive, cwd=place.folder)
    assert "its entry was removed from this feed" in done.out
    assert gone["title"] not in place.feed()
    assert gone["title"] not in (place.archive / "queries" / "traffic.json").read_text()
    citynews("replay", place.archive / "warc", "--output", place.folder / "again", cwd=place.folder)
    assert not (place.folder / "again" / "queries").exists(), "a replay notifies nobody"
    citynews("adopt", place.folder / "again", "--output", place.archive, cwd=place.folder)
    place.article(7, "智慧交通7")
    place.crawl(0.1)
    assert titles(place.posted()[1:]) == ["智慧交通7"]


def test_fields_portals_and_kind_are_those_of_search(place: Place) -> None:
    text = '[groups]\ng = ["scripted"]\n'
    wanted = {"words": ["--", "交通"], "title": ["title:交通"], "none": ["--portal", "other", "交通"]}
    text += '[queries.words]\nwords = "交通"\nportals = ["g"]\n[queries.title]\nwords = "交通"\nfields = ["title"]\n'
    text += '[queries.none]\nwords = "交通"\nportals = ["afzhan"]\n[queries.copies]\nwords = "交通"\nkind = "copy"\n'
    place.says(text)
    place.article(1, "交通1")
    place.article(2, text="今天的交通很好,市民出行方便。")
    done = place.crawl()
    sent = {name: said["sent"]["atom"] for name, said in done.summary["queries"].items()}
    assert sent == {"words": 2, "title": 1, "none": 0, "copies": 0}
    for name in ("words", "title"):
        count = citynews("search", *wanted[name][-1:], "--count", "--output", place.archive, "--index",
                         place.folder / "index.sqlite3").out  # fmt: skip
        assert int(count) == sent[name]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[queries.a]\nwords = "(x"', "queries.a.words: an opening bracket"),
        ("[queries.a]\n", "queries.a.words: "),
        ('[queries."A b"]\nwords = "x"', "queries: 'A b' is not the name of a query"),
        ('[queries.a]\nwords = "x"\nportals = ["nobody"]', "queries.a.portals: no portal is called 'nobody'"),
        ('[queries.a]\nwords = "x"\nfields = ["text"]', "queries.a.fields.0: "),
        ('[queries.a]\nwords = "x"\nportal_kinds = ["shop"]', "queries.a.portal_kinds: 'shop': one of "),
        ('[queries.a]\nwords = "x"\nwebhook = "ftp://x/"', "queries.a.webhook: "),
        ("[queries.a]\nwords = 'x'\ntemplate = '{\"a\": \"{text}\"}'", "queries.a.template: says what a webhook gets"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_asked(place: Place, text: str, said: str) -> None:
    place.says(text)
    assert f"citynews.toml: {said}" in place.crawl(code=2).err
    assert f"citynews.toml: {said}" in citynews("queries", "--portals", place.definition, cwd=place.folder, code=2).err
    assert place.server.asked == []


def test_a_message_can_be_tried(place: Place) -> None:
    place.says(f"[queries.a]\n{WORDS}\nwebhook = '{place.server.base}/hook'\ntemplate = '{{\"text\": \"{{text}}\"}}'\n")
    options = ["queries", "--test", "a", "--output", place.archive]
    place.hooked()
    assert citynews(*options, cwd=place.folder).out == "a: sent\n"
    assert place.posted() == [{"text": "citynews: a: a test, no match"}]
    place.hooked(Answer(b"", 404))
    assert "HTTP 404" in citynews(*options, cwd=place.folder, code=2).err
    assert not place.archive.exists()


def test_templates_keep_within_what_robots_take_and_ping_nobody(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.hooked()
    for number in range(40):
        place.article(number, f"智慧交通&lt;!channel&gt;{number}" + "很长的标题" * 12)
    place.crawl()
    template = '{"msgtype": "text", "text": {"content": "{text}"}}'
    place.says(f"[queries.a]\n{WORDS}\nwebhook = '{place.server.base}/hook'\ntemplate = '{template}'\n")
    config = resolve(place.folder / "citynews.toml", place.archive, [])
    assert config.queries["a"] == QueryChoice("智慧交通", "a", webhook=f"{place.server.base}/hook", template=template)
    ledger = {"schema": "citynews/query/1", "name": "a", "title": "a", "archive": None,
              "cursors": {"webhook": {"run": "start", "sent": []}}}  # fmt: skip
    (place.archive / "queries").mkdir(exist_ok=True)
    (place.archive / "queries" / "a.json").write_text(json.dumps(ledger))
    monkeypatch.setattr("crawler.queries.delivery.MESSAGES", 3)
    waiting = 40
    while waiting:
        said = deliver(saved(config), Paths(place.archive))["a"]
        waiting -= said["sent"]["webhook"]
        assert said["waiting"]["webhook"] == waiting
        assert bool(said["errors"]) == bool(waiting)
    texts = [body["text"]["content"] for body in place.posted()]
    assert all(len(text.encode()) <= 2000 for text in texts)
    assert sum(text.count("/a/") for text in texts) == 40
    assert all("<" not in text for text in texts)
    assert "＜!channel＞" in texts[0]


def test_the_recipe_for_mail(place: Place) -> None:
    (recipe,) = (block.text for block in blocks_of(ROOT / "docs" / "queries.md") if "sendmail" in block.text)
    (place.folder / "mail-matches").write_text(recipe, "utf-8")
    fake = place.folder / "sendmail"
    fake.write_text(f"#!/bin/sh\ncat > {place.folder}/mail.txt\n")
    fake.chmod(0o755)
    place.says(f'[queries.a]\n{WORDS}\ntitle = "交通"\ncommand = ["{sys.executable}", "{place.folder}/mail-matches"]\n')
    place.article(1, "智慧交通1")
    citynews(
        "crawl", "scripted", "--portals", place.definition, "--output", place.archive, "--allow-host",
        place.server.host, cwd=place.folder, env={"PATH": f"{place.folder}:{os.environ['PATH']}"},
    )  # fmt: skip
    mail = message_from_bytes((place.folder / "mail.txt").read_bytes(), policy=default)
    assert mail["Subject"] == "交通: 1"
    assert "智慧交通1 (The Lamp, 2026-03-04)" in mail.get_content()


def test_it_is_a_facet_of_browse(place: Place, tmp_path: Path) -> None:
    for number in range(3):
        place.article(number, "智慧交通" * (number % 2) + f"no {number}")
    place.crawl()
    place.says(f'[queries.traffic]\n{WORDS}\ntitle = "交通"\n')
    index = SearchIndex(place.archive, tmp_path / "index.sqlite3")
    index.bring_up()
    named = choices(saved(resolve(place.folder / "citynews.toml", place.archive, [])))
    asked = SearchState.of([("saved", "交通")])
    with closing(IndexView(index, named)) as view:
        (facet,) = (shown for shown in search_page.data(view, asked)["facets"] if shown["name"] == "saved")
        assert facet["values"] == [{"value": "交通", "hits": 1, "chosen": True}]
        assert search_page.data(view, asked)["total"] == 1
    with closing(IndexView(index)) as view, pytest.raises(StateError, match="no such saved query"):
        search_page.data(view, asked)
