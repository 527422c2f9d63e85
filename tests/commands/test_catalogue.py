"""`citynews portals`: what is known of each portal, and what its crawls have brought."""

from __future__ import annotations

import json
from pathlib import Path

from crawler.archive.read.reader import Reader
from harness.command import citynews
from harness.sample_sites import CHENGSHI, METRO, ZHIHUI


def test_the_table_tells_of_the_last_crawl(archive_with_history: Path) -> None:
    folder = archive_with_history.parent / "portals"
    rows = {
        row["name"]: row
        for row in json.loads(citynews("portals", "--portals", folder, "--output", archive_with_history, "--json").out)
    }
    counted = [article["portal"] for article in Reader(archive_with_history).articles()]
    for name in (ZHIHUI, CHENGSHI, METRO):
        assert rows[name]["articles"] == counted.count(name)
        assert rows[name]["last_crawl"] == max(
            json.loads(path.read_text())["finished_at"] for path in (archive_with_history / "runs").glob("*.json")
        )
        assert rows[name]["health"]
    assert rows["afzhan"]["last_crawl"] is None
    assert rows["afzhan"]["health"] is None
    assert rows["afzhan"]["evidence"]
    printed = citynews("portals", "--portals", folder, "--output", archive_with_history).out.splitlines()
    (line,) = [line for line in printed if line.startswith("gkzhan ")]
    described = ["智能制造网", "zh", "中国", "industry", "manufacturing"]
    assert line.split()[1:] == [*described, "high,", "2025-01-30", "unverified", "never", "0", "-"]


def test_without_an_archive_it_is_the_catalogue_alone(tmp_path: Path) -> None:
    done = citynews("portals", "--output", tmp_path / "nowhere", "--json")
    assert all(row["articles"] == 0 for row in json.loads(done.out))
    assert not (tmp_path / "nowhere").exists()


def test_health_knows_what_was_crawled_without_its_definition(archive_with_history: Path) -> None:
    done = citynews("health", "--output", archive_with_history, code=None)
    assert {line.split()[0] for line in done.out.splitlines() if line.strip()} >= {ZHIHUI, CHENGSHI, METRO}
    assert "no portal is called 'nobody'" in citynews("health", "nobody", "--output", archive_with_history, code=2).err
