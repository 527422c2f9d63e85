"""Which store a local copy of an archive belongs to."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import orjson

from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Paths


@dataclass(frozen=True, slots=True)
class StoreHome:
    """The store that a folder is a copy of."""

    store: str  #: its address
    name: str  #: of the archive in it
    light: bool  #: whether WARC files are left there
    token: str  #: of this folder

    def encoded(self) -> bytes:
        """The content of the file."""
        return orjson.dumps({"schema": "citynews/home/1", **asdict(self)}, option=orjson.OPT_INDENT_2) + b"\n"


def read(paths: Paths) -> StoreHome | None:
    """What the folder says; None where it is no copy. Raises DamagedError."""
    try:
        values = orjson.loads(paths.home.read_bytes())
        return StoreHome(*(values[name] for name in ("store", "name", "light", "token")))
    except FileNotFoundError:
        return None
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise DamagedError(f"{paths.home}: cannot be read; delete it, then pull again") from error


def is_elsewhere(paths: Paths, path: str) -> bool:
    """Whether *path* (relative to the archive) is left in the store: a WARC file of a light copy."""
    if not path.endswith(".warc.gz") or (paths.root / path).exists():
        return False
    found = read(paths)
    return found is not None and found.light
