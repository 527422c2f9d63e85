"""A decision and its captures, read back from WARC files as the visit they came from."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from crawler import portals
from crawler.archive import Json
from crawler.archive.warcfile import http_parts
from crawler.article import Capture, Wanted, WarcRef, parse_moment
from crawler.assembly import Visit, assemble
from crawler.portals import Portal
from crawler.replay.sources import record_at


def restore(files: dict[str, Path], overrides: dict[str, str], decision: Json) -> Visit:
    """The visit of *decision*, assembled. *overrides*: portal -> TOML used instead of the archived definition."""
    visit = Visit(
        portal=_portal(files, overrides, decision),
        asked=decision["asked"],
        captures=[_capture(files, place) for place in decision["captures"]],
        missing=[Wanted(each["role"], each["url"]) for each in decision["missing"]],
        failure=decision["reason"],
        run=decision["run"],
        decision=decision,
    )
    visit.result = assemble(visit)
    return visit


def _capture(files: dict[str, Path], place: Json) -> Capture:
    record = record_at(files, place)
    status, headers, payload = http_parts(record.block)
    return Capture(
        role=place["role"],
        url=place["url"],
        status=status,
        headers=headers,
        payload=payload,
        fetched_at=parse_moment(record.fields["warc-date"]),
        record_id=record.record_id,
        warc=WarcRef(**{name: place[name] for name in WarcRef.__slots__}),
        asked=place["asked"],
    )


def _portal(files: dict[str, Path], overrides: dict[str, str], decision: Json) -> Portal:
    name = decision["portal"]
    if name in overrides:
        return _parsed(overrides[name], name)
    place = decision["definition"]
    return _parsed(_definition(tuple(files.items()), tuple(place.items())), f"{place['file']}: {name}")


@lru_cache(maxsize=256)
def _definition(files: tuple[tuple[str, Path], ...], place: tuple[tuple[str, object], ...]) -> str:
    return record_at(dict(files), dict(place)).block.decode()


@lru_cache(maxsize=256)
def _parsed(text: str, where: str) -> Portal:
    return portals.parse(text, where)
