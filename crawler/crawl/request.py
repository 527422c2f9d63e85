"""The keys of ``request.meta`` that this project sets, with a typed accessor for each.

| key | type | set by | read by |
|---|---|---|---|
| ``kind`` | Kind | the spiders, rendering | all: what the request is for; absent on a robots.txt |
| ``list_page`` | ListPage | the spider | frontier: which list a discovery page continues |
| ``admitted`` | bool | the spider | frontier: it named the address itself, and has counted it |
| ``failed`` | bool | frontier | throttle: its address failed when it was visited last |
| ``takes_cut`` | bool | frontier | download handler: a body without its end is taken, since it never came whole |
| ``dated`` | datetime, None | the spider | frontier: when the document was published or changed, if stated |
| ``wire`` | Wire | download handler | capture: the bytes of the exchange |
| ``started_at`` | datetime | throttle | capture: when the request left, where the wire does not say |
| ``refers`` | WarcRef | conditional | capture: the record whose validators were sent |
| ``capture`` | Capture | capture, rendering | spider, conditional: the archived answer |

Of Scrapy's own keys ``download_slot`` (one slot per portal: the throttle keeps the pace), ``download_maxsize``,
``download_fail_on_dataloss`` and ``dont_obey_robotstxt`` are used. What a request belongs to (its visit, what the visit
wants) is in its ``cb_kwargs``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast, get_args

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.article import Capture, Role, WarcRef
from crawler.crawl.downloader.wire import Wire
from crawler.extraction.page import requisites

Discovery = Literal["list", "feed", "sitemap"]
Kind = Literal[Discovery, "article", Role, "render", "survey", requisites.Kind]
#: Kinds of requests for what a page needs to look as it looked.
REQUISITES: frozenset[str] = frozenset(get_args(requisites.Kind))
#: Kinds of requests that find articles.
DISCOVERY: frozenset[str] = frozenset(get_args(Discovery))
#: What a visit asks for besides its first page.
COMPLETES_VISIT: frozenset[str] = frozenset({"next", "counter"})
ROBOTS = "robots"  #: the name under which a request without a kind is counted


@dataclass(frozen=True, slots=True)
class ListPage:
    """A discovery page: its place in its list."""

    name: str  #: tells it from others: its address, or all that is asked with it
    root: str = ""  #: the first page of the list that it continues; itself where it continues none
    further: bool = False  #: whether it continues a list
    numbered: bool = False  #: whether a list page with a smaller number links it: it may continue that, or be a list


def meta_of(
    kind: Kind, *, list_page: ListPage | None = None, dated: datetime | None = None, admitted: bool = False
) -> dict[str, Any]:
    """The ``meta`` of a new request of *kind*."""
    return {"kind": kind, "list_page": list_page, "dated": dated, "admitted": admitted}


def kind_of(request: Request) -> Kind | None:
    """What *request* is for; None for a robots.txt."""
    return cast("Kind | None", request.meta.get("kind"))


def discovery_kind(request: Request) -> Discovery | None:
    """The kind of *request* where it is a discovery page, else None."""
    kind = kind_of(request)
    return cast(Discovery, kind) if kind in DISCOVERY else None


def list_page_of(request: Request) -> ListPage:
    """The place of a discovery page in its list."""
    return request.meta.get("list_page") or ListPage(request.url, request.url)


def dated_of(request: Request) -> datetime | None:
    """When the document at *request* was published or changed, where the page that named it states it."""
    return cast("datetime | None", request.meta.get("dated"))


def is_admitted(request: Request) -> bool:
    """Whether the frontier named the address of *request* itself."""
    return bool(request.meta.get("admitted"))


def has_failed(request: Request) -> bool:
    """Whether the address of *request* failed, again and again or in an outage, when it was visited last."""
    return bool(request.meta.get("failed"))


def put_failed(request: Request) -> None:
    """Sets what :func:`has_failed` gives."""
    request.meta["failed"] = True


def takes_cut(request: Request) -> bool:
    """Whether a body without its end is taken for an answer."""
    return bool(request.meta.get("takes_cut"))


def put_takes_cut(request: Request) -> None:
    """Sets what :func:`takes_cut` gives."""
    request.meta["takes_cut"] = True


def wire_of(request: Request) -> Wire | None:
    """The bytes of the exchange, where they were recorded."""
    return cast("Wire | None", request.meta.get("wire"))


def put_wire(request: Request, wire: Wire | None) -> None:
    """Sets, or with None removes, what :func:`wire_of` gives."""
    _put(request, "wire", wire)


def started_at_of(request: Request) -> datetime | None:
    """When *request* left the throttle."""
    return cast("datetime | None", request.meta.get("started_at"))


def put_started_at(request: Request, moment: datetime) -> None:
    """Notes that *request* leaves at *moment*."""
    request.meta["started_at"] = moment


def refers_of(request: Request) -> WarcRef | None:
    """The place ("warc" of a line) of the record whose validators *request* carries."""
    return cast("WarcRef | None", request.meta.get("refers"))


def put_refers(request: Request, place: WarcRef | None) -> None:
    """Sets, or with None removes, what :func:`refers_of` gives."""
    _put(request, "refers", place)


def capture_of(message: Request | Response) -> Capture:
    """The archived answer. Raises KeyError where there is none yet."""
    return cast(Capture, message.meta["capture"])


def put_capture(request: Request, capture: Capture) -> None:
    """Sets what :func:`capture_of` gives."""
    request.meta["capture"] = capture


def request_of(failure: Failure) -> Request:
    """The request that an errback is called for."""
    return cast(Request, failure.request)  # type: ignore[attr-defined] # Scrapy adds it


def _put(request: Request, key: str, value: Any) -> None:
    if value is None:
        request.meta.pop(key, None)
    else:
        request.meta[key] = value
