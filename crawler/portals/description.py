"""Selects portals by their definitions: place, kind, tags."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from crawler.portals.model import Portal

_CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,6})?")
_EMPTY_LEVELS = re.compile(r"(?<=-\d\d)0000$|(?<=-\d{4})00$")


def code_prefix(place: str) -> str | None:
    """How the codes of all that lies in *place* begin, where *place* is a code; None where it is a name.

    The code of a province holds those of its cities: CN-440000 gives CN-44, which begins CN-440300 too.
    """
    return _EMPTY_LEVELS.sub("", place.upper()) if _CODE.fullmatch(place.upper()) else None


@dataclass(frozen=True, slots=True)
class Description:
    """What the definitions of the wanted portals say of them; the empty one is every portal's."""

    places: tuple[str, ...] = ()  #: how the name of its place begins, or a code that contains the place
    kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  #: a portal has one of them

    @property
    def is_everything(self) -> bool:
        return self == Description()

    def fits(self, name: str | None, code: str | None, kind: str | None, tags: Collection[str]) -> bool:
        """Whether a portal of this *kind* and these *tags*, of the place *name* with *code*, is wanted."""
        return (
            (not self.places or any(_lies_in(name or "", code or "", place) for place in self.places))
            and (not self.kinds or kind in self.kinds)
            and (not self.tags or not set(self.tags).isdisjoint(tags))
        )

    def of(self, portals: Iterable[Portal]) -> list[Portal]:
        """Those of *portals* that are wanted, in their order."""
        return [portal for portal in portals if self.fits(*_place_of(portal), portal.kind, portal.tags)]


def _place_of(portal: Portal) -> tuple[str | None, str | None]:
    return (portal.place.name, portal.place.code) if portal.place else (None, None)


def _lies_in(name: str, code: str, place: str) -> bool:
    prefix = code_prefix(place)
    return name.startswith(place) if prefix is None else code.startswith(prefix)
