"""What a module and a command load: who asks where a file lies, or for one record, must not wait for all the rest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crawler.cli.app import GROUPS, MODULES
from crawler.values.urls import article_id
from harness.large_portal import fill, serve
from harness.scripted import Scripted

HEAVY = {"rensa", "fastwarc", "rapidfuzz", "multiprocessing", "sqlite3", "lxml", "scrapy", "twisted"}
#: What commands that read a few lines can do without. Pydantic itself is not among it: Typer loads it for any option.
NEEDLESS = (HEAVY - {"sqlite3"}) | {
    "cssselect", "w3lib", "urllib.request", "http.client", "rich", "dask", "duckdb", "crawler.config.tables",
    "crawler.portals.model", "crawler.portals.sections", "crawler.archive.index.index", "crawler.archive.warc.record",
    "crawler.archive.read.reader", "crawler.archive.write", "crawler.settings",
}  # fmt: skip


@pytest.mark.parametrize(
    "module", ["crawler.archive", "crawler.archive.storage.layout", "crawler.archive.storage.errors"]
)
def test_the_facade_and_the_layout_load_nothing_heavy(module: str) -> None:
    script = (  # what measures coverage has loaded some of them before
        f"import sys; before = set(sys.modules); import {module}; "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()


def test_processes_that_extract_for_a_crawl_or_a_replay_load_no_scrapy() -> None:
    """Each of them would pay for it at its start: as much as for all that it needs."""
    script = "import sys, crawler.crawl.workers, crawler.replay.restoring; print('scrapy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_crawl_loads_no_extension_that_it_switches_off_and_no_definition_that_is_not_named(tmp_path: Path) -> None:
    script = (
        "import sys; from crawler.cli import run; code = run(sys.argv[1:]); from crawler.portals import reader; "
        "print(code, reader._read_bundled.cache_info().currsize, *sys.modules, file=sys.stderr)"
    )
    with Scripted() as server:
        definition = serve(server, 1, tmp_path)
        words = ["crawl", definition.stem, "--portals", str(definition), "--allow-host", server.host, "--quiet"]
        done = subprocess.run(
            [sys.executable, "-c", script, *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )
    code, bundled, *loaded = done.stderr.splitlines()[-1].split()
    assert (code, bundled) == ("0", "0"), done.stderr
    off = {f"scrapy.extensions.{name}" for name in ("remote_control", "telnet", "feedexport", "memusage", "logstats")}
    assert (off | {"aiohttp"}) & set(loaded) == set()


@pytest.mark.parametrize("command", ["status", "show", "show an unknown one", "history", "cite"])
def test_commands_that_read_a_few_lines_load_little(tmp_path: Path, command: str) -> None:
    with Scripted() as server:
        fill(tmp_path / "output", server, serve(server, 1, tmp_path))
        ident = article_id("https://a.example/" if "unknown" in command else f"{server.base}/a/0")
    words = [command.split(maxsplit=1)[0], *([] if command == "status" else [ident])]
    script = (
        "import sys; before = set(sys.modules); from crawler.cli import run; code = run(sys.argv[1:]); "
        "print(code, *(set(sys.modules) - before), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    code, *loaded = done.stderr.splitlines()[-1].split()
    assert code == ("2" if "unknown" in command else "0"), done.stderr
    assert NEEDLESS & set(loaded) == set()
    commands = {f"crawler.cli.{name}" for names in GROUPS.values() for name in names.split()}
    assert commands & set(loaded) <= {f"crawler.cli.{command}"}, "of other commands"


def test_a_command_is_defined_by_the_modules_that_are_imported_for_it() -> None:
    from crawler.cli import app, register  # noqa: PLC0415 - imports every command

    register()
    groups = {info.name: info.typer_instance for info in app.registered_groups}
    infos = [(info.name, info) for info in app.registered_commands]
    infos += [(name, info) for name, below in groups.items() if below for info in below.registered_commands]
    defined: dict[str, set[str]] = {}
    for name, info in infos:
        assert info.callback is not None
        place = info.callback.__module__.removeprefix("crawler.cli.")
        defined.setdefault(name or info.callback.__name__, set()).add(place)
    assert defined == {
        name: set(MODULES.get(name, name).split()) for names in GROUPS.values() for name in names.split()
    }


def test_every_name_of_the_facade_is_there() -> None:
    from crawler import archive  # noqa: PLC0415 - the test is about what this loads

    assert [name for name in archive.__all__ if getattr(archive, name, None) is None] == []
