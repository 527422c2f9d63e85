"""What an HTTP status says about the next request for the same address."""

from __future__ import annotations

#: Of the client errors those that a later request may not meet: timeout, too early, too many requests.
_LATER = frozenset({408, 425, 429})


def is_transient(status: int) -> bool:
    """Whether *status* says that the server cannot answer now, which says nothing about the address."""
    return status >= 500 or status in _LATER


def is_ban(status: int) -> bool:
    """Whether *status* means that the server refuses us: any 4xx except not found, gone and temporary ones."""
    return 400 <= status < 500 and status not in {404, 410} and not is_transient(status)
