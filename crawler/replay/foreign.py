"""Visits out of WARC files that hold no decisions: every page that a portal calls an article, in order of capture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive import Json, foreign
from crawler.archive.foreign import Response
from crawler.article import isoformat
from crawler.portals import Portal
from crawler.values import urls

_GENERIC = """
name = "{name}"
title = "{name}"
home = "http://{name}.invalid/"
domains = ["{name}.invalid"]
language = "und"
timezone = "UTC"
[discover]
sitemaps = ["http://{name}.invalid/sitemap.xml"]
"""


@dataclass(slots=True)
class ForeignFiles:
    """The responses of *files* (final name -> path) that replay may use."""

    files: dict[str, Path]
    portals: Mapping[str, Portal]
    fallback: str | None = None  #: the portal of pages that no portal's domains claim
    texts: dict[str, str] = field(default_factory=dict)  #: portal -> TOML, of those that were needed
    by_url: dict[str, list[Json]] = field(default_factory=dict)  #: address -> its captures, for what a page wants
    unclaimed: int = 0  #: pages of no portal

    def decisions(self) -> list[Json]:
        """Stand-ins for decisions: the visits in order of (WARC-Date, file, offset)."""
        found = sorted(
            (each for name, path in sorted(self.files.items()) for each in self._visits(name, path)),
            key=lambda each: (each["observed_at"], each["captures"][0]["file"], each["captures"][0]["offset"]),
        )
        return [each | {"sequence": number} for number, each in enumerate(found, 1)]

    def _visits(self, name: str, path: Path) -> Iterator[Json]:
        for response in foreign.responses(path):
            place = _place(response, name, path)
            self.by_url.setdefault(place["asked"], []).append(place)
            if response.status == 200 and _is_page(response):
                visit = self._visit(response, place, name)
                if visit is not None:
                    yield visit

    def _visit(self, response: Response, place: Json, name: str) -> Json | None:
        url = place["asked"]
        portal = next((each for each in self.portals.values() if each.owns(url)), None)
        if portal is not None:
            if not portal.is_article(url):
                return None
            self.texts[portal.name] = portal.text
        elif self.fallback is None:
            self.unclaimed += 1
            return None
        else:
            known = self.portals.get(self.fallback)
            self.texts[self.fallback] = known.text if known else _GENERIC.format(name=self.fallback)
        return {
            "portal": portal.name if portal else self.fallback,
            "anywhere": portal is None,
            "foreign": True,
            "run": name.removesuffix(".gz").removesuffix(".warc"),
            "id": urls.article_id(url),
            "asked": url,
            "url": url,
            "observed_at": isoformat(response.date),
            "outcome": None,
            "reason": None,
            "captures": [place],
            "missing": [],
        }


def _place(response: Response, name: str, path: Path) -> Json:
    return {
        "role": "page",
        "asked": urls.clean(response.url) or response.url,
        "url": urls.clean(response.url) or response.url,
        "record_id": response.record_id,
        "file": f"{path.parent.name}/{name}",
        "offset": response.offset,
        "length": response.length,
        "payload_digest": response.payload_digest,
        "date": isoformat(response.date),
    }


def _is_page(response: Response) -> bool:
    kind = next((value.lower() for key, value in response.headers if key.lower() == "content-type"), "text/html")
    return "html" in kind
