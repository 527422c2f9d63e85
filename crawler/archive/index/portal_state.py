"""How a portal stands after its last run: whether discovery saw all there was, what is left, how long to stay away.

From the run files, kept in the index, rebuilt by reindex. A run that died says nothing of its portals: after it,
none counts as seen to the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson

from crawler.archive.index.index import Index
from crawler.archive.records.jsonl import Json


@dataclass(frozen=True, slots=True)
class Standing:
    """What the run before left of a portal."""

    whole: bool = False  #: everything that its discovery names was found and asked for
    left: dict[str, str] = field(default_factory=dict)  #: discovery pages that were not asked for: address -> kind
    away_until: str | None = None  #: the server asked to be left alone until then, UTC
    died: bool = False  #: a run died since: how many articles it read is not known
    extracted: int = 0  #: articles that a run which was cut short read: this one goes on with the rest
    coverage: dict[str, float] = field(default_factory=dict)  #: and the share of these that had each field


def standing(index: Index, portal: str) -> Standing:
    """How *portal* stands; not whole where nothing is known."""
    stored = index.meta(f"portal:{portal}")
    died = int(index.meta("died") or 0)
    if stored is None:
        return Standing(died=died > 0)
    values = orjson.loads(stored)
    died_since = values["number"] <= died
    read = {} if values["whole"] else {"extracted": values["extracted"], "coverage": values["coverage"]}
    return Standing(values["whole"] and not died_since, values["left"], values["away_until"], died_since, **read)


def note(index: Index, run: Json) -> None:
    """Notes what the finished *run* says of its portals. Runs are noted in the order of their numbers."""
    if run.get("kind") != "crawl":
        return
    if run.get("recovered"):
        index.set_meta("died", str(run["number"]))
    for name, tally in run.get("portals", {}).items():
        left = tally.get("left", {}).get("pages", {})
        values = {
            "number": run["number"],
            "whole": bool(tally.get("whole")),
            "left": left,
            "away_until": tally.get("away_until"),
            "extracted": tally.get("extracted", 0),
            "coverage": tally.get("coverage", {}),
        }
        index.set_meta(f"portal:{name}", orjson.dumps(values).decode())
