"""State of a portal after its last run: whether discovery was complete, what is left, when requests may resume.

From the run files, kept in the index, rebuilt by reindex. A run that died says nothing of its portals: after it,
none counts as seen to the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson

from crawler.archive.index.index import Index
from crawler.archive.records.jsonl import Json


@dataclass(frozen=True, slots=True)
class PortalState:
    """What the run before left of a portal."""

    whole: bool = False  #: everything that its discovery names was found and asked for
    left: dict[str, str] = field(default_factory=dict)  #: discovery pages that were not asked for: address -> kind
    definition: str | None = None  #: fingerprint of the definition and version that read discovery; None: 0.1.0
    failing: dict[str, Json] = field(default_factory=dict)  #: discovery pages that failed: name -> kind, reason, ...
    learned: dict[str, str] = field(default_factory=dict)  #: parameters that name no page -> since when that is known
    suspected: dict[str, int] = field(default_factory=dict)  #: parameters that may be such -> copies that say so
    banned: bool = False  #: the last run was banned
    wall: str = ""  #: sha256 of the page that it was shown under every address, where that was an article
    absent_since: str = ""  #: when the runs in a row began in which no address showed a page, UTC; "" for none
    absent_runs: int = 0  #: how many these are
    away_until: str | None = None  #: the server asked to be left alone until then, UTC
    died: bool = False  #: a run died since: how many articles it read is not known
    extracted: int = 0  #: articles that a run which was cut short read: this one goes on with the rest
    dated: int = 0  #: articles with a date or a source in the last run that read any; *undated*: those without
    undated: int = 0
    coverage: dict[str, float] = field(default_factory=dict)  #: and the share of these that had each field


def portal_state(index: Index, portal: str) -> PortalState:
    """How *portal* stands; not whole where nothing is known."""
    stored = index.meta(f"portal:{portal}")
    died = int(index.meta("died") or 0)
    if stored is None:
        return PortalState(died=died > 0)
    values = orjson.loads(stored)
    died_since = values["number"] <= died
    read = {} if values["whole"] else {"extracted": values["extracted"], "coverage": values["coverage"]}
    return PortalState(
        whole=values["whole"] and not died_since,
        left=values["left"],
        definition=values["definition"],
        failing=values["failing"],
        suspected=values.get("suspected", {}),
        learned=values.get("learned", {}),  # an index of before has none
        banned=values["banned"],
        wall=values.get("wall", ""),
        absent_since=values.get("absent", {}).get("since", ""),
        absent_runs=values.get("absent", {}).get("runs", 0),
        away_until=values["away_until"],
        died=died_since,
        dated=values["dated"],
        undated=values["undated"],
        **read,
    )


def note(index: Index, run: Json) -> None:
    """Notes what the finished *run* says of its portals. Runs are noted in the order of their numbers."""
    if run.get("kind") != "crawl":
        return
    if run.get("recovered"):
        index.set_meta("died", str(run["number"]))
    for name, stats in run.get("portals", {}).items():
        left = stats.get("left", {}).get("pages", {})
        values = {
            "number": run["number"],
            "whole": bool(stats.get("whole")),
            "left": left,
            "definition": stats.get("definition"),
            "failing": stats.get("failing", {}),
            "suspected": stats.get("suspected", {}),
            "learned": stats.get("learned", {}),
            "banned": bool(stats.get("ban")),
            "wall": (stats.get("ban") or {}).get("page") or "",
            "absent": (stats.get("ban") or {}).get("absent") or {},
            "away_until": stats.get("away_until"),
            **_dated(stats, index.meta(f"portal:{name}")),
            "extracted": stats.get("extracted", 0),
            "coverage": stats.get("coverage", {}),
        }
        index.set_meta(f"portal:{name}", orjson.dumps(values).decode())


def _dated(stats: Json, before: str | None) -> dict[str, int]:
    """How many articles had a date or a source, of the last run that read any."""
    if not stats.get("extracted") and before is not None:
        values = orjson.loads(before)
        return {"dated": values["dated"], "undated": values["undated"]}
    read, coverage = stats.get("extracted", 0), stats.get("coverage", {})
    dated = round(read * max(coverage.get("published_at", 0.0), coverage.get("source", 0.0)))
    return {"dated": dated, "undated": read - dated}
