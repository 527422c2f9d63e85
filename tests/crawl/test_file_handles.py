"""Many portals and few file handles: fewer portals at a time, and everything is archived."""

from __future__ import annotations

import json
import resource
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from crawler import portals
from crawler.crawl.file_handles import side_by_side
from harness import disk
from harness.command import CITYNEWS, citynews

PORTALS = 60
_DEFINITION = """
name = "m{n}"
title = "m"
home = "http://{host}/"
domains = ["{host}"]
language = "en"
timezone = "UTC"
[discover]
pages = ["http://{host}/"]
article_urls = ["/a/"]
[politeness]
delay = 0.0
"""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        host = self.headers["Host"].split(":")[0]
        number = int(host.rsplit(".", 1)[1])
        words = [f"Sentence {number * k} of city {number**k} has {number + k} words of its own." for k in range(1, 9)]
        text = "".join(f"<p>{sentence}</p>" for sentence in words)
        page = f"<html><body><h1>Headline {number} of the day</h1><p>2024-05-06 10:00</p>{text}</body></html>"
        pages = {"/": f'<a href="/a/1.html">Headline {number} of the day</a>', "/robots.txt": ""}
        body = pages.get(self.path, page).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Nothing on stderr."""


@pytest.fixture
def hosts() -> Iterator[list[str]]:
    """host:port of one server under many addresses of the loopback network."""
    with ThreadingHTTPServer(("0.0.0.0", 0), _Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield [f"127.0.1.{n}:{server.server_port}" for n in range(1, PORTALS + 1)]
        server.shutdown()


@pytest.mark.ci
@pytest.mark.parametrize(("soft", "hard", "said"), [(100, 4096, False), (100, 100, True)])
def test_few_file_handles(hosts: list[str], tmp_path: Path, soft: int, hard: int, said: bool) -> None:
    for n, host in enumerate(hosts):
        (tmp_path / f"m{n}.toml").write_text(_DEFINITION.format(n=n, host=host), "utf-8")
    output = tmp_path / "archive"
    words = ["crawl", *(f"m{n}" for n in range(PORTALS)), "--portals", tmp_path, "--output", output, "--json"]
    words += [word for host in hosts for word in ("--allow-host", host)]
    done = subprocess.run(
        ["bash", "-c", f"ulimit -Sn {soft}; ulimit -Hn {hard}; exec \"$@\"", "bash", *CITYNEWS, *map(str, words)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert ("portals at a time" in done.stderr) is said
    assert {name for name, stats in json.loads(done.stdout)["portals"].items() if stats["outcomes"]} == {
        f"m{n}" for n in range(PORTALS)
    }
    assert len(disk.records(output, "observations")) == PORTALS
    citynews("verify", "--output", output)


def test_the_limit_is_raised_as_far_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = [64, 128]
    monkeypatch.setattr(resource, "getrlimit", lambda kind: tuple(limits))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, pair: limits.__setitem__(slice(2), list(pair)))
    portal = portals.minimal("a", home="http://a.example/", domain="a.example", article_urls=".")
    assert 1 <= side_by_side([portal] * 200) < 20
    assert limits == [128, 128]
    limits[:] = [64, 100_000]
    assert side_by_side([portal] * 200) == 200
    assert 128 < limits[0] < 100_000
    limits[:] = [32, 32]
    assert side_by_side([portal] * 200) == 1, "there is always one"
