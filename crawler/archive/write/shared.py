"""The archive that this process writes: Scrapy's components find it by its folder, since settings are copied deeply."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from crawler.archive.write.writer import ArchiveWriter

OUTPUT = "CITYNEWS_OUTPUT"  #: the setting that names the folder


class _Settings(Protocol):
    def get(self, name: str, default: Any = None) -> Any: ...


_open: dict[Path, ArchiveWriter] = {}


def share(archive: ArchiveWriter) -> ArchiveWriter:
    """Makes *archive* the one that components of this process find."""
    _open[archive.paths.root.resolve()] = archive
    return archive


def unshare(archive: ArchiveWriter) -> None:
    """Forgets *archive*."""
    _open.pop(archive.paths.root.resolve(), None)


def find(settings: _Settings) -> ArchiveWriter | None:
    """The archive of *settings*, where one is open."""
    return _open.get(root_of(settings))


def of_settings(settings: _Settings) -> ArchiveWriter:
    """The open archive of *settings*. Raises LookupError where none is open."""
    found = find(settings)
    if found is None:
        raise LookupError(f"no archive is open in {root_of(settings)}: ArchiveExtension opens it")
    return found


def root_of(settings: _Settings) -> Path:
    """The archive's folder."""
    return Path(str(settings.get(OUTPUT, "output"))).resolve()
