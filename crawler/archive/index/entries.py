"""What the index returns for an address or an article. A module of its own: `status` needs no more of the index."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = 11  #: of the index's tables

#: What an address has proved to be; the highest ever seen holds, whatever a later visit brings.
NOTHING, ALIAS, DUPLICATE, ARTICLE, REMOVED = range(5)


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """What the index knows of an archived article: as of its latest revision, whose line lies at *path*, *offset*."""

    id: str
    portal: str
    url: str
    first_at: str
    revision: int
    content_hash: str | None
    path: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class AddressEntry:
    """The ledger's entry for one address that was visited."""

    id: str
    portal: str
    url: str
    rank: int  #: NOTHING, ALIAS, DUPLICATE, ARTICLE or REMOVED
    first_at: str
    last_at: str
    outcome: str  #: of the last visit
    reason: str  #: why it was refused or failed; "" for none
    refusals: int
    failures: int
