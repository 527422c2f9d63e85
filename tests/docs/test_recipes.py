"""The recipes of docs/analysis.md are right over sealed, open, torn, tombstoned, copied and revised lines."""

from __future__ import annotations

import re
import statistics
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import duckdb
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


def test_ten_questions(hard: tuple[Path, truth.Truth]) -> None:
    folder, invented = hard
    run([sys.executable, "-m", "crawler", "export", "ten.duckdb"], folder, {"XDG_CACHE_HOME": str(folder / "cache")})
    (sql,) = (block.text for block in blocks_of(ROOT / "docs" / "analysis.md") if "-- 10." in block.text)
    with duckdb.connect(str(folder / "ten.duckdb"), read_only=True) as db:
        answers = [db.execute(question).fetchall() for question in sql.split(";") if question.strip()]
        ids = dict(db.execute("SELECT url, id FROM pages").fetchall())
    stories, counts, bodies = invented.seen, invented.counts, invented.bodies
    assert {(portal, day and day.isoformat()): n for portal, day, n in answers[0]} == invented.days()
    assert answers[1] == [(len({s.copy_of.url if s.copy_of else s.url for s in stories.values()}),)]
    views: defaultdict[str, list[int]] = defaultdict(list)
    for url, seen in counts.items():
        views[stories[url].portal].append(seen[-1])
    assert dict(answers[2]) == {portal: statistics.median(found) for portal, found in views.items()}
    assert sum(pages for _, _, pages in answers[3]) == len(stories)
    agency = [counts[url][-1] for url, s in stories.items() if (s.source or "").strip() == "新华社" and url in counts]
    assert next(found for name, found, _ in answers[3] if name == "新华社") == statistics.median(agency)
    (grown,) = {url for url in stories if ids[url] == answers[4][0][0]}
    assert [count for _, _, count in answers[4]] == counts[grown]
    network = Counter((stories[o].portal, stories[c].portal) for c, o in invented.pairs())
    assert {(origin, copier): n for origin, copier, n in answers[5]} == network
    links = [url in stories for story in stories.values() for url in story.links]
    assert answers[6] == [(sum(links), len(links) - sum(links))]
    spoken = [url for url, s in stories.items() if "交通" in f"{s.title}\n{s.source}\n{bodies[url][-1]}"]
    assert answers[7] == [(len(spoken),)]
    found = run([sys.executable, "-m", "crawler", "search", "交通", "--count", "--quiet"], folder,
                {"XDG_CACHE_HOME": str(folder / "cache")})  # fmt: skip
    assert found.stdout.strip() == str(len(spoken))
    added: defaultdict[str, list[int]] = defaultdict(list)
    for url, texts in bodies.items():
        added[stories[url].portal] += [len(new) - len(old) for old, new in pairwise(texts)]
    assert answers[8] == sorted((portal, len(sizes), sum(sizes)) for portal, sizes in added.items() if sizes)
    portals = Counter(s.portal for s in stories.values())
    gone = Counter(s.portal for url, s in stories.items() if url in invented.vanished)
    assert answers[9] == [(portal, gone[portal], pages) for portal, pages in sorted(portals.items())]


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
