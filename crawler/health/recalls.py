"""The history of recall: recall/<portal>.jsonl in the archive, a line per `citynews portals recall`; no run owns it.

Shares and counts alone: a page that is removed from the archive is not named here.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from crawler.archive.records.jsonl import Json
from crawler.archive.storage.files import make_folder
from crawler.archive.storage.layout import Paths

SCHEMA = "citynews/recall/1"
FELL = 0.01  #: by which a share must fall to be mentioned


def note(paths: Paths, measured: Json) -> None:
    """Appends *measured*, with ``portal`` and ``at``, to the history. Raises StorageError, OSError."""
    make_folder(paths.recall)
    line = orjson.dumps({"schema": SCHEMA, **measured}, option=orjson.OPT_APPEND_NEWLINE)
    with (paths.recall / f"{measured['portal']}.jsonl").open("ab", buffering=0) as file:
        file.write(line)  # one write: two commands at once give two lines


def history(paths: Paths, portal: str) -> list[Json]:
    """What was measured of *portal*, oldest first. A line that cannot be read is left out."""
    try:
        lines = (paths.recall / f"{portal}.jsonl").read_bytes().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            measured = orjson.loads(line)
        except ValueError:
            continue
        if isinstance(measured, dict) and measured.get("schema") == SCHEMA:
            found.append(measured)
    return sorted(found, key=lambda measured: str(measured["at"]))


def fallen(past: Sequence[Json]) -> tuple[float, float] | None:
    """(the share measured last, that before it over the same days), where it fell; None where it did not."""
    shares = [
        measure["share"] for measure in past if measure["since"] == past[-1]["since"] and measure["share"] is not None
    ]
    fell = len(shares) > 1 and past[-1]["share"] == shares[-1] and shares[-1] <= shares[-2] - FELL
    return (shares[-1], shares[-2]) if fell else None
