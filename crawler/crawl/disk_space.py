"""Whether there is enough disk space for a run: minimum free space, and a maximum size of the archive."""

from __future__ import annotations

import shutil
from pathlib import Path

from crawler.archive.storage.errors import StorageError
from crawler.config import Config
from crawler.values.sizes import readable


def check(config: Config) -> None:
    """Nothing, or StorageError: less free than ``min_free``, or more used than ``max_archive``."""
    if config.min_free and (space := free(config.output)) < config.min_free:
        raise StorageError(
            f"{config.output}: {readable(space)} free on its disk, min_free asks for {readable(config.min_free)}: "
            "the crawl was not started; free some space, or lower min_free"
        )
    if config.max_archive and (size := used(config.output)) > config.max_archive:
        raise StorageError(
            f"{config.output}: the archive has {readable(size)}, max_archive allows {readable(config.max_archive)}: "
            "the crawl was not started; move it to a larger disk, or raise max_archive"
        )


def free(folder: Path) -> int:
    """Bytes that may still be written where *folder* is, or will be."""
    folder = folder.absolute()
    there = next(ancestor for ancestor in (folder, *folder.parents) if ancestor.exists())
    return shutil.disk_usage(there).free


def used(folder: Path) -> int:
    """Bytes of all files below *folder*."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
