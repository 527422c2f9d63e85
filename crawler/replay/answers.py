"""Where the answers in WARC files without decisions lie, and what each leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from crawler.archive.records.jsonl import Json
from crawler.archive.warc import third_party
from crawler.archive.warc.third_party import ResponseHead
from crawler.article import isoformat, parse_moment
from crawler.replay.balance import Balance
from crawler.values import urls

HOPS = 10  #: redirects that are followed


def answers(files: Mapping[str, Path], balance: Balance, damaged: Callable[[str], None]) -> Iterator[Json]:
    """Where each answer in *files* (name of lines -> path) lies; of a revisit, where that lies that it refers to.

    *balance* gets what is left out; *damaged* is called for torn files.
    """
    known: dict[str, Json] = {}  # record id, digest, or address and date -> place of a response
    revisits: list[tuple[str, ResponseHead]] = []
    begun: dict[str, Json] = {}  # id of a record that others continue -> its place
    for name, path in sorted(files.items()):
        held = third_party.heads(path, damaged, balance.note)
        for head in held.heads:
            if clean(head.url) is None:
                balance.left_out["address-unusable"] += 1
                continue
            if head.revisit:
                revisits.append((name, head))
                continue
            place = _place(head, name)
            for key in (head.digest, head.record_id, f"{place['asked']} {isoformat(head.date)}"):
                if key:
                    known.setdefault(key, place)
            if head.segmented:
                begun[head.record_id] = place | {"parts": []}
                place = begun[head.record_id]
                known[head.record_id] = place
            yield place
        for segment in held.segments:
            if segment.origin in begun:
                begun[segment.origin]["parts"].append((segment.number, name, segment.offset, segment.last))
                balance.used += 1
            else:
                balance.left_out["continues-nothing"] += 1
    yield from _revisits(revisits, known, balance)


def _revisits(waiting: list[tuple[str, ResponseHead]], known: dict[str, Json], balance: Balance) -> Iterator[Json]:
    """The places of revisits; of one that refers to a revisit, that of what this one refers to."""
    while waiting:
        later: list[tuple[str, ResponseHead]] = []
        for name, head in waiting:
            original = _original(head, known)
            if original is None:
                later.append((name, head))
                continue
            url, date = clean(head.url), isoformat(head.date)
            for key in (head.record_id, f"{url} {date}"):
                known.setdefault(key, original)
            own = {"asked": url, "url": url, "date": date, "status": head.status or original["status"]}
            own |= {"own": (name, head.offset)}
            yield original | own | {"location": head.header("location") or original["location"]}
        if len(later) == len(waiting):
            balance.left_out["unresolved-revisit"] += len(later)
            return
        waiting = later


def follow(by_url: Mapping[str, list[Json]], place: Json) -> Json | None:
    """The answer at *place*, or what it leads to by redirects; None where that is in no file."""
    for _ in range(HOPS + 1):
        if place["status"] not in {301, 302, 303, 307, 308} or not place["location"]:
            return place
        found = nearest(by_url, _target(place), place["date"])
        if found is None:
            return None
        place = found
    return None


def _target(place: Json) -> str:
    try:
        return urls.clean(place["location"], place["url"]) or ""
    except ValueError:
        return ""


def nearest(by_url: Mapping[str, list[Json]], url: str, date: str) -> Json | None:
    """The answer to *url* that was captured nearest to *date*."""
    moment = parse_moment(date)
    places = by_url.get(url, [])
    return min(places, key=lambda place: abs(parse_moment(place["date"]) - moment), default=None)


def _original(head: ResponseHead, known: Mapping[str, Json]) -> Json | None:
    """Where the answer lies that the revisit *head* speaks of: by id, by address and date, by digest."""
    ident, url, date = head.refers
    try:
        moment = isoformat(parse_moment(date)) if date else ""
    except (ValueError, OverflowError):
        moment = ""
    for key in (ident, f"{clean(url)} {moment}" if url and moment else "", head.digest):
        if key and key in known:
            return known[key]
    return None


def _place(head: ResponseHead, name: str) -> Json:
    url = clean(head.url)
    kind = head.header("content-type").lower() or "text/html"
    return {
        "role": "page",
        "asked": url,
        "url": url,
        "record_id": head.record_id,
        "file": name,
        "offset": head.offset,
        "length": head.length,
        "date": isoformat(head.date),
        "status": head.status,
        "html": "html" in kind,
        "location": head.header("location"),
    }


def clean(url: str) -> str | None:
    """*url* as visits know it; None where it can be none."""
    try:
        return urls.clean(url)
    except ValueError:
        return None
