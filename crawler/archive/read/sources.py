"""The WARC files from which an archive was replayed: single files, folders, WACZ packages; and their names."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import orjson

from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import final_name
from crawler.archive.warc import third_party
from crawler.archive.warc.members import container_of, is_arc
from crawler.archive.warc.recompress import is_recordwise, recompress
from crawler.archive.warc.record import records

_ARC = "an ARC file; `warcio recompress X.arc.gz X.warc.gz` makes a WARC file of it"
#: Endings of files in folders of WARC files that are none: indexes, lists of pages, descriptions.
_OTHER_FILES = (".cdxj", ".cdx", ".cdx.gz", ".idx", ".json", ".jsonl", ".md", ".txt", ".log", ".sha256", ".md5")
Skipped = Callable[[str], None]


class SourceError(Exception):
    """A source that cannot be replayed."""


def expand(
    path: Path, folder: Path, skipped: Skipped = lambda name: None, damaged: Skipped = lambda what: None
) -> list[Path]:
    """The WARC files at *path*, whatever they are called; those of a package are unpacked below *folder*.

    So are those that are not compressed record by record.

    *skipped* is called with each file of a folder that is none and does not belong beside one, *damaged* with each part
    of a package that is not what the package says, and with what cannot be unpacked. Raises SourceError.
    """
    if path.is_dir():
        found: list[Path] = []
        for file in sorted(file for file in path.rglob("*") if file.is_file()):
            if file.suffix.lower() == ".wacz":
                found += _unpack(file, folder, damaged)
            elif container_of(file) is not None:
                found.append(_recordwise(file, folder, damaged))
            elif is_arc(file):
                skipped(f"{file} ({_ARC})")
            elif not file.name.lower().endswith(_OTHER_FILES):
                skipped(str(file))
        return found
    if not path.exists():
        raise SourceError(f"{path}: no such file or folder")
    if path.suffix.lower() == ".wacz":
        return _unpack(path, folder, damaged)
    if is_arc(path):
        raise SourceError(f"{path}: {_ARC}")
    if container_of(path) is None:
        raise SourceError(f"{path}: not a WARC file, a folder of them, or a WACZ package")
    return [_recordwise(path, folder, damaged)]


def _recordwise(path: Path, folder: Path, damaged: Skipped) -> Path:
    return path if is_recordwise(path) else recompress(path, folder, damaged)


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


def _unpack(path: Path, folder: Path, damaged: Skipped) -> list[Path]:
    """Under a folder of the package's name, for that is what lines name its files by."""
    target = folder / str(len(list(folder.iterdir()))) / path.name
    target.mkdir(parents=True)
    found: list[Path] = []
    try:
        with zipfile.ZipFile(path) as package:
            said = _digests(package)
            for name in package.namelist():
                parts = PurePosixPath(name).parts
                inner = name.lower().endswith(".wacz")
                if name.endswith("/") or (
                    not inner and (parts[:1] != ("archive",) or name.lower().endswith(_OTHER_FILES))
                ):
                    continue
                file = target / PurePosixPath(name).name
                if file.exists():  # two folders of the package hold a file of this name
                    file = target / "--".join(parts[1:])
                if (sha256 := _copy(package, name, file)) != said.get(name, sha256):
                    damaged(f"{path}: {name} does not have the sha256 that datapackage.json says")
                if inner:
                    found += _unpack(file, folder, damaged)
                elif container_of(file) is not None:
                    found.append(_recordwise(file, folder, damaged))
    except (zipfile.BadZipFile, NotImplementedError, zlib.error) as error:
        raise SourceError(f"{path}: not a WACZ package: {error}") from error
    return found


def _copy(package: zipfile.ZipFile, name: str, file: Path) -> str:
    """Unpacks the entry *name* into *file*; returns its sha256."""
    digest = hashlib.sha256()
    with package.open(name) as source, file.open("wb") as out:
        while chunk := source.read(1 << 20):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _digests(package: zipfile.ZipFile) -> dict[str, str]:
    """Entry -> sha256, as the package says; empty where it says nothing that can be read."""
    try:
        resources = orjson.loads(package.read("datapackage.json"))["resources"]
        pairs = ((resource["path"], str(resource["hash"])) for resource in resources)
        return {path: value.removeprefix("sha256:") for path, value in pairs if value.startswith("sha256:")}
    except (KeyError, TypeError, ValueError):
        return {}
