"""Run files: what each run did and which bytes it wrote; each is chained to the previous one by its sha256."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import orjson

from crawler.archive.records.jsonl import Json
from crawler.archive.records.versions import refuse_newer
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.files import remove, write_whole
from crawler.archive.storage.layout import Paths
from crawler.article import isoformat
from crawler.values import clock

RUN_SCHEMA = "citynews/run/1"
Kind = Literal["crawl", "replay", "merge", "repair", "seal", "adopt", "remove"]
#: Kinds of runs that write no decisions: their lines are made of WARC files, or of other archives.
DERIVED: frozenset[str] = frozenset({"replay", "merge"})
#: Kinds of runs that tell nothing of what an archive was made by.
_OF_ANY: frozenset[str] = frozenset({"repair", "seal", "remove"})


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The end of the chain: the last finished run."""

    number: int
    run: str | None
    sha256: str | None
    archive: str | None = None  #: the id of the archive; None where there is no run yet


NO_RUN = ChainHead(0, None, None)


@dataclass(frozen=True, slots=True)
class RunStart:
    """The start of a run; its marker file has the same data."""

    run: str
    number: int
    kind: Kind
    started_at: str
    previous: Json | None
    sources: tuple[str, ...] = ()  #: of a replay: where its WARC files lie
    archive: str | None = None  #: the id of the archive; None in a marker of version 0.1.0

    @classmethod
    def after(cls, head: ChainHead, kind: Kind, sources: tuple[str, ...] = ()) -> RunStart:
        now = clock.now()
        previous = {"run": head.run, "sha256": head.sha256} if head.run else None
        run = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(8)}"  # names of all archives of the world may meet in a merge
        archive = head.archive or secrets.token_hex(16)
        return cls(run, head.number + 1, kind, isoformat(now), previous, sources, archive)

    def info(self) -> dict[str, str]:
        """What the warcinfo records of this run say of it."""
        return {"isPartOf": self.run} | ({"archive": self.archive} if self.archive else {})

    def mark(self, paths: Paths) -> None:
        """Writes the marker: from now on this run is unfinished."""
        write_whole(paths.run_marker(self.run), orjson.dumps({name: getattr(self, name) for name in self.__slots__}))


#: Keys of every marker; those of version 0.1.0 have no others.
MARKER_KEYS = frozenset(RunStart.__slots__) - {"sources", "archive"}


def unfinished(paths: Paths) -> list[RunStart]:
    """The runs whose marker still exists. Raises DamagedError."""
    found = []
    for marker in paths.run_markers():
        try:
            values = _load(marker, marker.read_bytes())
        except FileNotFoundError:
            continue  # it ended while we looked
        if not values.keys() >= MARKER_KEYS:
            raise DamagedError(f"{marker}: not the marker of a run")
        named = {name: values[name] for name in MARKER_KEYS}
        found.append(RunStart(**named, sources=tuple(values.get("sources", ())), archive=values.get("archive")))
    return sorted(found, key=lambda start: start.number)


def finish(paths: Paths, start: RunStart, files: list[Json], summary: Json) -> ChainHead:
    """Writes the run file atomically, removes the marker, returns the new end of the chain."""
    values = {
        "schema": RUN_SCHEMA,
        "run": start.run,
        "number": start.number,
        **({"archive": start.archive} if start.archive else {}),
        "kind": start.kind,
        "started_at": start.started_at,
        "finished_at": isoformat(clock.now()),
        **summary,
        "files": sorted(files, key=lambda entry: str(entry["path"])),
        "previous": start.previous,
    }
    data = _signed(values)
    write_whole(paths.run_file(start.run), data)
    unmark(paths, start)
    return head_after(
        NO_RUN if start.archive is None else ChainHead(0, None, None, start.archive), values, _sha256(data)
    )


def unmark(paths: Paths, start: RunStart) -> None:
    """Removes the marker of *start*."""
    remove(paths.run_marker(start.run))


def finished(paths: Paths) -> Iterator[tuple[Json, str]]:
    """(run file, its sha256) of every finished run, in the order of their numbers. Raises DamagedError."""
    found = []
    for path in paths.run_files():
        data = path.read_bytes()
        run = _load(path, data)
        if path.stem != run.get("run") or not _claims(run.get("files")) or "previous" not in run:
            raise DamagedError(f"{path}: not the file of this run")
        found.append((run, _sha256(data)))
    yield from sorted(found, key=lambda run: int(run[0]["number"]))


def head(paths: Paths) -> ChainHead:
    """The end of the chain, read from the run files."""
    last = NO_RUN
    for run, sha256 in finished(paths):
        last = head_after(last, run, sha256)
    return last


def head_after(last: ChainHead, run: Json, sha256: str) -> ChainHead:
    """The end of the chain once *run*, whose file has this *sha256*, follows *last*.

    An archive that was begun by version 0.1.0 has as id the first 32 hex of the sha256 of its first run file.
    """
    archive = run.get("archive") or last.archive or (sha256[:32] if run["number"] == 1 else None)
    return ChainHead(run["number"], run["run"], sha256, archive)


def merged_from(paths: Paths) -> list[str]:
    """The folders of the archives from which the archive was merged; none if it is not a merged archive."""
    for path in paths.run_files():  # by name: of two in one second, or after a clock was set back, not by number
        run = _load(path, path.read_bytes())
        if run["kind"] == "merge":
            return [str(merged["path"]) for merged in run.get("inputs", [])] or ["other archives"]
        if run["kind"] not in _OF_ANY:
            return []
    return []


def genuine(paths: Paths, run: str) -> bool:
    """Whether the file of *run* is exactly what was written; for the last run, no later run file can tell."""
    return is_genuine(paths.run_file(run).read_bytes())


def is_genuine(data: bytes) -> bool:
    """Whether *data* is exactly a run file as written."""
    try:
        values = orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return isinstance(values, dict) and values.get("schema") == RUN_SCHEMA and is_signed(data)


def is_signed(data: bytes) -> bool:
    """Whether *data*, a run file of any version, has the digest that it states, and so is not damaged."""
    try:
        values = orjson.loads(data)
        values.pop("sha256", None)
        return _signed(values) == data
    except (orjson.JSONDecodeError, AttributeError):
        return False


def _signed(values: Json) -> bytes:
    """*values* as a run file, with the sha256 of all before it as its last key."""
    unsigned = orjson.dumps(values, option=orjson.OPT_INDENT_2)
    return orjson.dumps({**values, "sha256": hashlib.sha256(unsigned).hexdigest()}, option=orjson.OPT_INDENT_2) + b"\n"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _load(path: Path, data: bytes) -> Json:
    try:
        values = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise DamagedError(f"{path}: not JSON: {error}") from error
    if not isinstance(values, dict) or not isinstance(values.get("number"), int) or "kind" not in values:
        raise DamagedError(f"{path}: not a run file")
    refuse_newer_run(path, data, values)
    return values


def refuse_newer_run(path: Path, data: bytes, values: Json) -> None:
    """Raises NewerFormatError where the run file *path* is of a newer version, and not only seems so by damage."""
    if values.get("schema", RUN_SCHEMA) != RUN_SCHEMA and is_signed(data):
        refuse_newer(values["schema"], str(path))


def _claims(files: object) -> bool:
    """Whether *files* is a list of byte ranges."""
    return isinstance(files, list) and all(
        isinstance(file, dict)
        and isinstance(file.get("path"), str)
        and isinstance(file.get("start"), int)
        and isinstance(file.get("end"), int)
        and "sha256" in file
        and (file.get("sealed") is None or {"path", "size", "sha256"} <= set(file["sealed"]))
        for file in files
    )
