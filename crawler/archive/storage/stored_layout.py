"""The layout of an archive in an object store: every object is written once.

    store.json                        says what this is; constant bytes, by which the server is proved
    runs/0000000042.json              the run file of number 42, byte for byte: THE COMMIT, one PUT, If-None-Match: *
    warc/<month>/<run>-<number>.warc.gz    WARC files and their .cdxj, whose names hold the run that wrote them
    parts/<run>/<path>                any other bytes that <run> says are of <path>: a range of a month file, or all
    removed/0000000042.json           keys that are deleted once run 42, a removal, is committed; then it goes
    turn/...                          who may ask the site

Beside the archives, ``.sites/<site>`` says which of them a site is crawled into.

A reader believes what a run says that follows the one before it, and nothing else: whatever a writer that died before
its commit has left is seen by nobody.
"""

from __future__ import annotations

import re

STORE_SCHEMA = "citynews/store/1"
MARK = "store.json"
RUNS, REMOVED, TURN = "runs/", "removed/", "turn/"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,127}")
_DIGITS = 10


def run_key(number: int) -> str:
    """Where the run file *number* lies."""
    return f"{RUNS}{number:0{_DIGITS}d}.json"


def number_of(key: str) -> int | None:
    """The number of the run (or of the removal) whose object *key* is; None for any other."""
    digits = key.rpartition("/")[2].removesuffix(".json")
    return int(digits) if len(digits) == _DIGITS and digits.isdecimal() else None


def removed_key(number: int) -> str:
    """Where the keys are named that the removal *number* deletes."""
    return f"{REMOVED}{number:0{_DIGITS}d}.json"


def range_key(run: str, path: str) -> str:
    """Where the bytes lie that *run* says are of the file *path*."""
    own = path.startswith("warc/") and path.rpartition("/")[2].startswith(f"{run}-")
    return path if own else f"parts/{run}/{path}"


def site_key(site: str) -> str:
    """Where it says, in the store itself, which of its archives *site* is crawled into."""
    return f".sites/{site}"
