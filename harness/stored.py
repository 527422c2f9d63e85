"""Archives that go into a store and out of it, as the commands bring them."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.archive.storage.objects import Objects
from crawler.maintenance import verify
from crawler.store import pull as pulling
from crawler.store import push as pushing
from crawler.store.outcome import Transfer
from harness import disk
from harness.socketless_sites import SocketlessCrawl, sites_of_day

NAME = "both"


@functools.cache
def _first() -> Path:
    """An archive after the first crawl, made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="citynews-stored-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return another(folder / "archive")


def crawl(root: Path, day: int) -> Path:
    """The *day*-th crawl (from 0) of two sites; all first ones are the same archive."""
    if day == 0:
        return Path(shutil.copytree(_first(), root))
    return another(root, day)


def another(root: Path, day: int = 0) -> Path:
    """A crawl with an archive, or a run, of its own."""
    sites, now = sites_of_day(day)
    SocketlessCrawl(sites, root, now).run()
    return root


def push(root: Path, store: Objects) -> Transfer:
    """As `citynews push` does it."""
    objects = store.below(NAME)
    pushing.begin(objects)
    with Lock(Paths(root).lock):
        return pushing.push(Paths(root), objects, NAME)


def pull(root: Path, store: Objects, *, light: bool = False) -> Transfer:
    """As `citynews pull` does it."""
    with Lock(Paths(root).lock):
        return pulling.pull(Paths(root), store.below(NAME), NAME, light=light)


def whole(root: Path) -> Path:
    """*root*, of which verify finds nothing wrong."""
    assert verify.verify(Paths(root)).damage == []
    assert disk.left_behind(root) == []
    return root


def content(root: Path) -> dict[str, bytes]:
    """Path -> bytes of all that runs claim, and the runs themselves."""
    folders = ("articles", "revisions", "observations", "duplicates", "warc", "runs", "replaced")
    return {
        str(path.relative_to(root)): path.read_bytes()
        for folder in folders for path in sorted((root / folder).rglob("*")) if path.is_file()
    }  # fmt: skip
