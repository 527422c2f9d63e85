"""`citynews demo --days`: an archive in which growth, corrections and copies can be tried."""

from __future__ import annotations

import pickle
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.config import Config
from crawler.crawl.options import CrawlOptions
from crawler.samples import NAMES, Samples
from crawler.samples.days import Days
from harness import disk
from harness.command import citynews


def test_the_same_days_pass_each_time() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    lived = []
    for _ in range(2):
        with Samples(dict.fromkeys(NAMES, 0)) as samples:
            before = {story.path for name in NAMES for story in samples.stories(name)}
            days, ever = Days(samples), set(before)
            for number in range(20):
                days.pass_day(now + timedelta(days=number))
                ever |= {story.path for name in NAMES for story in samples.stories(name)}
            lived.append([(s.path, s.title, s.views, s.body) for name in NAMES for s in samples.stories(name)])
            copies = [s for name in NAMES for s in samples.stories(name) if s.copy_of and s.path not in before]
            assert len(copies) > 3
            assert ever - {path for path, *_ in lived[-1]}, "nothing was taken down"
    assert lived[0] == lived[1]


def test_what_a_day_is_asked_for_goes_to_its_process() -> None:
    options = CrawlOptions(Config("ops@example.org", Path("output")), quiet=True)
    assert pickle.loads(pickle.dumps(options)) == options


@pytest.mark.slow
def test_a_demo_of_twelve_days(tmp_path: Path) -> None:
    done = citynews("demo", "--days", "12", "--output", tmp_path / "demo", timeout=400)
    assert "day 12 of 12" in done.err
    root = tmp_path / "demo"
    assert citynews("verify", "--output", root, "--json", "--quiet").summary["damage"] == []
    begun = sorted(run["started_at"][:10] for run in disk.runs(root))
    assert len(set(begun)) == 12
    today = datetime.now(UTC).date()
    assert begun[-1] in {str(today), str(today - timedelta(days=1))}
    outcomes = Counter(row["outcome"] for row in disk.records(root, "observations"))
    assert outcomes["changed"] > 2
    assert outcomes["gone"] > 0
    counts = defaultdict(set)
    for visit in disk.records(root, "observations"):
        counts[visit["id"]].add(visit["view_count"])
    assert sum(len(seen) > 2 for seen in counts.values()) > 30, "views grow"
    assert len(disk.records(root, "duplicates")) > 4
    assert citynews("export", tmp_path / "pages.csv", "--output", root).code == 0
