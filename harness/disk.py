"""What lies in an archive, read without any code of the archive: so that both cannot be wrong in the same way."""

from __future__ import annotations

import gzip
import hashlib
import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

STREAMS = ("articles", "revisions", "observations", "duplicates")
Json = dict[str, Any]


def lines(root: Path, stream: str) -> list[bytes]:
    """Every whole line of *stream*, of open and of sealed months."""
    found: list[bytes] = []
    for file in sorted((root / stream).glob("*/*.jsonl*")):
        data = file.read_bytes()
        found += (gzip.decompress(data) if file.suffix == ".gz" else data).split(b"\n")[:-1]
    return found


def all_lines(root: Path) -> dict[str, list[bytes]]:
    """The lines of all four streams, sorted: two archives are the same when these are."""
    return {stream: sorted(lines(root, stream)) for stream in STREAMS}


def records(root: Path, stream: str) -> list[Json]:
    """Every record of *stream*."""
    return [json.loads(line) for line in lines(root, stream)]


def kinds(root: Path) -> Counter[str]:
    """Kind of record -> how many of it lie in the WARC files."""
    found: Counter[str] = Counter()
    for file in (root / "warc").glob("*/*.warc.gz"):
        with file.open("rb") as stream:
            found.update(record.rec_type for record in ArchiveIterator(stream))
    return found


def runs(root: Path) -> list[Json]:
    """The run files in the order of their numbers."""
    return sorted((json.loads(p.read_bytes()) for p in (root / "runs").glob("*.json")), key=lambda run: run["number"])


def doubled(root: Path) -> list[tuple[str, object]]:
    """What stands twice though it must not: ids, revisions, copies, observations."""
    keys = {
        "articles": lambda r: r["id"],
        "revisions": lambda r: (r["id"], r["revision"]),
        "duplicates": lambda r: r["url"],
        "observations": lambda r: (r["id"], r["observed_at"]),
    }
    return [
        (stream, key)
        for stream, key_of in keys.items()
        for key, count in Counter(map(key_of, records(root, stream))).items()
        if count > 1
    ]


def unobserved(root: Path) -> list[Json]:
    """Records that no observation goes with."""
    seen = {(record["id"], record["observed_at"]) for record in records(root, "observations")}
    written = [record for stream in STREAMS if stream != "observations" for record in records(root, stream)]
    return [row for row in written if (row["id"], row["fetched_at"]) not in seen]


def snapshot(root: Path) -> dict[str, tuple[int, int, str]]:
    """Path -> (time of last change, size, sha256) of everything under *root*, folders too."""
    return {
        str(path.relative_to(root)): (
            path.stat().st_mtime_ns,
            path.stat().st_size if path.is_file() else 0,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in [root, *root.rglob("*")]
    }


def index_rows(root: Path) -> dict[str, list[Any]]:
    """Every row of the index, by table; but for what runs remember of their own answers (index/plans.py)."""
    with closing(sqlite3.connect(root / "state" / "index.sqlite3")) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY 1")]
        rows = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in names if name != "plans"}
    rows["meta"] = [row for row in rows["meta"] if not row[0].startswith("plans:")]
    return {name: sorted(found, key=repr) for name, found in rows.items()}


def left_behind(root: Path) -> list[str]:
    """What no command may leave behind."""
    found = [str(path.relative_to(root)) for path in root.rglob("*") if path.name.endswith((".open", ".partial"))]
    return found + ([".change"] if (root / ".change").exists() and any((root / ".change").iterdir()) else [])
