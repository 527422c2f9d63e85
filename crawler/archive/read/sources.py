"""The WARC files that an archive was replayed from: single ones, folders of them, WACZ packages; and their names."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import final_name
from crawler.archive.warc import third_party
from crawler.archive.warc.record import records

_SUFFIXES = (".warc.gz", ".warc")


class SourceError(Exception):
    """A source that cannot be replayed."""


def expand(path: Path, folder: Path) -> list[Path]:
    """The WARC files at *path*; those of a package are unpacked below *folder*. Raises SourceError."""
    if path.is_dir():
        found = sorted(each for each in path.rglob("*") if final_name(each).endswith((*_SUFFIXES, ".wacz")))
        return [file for each in found for file in (_unpack(each, folder) if each.suffix == ".wacz" else [each])]
    if not path.exists():
        raise SourceError(f"{path}: no such file or folder")
    if path.suffix == ".wacz":
        return _unpack(path, folder)
    if not final_name(path).endswith(_SUFFIXES):
        raise SourceError(f"{path}: not a WARC file (*.warc.gz, *.warc), a folder of them, or a WACZ package")
    return [path]


def name_of(path: Path) -> str:
    """What a line's ``warc.file`` says of the WARC file *path*, wherever it was copied to.

    Of a file of citynews: the month it was begun in, and its name. Of any other file: its folder's (or package's) name
    and its own.
    """
    name = final_name(path)
    if not third_party.is_native(path):
        return f"{path.parent.name}/{name}"
    try:
        return f"{next(records(path)).fields['warc-date'][:7]}/{name}"
    except (DamagedError, KeyError, StopIteration):
        return f"{path.parent.name}/{name}"


def _unpack(path: Path, folder: Path) -> list[Path]:
    """Under a folder of the package's name, for that is what lines name its files by."""
    target = folder / str(len(list(folder.iterdir()))) / path.name
    target.mkdir(parents=True)
    found = []
    try:
        with zipfile.ZipFile(path) as package:
            for name in package.namelist():
                if PurePosixPath(name).parts[:1] == ("archive",) and name.endswith((".warc.gz", ".warc")):
                    file = target / PurePosixPath(name).name
                    with package.open(name) as source, file.open("wb") as out:
                        while chunk := source.read(1 << 20):
                            out.write(chunk)
                    found.append(file)
    except zipfile.BadZipFile as error:
        raise SourceError(f"{path}: not a WACZ package: {error}") from error
    return found
