"""docs/formats.md, configure.md and watch.md say what the code writes: every key, and nothing else."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import orjson
import pytest
from pydantic import BaseModel

from crawler import config
from crawler.archive.records import decisions, jsonl, schema
from crawler.archive.runs.stats import PortalStats
from crawler.archive.storage.layout import STREAMS, Paths, Stream
from crawler.archive.warc import record as warcfile
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import Outcome
from crawler.config.tables import File
from crawler.crawl import failures
from crawler.exit_codes import Exit
from crawler.portals import load
from crawler.portals.choice import PortalChoice
from crawler.values.urls import TRACKING
from harness import disk
from harness.socketless_sites import past_archive
from tests.docs.conftest import Demo, run
from tests.docs.pages import ROOT, blocks_of, code, keys, rows, section

FORMATS = ROOT / "docs" / "formats.md"
CONFIGURE, WATCH = ROOT / "docs" / "configure.md", ROOT / "docs" / "watch.md"


def fields(stream: Stream) -> list[list[str]]:
    """The rows of the table of *stream*; revisions and duplicates are articles with further keys."""
    own = rows(section(FORMATS, stream.title()))
    return own if stream in {"articles", "observations"} else fields("articles") + own


@pytest.mark.parametrize("stream", STREAMS)
def test_every_key_of_a_line_in_its_order(stream: Stream) -> None:
    assert tuple(code(row[0])[0] for row in fields(stream)) == jsonl.KEYS[stream]


@pytest.mark.parametrize("stream", STREAMS)
def test_examples_are_of_their_type(stream: Stream) -> None:
    for row in fields(stream):
        name, example = code(row[0])[0], json.loads(code(row[-1])[0])
        assert not schema.wrong_values({name: example}), f"{stream}: {name}: {example}"


def test_outcomes() -> None:
    assert set(keys(section(FORMATS, "Outcomes"))) == set(get_args(Outcome))


def test_reasons_that_the_code_gives() -> None:
    source = "\n".join(path.read_text("utf-8") for path in ROOT.glob("crawler/**/*.py"))
    given = set(re.findall(r"""Refusal\("([a-z-]+)["\s]""", source))
    given |= set(re.findall(r"""skip\(self\.(?:_run\.)?_?stats, "([\w-]+)"(?:, request)?\)""", source))
    given |= set(re.findall(r"""\.(?:drops|failures)\["([\w-]+)"\]""", source)) | set(failures.NAMES.values()) | {"tls"}
    text = section(FORMATS, "Reasons")
    assert given <= {*keys(text), *keys(text, 1), *keys(text, 2)}
    limits = set(re.findall(r"""limits\["(\w+)"\]""", source)) | {"max_list_pages", "max_sitemaps"}
    assert limits <= set(
        code(next(row[1] for row in rows(section(FORMATS, "Run files"), 1) if code(row[0]) == ["limits"]))
    )


def test_tracking_parameters() -> None:
    text = " ".join(section(FORMATS, "Ids and hashes").split())
    named = set(code(text.partition("every `utm_…`")[2].partition("in upper")[0]))
    assert set(TRACKING.pattern.strip("(?:)").split("|")) - {"utm_[a-z_]+"} == named


def test_warc_records(demo: Demo) -> None:
    (file,) = Paths(demo.archive).warc_files().values()
    assert {record.kind for record in warcfile.records(file)} == set(keys(section(FORMATS, "WARC files")))


def test_decisions_and_voids(demo: Demo) -> None:
    written = list(decisions.of_files(Paths(demo.archive).warc_files().values()))
    assert {tuple(sorted(record)) for record in written} == {tuple(sorted(keys(section(FORMATS, "Decisions"))))}
    capture = {
        tuple(place) for record in written if record["schema"] == decisions.DECISION for place in record["captures"]
    }
    assert capture == {("role", "asked", "url", "record_id", "file", "offset", "length", "payload_digest")}
    void = decisions.parse(
        _record(decisions.pack_void(next(record for record in written if record["schema"] == decisions.DECISION)))
    )
    assert void is not None
    assert list(void) == keys(section(FORMATS, "Voids"))


def _record(member: bytes) -> warcfile.Record:
    return warcfile.unpack(gzip.decompress(member), 0, len(member))


def test_run_files(demo: Demo, tmp_path: Path) -> None:
    done = run(["citynews", "replay", str(demo.archive / "warc"), "--output", "again", "--quiet"], tmp_path, {})
    assert done.returncode == 0, done.stderr
    ArchiveWriter(tmp_path / "dead").abandon()
    ArchiveWriter(tmp_path / "dead").close({"exit_code": 0, "signal": None, "problems": {}})
    written = {"round", "attempt"}  # of a crawl into a store: tests/store
    for root in (demo.archive, tmp_path / "again", tmp_path / "dead"):
        for file in (root / "runs").glob("*.json"):
            values = orjson.loads(file.read_bytes())
            written |= values.keys()
            signature = values.pop("sha256")
            assert signature == hashlib.sha256(orjson.dumps(values, option=orjson.OPT_INDENT_2)).hexdigest()
    assert written == set(keys(section(FORMATS, "Run files")))
    assert keys(section(FORMATS, "Run files"), 1) == list(PortalStats().summary())


@pytest.mark.ci
def test_runs_that_change_files(tmp_path: Path) -> None:
    root = past_archive(tmp_path / "archive")
    usual = {"schema", "run", "number", "archive", "kind", "started_at", "finished_at", "files", "previous", "sha256"}
    next(root.glob("articles/*/*.jsonl")).unlink()
    ident = disk.records(root, "revisions")[0]["id"]
    for command in (["repair"], ["remove", ident, "--reason", "a court"], ["adopt", "again"], ["seal"]):
        if command[0] == "adopt":
            assert run(["citynews", "replay", str(root / "warc"), "--output", "again"], tmp_path, {}).returncode == 0
        done = run(["citynews", *command, "--output", str(root), "--quiet"], tmp_path, {})
        assert done.returncode == 0, done.stderr
    found = [orjson.loads(file.read_bytes()) for file in (root / "runs").glob("*.json")]
    written = {key for run in found if run["kind"] not in {"crawl", "replay"} for key in run}
    assert written - usual == set(keys(section(FORMATS, "Runs that change files")))


@pytest.mark.parametrize("page", [FORMATS, WATCH], ids=lambda page: page.name)
def test_exit_codes(page: Path) -> None:
    documented = {int(number) for row in rows(section(page, "Exit codes")) for number in row[0].split(", ")}
    assert documented == set(map(int, Exit))


def test_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    table = rows(section(CONFIGURE, "Configuration"))
    assert [code(row[0])[0] for row in table] == list(_keys_of(File))
    values = {
        "max_minutes": "7", "quiet_hours": "01:00-02:00", "min_free": "1K", "max_archive": "2K",
        "proxy": "http://proxy.example:3128", "alarm_template": '["{text}"]',
        "alarm_webhook": "http://value.example/", "alarm_command": "value 'of two'", "alarm_after_hours": "9",
        "store.allow_http": "true", "store.path_style": "false", "store.ttl": "8",
    }  # fmt: skip
    for row in table:
        for variable in code(row[1]):
            if variable.startswith("CITYNEWS_"):
                monkeypatch.setenv(variable, values.get(code(row[0])[0], "value"))
    chosen: Any = config.resolve(None, None, [])
    assert chosen == config.Config(
        "value", Path("value"), (Path("value"),), ("value",), 7.0, "01:00-02:00", 1024, 2048,
        "http://value.example/", ("value", "of two"), 9.0, PortalChoice(choose=("value",), exclude=("value",)),
        ("value",),
        config.StoreChoice("value", "value", "value", allow_http=True, path_style=False, ttl=8.0),
        proxy="http://proxy.example:3128", alarm_template='["{text}"]',
    )  # fmt: skip


def _keys_of(model: type[BaseModel], table: str = "") -> Iterator[str]:
    """The keys of a configuration file; those of a table are "table.key"."""
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _keys_of(info.annotation, f"{table}{name}.")
        else:
            yield table + name


def test_the_configuration_file_that_is_shown(tmp_path: Path) -> None:
    (block,) = [block for block in blocks_of(CONFIGURE) if block.language == "toml"]
    file = tmp_path / "citynews.toml"
    file.write_text(block.text, "utf-8")
    chosen = config.resolve(file, None, [])
    assert chosen == config.Config(
        "https://example.org/crawler", Path("output"), (Path("portals"),), (), 55.0, "02:00-05:00",
        200 << 20, 500 << 30, "https://hooks.example.org/citynews", ("/usr/local/bin/tell", "--urgent"), 26.0,
        PortalChoice(
            str(file), ("daily", "c114"), ("qianjia",), {"daily": ["afzhan", "qianjia"]}, ("gkzhan",), ("gkzhan",)
        ),
        ("/usr/local/bin/stamp",), stored_hook="myhooks.Stored", folder=tmp_path,
    )  # fmt: skip
    assert chosen.chosen.portals(load()) == ["afzhan", "c114"]


def test_times_have_the_form_that_is_promised(demo: Demo) -> None:
    assert datetime.fromisoformat(demo.record["fetched_at"]).tzinfo == UTC
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{16}", demo.record["run"])
