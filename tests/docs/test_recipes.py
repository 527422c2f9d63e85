"""The recipes of docs/analysis.md are right over sealed, open, torn, tombstoned, copied and revised lines."""

from __future__ import annotations

import re
import statistics
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive import Paths
from crawler.maintenance.remove import remove
from crawler.maintenance.seal import seal
from harness import truth
from tests.docs.conftest import run
from tests.docs.pages import ROOT, blocks_of

RECIPES = {
    re.search(r"import (pandas|polars|duckdb)", block.text)[1]: block  # type: ignore[index] # the pattern is there
    for block in blocks_of(ROOT / "docs" / "analysis.md") if block.language == "python"
}  # fmt: skip


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, truth.Truth]:
    """A folder with an archive in output/ that has everything which made recipes wrong, and what is true of it."""
    folder = tmp_path_factory.mktemp("hard")
    root, invented = folder / "output", truth.invent(150, 30)
    for day in truth.live(invented, root, [2, 12, 22, 35, 45]):
        if day == 35:
            seal(Paths(root), datetime(2026, 10, 6, tzinfo=UTC))
    assert list(root.glob("articles/*/*.jsonl.gz"))
    gone = next(story for url, story in invented.seen.items() if len(invented.bodies[url]) > 1 and not story.copy_of)
    remove(Paths(root), gone.id, "asked to")
    for known in (invented.seen, invented.counts, invented.bodies):
        known.pop(gone.url, None)
    for file in root.glob("*/*/*.jsonl"):  # the run that is going on
        with file.open("ab") as month:
            month.write(b'{"schema":"citynews/article/2","id":"12')
    return folder, invented


@pytest.mark.parametrize("library", ["pandas", "polars", "duckdb"])
def test_recipe(library: str, hard: tuple[Path, truth.Truth]) -> None:
    folder, invented = hard
    shown = RECIPES[library].text + _SHOW[library]
    done = run([sys.executable, "-W", "error", "-c", shown], folder, {"XDG_CACHE_HOME": str(folder / "cache")})
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]
    days = {
        (portal, None if day in {"None", "nan"} else day): int(count)
        for portal, day, count in lines
        if portal != "median"
    }
    assert days == invented.days()
    medians = {portal: float(views) for kind, portal, views in lines if kind == "median"}
    assert medians == {
        portal: statistics.median(c[-1] for url, c in invented.counts.items() if invented.seen[url].portal == portal)
        for portal in invented.portals
    }


#: Prints what the recipe has computed so that it can be read.
_SHOW = {
    "pandas": """
for (portal, day), count in frame.groupby(["portal", "published_date"], dropna=False).size().items():
    print(portal, day, count, sep="\\t")
for portal, views in frame.groupby("portal")["view_count"].median().items():
    print("median", portal, views, sep="\\t")
""",
    "polars": """
for row in pages.group_by("portal", "published_date").len().collect().rows():
    print(*row, sep="\\t")
for portal, views in pages.group_by("portal").agg(pl.col("views").median()).collect().rows():
    print("median", portal, views, sep="\\t")
""",
    "duckdb": """
for row in db.sql("SELECT portal, published_date, count(*) FROM pages GROUP BY ALL").fetchall():
    print(*row, sep="\\t")
for portal, views in db.sql("SELECT portal, median(views) FROM pages GROUP BY portal").fetchall():
    print("median", portal, views, sep="\\t")
""",
}
