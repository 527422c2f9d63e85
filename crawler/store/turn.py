"""The turn: a lease by which one machine at a time crawls a site, by the clock of the store.

Objects below ``turn/``: ``<k>.begin`` is written once (If-None-Match) by who takes turn k, ``<k>.beat`` again and again
while it lasts, ``<k>.end`` when it is over; ``<k>.stop`` asks its holder to end. A turn without end whose newest object
is older than *ttl* is over too: its holder is dead, frozen or cut off. Such a holder finds out by itself, by a clock
that also counts while the machine sleeps, before each request that it is about to make.
"""

from __future__ import annotations

import os
import platform
import secrets
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import orjson

from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import ArchiveError, BusyError, NoObjectError, StorageError
from crawler.archive.storage.objects import Objects, StoredObject
from crawler.archive.storage.stored_layout import TURN
from crawler.article import isoformat

TTL = 120.0  #: seconds after which a turn without a beat is over
_KEPT = 10  # turns whose objects stay
_JOIN = 10.0  # seconds that the end waits for a beat that is under way
_POLL = 5.0  # seconds at most between two looks at somebody else's turn
_CLOCK = f"{TURN}clock"  # written to learn the time of the store
_BOOTTIME: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass(frozen=True, slots=True)
class HeldTurn:
    """A turn that somebody has."""

    number: int
    since: datetime  #: by the store's clock
    age: float  #: seconds since its last sign of life
    live: bool


def look(objects: Objects, ttl: float) -> tuple[HeldTurn | None, datetime]:
    """The last turn, None where there was none, and the time of the store."""
    held, now, _ = _look(objects, ttl)
    return held, now


def _look(objects: Objects, ttl: float) -> tuple[HeldTurn | None, datetime, list[StoredObject]]:
    """The last turn, the time of the store, and all that lies there."""
    objects.put(_CLOCK, b"")
    found = objects.listing(TURN)
    now = next((stored.modified for stored in found if stored.key == _CLOCK), None)
    if now is None:
        raise StorageError(f"{objects.url}{_CLOCK}: was written and is not listed")
    signs = _signs(found)
    if not signs:
        return None, now, found
    last = max(signs)
    own = signs[last]
    age = (now - max(stored.modified for name, stored in own.items() if name != "stop")).total_seconds()
    since = own["begin"].modified if "begin" in own else now
    return HeldTurn(last, since, age, "end" not in own and age < ttl), now, found


def holder(objects: Objects, number: int) -> Json:
    """Who took turn *number*: host, process, round."""
    try:
        said = orjson.loads(objects.get(f"{TURN}{number:010d}.begin"))
        return dict(said) if isinstance(said, dict) else {}
    except (NoObjectError, orjson.JSONDecodeError):
        return {}


def stop(objects: Objects, ttl: float) -> HeldTurn | None:
    """Asks the holder of the turn to end; returns the turn, None where nobody has it."""
    held, _ = look(objects, ttl)
    if held is None or not held.live:
        return None
    objects.put(f"{TURN}{held.number:010d}.stop", b"")
    return held


class Turn:
    """A turn that this process has, until :meth:`end`; beats in a thread of its own."""

    def __init__(self, objects: Objects, ttl: float, token: str) -> None:
        self._objects, self._ttl = objects, ttl
        self.number = 0
        self.began: datetime | None = None  #: by the store's clock
        self.overtaken = False  #: another one has the turn
        self.asked_to_stop = False
        self.attempt = secrets.token_hex(8)
        self._said = {
            "attempt": self.attempt, "token": token, "boot": _boot(), "host": platform.node(), "pid": os.getpid(),
        }  # fmt: skip
        self.round = ""  #: the name of the round: one visit is made in each
        self._expired = False
        self._alive = _now()  # when the last beat that reached the store was sent
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._lost: Callable[[], None] = lambda: None

    @classmethod
    def take(cls, objects: Objects, *, ttl: float = TTL, wait: float = 0.0, token: str = "", round_name: str = "",
             done: Callable[[str], bool] = lambda name: False) -> Self | None:  # fmt: skip
        """The turn, once nobody has it; None where it is somebody's and *done* says that nothing is left in this round.

        *round_name*: of the round; the hour by the store's clock where it is empty.
        *token*: of the folder whose lock this process holds: a turn that it took before, on this machine, is over.
        Raises BusyError after *wait* seconds, StorageError.
        """
        turn = cls(objects, ttl, token)
        deadline = time.monotonic() + wait
        while True:
            held, now, found = _look(objects, ttl)
            turn.round = round_name or f"{now:%Y-%m-%dT%H}"
            if held is not None and held.live and not turn._was_mine(held):
                if done(turn.round):
                    return None
                if time.monotonic() >= deadline:
                    raise BusyError(_busy(objects, held))
                time.sleep(max(0.1, min(_POLL, ttl / 8, deadline - time.monotonic())))
            elif turn._begin(held.number + 1 if held else 1, now, found):
                return turn

    def _was_mine(self, held: HeldTurn) -> bool:
        said = holder(self._objects, held.number)
        return bool(self._said["token"]) and all(said.get(key) == self._said[key] for key in ("token", "boot", "host"))

    def _begin(self, number: int, now: datetime, found: list[StoredObject]) -> bool:
        sent = _now()
        data = orjson.dumps({**self._said, "round": self.round, "looked": isoformat(now)})
        if not self._objects.create(f"{TURN}{number:010d}.begin", data):
            return False
        self.number, self.began, self._alive = number, now, sent
        old = [stored.key for stored in found if 0 < _number(stored.key) <= number - _KEPT]
        self._objects.delete(old)
        self._thread = threading.Thread(target=self._beat, name="turn", daemon=True)
        self._thread.start()
        return True

    # -- while it lasts ----------------------------------------------------------------------------------------------

    def on_lost(self, call: Callable[[], None]) -> None:
        """*call* is called, once and in another thread, when the turn is lost or its end is asked for."""
        self._lost = call

    def may_ask(self) -> bool:
        """Whether the site may be asked: a beat reached the store within half the time after which others may."""
        return not (self.overtaken or self.asked_to_stop or self._expired) and _now() - self._alive < self._ttl / 2

    def _beat(self) -> None:
        called = False
        while not self._over.wait(self._ttl / 4 if not called else self._ttl / 2):
            sent = _now()
            if not called and sent - self._alive >= 0.75 * self._ttl:
                called = self._expired = True  # frozen or cut off: others may be there by now
                self._lost()
                continue
            try:
                self._objects.put(self._key("beat"), b"")
                self.look_again()
            except ArchiveError:
                continue  # no beat: the deadline of may_ask comes nearer
            self._alive = self._alive if self.overtaken else sent
            if (self.overtaken or self.asked_to_stop) and not called:
                called = True
                self._lost()

    def look_again(self) -> None:
        """Notes whether another one has the turn, or asks for its end. Raises StorageError."""
        listed = self._objects.listing(TURN)
        self.overtaken = self.overtaken or any(_number(stored.key) > self.number for stored in listed)
        self.asked_to_stop = self.asked_to_stop or any(stored.key == self._key("stop") for stored in listed)

    def end(self) -> None:
        """Lets the next one in. Raises StorageError."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(_JOIN)
        if not self.overtaken:
            self._objects.put(self._key("end"), b"")

    def _key(self, kind: str) -> str:
        return f"{TURN}{self.number:010d}.{kind}"


def stop_this_process() -> None:
    """Ends this process as a signal from outside would: what it has is sealed."""
    os.kill(os.getpid(), signal.SIGTERM)


def _signs(found: list[StoredObject]) -> dict[int, dict[str, StoredObject]]:
    """Number of a turn -> its objects, by kind."""
    signs: dict[int, dict[str, StoredObject]] = {}
    for stored in found:
        if number := _number(stored.key):
            signs.setdefault(number, {})[stored.key.rpartition(".")[2]] = stored
    return {number: own for number, own in signs.items() if own.keys() - {"stop"}}


def _number(key: str) -> int:
    """The number of the turn whose object *key* is; 0 for any other."""
    digits, _, kind = key.rpartition("/")[2].partition(".")
    return int(digits) if digits.isdecimal() and kind in {"begin", "beat", "end", "stop"} else 0


def _busy(objects: Objects, held: HeldTurn) -> str:
    said = holder(objects, held.number)
    who = f"process {said.get('pid', '?')} on {said.get('host', '?')}"
    return f"{objects.url}: {who} has the turn since {isoformat(held.since)}, last heard of {held.age:.0f} s ago"


def _now() -> float:
    """Seconds, by a clock that also counts while the machine sleeps."""
    return time.clock_gettime(_BOOTTIME)


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""
