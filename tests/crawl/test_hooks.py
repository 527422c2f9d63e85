"""The operator's own classes, and the settings of Scrapy that would break the archive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler import archive
from crawler.archive.warc.third_party import native_info
from crawler.crawl.guarded_settings import _FIXED, _OPEN, _WITHOUT_EFFECT, take
from harness import disk
from harness.command import Done, citynews, finish, scrapy, start
from harness.scripted import Scripted
from tests.docs.pages import ROOT, code, rows, section

HOOKS = """
import json

class Stored:
    def __init__(self):
        self.file = open("stored.jsonl", "a", encoding="utf-8")

    def stored(self, stream, record):
        self.file.write(json.dumps([stream, record], ensure_ascii=False) + "\\n")
        record["title"] = "changed by the hook"
        record["captures"].clear() if "captures" in record else None

    def close(self):
        self.file.write('"closed"\\n')
        self.file.close()

class Failing:
    def stored(self, stream, record):
        raise ZeroDivisionError(stream)

class Fix:
    def fix(self, article, captures):
        assert captures[0].payload
        article.source = article.source.replace("The ", "")
        article.tags = ["lamps"]
        article.view_count = 7
        article.published_raw = None

class Invalid:
    def fix(self, article, captures):
        article.published_at = "yesterday"

class Leaving:
    def fix(self, article, captures):
        raise SystemExit(3)

    def stored(self, stream, record):
        raise SystemExit(3)

class Letters:
    def fix(self, article, captures):
        article.tags = "lamps"

class Impostor:
    def fix(self, article, captures):
        article.url = "http://example.org/"

class Nothing:
    pass
"""


@pytest.fixture
def folder(server: Scripted, tmp_path: Path) -> Path:
    """A folder with hooks, a definition and three articles behind it."""
    server.listing("/a/one", "/a/two", "/a/three")
    for name in ("one", "two", "three"):
        server.article(f"/a/{name}")
    (tmp_path / "myhooks.py").write_text(HOOKS, "utf-8")
    server.definition(tmp_path)
    return tmp_path


def crawl(folder: Path, server: Scripted, config: str, *, code: int | None = 0) -> Done:
    (folder / "citynews.toml").write_text(
        config + "\n[portal.scripted]\nenabled = true\n" * ("fix" not in config), "utf-8"
    )
    return citynews(
        "crawl", "scripted", "--portals", folder / "scripted.toml", "--allow-host", server.host, "--output", "archive",
        "--json", code=code, cwd=folder,
    )  # fmt: skip


def test_every_durable_line_is_seen_once(folder: Path, server: Scripted) -> None:
    crawl(folder, server, '[hooks]\nstored = "myhooks.Stored"')
    *lines, end = map(json.loads, (folder / "stored.jsonl").read_text("utf-8").splitlines())
    assert end == "closed"
    reader = archive.open(folder / "archive")
    wanted = [[stream, record] for stream in ("articles", "observations") for record in reader.records(stream)]
    assert sorted(lines, key=str) == sorted(wanted, key=str)
    assert len(lines) == 6
    citynews("verify", "--output", folder / "archive")


def test_what_a_hook_raises_stops_nothing(folder: Path, server: Scripted) -> None:
    done = crawl_with_traceback(folder, server, '[hooks]\nstored = "myhooks.Failing"')
    assert "hook myhooks.Failing failed 6 times; every record is archived" in done.err
    assert done.err.count("Traceback") == 1
    assert len(disk.records(folder / "archive", "articles")) == 3


def crawl_with_traceback(folder: Path, server: Scripted, config: str) -> Done:
    (folder / "citynews.toml").write_text(config, "utf-8")
    process = start("crawl", "scripted", "--portals", folder / "scripted.toml", "--allow-host", server.host,
                    "--output", "archive", cwd=folder)  # fmt: skip
    done = finish(process)
    assert done.code == 1, done.err
    return done


def test_a_fix_corrects_before_validation_and_replays(folder: Path, server: Scripted) -> None:
    config = '[portal.scripted]\nfix = "myhooks.Fix"'
    crawl(folder, server, config)
    found = disk.records(folder / "archive", "articles")
    assert {(r["source"], *r["tags"], r["view_count"], r["published_raw"]) for r in found} == {
        ("Lamp", "lamps", 7, None)
    }
    how = found[0]["extracted_by"]
    assert (how["source"], how["tags"], how["view_count"], how["published_raw"]) == ("rule", "rule", "rule", None)
    (warc,) = (folder / "archive").glob("warc/*/*.warc.gz")
    assert (native_info(warc) or {})["fixes"].startswith("scripted=myhooks.Fix@")

    same = citynews("replay", "archive/warc", "--output", "same", "--json", cwd=folder, env={})
    assert same.summary["other_fixes"] == []
    assert disk.all_lines(folder / "same") == disk.all_lines(folder / "archive")
    (folder / "citynews.toml").unlink()
    other = citynews("replay", "archive/warc", "--output", "other", "--json", cwd=folder, env={})
    assert "corrected in the crawl or here, and not in both: scripted=myhooks.Fix@" in other.err
    assert disk.records(folder / "other", "articles")[0]["source"] == "The Lamp"


def test_a_fix_cannot_break_a_record(folder: Path, server: Scripted) -> None:
    crawl(folder, server, '[portal.scripted]\nfix = "myhooks.Invalid"', code=3)
    visits = disk.records(folder / "archive", "observations")
    assert {(visit["outcome"], visit["reason"]) for visit in visits} == {("refused", "invalid-published_at")}


@pytest.mark.parametrize(
    ("config", "said", "articles"),
    [
        ('[portal.scripted]\nfix = "myhooks.Leaving"', "Leaving.fix ended with sys.exit", 0),
        ('[hooks]\nstored = "myhooks.Leaving"', "hook myhooks.Leaving failed 6 times", 3),
        ('[portal.scripted]\nfix = "myhooks.Letters"', "Letters.fix set tags of ", 0),
    ],
)
def test_a_hook_that_leaves_ends_no_run(
    folder: Path, server: Scripted, config: str, said: str, articles: int
) -> None:  # fmt: skip
    done = crawl_with_traceback(folder, server, config)
    assert said in done.err
    assert len(disk.records(folder / "archive", "articles")) == articles


def test_a_fix_cannot_change_who_a_record_is(folder: Path, server: Scripted) -> None:
    done = crawl_with_traceback(folder, server, '[portal.scripted]\nfix = "myhooks.Impostor"')
    assert "Impostor.fix changed url" in done.err
    assert disk.records(folder / "archive", "articles") == []


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ('[hooks]\nstored = "nowhere.Stored"', "hook nowhere.Stored: ModuleNotFoundError"),
        ('[hooks]\nstored = "myhooks.Missing"', "hook myhooks.Missing: AttributeError"),
        ('[hooks]\nstored = "myhooks.Nothing"', "hook myhooks.Nothing: has no method stored"),
        ('[portal.scripted]\nfix = "myhooks.Stored"', "hook myhooks.Stored: has no method fix"),
        ('[hooks]\nstored = "stored"', "hooks.stored: 'stored' is not module.Class"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_before_anything_is_asked(
    folder: Path, server: Scripted, config: str, said: str
) -> None:
    assert said in crawl(folder, server, config, code=2).err
    assert server.asked == []
    assert not (folder / "archive").exists()


REFUSED = {
    "ITEM_PIPELINES": '{"my.Pipeline": 600}', "FEEDS": '{"out.json": {"format": "json"}}', "HTTPCACHE_ENABLED": "True",
    "JOBDIR": "job", "DOWNLOADER_MIDDLEWARES": "{}", "CONCURRENT_ITEMS": "100", "EXTENSIONS": "{}",
    "ADDONS": '{"my.Addon": 1}', "DEPTH_LIMIT": "1", "URLLENGTH_LIMIT": "80", "SCHEDULER_MEMORY_QUEUE": "my.Queue",
    "LOG_STDOUT": "True", "TELNETCONSOLE_ENABLED": "True", "REMOTE_CONTROL_ENABLED": "True",
    "HTTPPROXY_ENABLED": "1", "FEED_EXPORT_FIELDS": "title", "ITEM_PIPELINES_BASE": "{}", "COMPRESSION_ENABLED": "0",
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_settings_that_would_break_the_archive_are_refused(name: str, folder: Path, server: Scripted) -> None:
    value = f"{name}={REFUSED[name]}"
    command = ["crawl", "scripted", "--portals", folder / "scripted.toml", "--output", folder / "archive", "-s", value]
    said = citynews(*command, code=2).err
    assert f"-s {name}" in said
    assert len(said.splitlines()) == 1
    assert server.asked == []
    assert not (folder / "archive").exists()


UNREADABLE = {
    "RETRY_TIMES": "two", "DOWNLOAD_TIMEOUT": "soon", "RETRY_HTTP_CODES": "abc", "LOG_FORMATTER": "nowhere.Formatter",
    "LOG_LEVEL": "NOPE", "DEFAULT_REQUEST_HEADERS": "Accept", "ROBOTSTXT_OBEY": "perhaps", "CITYNEWS_LIMIT": "x",
    "STATS_CLASS": "scrapy.Item", "REFERRER_POLICY": "scrapy.Item", "RETRY_EXCEPTIONS": "1,2", "LOG_FORMAT": "x",
    "ASYNCIO_EVENT_LOOP": "x", "DOWNLOADER_CLIENT_TLS_METHOD": "x", "REACTOR_THREADPOOL_MAXSIZE": "0",
}  # fmt: skip


@pytest.mark.parametrize("name", [*UNREADABLE, "FEEDS"])
def test_values_that_cannot_be_read_are_refused(name: str) -> None:
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    said = take(settings, {name: UNREADABLE.get(name, "out.json")}) or ""
    assert said.startswith(name)
    assert "cannot be set" in said if name == "FEEDS" else f"{UNREADABLE[name]!r} is not" in said


def test_values_that_can_be_read_are_taken() -> None:
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    taken = {"DOWNLOAD_TIMEOUT": "0.5", "RETRY_TIMES": "0", "LOG_LEVEL": "INFO", "RETRY_HTTP_CODES": "500,503",
             "DEFAULT_REQUEST_HEADERS": '{"Accept": "*/*"}', "ROBOTSTXT_OBEY": "False", "LOG_FILE": "crawl.log",
             "REFERRER_POLICY": "no-referrer", "RETRY_EXCEPTIONS": "builtins.OSError", "LOG_FORMAT": "%(message)s",
             "ASYNCIO_EVENT_LOOP": "asyncio.SelectorEventLoop", "CITYNEWS_JOBS_SHARE": "0.5",
             "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector"}  # fmt: skip
    assert take(settings, taken) is None


@pytest.mark.parametrize("loop", ["uvloop.Loop", "asyncio.SelectorEventLoop"])
def test_the_event_loop_is_the_operators_choice(folder: Path, server: Scripted, loop: str) -> None:
    done = citynews(
        "crawl", "scripted", "--portals", folder / "scripted.toml", "--allow-host", server.host, "--output", "archive",
        "-s", f"ASYNCIO_EVENT_LOOP={loop}", "--json", cwd=folder,
    )  # fmt: skip
    assert done.summary["portals"]["scripted"]["outcomes"] == {"new": 3}


@pytest.mark.ci
def test_scrapys_own_command_refuses_them_too_and_sums_up(folder: Path, server: Scripted) -> None:
    chosen = ["-s", f"CITYNEWS_PORTALS={folder / 'scripted.toml'}", "-s", f"CITYNEWS_OUTPUT={folder / 'archive'}",
              "-s", f"CITYNEWS_ALLOW_HOSTS={server.host}"]  # fmt: skip
    for name in ("ITEM_PIPELINES", "FEEDS"):
        refused = scrapy("crawl", "scripted", *chosen, "-s", f"{name}={REFUSED[name]}")
        assert (refused.code, f"-s {name} cannot be set" in refused.err) == (2, True)
    assert server.asked == []
    done = scrapy("crawl", "scripted", *chosen)
    (run,) = disk.runs(folder / "archive")
    assert "scripted: 5 requests, 3 found, 0 known, 3 new" in done.err
    assert f"run {run['run']}: exit 0, archive in {folder / 'archive'}" in done.err
    assert "head of the archive: " in done.err


def test_the_page_names_what_is_refused() -> None:
    table = rows(section(ROOT / "docs" / "hooks.md", "Settings that are refused"))
    named = {name.rstrip("*") for row in table for name in code(row[0])} - {"*_BASE"}
    assert named == _FIXED.keys() | _OPEN.keys() | _WITHOUT_EFFECT.keys()
