"""What a response may be besides what it says: a ban, a wall, one of an outage; and by what others are known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Literal
from urllib.parse import urlsplit

from rapidfuzz.distance import Indel

from crawler.article import Article, Refusal, parse_moment
from crawler.assembly import Visit
from crawler.extraction import Page
from crawler.values.statuses import is_ban

Kind = Literal["ban", "wall", "outage"]
WALLS = frozenset({"bot-wall", "login"})  #: pages in the place of a status by which a server says so
_FACELESS = frozenset({"error-page", "empty", "list", "not-html"})
SAME_PAGE = "the same page"
JUST_NOW = timedelta(hours=1)  #: a page dated less than that from when it was asked for has the date of the answer
ALIKE_TEXT, ALIKE_PAGE = 0.9, 0.95  #: share of a text, or of a whole page, that two faces have in common
FACE = 3000  #: characters of a face that are compared
# These read whole pages, and hostile ones: no search may go on to the end of the page more than once.
_TAGS = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<[^<>]*>", re.DOTALL | re.IGNORECASE)
_NUMBERS = re.compile(r"(?<![a-f])[a-f]*+\d[0-9a-f]*|/\S*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a response may be besides what it says; *face* is the text by which a repeated page is recognised."""

    kind: Kind
    reason: str
    face: str = ""
    least: float = 1.0

    def alike(self, other: Suspicion) -> bool:
        """Whether both are of one outage."""
        if self.kind != other.kind:
            return False
        if self.kind == "ban":
            return True
        return self.face == other.face or (
            self.kind == "wall" and Indel.normalized_similarity(self.face, other.face) >= max(self.least, other.least)
        )


@dataclass(frozen=True, slots=True)
class ShownArticle:
    """What a page showed as its article, as it was before any pipeline changed it."""

    id: str
    title: str | None
    moment: str | None  #: when it was published; "now" where that is when it was asked for
    body: str

    def begins_like(self, other: ShownArticle) -> bool:
        """Whether both have one title and one time."""
        return (self.title, self.moment) == (other.title, other.moment)

    def page(self) -> str:
        """A digest of what is the same at every address where a site shows one page: numbers and tokens differ."""
        return sha256(f"{self.title}\n{self.moment}\n{_NUMBERS.sub('', self.body)}".encode()).hexdigest()


def shown_of(article: Article, visit: Visit) -> ShownArticle:
    """What *visit* showed as *article*."""
    moment = article.published_at
    if moment is not None and abs(parse_moment(moment) - visit.captures[0].fetched_at) < JUST_NOW:
        moment = "now"
    return ShownArticle(article.id, article.title, moment, article.body or "")


def sent_on(target: str, *, alone: bool) -> Suspicion:
    """What a redirect to *target* may be; *alone*: it is like those to the same place, not like any other."""
    place = urlsplit(target)
    return Suspicion("outage", f"to {place.netloc}{place.path}", f"{place.netloc}{place.path}" if alone else "")


def suspect(visit: Visit) -> Suspicion | None:
    """What the response to the assembled *visit* may be besides what it says; None if nothing else."""
    result = visit.result
    if isinstance(result, Article):
        if result.is_attributed():
            return None
        face = f"{_NUMBERS.sub('', result.title or '')}\n{_NUMBERS.sub('', result.body or '')}"[:FACE]
        return Suspicion("wall", "one page without a date or a source", face, ALIKE_TEXT)
    assert isinstance(result, Refusal)
    status = result.reason.removeprefix("http-")
    if result.reason in WALLS or (status.isdecimal() and is_ban(int(status))):
        return Suspicion("ban", result.reason)
    if result.reason in {"redirect", "off-site"}:
        return sent_on(visit.captures[0].url, alone=result.reason == "off-site")
    if result.reason in _FACELESS and isinstance(visit.page, Page):
        return Suspicion("wall", result.reason, face_of(visit.page.text), ALIKE_PAGE)
    return None


def face_of(html: str) -> str:
    """What the page *html* says, but for numbers, tokens and addresses: the beginning of it."""
    return " ".join(_NUMBERS.sub("", _TAGS.sub(" ", html)).split())[:FACE]
