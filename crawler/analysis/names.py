"""Names of portals in their archived definitions, and which portal the source of an article names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from crawler.analysis.snapshot import Snapshot
from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc import record
from crawler.portals import DefinitionError, Description, Portal, parse
from crawler.values import urls

#: How a portal names itself: 本网讯, 本站原创 ...
_SELF = re.compile(r"本(?:网站|網站|网|網|站)(?:讯|訊|消息|原创|原創|综合|整理|编辑|专稿)?")
_TARGET = "urn:citynews:portal:"


@dataclass(frozen=True, slots=True)
class PortalFacts:
    """What a definition says of its portal; of one without, its name alone."""

    portal: str
    title: str
    home: str | None = None
    domains: tuple[str, ...] = ()
    language: str | None = None
    timezone: str | None = None
    place: str | None = None
    place_code: str | None = None
    kind: str | None = None
    tags: tuple[str, ...] = ()

    @classmethod
    def of(cls, portal: Portal, described: Portal) -> PortalFacts:
        """What the definition *portal* says; place, kind and tags by *described*, another one of the same portal."""
        place = described.place
        return cls(
            portal.name, portal.title, portal.home, portal.domains, portal.language, portal.timezone,
            place.name if place else None, place.code if place else None, described.kind, described.tags,
        )  # fmt: skip

    @property
    def row(self) -> tuple[str | tuple[str, ...] | None, ...]:
        """The values of the first columns of the table portals."""
        return tuple(getattr(self, column) for column in STATED)


STATED = PortalFacts.__slots__


#: The definition of the portal of this name that the user has; None for none.
Known = Callable[[str], Portal | None]


def unknown(_name: str) -> Portal | None:
    """For who knows no definitions."""
    return None


def portals_of(snapshot: Snapshot) -> frozenset[str]:
    """Names of the portals that *snapshot* has records of."""
    return frozenset(path.split("/")[1] for path in snapshot.ends)


def facts(snapshot: Snapshot, known: Known = unknown) -> dict[str, PortalFacts]:
    """Portal -> facts, of every portal of *snapshot*: by the definition its last run archived, else by *known*.

    Where the archived one, perhaps older than these keys, states no place, kind or tags, those of *known* hold.
    """
    found = {}
    for name in sorted(portals_of(snapshot)):
        archived = _archived(snapshot, name)
        described = archived if archived and _describes(archived) else known(name) or archived
        portal = archived or described
        found[name] = PortalFacts.of(portal, described or portal) if portal else PortalFacts(name, name)
    return found


@dataclass(frozen=True, slots=True)
class PortalScope:
    """Portals chosen by name and by what their definitions say; the empty one is every portal."""

    names: tuple[str, ...] = ()
    description: Description = field(default_factory=Description)
    known: Known = unknown

    def left_out(self, snapshot: Snapshot) -> frozenset[str]:
        """Names of the portals of *snapshot* that are not meant."""
        if self.description.is_everything:
            return portals_of(snapshot) - frozenset(self.names) if self.names else frozenset()
        return frozenset(
            name
            for name, stated in facts(snapshot, self.known).items()
            if (self.names and name not in self.names)
            or not self.description.fits(stated.place, stated.place_code, stated.kind, stated.tags)
        )


EVERY_PORTAL = PortalScope()


def _describes(portal: Portal) -> bool:
    return bool(portal.place or portal.kind or portal.tags)


def _archived(snapshot: Snapshot, name: str) -> Portal | None:
    """The definition in the WARC files of the last run that visited *name*; None where there is none to be read."""
    for file in snapshot.warcs.get(name, ()):
        try:
            for warc_record in record.records(snapshot.paths.root / file):
                if warc_record.target == _TARGET + name:
                    return parse(warc_record.block.decode(), name)
        except (OSError, DamagedError, DefinitionError, UnicodeDecodeError):
            return None  # verify says what is wrong with it; a title is no reason to refuse
    return None


class SourceNames:
    """Tells which portal a stated source is."""

    def __init__(self, portals: Mapping[str, PortalFacts]) -> None:
        self._portals = portals
        self._named: dict[str, str | None] = {}
        for portal in portals.values():
            for word in {_key(portal.title), _key(portal.portal), *map(_key, portal.domains)}:
                self._named[word] = None if word in self._named else portal.portal  # a name of two portals is of none

    def read(self, portal: str, source: str | None) -> tuple[str | None, str | None]:
        """(source_norm, source_portal) of *source* as stated on a page of *portal*."""
        if source is None:
            return None, None
        text = " ".join(unicodedata.normalize("NFKC", source).split())
        own = self._portals.get(portal)
        named = portal if _SELF.fullmatch(text) else self._named.get(_key(text))
        if named == portal and own is not None:
            return own.title, portal
        return text or None, named


def _key(text: str) -> str:
    """*text* for comparing: an address is its site."""
    text = unicodedata.normalize("NFKC", text).strip().casefold()
    text = text.removeprefix("https://").removeprefix("http://").partition("/")[0]
    return urls.site_of(text) if "." in text and " " not in text else text
