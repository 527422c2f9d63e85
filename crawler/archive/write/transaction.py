"""Replaces many existing files atomically: repair, seal, adopt, remove.

Crawl and replay only append. These four put new files in the place of old ones, so they prepare them first, in
``.change/<run>/``; the marker of the run, which lists every step, decides: a death before it leaves nothing changed, a
death behind it is finished by the next writer, who does the steps that are left. A step that was done is known by its
new file, which lies in the folder no more.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import BinaryIO

import orjson

from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.files import make_folder, range_sha256, remove, storage, sync_folder, write_whole
from crawler.archive.storage.layout import Paths


class FileTransaction:
    """One run of kind *kind* after *head*, in the archive *paths* whose lock is held.

    A context manager: what was prepared and not decided by ``commit`` is forgotten at its end. What is prepared in a
    *folder* outside of the archive is only to be looked at, and cannot be committed.
    """

    def __init__(
        self, paths: Paths, head: run_file.ChainHead, kind: run_file.Kind, folder: Path | None = None
    ) -> None:  # fmt: skip
        self.paths, self.start = paths, run_file.RunStart.after(head, kind)
        self.folder = (folder or paths.change) / self.start.run
        self._steps: dict[str, Json] = {}

    def __enter__(self) -> FileTransaction:
        return self

    def __exit__(self, *_: object) -> None:
        if not self.paths.run_marker(self.run).exists():  # where it is, the next writer finishes what was decided
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def run(self) -> str:
        return self.start.run

    def new(self, path: str) -> Path:
        """Where to write what shall stand at *path* (relative to the archive)."""
        target = self.folder / path
        with storage(target):
            make_folder(target.parent)
        self._steps.setdefault(path, {"path": path, "aside": None})["new"] = True
        return target

    def write(self, path: str, data: bytes) -> None:
        """*data* shall stand at *path*."""
        target = self.new(path)
        with storage(target):
            target.write_bytes(data)

    def open(self, path: str) -> BinaryIO:
        """A file to be written that shall stand at *path*."""
        target = self.new(path)
        with storage(target):
            return target.open("w+b")

    def drop(self, path: str) -> None:
        """What stands at *path* shall go."""
        self._steps[path] = {"path": path, "new": False, "aside": None}

    def keep_as(self, path: str, place: str) -> None:
        """What stands at *path* shall stand at *place*, before anything new takes its place."""
        self._steps.setdefault(path, {"path": path, "new": False, "aside": None})["aside"] = place

    @property
    def dropped(self) -> set[str]:
        """The paths where nothing will stand."""
        return {path for path, step in self._steps.items() if not step["new"]}

    @property
    def puts_aside(self) -> bool:
        """Whether any file is kept under another name."""
        return any(step["aside"] for step in self._steps.values())

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self._steps

    def claim(self, path: str) -> Json:
        """What the run file says of the new file *path*: from now on it is these bytes."""
        file = self.folder / path
        size = file.stat().st_size
        return {"path": path, "start": 0, "end": size, "sha256": range_sha256(file, 0, size), "whole": True}

    def commit(self, files: list[Json], summary: Json) -> run_file.ChainHead:
        """Does it. *files* and *summary* go into the run file. Raises StorageError."""
        return self._decide({"files": files, "summary": summary})

    def place(self) -> run_file.ChainHead:
        """Does it without a run of its own: what is placed, run files among it, comes from elsewhere."""
        return self._decide({"files": None, "summary": None})

    def _decide(self, what: Json) -> run_file.ChainHead:
        for path in sorted(self.folder.rglob("*")):
            with storage(path):
                sync_folder(path) if path.is_dir() else _sync(path)
        values = {name: getattr(self.start, name) for name in self.start.__slots__}
        plan = {"steps": list(self._steps.values()), **what}
        write_whole(self.paths.run_marker(self.run), orjson.dumps(values | {"change": plan}))
        return _finish(self.paths, self.start, plan)


def resume(paths: Paths) -> bool:
    """Finishes the change that died after it was decided and forgets others; whether there was one.

    Only for who holds the lock.
    """
    found = False
    for start in run_file.unfinished(paths):
        if (plan := planned(paths, start.run)) is not None:
            _finish(paths, start, plan)
            found = True
    if paths.change.exists():
        with storage(paths.change):
            shutil.rmtree(paths.change)
    return found


def planned(paths: Paths, run: str) -> Json | None:
    """The plan in the marker of *run*; None where it is no change. Raises DamagedError."""
    try:
        values = orjson.loads(paths.run_marker(run).read_bytes())
    except FileNotFoundError:
        return None
    except orjson.JSONDecodeError as error:
        raise DamagedError(f"{paths.run_marker(run)}: not JSON: {error}") from error
    plan: Json | None = values.get("change")
    return plan


def _finish(paths: Paths, start: run_file.RunStart, plan: Json) -> run_file.ChainHead:
    folder = paths.change / start.run
    for step in plan["steps"]:
        _step(paths, folder, step)
    # nothing to write: the runs were placed, or it died between writing the run file and taking the marker away
    if plan["files"] is None or paths.run_file(start.run).exists():
        run_file.unmark(paths, start)
        head = run_file.head(paths)
    else:
        head = run_file.finish(paths, start, plan["files"], plan["summary"])
    shutil.rmtree(folder, ignore_errors=True)
    return head


def _step(paths: Paths, folder: Path, step: Json) -> None:
    path, new = paths.root / step["path"], folder / step["path"]
    if step["new"] and not new.exists():
        return  # done before a death
    if step["aside"] and path.exists():
        place = paths.root / step["aside"]
        with storage(place):
            make_folder(place.parent)
            path.rename(place)
            sync_folder(place.parent)
    with storage(path):
        if step["new"]:
            make_folder(path.parent)
            new.rename(path)
            sync_folder(path.parent)
        elif path.exists():
            remove(path)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
