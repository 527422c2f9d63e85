"""show, history, diff and --explain: what the commands say of an archive and of a page."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from crawler.analysis.text_diff import paragraphs
from crawler.archive.read.reader import Reader
from crawler.samples import Samples
from harness.command import citynews
from harness.sample_sites import ZHIHUI


@pytest.fixture(scope="session")
def revised(archive_with_history: Path) -> Any:
    """A record of which there is a second version."""
    return next(iter(Reader(archive_with_history).revisions()))


def test_show_prints_the_latest_version_by_id_and_by_address(archive_with_history: Path, revised: Any) -> None:
    by_id = json.loads(citynews("show", revised["id"], "--output", archive_with_history).out)
    by_url = json.loads(citynews("show", revised["url"], "--output", archive_with_history).out)
    assert by_id == by_url
    counted = {"view_count", "view_count_raw"}  # of the last visit, not of the revision
    assert {key: by_id[key] for key in revised if key not in counted} == {
        key: value for key, value in revised.items() if key not in counted
    }
    assert by_id["revision"] == 2


def test_show_history_latest_agree(archive_with_history: Path) -> None:
    reader = Reader(archive_with_history)
    pages = {page["id"]: page for page in reader.pages(latest=True)}
    assert len({tuple(page) for page in pages.values()}) == 1, "records of more than one shape"
    assert {page["id"]: page for page in reader.articles(latest=True)} == {
        ident: page for ident, page in pages.items() if page["kind"] == "article"
    }
    grown = [page for page in pages.values() if page["view_count_at"] not in {None, page["fetched_at"]}]
    copied = [page for page in pages.values() if page["kind"] == "copy"]
    for page in (grown[0], copied[0], next(page for page in pages.values() if page["revision"] > 1)):
        life = json.loads(citynews("history", page["id"], "--output", archive_with_history, "--json").out)
        shown = json.loads(citynews("show", page["id"], "--output", archive_with_history).out)
        assert shown == life["latest"] == page
        seen = [row for row in life["observations"] if row["view_count"] is not None]
        assert (page["view_count"], page["view_count_at"]) == (seen[-1]["view_count"], seen[-1]["observed_at"])


def test_show_of_something_unknown_says_so(archive_with_history: Path) -> None:
    done = citynews("show", "0" * 32, "--output", archive_with_history, code=2)
    assert "no such id or address" in done.err
    assert citynews("show", "http://x/", "--output", archive_with_history / "nowhere", code=2).err


def test_history_tells_versions_visits_and_copies(archive_with_history: Path, revised: Any) -> None:
    said = citynews("history", revised["id"], "--output", archive_with_history).out
    assert revised["title"] in said
    assert "version 1" in said
    assert "version 2" in said
    assert "changed: title, body" in said
    life = json.loads(citynews("history", revised["id"], "--output", archive_with_history, "--json").out)
    assert [row["outcome"] for row in life["observations"]][:2] == ["new", "changed"]
    first, (change,) = life["article"], life["changes"]
    assert first["id"] == revised["id"]
    place = len(first["body"].split("\n\n")) + 1  # the correction is one paragraph more: tests/conftest.py, live
    assert change["revision"] == 2
    assert change["fields"]["title"] == [first["title"], first["title"] + ", corrected"]
    assert change["fields"]["body"] == [first["body"], revised["body"]]
    assert change["body"] == [{"at": place, "old": [], "new": ["A correction."]}]
    assert f"{first['title'][-20:]}, corrected\n    body\n      paragraph {place}:\n      + A correction.\n" in said
    assert first["body"].split("\n\n")[0] not in said, "what is the same is not shown"


def test_history_of_a_copy_and_of_its_original_name_each_other(archive_with_history: Path) -> None:
    duplicate = next(iter(Reader(archive_with_history).duplicates()))
    said = citynews("history", duplicate["id"], "--output", archive_with_history).out
    assert duplicate["duplicate_of"]["url"] in said
    said = citynews("history", duplicate["duplicate_of"]["id"], "--output", archive_with_history).out
    assert f"{duplicate['url']} ({duplicate['portal']}), {duplicate['match']}" in said


def test_an_archive_does_not_differ_from_its_replay(archive_with_history: Path, tmp_path: Path) -> None:
    citynews("replay", archive_with_history / "warc", "--output", tmp_path / "again", "--jobs", 1)
    assert citynews("diff", archive_with_history, tmp_path / "again").out == "no difference\n"


def test_diff_tells_what_changed_field_by_field(archive_with_history: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(archive_with_history, tmp_path / "other"))
    file = min((other / "articles" / ZHIHUI).glob("*.jsonl"))
    first, second, *rest = file.read_text("utf-8").split("\n")
    record = json.loads(first)
    record["title"] += " (neu)"
    file.write_text("\n".join([json.dumps(record, ensure_ascii=False), *rest]), "utf-8")
    done = json.loads(citynews("diff", archive_with_history, other, "--json").out)
    assert done["summary"] == [
        {"stream": "articles", "kind": "changed", "count": 1},
        {"stream": "articles", "kind": "gone", "count": 1},
    ]
    assert done["fields"] == {"title": 1}
    assert {difference["key"] for difference in done["differences"]} == {record["id"], json.loads(second)["id"]}
    said = citynews("diff", archive_with_history, other).out
    assert "(neu)" in said
    assert said.startswith("articles: 1 changed\n")


def test_diff_of_bodies_shows_the_paragraphs_that_differ(archive_with_history: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(archive_with_history, tmp_path / "other"))
    file = min((other / "articles" / ZHIHUI).glob("*.jsonl"))
    first, *rest = file.read_text("utf-8").split("\n")
    record = json.loads(first)
    old = record["body"].split("\n\n")
    assert len(old) > 2
    new = [old[0], "Altered: " + old[1], *old[2:], "One more paragraph."]
    record["body"] = "\n\n".join(new)
    file.write_text("\n".join([json.dumps(record, ensure_ascii=False), *rest]), "utf-8")
    (difference,) = json.loads(citynews("diff", archive_with_history, other, "--json").out)["differences"]
    assert difference["body"] == [
        {"at": 2, "old": [old[1]], "new": [new[1]]},
        {"at": len(old) + 1, "old": [], "new": ["One more paragraph."]},
    ]
    said = citynews("diff", archive_with_history, other).out
    assert f"    paragraph 2:\n    - {old[1][:20]}" in said
    assert f"    + Altered: {old[1][:20]}" in said
    assert f"    paragraph {len(old) + 1}:\n    + One more paragraph.\n" in said
    assert old[0] not in said, "what is the same is not shown"


def test_a_body_made_to_be_slow_to_compare_is_one_place() -> None:
    old = [f"{number % 7}" for number in range(4000)]
    new = [old[0], *(f"{number % 5}" for number in range(4000)), old[-1]]
    assert paragraphs(["\n\n".join(old), "\n\n".join(new)]) == [{"at": 2, "old": old[1:-1], "new": new[1:-1]}]


def test_explain_names_the_rule_the_place_and_the_runners_up(tmp_path: Path) -> None:
    with Samples({ZHIHUI: 0}) as samples:
        url = samples.base[ZHIHUI] + "/Tech_news/detail/462318.html"
        host = url.split("/")[2]
        page = tmp_path / "seed.html"
        record = json.loads(citynews("extract", url, "--allow-host", host).out)
        page.write_bytes(_fetch(url))
    said = citynews("extract", page, "--url", url, "--explain").out
    assert "view_count: 40172\n    rule: " in said
    assert "2024/5/11 8:42:3240172" in said
    assert "also: <title>: " in said
    assert record["view_count"] == 40172
    assert record["warc"] is None
    assert citynews("extract", url, "--explain", code=2).err


def test_explain_of_what_is_no_article_says_why(tmp_path: Path) -> None:
    page = tmp_path / "empty.html"
    page.write_text("<html><body></body></html>")
    assert "no article: empty" in citynews("extract", page, "--explain", code=3).err


def _fetch(url: str) -> bytes:
    from urllib.request import urlopen  # noqa: PLC0415 - only here

    with urlopen(url) as response:
        body: bytes = response.read()
    return body
