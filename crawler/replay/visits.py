"""A decision and its captures, read back from WARC files as the visit from which they came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from crawler import portals
from crawler.archive.records import jsonl
from crawler.archive.records.decisions import observation_of
from crawler.archive.records.jsonl import Json
from crawler.archive.records.types import DecisionRecord
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import final_name
from crawler.archive.warc import third_party
from crawler.archive.warc.revisit import answer_of
from crawler.article import Capture, Refusal, Wanted, WarcRef, isoformat, parse_moment
from crawler.assembly import Visit, assemble, wanted
from crawler.portals import Portal
from crawler.replay.answers import follow, nearest
from crawler.replay.sources import record_at
from crawler.values import urls


@dataclass(frozen=True, slots=True)
class Archived:
    """What a visit is restored from; travels to the workers once."""

    files: Mapping[str, Path]  #: final name, of other tools with the folder -> path
    texts: Mapping[str, str]  #: portal -> TOML, used instead of the archived definition
    by_url: Mapping[str, list[Json]]  #: address -> captures in files of other tools


def standing_for(decision: DecisionRecord) -> list[tuple[str, bytes]]:
    """(path, line) of a visit whose article was removed: the tombstone, if it had a record, and the observation."""
    found = []
    for line_ref in decision["lines"]:
        observed = line_ref["path"].startswith("observations/")
        record = observation_of(decision) if observed else decision["tombstone"] or {}
        found.append((line_ref["path"], jsonl.encode(record)))
    return found


def restore(archived: Archived, decision: Mapping[str, Any]) -> Visit:
    """The visit of *decision*, assembled."""
    if decision.get("removed"):
        portal = portal_of(archived, decision)
        return Visit(portal, decision["asked"], decision=decision, result=Refusal("removed"))
    visit = Visit(
        portal=portal_of(archived, decision),
        asked=decision["asked"],
        captures=[_capture(archived, place) for place in decision["captures"]],
        missing=[Wanted(line_ref["role"], line_ref["url"]) for line_ref in decision["missing"]],
        failure=decision["reason"],
        decision=decision,
    )
    if decision.get("foreign"):
        _supply(archived, visit)
    visit.result = assemble(visit)
    return visit


def _supply(archived: Archived, visit: Visit) -> None:
    """Looks for what *visit* wants among the files of other tools: the capture nearest in time, redirects followed."""
    moment = isoformat(visit.captures[0].fetched_at)
    while (want := wanted(visit)) is not None:
        place = nearest(archived.by_url, want.url, moment)
        answer = None if place is None else follow(archived.by_url, place)
        if answer is None:
            visit.missing.append(want)
            continue
        visit.captures.append(_foreign(archived, answer | {"role": want.role, "asked": want.url}))
        if visit.captures[-1].status != 200:
            visit.missing.append(want)


def _capture(archived: Archived, place: Json) -> Capture:
    if "date" in place:
        return _foreign(archived, place)
    ref = WarcRef.of(place)
    record = record_at(archived.files, ref)
    status, headers, payload = answer_of(record, lambda original: record_at(archived.files, original))
    return Capture(
        role=place["role"],
        url=place["url"],
        status=status,
        headers=headers,
        payload=payload,
        fetched_at=parse_moment(record.fields["warc-date"]),
        record_id=record.record_id,
        warc=replace(ref, offset=record.offset, length=record.length),  # where it lies, which may have changed
        asked=place["asked"],
        disconnected=record.fields.get("warc-truncated") == "disconnect",
    )


def _foreign(archived: Archived, place: Json) -> Capture:
    """The answer at *place*; the place may be that of the original of a revisit, which has a date of its own."""
    parts = sorted(place.get("parts", []))
    numbers = [number for number, _, _, _ in parts]
    whole = "parts" not in place or (numbers == [*range(2, len(parts) + 2)] and bool(parts) and parts[-1][3])
    follow_on = [(archived.files[name], offset) for _, name, offset, _ in parts] if whole else []
    found = third_party.response_at(archived.files[place["file"]], place["offset"], follow_on, whole=whole)
    if found.record_id != place["record_id"]:
        raise DamagedError(f"{place['file']}: offset {place['offset']}: {found.record_id} lies here")
    same = place["status"] != 304
    return Capture(
        role=place["role"],
        url=place["url"],
        status=place["status"],
        headers=found.headers if same else (),
        payload=found.payload if same else b"",
        fetched_at=parse_moment(place["date"]),
        record_id=found.record_id,
        warc=WarcRef.of(place | {"payload_digest": found.payload_digest}),
        asked=place["asked"],
        truncated=found.cut and same,
    )


def portal_of(archived: Archived, decision: Mapping[str, Any]) -> Portal:
    """The portal of *decision*, by the definition that was archived with it or is used instead. Raises DamagedError."""
    name = decision["portal"]
    if name in archived.texts:
        portal = _parsed(archived.texts[name], name)
    else:
        place = decision["definition"]
        text = _definition(archived.files[PurePosixPath(place["file"]).name], WarcRef.of(place))
        portal = _parsed(text, f"{place['file']}: {name}")
    if decision.get("anywhere"):  # replayed under a name of the user's choice, whatever the host
        return portal.model_copy(update={"domains": (urls.host_of(decision["url"]),)})
    return portal


@lru_cache(maxsize=256)
def _parsed(text: str, where: str) -> Portal:
    return portals.parse(text, where)


@lru_cache(maxsize=256)
def _definition(path: Path, ref: WarcRef) -> str:
    return record_at({final_name(path): path}, ref).block.decode()
