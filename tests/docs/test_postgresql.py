"""The recipe of docs/changes.md, as it is printed there, against a real PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawler import archive
from crawler.archive import Paths
from crawler.archive.storage.layout import STREAMS
from crawler.maintenance.remove import remove
from harness.socketless_sites import SocketlessCrawl, sites_of_day
from tests.docs.conftest import run
from tests.docs.pages import ROOT, blocks_of

pytestmark = pytest.mark.ci
_PAGE = ROOT / "docs" / "changes.md"
SCHEMA, LOAD = (block.text for block in blocks_of(_PAGE) if block.language == "sql")
(CRON,) = (block.text for block in blocks_of(_PAGE) if block.language == "sh" and "psql" in block.text)


def _programs() -> Path:
    """Where initdb and postgres lie. Skips, or fails where everything has to be there, without them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found += [Path(path) for path in [shutil.which("initdb")] if path]
    if found and shutil.which("psql"):
        return found[-1].parent
    why = "PostgreSQL is not here: `apt-get install postgresql` enables this test"
    if os.environ.get("CITYNEWS_NEEDS_POSTGRESQL"):
        pytest.fail(why)
    pytest.skip(why)


@dataclass(frozen=True, slots=True)
class Database:
    environment: dict[str, str]
    folder: Path

    def sql(self, query: str) -> list[str]:
        """The rows of *query*, columns separated by |."""
        done = run(["psql", "-qAtc", query], self.folder, self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def load(self, *, code: int = 0) -> str:
        """Runs the recipe; returns what it says on stderr."""
        done = run(["bash", "-euo", "pipefail", "-c", CRON], self.folder, self.environment)
        assert (done.returncode == 0) == (code == 0), done.stderr
        return done.stderr


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="pg-") as name:  # its path is that of a socket: short
        home = Path(name)
        user = "postgres" if os.geteuid() == 0 else None  # the server refuses root
        if user:
            shutil.chown(home, user)

        def start(*command: object) -> None:
            words = list(map(str, command))
            subprocess.run(words, user=user, cwd=home, check=True, stdout=subprocess.DEVNULL)

        data = home / "data"
        start(programs / "initdb", "-D", data, "-U", "citynews", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off"
        control = [programs / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options]
        start(*control, "start")
        try:
            environment = {"PGHOST": str(home), "PGUSER": "citynews", "PGDATABASE": "postgres"}
            (tmp_path / "citynews-load.sql").write_text(LOAD, "utf-8")
            made = run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-c", SCHEMA], tmp_path, environment)
            assert made.returncode == 0, made.stderr
            yield Database(environment, tmp_path)
        finally:
            start(*control, "-m", "immediate", "stop")


def test_the_tables_hold_what_the_archive_holds(database: Database) -> None:
    root = database.folder / "output"
    for day in range(3):
        sites, moment = sites_of_day(day)
        SocketlessCrawl(sites, root, moment).run()
        assert database.load() == ""
        _same(database, root)
    taken_down = next(archive.open(root).revisions())["id"]
    remove(Paths(root), taken_down, "asked to")
    database.load()
    _same(database, root)
    assert database.sql(f"SELECT count(*) FROM citynews_page WHERE id = '{taken_down}'") == ["0"]
    database.load()  # nothing has happened since
    _same(database, root)


def test_what_is_cut_short_changes_nothing(database: Database) -> None:
    root = database.folder / "output"
    sites, moment = sites_of_day(0)
    SocketlessCrawl(sites, root, moment).run()
    database.load()
    before = database.sql("SELECT stream, count(*) FROM citynews_line GROUP BY 1 ORDER BY 1")
    sites, moment = sites_of_day(1)
    SocketlessCrawl(sites, root, moment).run()
    with next(root.glob("observations/*/*.jsonl")).open("r+b") as month:
        month.truncate(1000)  # the command ends with 4 in the middle
    assert "cut short" in database.load(code=4)
    assert database.sql("SELECT stream, count(*) FROM citynews_line GROUP BY 1 ORDER BY 1") == before


def _same(database: Database, root: Path) -> None:
    """Every line, and every page as the archive's own reader gives it."""
    reader = archive.open(root)
    lines = sorted(f"{stream}|{sum(1 for _ in reader.records(stream))}" for stream in STREAMS)
    assert database.sql("SELECT stream, count(*) FROM citynews_line GROUP BY 1 ORDER BY 1") == [
        line for line in lines if not line.endswith("|0")
    ]
    pages = sorted(
        "|".join(str(page[key] or "") for key in ("id", "revision", "content_hash", "view_count"))
        for page in reader.pages(latest=True)
    )
    query = "SELECT id, revision, record->>'content_hash', coalesce(view_count, (record->>'view_count')::bigint)"
    assert database.sql(f"{query} FROM citynews_page ORDER BY id") == pages
    last: dict[str, str] = {}
    for visit in sorted(reader.observations(), key=lambda row: row["observed_at"]):
        if visit["outcome"] != "refused":
            last[visit["id"]] = visit["outcome"]
    gone = sorted(page["id"] for page in reader.pages() if last[page["id"]] == "gone")
    assert database.sql("SELECT id FROM citynews_page WHERE gone ORDER BY id") == gone
