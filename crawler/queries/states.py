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
    return [_state(each, ledger.load(paths, each.name), paths, said.get(each.name)) for each in queries.values()]


def _state(each: SavedQuery, noted: ledger.Ledger | None, paths: Paths, said: Json | None) -> Json:
    leads = {"atom": str(each.atom or paths.queries / f"{each.name}.atom")}
    if each.webhook:
        leads["webhook"] = sending.place(each.webhook)
    if each.command:
        leads["command"] = sending.named(each.command)
    ways: dict[str, Json] = {}
    for way, to in leads.items():
        cursor = noted.cursors.get(way) if noted else None
        ways[way] = {"to": to, "run": cursor.run if cursor else None}
        if said:
            ways[way] |= {name: said[name].get(way) for name in ("sent", "waiting", "errors")}
    return {"name": each.name, "title": each.title, "understood": str(each.parsed), "ways": ways}


def test(each: SavedQuery, root: Path) -> str | None:
    """Sends a message without a match by webhook and command of *each*; why it did not arrive, or None."""
    text = f"citynews: {each.title}: a test, no match"
    body = orjson.dumps({"schema": SCHEMA, "query": each.name, "title": each.title, "archive": str(root.absolute()),
                         "key": "test", "text": text, "matches": []})  # fmt: skip
    if each.webhook and (
        error := sending.post(each.webhook, sending.filled(each.template, text) if each.template else body)
    ):
        return f"{sending.place(each.webhook)}: {error}"
    if each.command and (error := sending.start(each.command, body)):
        return f"{sending.named(each.command)}: {error}"
    return None if each.webhook or each.command else "it has neither webhook nor command; its feed needs no test"
