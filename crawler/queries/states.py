"""Saved queries for the eye, and a message that tries where they go."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import orjson

from crawler.archive.records.jsonl import Json
from crawler.archive.storage.layout import Paths
from crawler.health import sending
from crawler.queries import ledger
from crawler.queries.delivery import SCHEMA
from crawler.queries.saved import SavedQuery


def states(queries: Mapping[str, SavedQuery], paths: Paths, said: Mapping[str, Json]) -> list[Json]:
    """Of each query its words, and of each way where it leads, the run up to which all is sent, and what *said* has.

    Raises DamagedError.
    """
    return [_state(query, ledger.load(paths, query.name), paths, said.get(query.name)) for query in queries.values()]


def _state(query: SavedQuery, noted: ledger.Ledger | None, paths: Paths, said: Json | None) -> Json:
    leads = {"atom": str(query.atom or paths.queries / f"{query.name}.atom")}
    if query.webhook:
        leads["webhook"] = sending.place(query.webhook)
    if query.command:
        leads["command"] = sending.named(query.command)
    ways: dict[str, Json] = {}
    for way, to in leads.items():
        cursor = noted.cursors.get(way) if noted else None
        ways[way] = {"to": to, "run": cursor.run if cursor else None}
        if said:
            ways[way] |= {name: said[name].get(way) for name in ("sent", "waiting", "errors")}
    return {"name": query.name, "title": query.title, "understood": str(query.parsed), "ways": ways}


def test(word: SavedQuery, root: Path) -> str | None:
    """Sends a message without a match by webhook and command of *query*; why it did not arrive, or None."""
    text = f"citynews: {word.title}: a test, no match"
    body = orjson.dumps({"schema": SCHEMA, "query": word.name, "title": word.title, "archive": str(root.absolute()),
                         "key": "test", "text": text, "matches": []})  # fmt: skip
    if word.webhook and (
        error := sending.post(word.webhook, sending.filled(word.template, text) if word.template else body)
    ):
        return f"{sending.place(word.webhook)}: {error}"
    if word.command and (error := sending.start(word.command, body)):
        return f"{sending.named(word.command)}: {error}"
    return None if word.webhook or word.command else "it has neither webhook nor command; its feed needs no test"
