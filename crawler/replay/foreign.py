"""Visits from WARC files without decisions: every page that is an article of a portal, in order of capture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive.records.jsonl import Json
from crawler.article import Capture, isoformat
from crawler.portals import Portal, minimal
from crawler.replay.answers import answers, follow
from crawler.replay.balance import Balance
from crawler.values import urls

_GONE = frozenset({404, 410})
Key = tuple[str, int, str]


def _nowhere(name: str) -> Portal:
    """The portal *name* of pages that no definition claims."""
    return minimal(name, home=f"http://{name}.invalid/", domain=f"{name}.invalid")


@dataclass(slots=True)
class ForeignFiles:
    """The answers in *files* (name of lines -> path) that replay may use."""

    files: dict[str, Path]
    portals: Mapping[str, Portal]
    fallback: str | None = None  #: the portal of pages that no portal's domains claim
    balance: Balance = field(default_factory=Balance)
    texts: dict[str, str] = field(default_factory=dict)  #: portal -> TOML, of those that were needed
    by_url: dict[str, list[Json]] = field(default_factory=dict)  #: address -> its captures, for what a page wants
    _reasons: dict[Key, str] = field(default_factory=dict)  #: answer -> why it is left out, unless a visit uses it

    @property
    def unclaimed(self) -> int:
        """Pages of no portal."""
        return self.balance.left_out["unclaimed"]

    @property
    def unresolved(self) -> int:
        """Revisits whose original is in no file."""
        return self.balance.left_out["unresolved-revisit"]

    def decisions(self, damaged: Callable[[str], None]) -> list[Json]:
        """Stand-ins for decisions: visits in order of (WARC-Date, file, offset); *damaged* is called for torn files.

        An address twice at one moment is one visit: dates of WARC 1.0 have whole seconds. An answer that the address is
        gone is a visit of it once there was one that brought a page.
        """
        places = list(answers(self.files, self.balance, damaged))
        for place in places:
            self.by_url.setdefault(place["asked"], []).append(place)
        found: dict[tuple[str, str], Json] = {}
        pages: set[str] = set()
        for place in sorted(places, key=lambda copy: (copy["date"], copy["file"], copy["offset"], copy["status"])):
            visit = self._visit(place)
            if visit is None:
                continue
            if place["status"] in _GONE and visit["id"] not in pages:
                self._reasons[_key(place)] = f"status-{place['status']}"
                continue
            pages.add(visit["id"])
            if found.setdefault((visit["id"], visit["observed_at"]), visit) is not visit:
                self._reasons[_key(place)] = "same-moment"
        inorder = sorted(found.values(), key=_order)
        rest = {_key(place): "redirect" if 300 <= place["status"] < 304 else "of-no-visit" for place in places}
        self._reasons = rest | self._reasons
        return [decision | {"sequence": number} for number, decision in enumerate(inorder, 1)]

    def used(self, captures: Iterable[Capture]) -> None:
        """A visit was made of *captures*."""
        for capture in captures:
            ref = capture.warc
            assert ref is not None
            for moment in (isoformat(capture.fetched_at), ""):  # a revisit has the place of its original
                if self._reasons.pop((ref.file, ref.offset, moment), None) is not None:
                    self.balance.used += 1
                    break

    def settle(self) -> None:
        """All visits are made: what none of them used is left out."""
        self.balance.left_out.update(self._reasons.values())
        self._reasons = {}

    def _visit(self, place: Json) -> Json | None:
        url = place["asked"]
        portal = next((known_portal for known_portal in self.portals.values() if known_portal.owns(url)), None)
        if portal is not None:
            if not portal.is_article(url):
                return self._leave(place, "not-an-article")
            answer = self._answer(place, portal)
            if answer is None:
                return None
            place, url = answer | {"asked": url, "role": "page"}, answer["url"]
            self.texts[portal.name] = portal.text
        elif (reason := _unusable(place)) is not None:
            return self._leave(place, reason)
        elif self.fallback is None:
            return self._leave(place, "unclaimed")
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

    def _leave(self, place: Json, reason: str) -> Json | None:
        """No visit, for *reason*."""
        self._reasons[_key(place)] = reason
        return None

    def _answer(self, place: Json, portal: Portal) -> Json | None:
        """What the article address at *place* came to; None where that is no page, or a visit of its own."""
        answer = follow(self.by_url, place)
        if answer is None:
            return self._leave(place, "redirect-to-what-is-not-there")
        if (reason := _unusable(answer)) is not None:
            return self._leave(place, reason)
        if answer is not place and portal.is_article(answer["url"]):
            return self._leave(place, "redirect-to-an-article")
        return answer


def _unusable(place: Json) -> str | None:
    """Why the answer at *place* is no page and does not say that one is gone."""
    if place["status"] not in {200, 304, *_GONE}:
        return f"status-{place['status']}"
    return "not-html" if not place["html"] and place["status"] not in _GONE else None


def _key(place: Json) -> Key:
    """What tells an answer from all others; a revisit has the place of its original, at another moment."""
    return (place["file"], place["offset"], place["date"] if "own" in place else "")


def _order(decision: Json) -> tuple[str, str, int]:
    return (decision["observed_at"], *_where(decision["captures"][0]))


def _where(place: Json) -> tuple[str, int]:
    return place["file"], place["offset"]
