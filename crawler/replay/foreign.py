"""Visits out of WARC files that hold no decisions: every page that a portal calls an article, in order of capture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive.records.jsonl import Json
from crawler.archive.warc import third_party
from crawler.archive.warc.third_party import Head
from crawler.article import isoformat, parse_moment
from crawler.portals import Portal, minimal
from crawler.values import urls

HOPS = 10  #: redirects that are followed


def _nowhere(name: str) -> Portal:
    """The portal *name* of pages that no definition claims."""
    return minimal(name, home=f"http://{name}.invalid/", domain=f"{name}.invalid")


@dataclass(slots=True)
class ForeignFiles:
    """The answers in *files* (name of lines -> path) that replay may use."""

    files: dict[str, Path]
    portals: Mapping[str, Portal]
    fallback: str | None = None  #: the portal of pages that no portal's domains claim
    texts: dict[str, str] = field(default_factory=dict)  #: portal -> TOML, of those that were needed
    by_url: dict[str, list[Json]] = field(default_factory=dict)  #: address -> its captures, for what a page wants
    unclaimed: int = 0  #: pages of no portal
    unresolved: int = 0  #: revisits whose original is in no file

    def decisions(self, damaged: Callable[[str], None]) -> list[Json]:
        """Stand-ins for decisions: visits in order of (WARC-Date, file, offset); *damaged* is called for torn files.

        An address twice at one moment is one visit: dates of WARC 1.0 have whole seconds.
        """
        places = list(self._places(damaged))
        for place in places:
            self.by_url.setdefault(place["asked"], []).append(place)
        found: dict[tuple[str, str], Json] = {}
        for place in sorted(places, key=lambda each: (each["date"], each["file"], each["offset"], each["status"])):
            visit = self._visit(place)
            if visit is not None:
                found.setdefault((visit["id"], visit["observed_at"]), visit)
        inorder = sorted(found.values(), key=lambda each: (each["observed_at"], *_where(each["captures"][0])))
        return [each | {"sequence": number} for number, each in enumerate(inorder, 1)]

    def _places(self, damaged: Callable[[str], None]) -> Iterator[Json]:
        """Where each answer lies; of a revisit, where the answer lies that it refers to."""
        known: dict[str, Json] = {}  # record id, digest, or address and date -> place of a response
        revisits = []
        for name, path in sorted(self.files.items()):
            for head in third_party.heads(path, damaged):
                if head.revisit:
                    revisits.append(head)
                    continue
                place = _place(head, name)
                for key in (head.digest, head.record_id, f"{place['asked']} {isoformat(head.date)}"):
                    known.setdefault(key, place)
                yield place
        for head in revisits:
            original = _original(head, known)
            if original is None:
                self.unresolved += 1
                continue
            url = urls.clean(head.url) or head.url
            own = {"asked": url, "url": url, "date": isoformat(head.date), "status": head.status or original["status"]}
            yield original | own | {"location": head.header("location") or original["location"]}

    def _visit(self, place: Json) -> Json | None:
        url = place["asked"]
        portal = next((each for each in self.portals.values() if each.owns(url)), None)
        if portal is not None:
            if not portal.is_article(url):
                return None
            answer = self._answer(place, portal)
            if answer is None:
                return None
            place, url = answer | {"asked": url, "role": "page"}, answer["url"]
            self.texts[portal.name] = portal.text
        elif not place["html"] or place["status"] not in {200, 304}:
            return None
        elif self.fallback is None:
            self.unclaimed += 1
            return None
        else:
            known = self.portals.get(self.fallback)
            self.texts[self.fallback] = (known or _nowhere(self.fallback)).text
        return {
            "portal": portal.name if portal else self.fallback,
            "anywhere": portal is None,
            "foreign": True,
            "run": place["file"].rpartition("/")[2].removesuffix(".gz").removesuffix(".warc"),
            "id": urls.article_id(url),
            "asked": place["asked"],
            "url": url,
            "observed_at": place["date"],
            "outcome": None,
            "reason": None,
            "captures": [place],
            "missing": [],
        }

    def _answer(self, place: Json, portal: Portal) -> Json | None:
        """What the article address at *place* came to; None where that is no page, or a visit of its own."""
        answer = follow(self.by_url, place)
        if answer is None or not answer["html"] or answer["status"] not in {200, 304}:
            return None
        return None if answer is not place and portal.is_article(answer["url"]) else answer


def follow(by_url: Mapping[str, list[Json]], place: Json) -> Json | None:
    """The answer at *place*, or what it leads to by redirects; None where that is in no file."""
    for _ in range(HOPS + 1):
        if place["status"] not in {301, 302, 303, 307, 308} or not place["location"]:
            return place
        found = nearest(by_url, urls.clean(place["location"], place["url"]) or "", place["date"])
        if found is None:
            return None
        place = found
    return None


def nearest(by_url: Mapping[str, list[Json]], url: str, date: str) -> Json | None:
    """The answer to *url* that was captured nearest to *date*."""
    moment = parse_moment(date)
    places = by_url.get(url, [])
    return min(places, key=lambda place: abs(parse_moment(place["date"]) - moment), default=None)


def _original(head: Head, known: Mapping[str, Json]) -> Json | None:
    """Where the answer lies that the revisit *head* speaks of: by id, by address and date, by digest."""
    ident, url, date = head.refers
    moment = isoformat(parse_moment(date)) if date else ""
    for key in (ident, f"{urls.clean(url) or url} {moment}" if url else "", head.digest):
        if key and key in known:
            return known[key]
    return None


def _place(head: Head, name: str) -> Json:
    url = urls.clean(head.url) or head.url
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


def _where(place: Json) -> tuple[str, int]:
    return place["file"], place["offset"]
