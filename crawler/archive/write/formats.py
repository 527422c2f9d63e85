"""Refuses to write to an archive with data of a newer version: checked before a writer changes anything.

Looked at are the run files, the last line of the newest month of each stream and portal, and the last decisions. What
lies before them was written by the same program or an older one; where it was not, readers and verify say so.
"""

from __future__ import annotations

import re
from pathlib import Path

import orjson

from crawler.archive.records import decisions
from crawler.archive.records.versions import refuse_newer
from crawler.archive.runs import run_file
from crawler.archive.storage import month_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Paths
from crawler.archive.warc.record import records

_TAIL = 1 << 20  #: bytes of a month file in which its last line begins, as a rule
_SCHEMA = re.compile(rb'\{\s*"schema"\s*:\s*"(citynews/[a-z]+/\d+)"')


def check(paths: Paths) -> None:
    """Raises NewerFormatError where the archive holds what a newer version of citynews wrote."""
    for path in [*paths.run_files(), *paths.run_markers()]:
        _check_run(path)
    for path in _newest_months(paths):
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL))
            line = file.read().rstrip(b"\n").rpartition(b"\n")[2]
        if found := _SCHEMA.match(line):
            refuse_newer(found[1].decode(), str(path))
    _check_decisions(paths)


def check_proved(paths: Paths) -> None:
    """For verify: raises NewerFormatError for a run file that is newer, and is not so by damage."""
    for path in paths.run_files():
        if run_file.is_signed(path.read_bytes()):
            _check_run(path)


def _check_run(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(100)
    if found := _SCHEMA.match(head):
        refuse_newer(found[1].decode(), str(path))


def _newest_months(paths: Paths) -> list[Path]:
    newest = {path.parent: path for path in sorted(paths.stream_files()) if not month_file.is_sealed(path)}
    return list(newest.values())


def _check_decisions(paths: Paths) -> None:
    """Reads the decisions behind the last answer of the newest WARC file; all of it where its CDXJ does not say so."""
    named = sorted(paths.warc_files().items())
    if not named:
        return
    name, path = named[-1]
    for place in (_last_answer, lambda _: 0):
        try:
            for record in records(path, place(paths.cdxj_of(name))):
                decisions.parse(record)
            return
        except (OSError, DamagedError, ValueError, KeyError):
            continue  # a run that died, or damage: said by who reads it


def _last_answer(cdxj: Path) -> int:
    lines = cdxj.read_bytes().splitlines()
    return max((int(orjson.loads(line[line.index(b"{") :])["offset"]) for line in lines), default=0)
