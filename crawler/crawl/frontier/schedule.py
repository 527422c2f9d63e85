"""Which addresses are due again, and which of them first: docs/decisions/0044."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.archive.index.index import ALIAS, DUPLICATE, REMOVED, Address, Known
from crawler.article import parse_moment
from crawler.portals import Portal

#: A refused page is looked at again after these times, then no more.
REFUSED_AGAIN = (timedelta(days=1), timedelta(days=7))
#: An address that keeps failing is asked on its own account this often; after that only where discovery still names it.
MAX_FAILURES = 10
PATIENCE = 2  #: failures after which an address waits behind all others: many such would end the run for the site

_MISSING, _ARCHIVED, _FAILING = range(3)


@dataclass(frozen=True, slots=True, order=True)
class Priority:
    """When it is an address's turn among all that are due: the smallest comes first, since it is worth most."""

    rank: int  #: what is not archived yet, then what is, then what keeps failing
    step: float  #: seconds of the age that has come; a young article changes most, and its visit cannot be made up
    overdue: float  #: seconds until it was due: below 0
    id: str


def due(address: Address, known: Known | None, portal: Portal, now: datetime) -> bool:
    """Whether an address that was visited before is to be visited again."""
    return priority(address, known, portal, now) is not None


def priority(address: Address, known: Known | None, portal: Portal, now: datetime) -> Priority | None:
    """The priority of an address that was visited before; None where it is not due. *known*: the article there."""
    if address.rank in {ALIAS, DUPLICATE, REMOVED}:
        return None
    last = parse_moment(address.last_at)
    if address.outcome == "failed":  # of an archived article too: that visit has not been made
        rank = _FAILING if address.failures > PATIENCE else _MISSING if known is None else _ARCHIVED
        return Priority(rank, 0.0, (last - now).total_seconds(), address.id)
    if known is not None:
        archived = parse_moment(known.first_at)
        come = [age for age in portal.revisit.after if last < archived + age <= now]
        return _priority_at(_ARCHIVED, max(come), archived, now, address.id) if come else None
    wait = next(iter(REFUSED_AGAIN[address.refusals - 1 : address.refusals]), None)
    return _priority_at(_MISSING, wait, last, now, address.id) if wait and now >= last + wait else None


def _priority_at(rank: int, age: timedelta, since: datetime, now: datetime, ident: str) -> Priority:
    return Priority(rank, age.total_seconds(), (since + age - now).total_seconds(), ident)
