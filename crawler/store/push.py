"""From a folder into a store: the data first, under new names; then the run file, which is the commit."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import orjson

from crawler.archive.read.stored import (
    AT_ONCE,
    StoredFile,
    StoredPiece,
    StoredRun,
    check_mark,
    claims_of,
    files_of,
    follows,
    named,
    run_at,
)
from crawler.archive.records.jsonl import Json
from crawler.archive.runs.ranges import FileRanges
from crawler.archive.storage import home, month_file
from crawler.archive.storage.errors import DamagedError, StorageError
from crawler.archive.storage.files import range_sha256
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.objects import Objects, sha256_of
from crawler.archive.storage.stored_layout import (
    MARK,
    REMOVED,
    STORE_SCHEMA,
    number_of,
    range_key,
    removed_key,
    run_key,
)
from crawler.archive.write import recovery
from crawler.exit_codes import UsageError
from crawler.store.chains import ChainComparison, compare, refuse_strangers
from crawler.store.outcome import OvertakenError, Transfer
from crawler.store.pull import pull

Chain = list[tuple[Json, str]]


def begin(objects: Objects) -> None:
    """Begins the store where there is none, and proves that its server refuses what is there already.

    Raises UsageError where it does not: two writers would take each other's place.
    """
    mark = orjson.dumps({"schema": STORE_SCHEMA}) + b"\n"
    if objects.put_new(MARK, mark) and objects.put_new(MARK, mark):
        raise UsageError(
            f"{objects.url}: the server ignores If-None-Match: two writers would overwrite each other; use another one"
        )
    check_mark(objects)


def push(paths: Paths, objects: Objects, name: str) -> Transfer:
    """Brings the runs of the archive *paths*, whose lock is held, that *objects* does not have.

    Raises OvertakenError where another machine's run has the number of one of them: they lie in diverged/ now, and
    the store's runs are here. UsageError for another archive, DamagedError, StorageError.
    """
    recovery.recover(paths).close()
    standing = compare(paths, objects)
    refuse_strangers(paths, objects, standing)
    if standing.here and standing.there:
        raise _got_in_first(paths, objects, name)
    done = Transfer()
    earlier = [run for run, _ in standing.both]
    claims = claims_of(earlier)
    for runs in _together(paths, standing):
        _upload(paths, objects, claims, runs, done, earlier)
        earlier += [run for run, _ in runs]
        for run, _ in reversed(runs):  # readers see none of them before the first one is there, which comes last
            if not _commit(paths, objects, run):
                raise _got_in_first(paths, objects, name)
        done.runs += [run["run"] for run, _ in runs]
    _finish_removals(objects)
    return done


# -- inside ----------------------------------------------------------------------------------------------------------


def _got_in_first(paths: Paths, objects: Objects, name: str) -> OvertakenError:
    known = home.read(paths)
    moved = pull(paths, objects, name, light=known.light if known else False)
    return OvertakenError(
        f"{objects.url}: another machine's run got in first; {len(moved.diverged)} of this one lie in "
        f"{paths.root / 'diverged'} now, and the store's runs are here",
        moved.diverged,
    )


def _together(paths: Paths, standing: ChainComparison) -> Iterator[Chain]:
    """The runs to push, in pieces after each of which a reader finds all bytes that runs say.

    A run whose bytes a later one has put others in the place of (a repair, a removal) cannot stand alone any more.
    """
    claims = claims_of(run for run, _ in standing.both)
    begin = standing.last[0] + 1
    broken: set[int] = set()  # numbers of runs behind which a reader would miss bytes
    for run, _ in standing.here:
        for entry in run["files"]:
            if entry.get("whole") or entry.get("gone"):
                lost = [old["number"] for old in _lost(paths, claims, entry["path"]) if old["number"] >= begin]
                broken |= set(range(min(lost, default=run["number"]), run["number"]))
        claims.take(named(run))
    piece: Chain = []
    for link in standing.here:
        piece.append(link)
        if link[0]["number"] not in broken:
            yield piece
            piece = []


def _lost(paths: Paths, claims: FileRanges, path: str) -> list[Json]:
    """The ranges of *path* that do not lie here any more."""
    file, packed = paths.actual(path), claims.packed.get(path)
    try:
        if packed is not None and (not file.is_file() or month_file.file_sha256(file) != packed["sha256"]):
            return claims.ranges[path]
        return [
            span for span in claims.ranges.get(path, [])
            if not file.is_file() or month_file.range_sha256(file, span["start"], span["end"]) != span["sha256"]
        ]  # fmt: skip
    except DamagedError:
        return claims.ranges[path]


def _upload(
    paths: Paths, objects: Objects, claims: FileRanges, runs: Chain, done: Transfer, earlier: list[Json]
) -> None:
    """Sends the bytes of *runs*, which follow *claims*, that hold once the last of them is there."""
    touched = {entry["path"] for run, _ in runs for entry in [*run["files"], *run.get("aside", [])]}
    before = _pieces(files_of(claims, touched))
    for run, _ in runs:
        claims.take(named(run))
    after = _pieces(files_of(claims, touched))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        done.size += sum(pool.map(lambda key: _send(paths, objects, *after[key]), after.keys() - before.keys()))
    done.objects += len(after.keys() - before.keys())
    for run, _ in runs:
        if run["kind"] == "remove":  # before the commit: who dies behind it has said what is left to do
            gone = sorted(_ever(earlier, touched) - after.keys())
            objects.put(removed_key(run["number"]), orjson.dumps({"run": run["run"], "keys": gone}))


def _ever(runs: list[Json], touched: set[str]) -> set[str]:
    """The keys of all that *runs* ever said of the files *touched*, whatever took its place since."""
    said = ((run["run"], entry) for run in runs for entry in [*run["files"], *run.get("aside", [])])
    return {
        range_key(run, entry["sealed"]["path"] if entry.get("sealed") else entry["path"])
        for run, entry in said if entry["path"] in touched and not entry.get("gone")
    }  # fmt: skip


def _pieces(files: dict[str, StoredFile]) -> dict[str, tuple[StoredFile, StoredPiece]]:
    return {piece.key: (file, piece) for file in files.values() for piece in file.pieces}


def _send(paths: Paths, objects: Objects, file: StoredFile, piece: StoredPiece) -> int:
    """Sends *piece* of *file*, proved. Raises DamagedError where it is not what its run says."""
    path = paths.root / file.path
    size = piece.end - piece.start
    if not path.is_file() and (sealed := paths.actual(file.path)).is_file():  # open then, and sealed since
        data = month_file.read(sealed, piece.start, size)
        right, body = sha256_of(data), data
    else:
        right, body = range_sha256(path, piece.start, piece.end), None
    if right != piece.sha256:
        raise DamagedError(f"{path}: bytes {piece.start} to {piece.end} are not what was written; `citynews verify`")
    if body is None:
        objects.put(piece.key, path, piece.start, piece.end)
    else:
        objects.put(piece.key, body)
    return size


def _commit(paths: Paths, objects: Objects, run: Json) -> bool:
    """Whether *run* has its number in the store now."""
    key, data = run_key(run["number"]), paths.run_file(run["run"]).read_bytes()
    if objects.create(key, data):
        return True
    other = StoredRun.of(objects.get(key), objects.url + key)
    before = run_at(objects, run["number"] - 1)
    if follows(other.run, run["number"] - 1, sha256_of(before) if before else None):
        return False
    objects.delete([key])  # of a push of several runs that lost the first: it can never be part of the chain
    return objects.create(key, data)


def _finish_removals(objects: Objects) -> None:
    """Deletes what committed removals took away. Raises StorageError where the bucket keeps it all the same."""
    for stored in objects.listing(REMOVED):
        said = orjson.loads(objects.get(stored.key))
        number = number_of(stored.key)
        committed = run_at(objects, number) if number is not None else None
        if committed is not None and StoredRun.of(committed, stored.key).run["run"] == said["run"]:
            objects.delete(key for key in said["keys"] if key.startswith(("parts/", "warc/")))
            if objects.versioned and said["keys"]:
                raise StorageError(
                    f"{objects.url}: the bucket keeps versions, so {len(said['keys'])} objects with what was removed "
                    f"are still in it; delete their versions, then {stored.key}, which names them"
                )
        objects.delete([stored.key])
