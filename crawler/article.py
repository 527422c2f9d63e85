"""The data that moves: captures in, articles out; and the table of the fields of an article.

Nothing here fetches, parses or writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal, Self, get_args

from crawler.values.text import nfkc

ARTICLE_SCHEMA = "citynews/article/2"
REVISION_SCHEMA = "citynews/revision/2"
DUPLICATE_SCHEMA = "citynews/duplicate/2"
OBSERVATION_SCHEMA = "citynews/observation/1"

#: Why a visit failed that says nothing of its address, since the whole portal answered as it should not: it bans us, it
#: shows one page under every address, it sends every address elsewhere. Such failures do not count against an address.
OUTAGES = frozenset({"ban", "wall", "outage"})
#: Reasons that only the crawl can know, by what other addresses answered: replay takes them over from the decision.
TAKEN_OVER = OUTAGES | {"undated"}

Role = Literal["page", "next", "counter"]
Precision = Literal["second", "minute", "day"]
LinkKind = Literal["related", "previous", "next"]
#: How a visit of an article address ends. "failed" (no usable answer) is decided in the WARC but writes no line.
Outcome = Literal["new", "unchanged", "changed", "not-modified", "gone", "back", "duplicate", "refused", "failed"]
#: How a value was found.
How = Literal["rule", "json-ld", "meta", "label", "generic", "counter", "template"]


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One key of an article record: its type, and where it is used."""

    name: str
    #: "x?" may be null; a tuple is a choice of texts; a dict is an object; [t] is a list of t. See records/schema.py.
    kind: Any
    extracted: bool = False  #: read off the page: has an entry in extracted_by
    covered: bool = False  #: a page may lack it, and a portal may expect its coverage
    revised: bool = False  #: named in changed_fields; counters, links, advertising change daily and are no correction
    checked: bool = False  #: compared by `portals check` and expected of a draft
    templated: bool = False  #: must come out the same through a learned template
    since: int = 1  #: the version of the record format that brought it


_LINK = {"url": "url", "title": "text?", "kind": get_args(LinkKind)}
_WARC = {"file": "text", "offset": "count", "length": "count", "record_id": "record", "payload_digest": "digest"}
_CAPTURE = {"role": get_args(Role), "url": "url", "record_id": "record", "fetched_at": "utc"}


def _page(name: str, kind: Any, *flags: str) -> FieldRule:
    return FieldRule(name, kind, extracted=True, **dict.fromkeys(flags, True))


_FILE = {"url": "url", "title": "text?", "type": "text?"}


_EXTRACTED = (
    _page("canonical_url", "url"),
    _page("title", "text?", "covered", "revised", "checked", "templated"),
    _page("source", "text?", "covered", "revised", "checked", "templated"),
    _page("source_url", "url?", "revised"),
    _page("author", "text?", "covered", "revised", "templated"),
    _page("editor", "text?", "covered", "revised", "templated"),
    _page("published_at", "zoned?", "covered", "revised", "checked", "templated"),
    _page("published_date", "day?"),
    _page("published_raw", "text?"),
    _page("published_precision", (*get_args(Precision), None), "templated"),
    _page("modified_at", "zoned?", "covered", "revised", "templated"),
    _page("view_count", "count?", "covered", "checked", "templated"),
    _page("view_count_raw", "text?"),
    _page("body", "text?", "covered", "revised", "checked", "templated"),
    _page("language", "text?", "covered", "templated"),
    _page("section", ["text"], "covered", "revised", "templated"),
    _page("tags", ["text"], "covered", "revised", "templated"),
    _page("images", [{"url": "url", "caption": "text?"}], "covered", "revised", "templated"),
    FieldRule("attachments", [_FILE], extracted=True, revised=True, since=2),
    _page("related_links", [_LINK], "covered", "checked", "templated"),
)
EXTRACTED = tuple(rule.name for rule in _EXTRACTED)
#: The keys of an article record, in order. All else that lists fields of an article follows from this table.
FIELDS = (
    FieldRule("schema", "text"),
    FieldRule("id", "id"),
    FieldRule("portal", "portal"),
    FieldRule("url", "url"),
    *_EXTRACTED,
    FieldRule("page_urls", ["url"]),
    FieldRule("incomplete", [("counter", "pages", "truncated")]),
    FieldRule("similar_to", ({"id": "id", "similarity": "share"}, None)),
    FieldRule("fetched_at", "utc"),
    FieldRule("revision", "count?"),
    FieldRule("body_hash", "sha256?"),
    FieldRule("content_hash", "sha256?"),
    FieldRule("run", "text?"),
    FieldRule("warc", (_WARC, None)),
    FieldRule("captures", [_CAPTURE]),
    FieldRule("extracted_by", dict.fromkeys(EXTRACTED, (*get_args(How), None))),
)
COVERED = tuple(rule.name for rule in FIELDS if rule.covered)
REVISED = tuple(rule.name for rule in FIELDS if rule.revised)
CHECKED = tuple(rule.name for rule in FIELDS if rule.checked)
TEMPLATED = tuple(rule.name for rule in FIELDS if rule.templated)


@dataclass(frozen=True, slots=True)
class WarcRef:
    """The position and the id of a record in the archive's WARC files."""

    file: str  #: relative to warc/
    offset: int  #: of the gzip member, in bytes
    length: int  #: of the gzip member, in bytes; 0 where it is not known
    record_id: str  #: "<urn:uuid:...>"; empty where it is not known
    payload_digest: str  #: "sha256:..." as in the record's header; empty where it is not known

    @classmethod
    def of(cls, place: Mapping[str, Any]) -> Self:
        """The position in a line, a decision or a page note. Raises KeyError if file or offset is missing."""
        digest = place.get("payload_digest") or place.get("digest") or ""
        return cls(place["file"], place["offset"], place.get("length", 0), place.get("record_id", ""), digest)


@dataclass(frozen=True, slots=True)
class Capture:
    """One response as transferred, and where it was archived."""

    role: Role
    url: str  #: that answered (after redirects)
    status: int
    headers: tuple[tuple[str, str], ...]
    payload: bytes  #: as sent: still content-encoded
    fetched_at: datetime  #: UTC, microseconds; the record's WARC-Date
    record_id: str
    warc: WarcRef | None = None
    asked: str = ""  #: the address asked for, before redirects
    truncated: bool = False  #: its record says that it is not whole, or lacks a part of it
    disconnected: bool = False  #: the connection ended before the server's head said; the body may be whole

    def header(self, name: str) -> str | None:
        """The first value of header *name*, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


class Answers(dict[str, "Capture | None"]):
    """What a site answered: address, or name of a request for data -> its capture; None where no answer came."""

    def __init__(self, captures: Mapping[str, Capture | None] = {}, reasons: Mapping[str, str] = {}) -> None:
        super().__init__(captures)
        self.reasons = dict(reasons)  #: why there is no capture, by a name as run files use them


@dataclass(frozen=True, slots=True)
class Wanted:
    """One more URL that is needed to complete an article."""

    role: Role
    url: str
    referer: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A page that is not an article, with its reason: list, bot-wall, error-page, empty, http-404, ..."""

    reason: str
    #: The address may well answer next time (503, a time-out): it stays due and no line is written.
    transient: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A related link: absolute, not of the page itself."""

    url: str
    title: str | None
    kind: LinkKind


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the body."""

    url: str
    caption: str | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to which the text, or a block of attachments, links."""

    url: str
    title: str | None
    type: str | None  #: the ending of its name, in lower case: pdf, docx, xlsx, zip


@dataclass(slots=True)
class Article:
    """One article as of one visit.

    It has the keys of its record, without those that the archive adds; docs/formats.md describes each.
    """

    id: str  #: of the address in *url*: first 32 hex of sha256
    portal: str
    url: str  #: after redirects
    canonical_url: str
    title: str | None = None
    source: str | None = None  #: 来源, as stated
    source_url: str | None = None
    author: str | None = None
    editor: str | None = None
    published_at: str | None = None  #: ISO 8601 with offset
    published_date: str | None = None  #: as printed: YYYY-MM-DD in the page's own zone
    published_raw: str | None = None
    published_precision: Precision | None = None
    modified_at: str | None = None
    view_count: int | None = None
    view_count_raw: str | None = None
    body: str | None = None  #: paragraphs separated by a blank line
    language: str | None = None  #: BCP 47
    section: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    related_links: list[Link] = field(default_factory=list)
    page_urls: list[str] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)
    extracted_by: dict[str, str] = field(default_factory=dict)

    def is_attributed(self) -> bool:
        """Whether the page states a source or a day; a day that only its address names stands in an outage too."""
        if self.source is not None or self.published_at is None:
            return self.source is not None
        return self.extracted_by["published_at"] != "generic" or (self.published_raw or "") not in self.url


def body_hash(body: str | None) -> str | None:
    """sha256 of the NFKC form of *body* without white space; None for no body."""
    return None if body is None else _digest(_squash(body))


def content_hash(title: str | None, body: str | None) -> str | None:
    """sha256 over title and body, each in the form of :func:`body_hash`, separated by a line feed."""
    if title is None and body is None:
        return None
    return _digest(_squash(title or "") + "\n" + _squash(body or ""))


def isoformat(moment: datetime) -> str:
    """*moment* in UTC with microseconds and Z: the form of fetched_at, observed_at and WARC-Date."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def parse_moment(text: str) -> datetime:
    """The inverse of :func:`isoformat`; also reads dates without fractions. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)


def as_record(item: Any) -> dict[str, Any]:
    """A dataclass of this module as plain JSON data, in attribute order, one level of dataclasses inside lists."""
    kind: Any = type(item)
    names, values = _attributes(kind)
    return dict(zip(names, map(_plain, values(item)), strict=True))


_SCALARS = frozenset({str, int, float, bool, type(None)})


@lru_cache(maxsize=64)
def _attributes(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """The names of the attributes of a dataclass, and what gets all their values."""
    names = tuple(attribute.name for attribute in fields(kind))
    return names, attrgetter(*names) if len(names) > 1 else lambda item: (getattr(item, names[0]),)


def _plain(value: Any) -> Any:
    if type(value) in _SCALARS:  # by far the most
        return value
    if isinstance(value, list | tuple):
        return list(map(_plain, value))
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "__dataclass_fields__"):
        return as_record(value)
    return value


@lru_cache(maxsize=4)  # the hash of a body and that of title and body are asked for together
def _squash(text: str) -> str:
    return "".join(nfkc(text).split())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
