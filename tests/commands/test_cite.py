"""`citynews cite`: references that the tools of those who write papers can read."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any

import bibtexparser
import pytest

from crawler.analysis.cite import cite
from harness import disk
from harness.command import citynews
from harness.sample_sites import METRO, ZHIHUI

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # citeproc's own, on import
    from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
    from citeproc.source.json import CiteProcJSON


@pytest.fixture(scope="session", params=[ZHIHUI, METRO])
def record(archive_with_history: Path, request: pytest.FixtureRequest) -> Any:
    return next(
        r for r in disk.records(archive_with_history, "articles") if r["portal"] == request.param and r["published_at"]
    )


def parsed(text: str) -> dict[str, str]:
    (entry,) = bibtexparser.loads(text).entries
    return dict(entry)


def test_text_names_all_that_a_reader_needs(archive_with_history: Path, record: Any) -> None:
    said = citynews("cite", record["url"], "--output", archive_with_history).out
    life = json.loads(citynews("show", record["id"], "--output", archive_with_history).out)
    for value in (life["title"], life["url"], life["portal"], life["published_at"], life["fetched_at"],
                  life["warc"]["record_id"], life["warc"]["payload_digest"], life["content_hash"]):  # fmt: skip
        assert value in said


def test_bibtex_is_read_by_a_parser(archive_with_history: Path, record: Any) -> None:
    entry = parsed(citynews("cite", record["id"], "--format", "bibtex", "--output", archive_with_history).out)
    latest = json.loads(citynews("show", record["id"], "--output", archive_with_history).out)
    assert entry["title"] == "{" + latest["title"] + "}"
    assert entry["url"] == latest["url"]
    assert entry["year"] == latest["published_date"][:4]
    assert entry["urldate"] == latest["fetched_at"][:10]
    assert latest["warc"]["record_id"] in entry["note"]


def test_bibtex_survives_what_a_title_may_hold(record: Any) -> None:
    odd = record | {"title": r"100% {A} & B_c #1 $5 ~ ^ \ } 智慧城市", "author": "Ann and Bob, {Jr", "source": None,
                    "url": "https://x.example/a{b}?q=1&c_d#%20"}  # fmt: skip
    entry = parsed(cite(odd, "bibtex"))
    assert unlatex(entry["title"][1:-1]) == odd["title"]
    assert unlatex(entry["author"][1:-1]) == odd["author"]
    assert entry["url"] == "https://x.example/a%7Bb%7D?q=1&c_d#%20"
    bare = parsed(
        cite(record | {"author": None, "source": None, "published_at": None, "published_date": None}, "bibtex")
    )
    assert not bare.keys() & {"author", "publisher", "year", "month", "day"}


def unlatex(text: str) -> str:
    """What LaTeX would print."""
    words = {"backslash": "\\", "asciicircum": "^", "asciitilde": "~", "braceleft": "{", "braceright": "}"}
    return re.sub(r"\\(?:text(\w+)\{\}|(.))", lambda m: words[m[1]] if m[1] else m[2], text)


STYLE = """<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0"><info><title>t</title><id>t</id>
<updated>2026-01-01T00:00:00+00:00</updated></info><citation><layout><text variable="title"/></layout></citation>
<bibliography><layout delimiter="|"><group delimiter="|"><names variable="author"/><text variable="title"/>
<date variable="issued" form="numeric" date-parts="year-month-day"/><text variable="URL"/>
<text variable="archive_location"/></group></layout></bibliography></style>"""


def test_csl_json_is_formatted_by_citeproc(archive_with_history: Path, record: Any, tmp_path: Path) -> None:
    items = json.loads(citynews("cite", record["id"], "--format", "csl-json", "--output", archive_with_history).out)
    latest = json.loads(citynews("show", record["id"], "--output", archive_with_history).out)
    style = tmp_path / "style.csl"
    style.write_text(STYLE, "utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # citeproc's own, on keys of CSL 1.0.2
        bibliography = CitationStylesBibliography(
            CitationStylesStyle(str(style), validate=False), CiteProcJSON(items), formatter.plain
        )
        bibliography.register(Citation([CitationItem(items[0]["id"])]))
        printed = str(bibliography.bibliography()[0])
    assert latest["title"] in printed
    assert latest["url"] in printed
    assert latest["warc"]["record_id"] in printed
    assert items[0]["issued"]["date-parts"] == [[int(part) for part in latest["published_date"].split("-")]]


def test_what_cannot_be_cited_is_said(archive_with_history: Path) -> None:
    assert "no such id" in citynews("cite", "0" * 32, "--output", archive_with_history, code=2).err
    assert "csl-json" in citynews("cite", "0" * 32, "--format", "apa", "--output", archive_with_history, code=2).err
