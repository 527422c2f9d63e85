"""Sends the matches of saved queries: each way has its own cursor, and goes on where it stopped.

What is sent is noted after the receiver has taken it: a kill in between sends that one message once more, with the same
Idempotency-Key.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import orjson

from crawler.analysis.changes_since import START
from crawler.analysis.names import Known, facts, unknown
from crawler.analysis.snapshot import Snapshot
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import BusyError
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.health import sending
from crawler.queries import ledger as noted
from crawler.queries.ledger import Cursor, Ledger
from crawler.queries.matching import Match, matches
from crawler.queries.saved import SavedQuery

logger = logging.getLogger(__name__)
SCHEMA = "citynews/matches/1"
MESSAGES = 20  #: of one query each time: group robots take 20 a minute
LONGEST = 2000  #: bytes of a text in a template: WeCom takes 2048
AT_ONCE = 100  #: matches in a message of data
_TITLE = 100  #: characters
_PATIENCE = 60.0  #: seconds to wait for another process that is sending


def begin(queries: Mapping[str, SavedQuery], paths: Paths) -> None:
    """Notes queries, and ways of sending, that are new here: what later runs archive is sent. Raises StorageError."""
    if queries:
        with _alone(paths):
            shot = Snapshot.of(paths)
            for query in queries.values():
                _ledger(query, shot).save(paths)


def deliver(queries: Mapping[str, SavedQuery], paths: Paths, known: Known = unknown) -> dict[str, Json]:
    """Sends what waits, and says of each query how many matches were sent and how many wait.

    A way that fails is logged and goes on next time. Raises DamagedError, StorageError.
    """
    if not queries:
        return {}
    try:
        with _alone(paths):
            return _deliver(queries, paths, known)
    except BusyError:
        logger.warning("saved queries: another process is sending; new matches are sent next time")
        return {}


def _deliver(queries: Mapping[str, SavedQuery], paths: Paths, known: Known) -> dict[str, Json]:
    shot = Snapshot.of(paths)
    ledgers = {name: _ledger(query, shot) for name, query in queries.items()}
    numbers = _numbers(shot)
    since = min(numbers[cursor.run] for ledger in ledgers.values() for cursor in ledger.cursors.values())
    shot = Snapshot.of(paths, since=since, until=shot.number)
    found = {name: list[Match]() for name in queries}
    if any(row["kind"] == "crawl" and row["number"] > since for row in shot.runs):
        found = matches(shot, since, queries.values(), facts(shot, known))
    return {name: _send_all(query, ledgers[name], found[name], shot) for name, query in queries.items()}


def _send_all(query: SavedQuery, ledger: Ledger, found: Sequence[Match], shot: Snapshot) -> Json:
    """Sends *found* by every way of *query*: how many it sent, the matches that wait, and why."""
    numbers = _numbers(shot)
    said: Json = {"sent": {}, "waiting": {}, "errors": {}}
    for way, cursor in ledger.cursors.items():
        done, begun = set(cursor.sent), numbers[cursor.run]
        new = [match for match in found if match.number > begun and match.key not in done]
        if way == "atom":
            sent, error = _into_feed(ledger, new, shot), None
        else:
            sent, error = _send(query, way, new, (ledger, cursor), shot)
        if sent == len(new):
            cursor.run, cursor.sent = shot.run or cursor.run, []
        said["sent"][way] = sent
        said["waiting"][way] = len(new) - sent
        if error:
            said["errors"][way] = error
            logger.error("query %s: %s: %s; %d matches wait for the next run", query.name, way, error, len(new) - sent)
    ledger.save(shot.paths)
    return said


def _into_feed(ledger: Ledger, new: Sequence[Match], shot: Snapshot) -> int:
    if new or not ledger.feed_path(shot.paths).exists():
        ledger.add([match.data for match in new], shot.finished_at or "")
        ledger.save(shot.paths)  # first: from this the feed is made, by the next run too
    ledger.write_feed(shot.paths)
    return len(new)


def _send(
    query: SavedQuery, way: str, new: Sequence[Match], noting: tuple[Ledger, Cursor], shot: Snapshot
) -> tuple[int, str | None]:
    """How many of *new* were taken, and why no more."""
    sent = 0
    templated = way == "webhook" and bool(query.template)
    for place, message in enumerate(_messages(query, new, LONGEST if templated else None)):
        if place == MESSAGES:
            return sent, f"{MESSAGES} messages are enough for now"
        body = _body(query, message, shot)
        if way == "command":
            error = sending.start(query.command, body)
        else:
            posted = sending.filled(query.template, _text(query, message)) if templated else body
            error = sending.post(query.webhook, posted, {"Idempotency-Key": _key(query, message)})
        if error:
            named = sending.named(query.command) if way == "command" else sending.place(query.webhook)
            return sent, f"{named}: {error}"
        sent += len(message)
        ledger, cursor = noting
        cursor.sent += [match.key for match in message]
        ledger.save(shot.paths)
    return sent, None


def _messages(query: SavedQuery, new: Sequence[Match], longest: int | None) -> Iterator[list[Match]]:
    """*new* in messages: of one run each, so that what is sent again is the same, and not longer than robots take."""
    for _, group in groupby(new, key=lambda match: match.number):
        message: list[Match] = []
        for match in group:
            full = len(message) == AT_ONCE
            if message and (full or (longest and len(_text(query, [*message, match]).encode()) > longest)):
                yield message
                message = []
            message.append(match)
        yield message


def _body(query: SavedQuery, message: Sequence[Match], shot: Snapshot) -> bytes:
    """*message* as data."""
    return orjson.dumps({
        "schema": SCHEMA, "query": query.name, "title": query.title, "archive": str(shot.paths.root.absolute()),
        "key": _key(query, message), "text": _text(query, message), "matches": [match.data for match in message],
    })  # fmt: skip


def _text(query: SavedQuery, message: Sequence[Match]) -> str:
    """*message* in lines for a person."""
    return "\n".join([f"citynews: {query.title}: {len(message)}", *(_line(match.data) for match in message)])


def _line(data: Json) -> str:
    title = data["title"] or data["url"]
    shown = title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"
    about = ", ".join(filter(None, (data["source"] or data["portal_title"], data["published_date"])))
    return f"{shown} ({about})\n{data['url']}"


def _key(query: SavedQuery, message: Sequence[Match]) -> str:
    return hashlib.sha256("\n".join([query.name, *(match.key for match in message)]).encode()).hexdigest()[:32]


def _ledger(query: SavedQuery, shot: Snapshot) -> Ledger:
    """What is noted of *query*, or a new one; each way of sending that is new begins behind the last run."""
    ledger = noted.load(shot.paths, query.name)
    if ledger is None or ledger.archive not in {None, shot.archive}:
        ledger = Ledger(query.name, query.title, shot.archive)
    ledger.title, ledger.archive = query.title, shot.archive
    ledger.feed = str(query.atom.absolute()) if query.atom else None
    ways = ["atom", *(["webhook"] if query.webhook else []), *(["command"] if query.command else [])]
    numbers, last = _numbers(shot), shot.run or START
    for way, cursor in ledger.cursors.items():
        if cursor.run not in numbers:
            logger.warning(
                "query %s: run %s is no longer in this archive; it continues after the last run", query.name, cursor.run
            )
            ledger.cursors[way] = Cursor(last)
    ledger.cursors = {way: ledger.cursors.get(way) or Cursor(last) for way in ways}
    return ledger


def _numbers(shot: Snapshot) -> dict[str, int]:
    return {START: 0} | {row["run"]: row["number"] for row in shot.runs}


def _alone(paths: Paths) -> Lock:
    return Lock(paths.queries / ".lock", wait=_PATIENCE)
