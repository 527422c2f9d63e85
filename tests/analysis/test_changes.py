"""`citynews changes`: who applies every line from the first run on holds what the archive holds."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler import archive
from crawler.archive import Paths
from crawler.archive.storage.layout import STREAMS
from crawler.maintenance.remove import remove
from crawler.maintenance.seal import seal
from harness.command import citynews
from harness.socketless_sites import SocketlessCrawl, sites_of_day

Lines = dict[tuple[str, str, str], Any]


class Consumer:
    """A database that knows nothing but the lines: as docs/changes.md says what to do for each."""

    def __init__(self) -> None:
        self.lines: Lines = {}
        self.cursor = "start"

    def take(self, root: Path) -> list[Any]:
        out = citynews("changes", "--output", root, "--since", self.cursor, "--visits").out
        found = [json.loads(line) for line in out.splitlines()]
        for line in found[:-1]:
            self._apply(line)
        assert found[-1]["change"] == "cursor"
        self.cursor = found[-1]["run"]
        return found

    def _apply(self, change: Any) -> None:
        file = (change["stream"], change["portal"], change["month"])
        if change["change"] == "reset":
            self._drop(key for key, held in self.lines.items() if (key[0], held["portal"], held["at"][:7]) == file)
        elif change["change"] == "removed":
            self._drop(key for key in self.lines if key[1] == change["id"] and key[0] != "observations")
        else:
            key = (change["stream"], change["id"], change["at"])
            self.lines[key] = {"portal": change["portal"], "at": change["at"], "record": change["record"]}

    def _drop(self, keys: Iterable[tuple[str, str, str]]) -> None:
        for key in list(keys):
            del self.lines[key]


def held(root: Path) -> Lines:
    """What the archive holds, as the consumer should."""
    reader = archive.open(root)
    found: Lines = {}
    for stream in STREAMS:
        for record in reader.records(stream):
            at = record["observed_at" if stream == "observations" else "fetched_at"]
            found[stream, record["id"], at] = {"portal": record["portal"], "at": at, "record": record}
    return found


def live(root: Path, day: int) -> None:
    sites, moment = sites_of_day(day)
    SocketlessCrawl(sites, root, moment).run()


@pytest.mark.ci
def test_who_applies_every_change_holds_the_archive(tmp_path: Path) -> None:
    root, consumer = tmp_path / "output", Consumer()
    kinds: list[str] = []
    for day in range(3):
        live(root, day)
        kinds += [line["change"] for line in consumer.take(root)]
        assert consumer.lines == held(root)
    assert {"added", "revised", "gone", "back", "visited", "cursor"} == set(kinds)
    assert [line["change"] for line in consumer.take(root)] == ["cursor"], "nothing has happened since"
    seal(Paths(root), datetime(2027, 1, 1, tzinfo=UTC))
    assert [line["change"] for line in consumer.take(root)] == ["cursor"], "sealing changes no line"

    taken_down = next(key[1] for key in consumer.lines if key[0] == "revisions")
    remove(Paths(root), taken_down, "asked to")
    said = consumer.take(root)
    assert {"reset", "removed"} <= {line["change"] for line in said}
    assert next(line for line in said if line["change"] == "removed")["record"]["reason"] == "asked to"
    assert consumer.lines == held(root)
    assert not [key for key in consumer.lines if key[1] == taken_down and key[0] != "observations"]


def test_what_a_repair_lost_is_lost_for_the_consumer_too(tmp_path: Path) -> None:
    root, consumer = tmp_path / "output", Consumer()
    live(root, 0)
    consumer.take(root)
    month = min(root.glob("articles/*/*.jsonl"))
    lines = month.read_bytes().splitlines(keepends=True)
    month.write_bytes(b"".join(lines[1:]))
    shutil.rmtree(root / "warc")  # so that the line cannot be rebuilt
    citynews("repair", "--output", root)
    assert len(held(root)) < len(consumer.lines)
    consumer.take(root)
    assert consumer.lines == held(root)


def test_a_run_that_goes_on_is_not_seen(tmp_path: Path) -> None:
    root = tmp_path / "output"
    live(root, 0)
    before = citynews("changes", "--output", root).out
    run = json.loads(before.splitlines()[-1])["run"]
    (root / "runs" / "20270101T000000Z-0123456789abcdef.json.open").write_text("{}", "utf-8")
    with next(root.glob("articles/*/*.jsonl")).open("ab") as month:
        month.write(b'{"schema":"citynews/article/2","id":"12"}\n{"torn')
    assert citynews("changes", "--output", root).out == before
    for bad, why in (("20270101T000000Z-0123456789abcdef", "has not finished"), ("tuesday", "is none of this archive")):
        done = citynews("changes", "--output", root, "--since", bad, code=2)
        assert why in done.err
        assert done.out == ""
    assert len(citynews("changes", "--output", root, "--since", run).out.splitlines()) == 1


def test_an_archive_without_a_run(tmp_path: Path) -> None:
    assert json.loads(citynews("changes", "--output", tmp_path).out) == {
        "change": "cursor", "run": "start", "number": 0, "sha256": None, "archive": None
    }  # fmt: skip
    assert "no archive here" in citynews("changes", "--output", tmp_path / "none", code=2).err
