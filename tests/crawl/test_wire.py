"""What crossed the connection and what lies in the WARC: not a byte of difference, chunks apart."""

from __future__ import annotations

import inspect
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
import scrapy
import twisted

from harness import disk
from harness.command import citynews, finish, start
from harness.oddities import MAXSIZE, TIMEOUT
from harness.oddserver import Crossed, OddServer, certificate, odd_server
from harness.scripted import Scripted
from harness.warcs import Raw, raw_records

#: warcio 1.8 cannot read brotli where the brotli of Google is installed; over TLS it is asked for all the same.
NOT_FOR_WARCIO = ("/a/brotli",)


@dataclass(frozen=True, slots=True)
class Crawled:
    server: OddServer
    archive: Path
    records: list[Raw]
    error: str


@pytest.fixture(scope="module", params=["http", "https"])
def crawled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    folder = tmp_path_factory.mktemp(request.param)
    tls = certificate(folder) if request.param == "https" else None
    with odd_server(request.param, tls, () if tls else NOT_FOR_WARCIO) as server:
        definition = folder / "odd.toml"
        definition.write_text(
            f'name = "odd"\ntitle = "Odd"\nhome = "{server.base}/"\ndomains = ["{server.host}"]\nlanguage = "en"\n'
            f'timezone = "UTC"\nverify_tls = {"false" if tls else "true"}\n[discover]\narticle_urls = ["/a/"]\n'
            f'pages = ["{server.base}/"]\n[politeness]\ndelay = 0\nconcurrency = 2\n',
            "utf-8",
        )
        done = citynews(
            "crawl", "odd", "--portals", definition, "--output", folder / "archive", "--allow-host", server.host,
            "-s", f"DOWNLOAD_TIMEOUT={TIMEOUT}", "-s", f"DOWNLOAD_MAXSIZE={MAXSIZE}", "-s", "RETRY_TIMES=1",
        )  # fmt: skip
        yield Crawled(server, folder / "archive", list(raw_records(folder / "archive")), done.err)


def pairs(crawled: Crawled) -> dict[str, list[tuple[Raw, Raw, dict[str, bytes]]]]:
    """Path of the server -> (response, request, their metadata), in the order of asking."""
    answers = {
        record["WARC-Record-ID"]: record for record in crawled.records if record["WARC-Type"] in {"response", "revisit"}
    }
    metadata: dict[str, dict[str, bytes]] = {
        record["WARC-Concurrent-To"]: {
            name: unquote_to_bytes(value)
            for name, value in (line.split(": ", 1) for line in record.block.decode().splitlines())
        }
        for record in crawled.records
        if record["WARC-Type"] == "metadata" and record["Content-Type"] == "application/warc-fields"
    }
    found: dict[str, list[tuple[Raw, Raw, dict[str, bytes]]]] = defaultdict(list)
    for request in crawled.records:
        if request["WARC-Type"] == "request":
            path = request.block.split(b" ", 2)[1].decode()
            answer = answers.pop(request["WARC-Concurrent-To"])
            found[path].append((answer, request, metadata.pop(answer["WARC-Record-ID"], {})))
    assert answers == {}, "every response has its request"
    assert metadata == {}
    return {path: sorted(pairs, key=lambda pair: pair[0]["WARC-Date"]) for path, pairs in found.items()}


def compare(crossed: Crossed, response: Raw, request: Raw, metadata: dict[str, bytes]) -> int:
    """How many bytes of both directions lie in the WARC as they crossed."""
    oddity = crossed.oddity
    assert request.block == crossed.received
    stored = response.block
    if oddity.payload is not None or (oddity.truncated and b"Length" in oddity.head):  # chunks, or half a body
        changed = rb"(?im)^X-Archive-Orig-(?=(?:transfer-encoding|content-length):)"
        assert re.search(changed, stored)
        stored = re.sub(changed, b"", stored)
    assert stored == oddity.head + oddity.closed_head + oddity.kept
    named = {"http-interim": oddity.interim, "http-trailer": oddity.trailer, "http-surplus": oddity.surplus}
    assert metadata == {name: data for name, data in named.items() if data}
    assert response["WARC-Truncated"] == (oddity.truncated or "")
    return len(crossed.received) + len(oddity.wire)


def test_not_a_byte_differs(crawled: Crawled) -> None:
    found, seen = pairs(crawled), crawled.server.crossed
    assert found.keys() == seen.keys() == crawled.server.answers.keys()
    total, exchanges = 0, 0
    for path, crossings in seen.items():
        assert len(crossings) == len(found[path]), path
        for crossed, (response, request, metadata) in zip(crossings, found[path], strict=True):
            total += compare(crossed, response, request, metadata)
            exchanges += 1
    assert len(found) >= 45
    print(f"{len(found)} addresses, {exchanges} exchanges, {total} bytes compared, 0 differ")  # noqa: T201 - -s shows it


def test_what_is_said_of_each_exchange(crawled: Crawled) -> None:
    for record in crawled.records:
        names = [name for name, _ in record.fields]
        assert len(names) == len(set(names)), "no named field stands twice"
        assert "X-Citynews-Reconstructed" not in names
        if record["WARC-Type"] in {"response", "request", "revisit"}:
            assert record["WARC-IP-Address"] == "127.0.0.1"
            old = "/a/http10" in record["WARC-Target-URI"] and record["WARC-Type"] == "response"
            spoken = record["WARC-Protocol"].split(", ")
            assert spoken[0] == ("http/1.0" if old else "http/1.1")
            assert re.fullmatch(r"tls/1\.[23]", spoken[-1]) if crawled.server.tls else len(spoken) == 1


def test_connections_are_kept(crawled: Crawled) -> None:
    """Several exchanges on one connection are kept apart, what is left over from one is not taken for the next."""
    connections = defaultdict(list)
    for path, crossings in crawled.server.crossed.items():
        for crossed in crossings:
            connections[crossed.connection].append(path)
    assert max(map(len, connections.values())) >= 5


def test_other_tools_read_every_record(crawled: Crawled) -> None:
    files = sorted({record.file for record in crawled.records})
    tools = ["fastwarc"] if crawled.server.tls else ["fastwarc", "warcio"]
    for tool in tools:
        command = str(Path(sys.executable).with_name(tool))
        for file in files:
            done = finish(start("check", file, command=[command]))
            assert done.code == 0, done.out + done.err


def test_it_is_whole_and_replays(crawled: Crawled, tmp_path: Path) -> None:
    citynews("verify", "--output", crawled.archive)
    done = citynews("replay", crawled.archive / "warc", "--output", tmp_path / "again", "--json")
    assert done.summary["visits"] >= 40
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(crawled.archive)


def test_this_scrapy_and_this_twisted_have_the_names_that_capture_leans_on() -> None:
    """Where this fails, capture falls back to reconstructed heads: correct crawler/crawl/downloader/recorder.py."""
    from scrapy.core.downloader.handlers import http11  # noqa: PLC0415 - the canary says what is missing
    from twisted.web import _newclient, client  # noqa: PLC0415 - likewise

    versions = f"Scrapy {scrapy.__version__}, Twisted {twisted.__version__}"
    said = f"is not there in {versions}: see crawler.crawl.downloader.recorder"
    for module, names in {
        http11: ("HTTP11DownloadHandler", "_LenientHTTP11ClientFactory", "_LenientHTTP11ClientProtocol"),
        http11._LenientHTTP11ClientFactory: ("buildProtocol",),
        http11._LenientHTTP11ClientProtocol: ("request", "dataReceived"),
        client.HTTPConnectionPool: ("_factory", "getConnection", "maxPersistentPerHost"),
        _newclient.Request: ("writeTo",),
    }.items():
        for name in names:
            assert hasattr(module, name), f"{getattr(module, '__name__', module)}.{name} {said}"
    source = inspect.getsource(http11.HTTP11DownloadHandler.__init__)
    assert "self._pool" in source, f"HTTP11DownloadHandler._pool {said}"
    assert "_quiescentCallback" in inspect.getsource(client._HTTP11ClientFactory.__init__), f"_quiescentCallback {said}"


def test_without_those_names_heads_are_reconstructed_and_say_so(server: Scripted, tmp_path: Path) -> None:
    server.listing("/a/one")
    server.article("/a/one")
    without = tmp_path / "without.py"
    without.write_text(
        "import sys\nsys.modules['crawler.crawl.downloader.recorder'] = None\n"
        "from crawler.cli import main\nsys.exit(main())\n", "utf-8"
    )  # fmt: skip
    definition = server.definition(tmp_path)
    arguments = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive"]
    done = finish(start(*arguments, "--allow-host", server.host, command=[sys.executable, str(without)]))
    assert done.code == 0, done.err
    assert "WARC heads are reconstructed" in done.err
    found = [record for record in raw_records(tmp_path / "archive") if record["WARC-Type"] in {"request", "response"}]
    assert len(found) == 6
    assert {record["X-Citynews-Reconstructed"] for record in found} == {"head"}
    assert any(record.block.startswith(b"GET /a/one HTTP/1.1\r\nHost: ") for record in found)
    citynews("verify", "--output", tmp_path / "archive")
    citynews("replay", tmp_path / "archive" / "warc", "--output", tmp_path / "again")
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(tmp_path / "archive")
