"""Which addresses are due again, and which of them first: docs/decisions/0044."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crawler.archive.index.entries import ALIAS, DUPLICATE, REMOVED, AddressEntry, KnownArticle
from crawler.article import OUTAGES, parse_moment

if TYPE_CHECKING:  # pydantic takes longer to import than status needs
    from crawler.portals import Portal

#: A page that says itself that it is no article is looked at again after these times, then no more.
REFUSED_AGAIN = (timedelta(days=1), timedelta(days=7))
#: What a server answers in its place (a lone 401 or 403, a wall) is asked again after these times, and for ever.
WITHHELD_AGAIN = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
QUARTER = timedelta(days=91)
#: Reasons of refusals that are the server's, not the page's; besides every status but 404 and 410.
_WITHHELD = frozenset({"bot-wall", "login", "redirect", "off-site", "undated", "other-page", *OUTAGES})
_GONE = frozenset({"http-404", "http-410"})
#: An address that keeps failing is asked on its own account this often; after that only where discovery still names it.
MAX_FAILURES = 10
PATIENCE = 2  #: failures after which an address waits behind all others: many such would end the run for the site
BEHIND_ALL = -5  #: the priority of requests for addresses that :func:`fails`: below that of further list pages

_MISSING, _ARCHIVED, _FAILING = range(3)


@dataclass(frozen=True, slots=True, order=True)
class Priority:
    """The order of due addresses: the smallest comes first, since it is the most valuable."""

    rank: int  #: what is not archived yet, then what is, then what keeps failing
    step: float  #: seconds of the age that has come; a young article changes most, and its visit cannot be made up
    overdue: float  #: seconds until it was due: below 0
    id: str


def due(
    address: AddressEntry,
    known: KnownArticle | None,
    portal: Portal,
    now: datetime,
    pardons: Callable[[str], bool] = lambda _: False,
) -> bool:
    """Whether an address that was visited before is due for another visit."""
    return priority(address, known, portal, now, pardons) is not None


def priority(
    address: AddressEntry,
    known: KnownArticle | None,
    portal: Portal,
    now: datetime,
    pardons: Callable[[str], bool] = lambda _: False,
) -> Priority | None:
    """The priority of an address that was visited before; None where it is not due. *known*: the article there.

    *pardons*: whether an address that was refused for a reason is due whenever that was.
    """
    if address.rank in {ALIAS, DUPLICATE, REMOVED}:
        return None
    last = parse_moment(address.last_at)
    if address.outcome == "failed":  # of an archived article too: that visit has not been made
        rank = _FAILING if fails(address) else _MISSING if known is None else _ARCHIVED
        return Priority(rank, 0.0, (last - now).total_seconds(), address.id)
    if address.outcome == "refused" and pardons(address.reason):
        return Priority(_MISSING if known is None else _ARCHIVED, 0.0, (last - now).total_seconds(), address.id)
    if known is not None:
        archived = parse_moment(known.first_at)
        come = [age for age in portal.revisit.after if last < archived + age <= now]
        if come:
            return _priority_at(_ARCHIVED, max(come), archived, now, address.id)
    if address.outcome != "refused" and known is not None:
        return None
    wait = _wait(address)
    rank = _MISSING if known is None else _ARCHIVED
    return _priority_at(rank, wait, last, now, address.id) if wait and now >= last + wait else None


def fails(address: AddressEntry) -> bool:
    """Whether *address* waits behind all others: were it first again, what fails would be all that a run sees."""
    return address.outcome == "failed" and (address.failures > PATIENCE or address.reason in OUTAGES)


def due_from(address: AddressEntry, known: KnownArticle | None, portal: Portal) -> datetime | None:
    """The time from which :func:`due` is true for an address, if it does not change until then; None: never."""
    if address.rank in {ALIAS, DUPLICATE, REMOVED}:
        return None
    last = parse_moment(address.last_at)
    if address.outcome == "failed":
        return last
    moments: list[datetime] = []
    if known is not None:
        archived = parse_moment(known.first_at)
        moments = [archived + age for age in portal.revisit.after if archived + age > last]
    if (address.outcome == "refused" or known is None) and (wait := _wait(address)):
        moments.append(last + wait)
    return min(moments, default=None)


def is_withheld(reason: str) -> bool:
    """Whether an address that was refused for *reason* may still be an article: its page was not seen."""
    return reason in _WITHHELD or (reason.startswith("http-") and reason not in _GONE)


def _wait(address: AddressEntry) -> timedelta | None:
    """How long after its last visit a refused address is requested again; None: never."""
    if is_withheld(address.reason):
        return next(iter(WITHHELD_AGAIN[address.refusals - 1 : address.refusals]), QUARTER)
    return next(iter(REFUSED_AGAIN[address.refusals - 1 : address.refusals]), None)


def _priority_at(rank: int, age: timedelta, since: datetime, now: datetime, ident: str) -> Priority:
    return Priority(rank, age.total_seconds(), (since + age - now).total_seconds(), ident)
