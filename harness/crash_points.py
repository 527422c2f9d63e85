"""A process that ends at a chosen step by which bytes or names reach the disk, and what lost power takes with it.

A step is a write, fsync, truncate, rename or unlink under the archive's folder, or a commit of its index.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crawler.archive.index.index import Index

DIED = 9  #: exit code of a process that a crash point has ended


class CrashPoint:
    """Counts the steps by which something reaches the disk under *root*, and ends the process at one of them."""

    def __init__(self, root: Path, step: int, mode: str) -> None:
        self.root, self.step, self.mode = str(root), step, mode
        self.taken: list[str] = []
        self.synced: dict[str, int] = {}
        self.durable: dict[str, int] = {}  #: sizes at the last commit: what has been promised
        self._os = {name: getattr(os, name) for name in ("write", "fsync", "ftruncate")}

    def arm(self) -> None:
        """From now on every step is counted; what lies on the disk already is durable."""
        root = Path(self.root)
        self.synced = {str(p.relative_to(root)): p.stat().st_size for p in root.rglob("*") if p.is_file()}
        self.durable = dict(self.synced)
        os.write = self._write
        os.fsync = self._fsync  # type: ignore[assignment]
        for name in ("rename", "unlink"):
            setattr(Path, name, self._wrapped(f"{name} ", getattr(Path, name)))
        setattr(Index, "commit", self._wrapped("commit", Index.commit))  # noqa: B010 - mypy forbids the assignment

    def _here(self, fd: int) -> str | None:
        path = str(Path(f"/proc/self/fd/{fd}").readlink())
        inside = path.startswith(self.root) and "/state" not in path and not path.endswith(".lock")
        return path.removeprefix(self.root + "/") if inside else None

    def _due(self, what: str) -> bool:
        self.taken.append(what)
        return len(self.taken) == self.step

    def _die(self) -> None:
        if self.mode.startswith("power"):
            Path(self.root + ".synced").write_text(json.dumps([self.synced, self.durable]))
        os._exit(DIED)

    def _write(self, fd: int, data: Any) -> int:
        path = self._here(fd)
        if path is None:
            return int(self._os["write"](fd, data))
        dies = self._due(f"write {path}")
        if dies and self.mode == "before":
            self._die()
        if dies and self.mode == "half":
            self._os["write"](fd, bytes(data)[: len(data) // 2])
            self._die()
        written = int(self._os["write"](fd, data))
        if dies:
            self._die()
        return written

    def _fsync(self, fd: int) -> None:
        path = self._here(fd)
        dies = path is not None and self._due(f"fsync {path}")
        if dies and self.mode != "after":
            self._die()
        self._os["fsync"](fd)
        if path is not None:
            self.synced[path] = os.fstat(fd).st_size
        if dies:
            self._die()

    def _wrapped(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(this: Any, *values: Any, **named: Any) -> Any:
            shown = str(this) if isinstance(this, Path) else ""
            if shown and not shown.startswith(self.root):
                return original(this, *values, **named)
            dies = self._due(name + shown.removeprefix(self.root + "/"))
            if dies and self.mode != "after":
                self._die()
            result = original(this, *values, **named)
            if name == "commit":
                self.durable = dict(self.synced)
            if name == "rename " and shown.removeprefix(self.root + "/") in self.synced:
                self.synced[str(values[0]).removeprefix(self.root + "/")] = self.synced.pop(
                    shown.removeprefix(self.root + "/")
                )
            if dies:
                self._die()
            return result

        return call


def child(work: Callable[[], None]) -> int:
    """Does *work* in a process of its own and returns its exit code."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - the parent sees the code, the reader the traceback
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def lose_power(root: Path, chance: random.Random, only: str) -> dict[str, int]:
    """Takes back a random part of what was never fsynced, and of the index, which promises nothing.

    Returns how much of each file was promised.
    """
    sidecar = Path(f"{root}.synced")
    synced: dict[str, int]
    durable: dict[str, int]
    synced, durable = json.loads(sidecar.read_text())
    sidecar.unlink()
    for file in sorted(root.rglob("*")):
        name = str(file.relative_to(root))
        if not file.is_file() or name.startswith("state") or name == ".lock" or name.endswith(".partial"):
            continue
        sure = synced.get(name, 0)
        if name.startswith(only) and (size := file.stat().st_size) > sure:
            os.truncate(file, sure if only else chance.choice((sure, size, chance.randint(sure, size))))
    lost = chance.choice(("nothing", "wal", "state"))
    if lost == "wal":
        for suffix in ("-wal", "-shm"):
            Path(f"{root}/state/index.sqlite3{suffix}").unlink(missing_ok=True)
    elif lost == "state":
        shutil.rmtree(root / "state", ignore_errors=True)
    return durable


def flip(root: Path, chance: random.Random) -> dict[str, int]:
    """Turns one bit of a line or a WARC record of the only run there is; nothing is promised after that."""
    written = [*root.glob("*/*/*.jsonl"), *root.glob("warc/*/*.warc.gz*")]
    files = [file for file in sorted(written) if file.stat().st_size]
    if not files:
        return {}
    file = chance.choice(files)
    data = bytearray(file.read_bytes())
    bit = chance.randrange(len(data) * 8)
    data[bit // 8] ^= 1 << bit % 8
    file.write_bytes(data)
    return {}
