"""Searches over a SQLite export: hits and three facets, as `citynews browse` asks for them."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from crawler.analysis import query

TERMS = ("交通", "城市", "数字孪生", "人民政府", "香", '"5G"', '"交通 城市"', "交通 -外交")


def time_queries(path: Path) -> None:
    """Prints for each term: hits, milliseconds for the hits, and for three facets of them."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    db.executescript("PRAGMA cache_size=-65536; PRAGMA temp_store=FILE;")
    query.prepare(db)
    (pages,) = db.execute("SELECT count(*) FROM pages").fetchone()
    for term in TERMS:
        sql, values = query.condition(query.parse(term))
        begun = time.perf_counter()
        db.execute(f"CREATE TEMP TABLE hits AS SELECT n FROM pages p WHERE {sql}", values)
        (hits,) = db.execute("SELECT count(*) FROM hits").fetchone()
        found = time.perf_counter()
        for facet in ("portal", "source_norm", "substr(published_date, 1, 7)"):
            db.execute(f"SELECT {facet}, count(*) FROM hits JOIN pages USING (n) GROUP BY 1").fetchall()
        counted = time.perf_counter()
        db.execute("DROP TABLE temp.hits")
        share = f"{hits} of {pages} pages ({hits / pages:.1%})"
        took = f"hits {1000 * (found - begun):7.0f} ms, facets {1000 * (counted - found):7.0f} ms"
        print(f"  {term:20} {share:32} {took}")
    db.close()
