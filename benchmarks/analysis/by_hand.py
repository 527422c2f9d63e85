"""What an analyst would write over the lines without citynews: pages of a portal and day, median views, a search.

    python -m benchmarks.analysis.by_hand pandas ARCHIVE

Prints one line of JSON: whether each came out as the tables have it. A library that is not installed is skipped.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

from crawler import archive

WORD = "交通"


def truth(root: Path) -> tuple[Counter[tuple[str, str | None]], int]:
    """(portal, day) -> pages; pages with WORD in title or text."""
    days: Counter[tuple[str, str | None]] = Counter()
    hits = 0
    for page in archive.open(root).pages(latest=True):
        days[page["portal"], page["published_date"]] += 1
        hits += WORD in f"{page['title']}{page['body']}"
    return days, hits


def pandas(root: Path) -> tuple[Counter[Any], int]:
    import pandas as pd  # noqa: PLC0415

    frame = pd.concat(pd.read_json(file, lines=True) for file in sorted(root.glob("articles/*/*.jsonl")))
    day = pd.to_datetime(frame["published_at"], utc=True).dt.strftime("%Y-%m-%d")
    return Counter(frame.groupby(["portal", day]).size().to_dict()), int(frame["body"].str.contains(WORD).sum())


def polars(root: Path) -> tuple[Counter[Any], int]:
    import polars as pl  # noqa: PLC0415

    lines = pl.scan_ndjson(str(root / "articles/*/*.jsonl"))
    days = lines.group_by("portal", pl.col("published_at").str.to_datetime(time_zone="UTC").dt.date().cast(str)).len()
    hits = lines.filter(pl.col("body").str.contains(WORD)).select(pl.len()).collect().item()
    return Counter({(portal, day): count for portal, day, count in days.collect().rows()}), hits


def duckdb(root: Path) -> tuple[Counter[Any], int]:
    import duckdb  # noqa: PLC0415

    lines = f"read_json('{root}/articles/*/*.jsonl')"
    db = duckdb.connect()
    day = "CAST(published_at::TIMESTAMPTZ AS DATE)::VARCHAR"
    days = db.execute(f"SELECT portal, {day}, count(*) FROM {lines} GROUP BY 1, 2")
    found = Counter({(portal, day): count for portal, day, count in days.fetchall()})
    return found, db.execute(f"SELECT count(*) FROM {lines} WHERE body LIKE '%{WORD}%'").fetchall()[0][0]


def sqlite_utils(root: Path) -> tuple[Counter[Any], int]:
    """With sqlite-utils and its full-text index, which is what Datasette searches."""
    su: Any = import_module("sqlite_utils")

    target = root.parent / "by-hand.sqlite"
    target.unlink(missing_ok=True)
    db = su.Database(target)
    files = sorted(root.glob("articles/*/*.jsonl"))
    db["articles"].insert_all((json.loads(line) for file in files for line in file.open("rb")), pk="id")
    db["articles"].enable_fts(["title", "body"])
    days = db.query("SELECT portal, date(published_at) AS day, count(*) AS n FROM articles GROUP BY 1, 2")
    found = Counter({(row["portal"], row["day"]): row["n"] for row in days})
    return found, sum(1 for _ in db["articles"].search(WORD))


def main() -> None:
    name, root = sys.argv[1], Path(sys.argv[2])
    try:
        days, hits = {"pandas": pandas, "polars": polars, "duckdb": duckdb, "sqlite_utils": sqlite_utils}[name](root)
    except ModuleNotFoundError as error:
        print(json.dumps({"skipped": str(error)}))
        return
    wanted, found = truth(root)
    wrong = sum(days[key] != count for key, count in wanted.items())
    told = {"portal-days wrong": f"{wrong} of {len(wanted)}", f"hits of {WORD}": f"{hits} of {found}"}
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main()
