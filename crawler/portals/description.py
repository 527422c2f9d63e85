"""Selects portals by their definitions: place, kind, tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from crawler.portals.model import Place, Portal

_CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,6})?")
_EMPTY_LEVELS = re.compile(r"(?<=-\d\d)0000$|(?<=-\d{4})00$")


def code_prefix(place: str) -> str | None:
    """How the codes of all that lies in *place* begin, where *place* is a code; None where it is a name.

    The code of a province holds those of its cities: CN-440000 gives CN-44, which begins CN-440300 too.
    """
    return _EMPTY_LEVELS.sub("", place.upper()) if _CODE.fullmatch(place.upper()) else None


def described(
    portals: Iterable[Portal], places: Sequence[str] = (), kinds: Sequence[str] = (), tags: Sequence[str] = ()
) -> list[Portal]:
    """Those of *portals* that are of one of *places*, one of *kinds* and have one of *tags*, where these are given."""
    return [
        portal
        for portal in portals
        if (not places or any(_lies_in(portal.place, place) for place in places))
        and (not kinds or portal.kind in kinds)
        and (not tags or not set(tags).isdisjoint(portal.tags))
    ]


def _lies_in(own: Place | None, place: str) -> bool:
    if own is None:
        return False
    prefix = code_prefix(place)
    return own.name.startswith(place) if prefix is None else own.code.startswith(prefix)
