"""A crawl into a stored archive: the local copy is updated, then the turn, the crawl, the push."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.archive.storage import home
from crawler.archive.storage.errors import NoObjectError, StorageError
from crawler.archive.storage.files import write_whole
from crawler.archive.storage.home import StoreHome
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.archive.storage.objects import Objects
from crawler.archive.storage.stored_layout import NAME, site_key
from crawler.exit_codes import UsageError
from crawler.store.chains import compare, refuse_strangers
from crawler.store.outcome import OvertakenError, Transfer
from crawler.store.pull import pull
from crawler.store.push import begin, push
from crawler.store.turn import Turn

WARC_SIZE = 64 << 20  #: bytes after which a WARC file is closed: one that was not sent whole is sent again
_RECENT = 50  # runs among which a round is looked for


@dataclass(slots=True)
class StoreVisit:
    """A crawl's part in a stored archive."""

    paths: Paths
    objects: Objects
    name: str
    turn: Turn | None  #: None where nothing is left to do in this round
    round: str
    pulled: Transfer = field(default_factory=Transfer)
    pushed: Transfer = field(default_factory=Transfer)

    def said(self) -> Json:
        """What the run file says of it."""
        assert self.turn is not None
        return {"round": self.turn.round, "attempt": self.turn.attempt}

    def push(self) -> None:
        """Sends what was crawled. Raises OvertakenError where another machine has the turn by now, StorageError."""
        assert self.turn is not None
        self.turn.look_again()
        with Lock(self.paths.lock):
            if self.turn.overtaken:
                known = home.read(self.paths)
                light = known is None or known.light
                diverged = pull(self.paths, self.objects, self.name, light=light, yield_all=True).diverged
                raise OvertakenError(
                    f"{self.objects.url}: another machine took over the turn; this run was moved to "
                    f"{self.paths.root / 'diverged'}",
                    diverged,
                )
            self.pushed = push(self.paths, self.objects, self.name)


@contextmanager
def visiting(
    store: Objects, name: str, sites: Iterable[str], folder: Path, *, ttl: float, wait: float, round_name: str
) -> Iterator[StoreVisit]:
    """The archive *name* of *store* in *folder*, brought up to date, while nobody else visits its *sites*.

    Raises BusyError where somebody does for longer than *wait* seconds, UsageError, StorageError, DamagedError.
    """
    objects, paths = store.below(name), Paths(folder)
    with Lock(paths.visit_lock, wait):
        begin(objects)
        _claim(store, name, sites)
        own = _own(paths, objects, name)
        turn = Turn.take(
            objects, ttl=ttl, wait=wait, token=own.token, round_name=round_name,
            done=lambda current: _is_done(paths, objects, current),
        )  # fmt: skip
        if turn is None:
            yield StoreVisit(paths, objects, name, None, round_name)
            return
        try:
            with Lock(paths.lock, wait):
                pulled = pull(paths, objects, name, light=own.light)
                if pulled.ahead:  # what an earlier attempt could not send
                    push(paths, objects, name)
            done = _holds_round((run for run, _ in run_file.finished(paths)), turn.round)
            yield StoreVisit(paths, objects, name, None if done else turn, turn.round, pulled)
        finally:
            with contextlib.suppress(StorageError):  # it ends by itself
                turn.end()


def archive_name(portals: Iterable[str], given: str | None) -> str:
    """How the archive of *portals* is called in a store: as *given*, else by their names. Raises UsageError."""
    name = given or "_".join(sorted(set(portals)))
    if not NAME.fullmatch(name):
        raise UsageError(f"{name[:80]!r}: not a valid archive name for a store; give one with --name ([a-z0-9_-])")
    return name


def cache_folder(store: Objects, name: str) -> Path:
    """Where the local copy of the archive *name* lies, when nobody says."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    shown = re.sub(r"[^A-Za-z0-9.-]+", "_", store.url).strip("_")[:60]
    return base / "citynews" / f"{shown}-{hashlib.sha256(store.url.encode()).hexdigest()[:8]}" / name


def _own(paths: Paths, objects: Objects, name: str) -> StoreHome:
    """What the folder is a copy of, from now on. Raises UsageError where it is one of something else."""
    known = home.read(paths)
    if known is None:
        refuse_strangers(paths, objects, compare(paths, objects))
        known = StoreHome(objects.url, name, light=not paths.run_files(), token=secrets.token_hex(16))
        write_whole(paths.home, known.encoded())
    elif known.store != objects.url:
        raise UsageError(f"{paths.root} is a copy of {known.store}; give another folder (--output)")
    return known


def _claim(store: Objects, name: str, sites: Iterable[str]) -> None:
    """Notes that the archive *name* has *sites*. Raises UsageError where another one has: it would be asked by two."""
    for site in sorted(set(sites)):
        try:
            owner = store.get(site_key(site)).decode("utf-8", "replace")
        except NoObjectError:
            owner = name if store.create(site_key(site), name.encode()) else "of another crawl that begins now"
        if owner != name:
            raise UsageError(
                f"{store.url}: {site} is already crawled into the archive {owner} of this store; "
                f"continue it with --name {owner}"
            )


def _is_done(paths: Paths, objects: Objects, round_name: str) -> bool:
    """Whether a crawl of the round has ended well, in the store."""
    return _holds_round((run for run, _ in compare(paths, objects).stored), round_name)


def _holds_round(runs: Iterable[Json], round_name: str) -> bool:
    """Whether a crawl of the round is among the last of *runs*, and ended well: not cut by a signal or a lost turn."""
    return any(
        run.get("round") == round_name
        and run.get("exit_code") in {0, 3}
        and not any(portal["limits"].get("turn") for portal in run.get("portals", {}).values())
        for run in deque(runs, _RECENT)
    )
