"""An archive in a store: its chain of runs, and the objects that hold their bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from crawler.archive.records.jsonl import Json
from crawler.archive.runs import ranges, run_file
from crawler.archive.storage.errors import DamagedError, NewerFormatError, NoObjectError
from crawler.archive.storage.files import storage
from crawler.archive.storage.objects import Objects, sha256_of
from crawler.archive.storage.stored_layout import MARK, RUNS, STORE_SCHEMA, number_of, range_key, run_key

AT_ONCE = 8  #: requests
_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6,32}")
#: Paths of files that runs write: whoever may write into a store must not write anywhere else by it.
_PATH = re.compile(r"(?:articles|revisions|observations|duplicates|warc|replaced)(?:/(?!\.)[\w.+@:-]+)+", re.ASCII)


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run file, as it lies in the store."""

    run: Json
    data: bytes
    sha256: str

    @classmethod
    def of(cls, data: bytes, key: str) -> StoredRun:
        """The run file *data*, which lies at *key*. Raises DamagedError, NewerFormatError."""
        if not run_file.is_signed(data):
            raise DamagedError(f"{key}: not a run file, or not what was written")
        run = orjson.loads(data)
        if run.get("schema") != run_file.RUN_SCHEMA:
            raise NewerFormatError(f"{key}: {run.get('schema')} is of a newer version of citynews")
        claims = [*run["files"], *run.get("aside", [])]
        claims += [claim["sealed"] for claim in claims if claim.get("sealed")]
        paths = [claim["path"] for claim in claims]
        odd = [path for path in paths if not _PATH.fullmatch(path)]
        if odd or not _RUN.fullmatch(run["run"]):
            raise DamagedError(f"{key}: names a file that no archive has: {[*odd, run['run']][0]!r}")
        return cls(run, data, sha256_of(data))


@dataclass(frozen=True, slots=True)
class StoredPiece:
    """Bytes of a file, as one object."""

    key: str
    start: int
    end: int
    sha256: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of an archive, in the pieces that lie in a store."""

    path: str  #: relative to the archive, as it lies there
    pieces: tuple[StoredPiece, ...]


def check_mark(objects: Objects) -> bool:
    """Whether a store begins here. Raises NewerFormatError, StorageError."""
    try:
        mark = objects.get(MARK)
    except NoObjectError:
        return False
    try:
        schema = orjson.loads(mark).get("schema")
    except (orjson.JSONDecodeError, AttributeError):
        schema = None
    if schema != STORE_SCHEMA:
        raise NewerFormatError(f"{objects.url}{MARK}: {schema} is not a store that this version of citynews knows")
    return True


def runs_after(objects: Objects, number: int, sha256: str | None) -> list[StoredRun]:
    """The runs behind *number*, whose file has *sha256*, in order.

    A run that does not follow the one before it was never committed: it and what lies behind it are seen by nobody.
    Raises DamagedError, StorageError.
    """
    listed = {number_of(run.key) for run in objects.listing(RUNS, after=run_key(number) if number else "")}
    wanted: list[str] = []
    while number + 1 + len(wanted) in listed:
        wanted.append(run_key(number + 1 + len(wanted)))
    found = []
    for key, data in zip(wanted, fetch_all(objects, wanted), strict=True):
        stored = StoredRun.of(data, objects.url + key)
        if not follows(stored.run, number, sha256):
            break
        found.append(stored)
        number, sha256 = number + 1, stored.sha256
    return found


def follows(run: Json, number: int, sha256: str | None) -> bool:
    """Whether *run* is the one after run *number*, whose file has *sha256*."""
    return bool(run["number"] == number + 1 and (run["previous"] or {}).get("sha256") == sha256)


def run_at(objects: Objects, number: int) -> bytes | None:
    """The run file of *number*; None where there is none."""
    try:
        return objects.get(run_key(number))
    except NoObjectError:
        return None


def fetch_all(objects: Objects, keys: Iterable[str]) -> list[bytes]:
    """The objects *keys*, several at a time. Raises NoObjectError, StorageError."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(objects.get, keys))


def named(run: Json) -> Json:
    """*run*, each of whose ranges says that it is of it."""
    own = {"run": run["run"], "number": run["number"]}
    said = {key: [{**claim, **own} for claim in run.get(key, [])] for key in ("files", "aside")}
    return {**run, **said}


def claims_of(chain: Iterable[Json]) -> ranges.FileRanges:
    """What the runs *chain* say; each range names its run."""
    return ranges.of(map(named, chain))


def files_of(claims: ranges.FileRanges, paths: Iterable[str] | None = None) -> dict[str, StoredFile]:
    """Path as runs know it -> where its bytes lie, of *paths* only where given. *claims* are of :func:`claims_of`."""
    found = {}
    for path in {*claims.ranges, *claims.kept} if paths is None else paths:
        if (packed := claims.packed.get(path)) is not None:
            found[path] = StoredFile(packed["path"], (_whole(claims.ranges[path][-1]["run"], packed),))
        elif path in claims.ranges:
            found[path] = StoredFile(
                path,
                tuple(
                    StoredPiece(range_key(piece["run"], path), piece["start"], piece["end"], piece["sha256"])
                    for piece in claims.ranges[path]
                ),
            )
        elif (kept := claims.kept.get(path)) is not None:
            found[path] = StoredFile(path, (_whole(kept["run"], kept),))
    return found


def fetch(objects: Objects, piece: StoredPiece, target: Path) -> int:
    """Adds *piece* to the end of *target*, proved; returns its size. Raises DamagedError, StorageError."""
    digest, size = hashlib.sha256(), 0
    with storage(target), target.open("ab") as file:
        if file.tell() != piece.start:
            raise DamagedError(f"{objects.url}{piece.key}: begins at {piece.start}, not at {file.tell()}")
        for chunk in objects.chunks(piece.key):
            digest.update(chunk)
            size += file.write(chunk)
    if size != piece.end - piece.start or digest.hexdigest() != piece.sha256:
        raise DamagedError(f"{objects.url}{piece.key}: not what its run says: {size} bytes, another sha256")
    return size


def _whole(run: str, said: Any) -> StoredPiece:
    return StoredPiece(range_key(run, said["path"]), 0, said["size"], said["sha256"])
