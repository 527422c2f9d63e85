"""pywb, in an environment of its own, replays every page we have stored and both kinds of revisits, byte for byte."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive.warc.exchange import Exchange
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import WarcRef
from harness.command import CHECKOUT, citynews
from harness.oddities import MAXSIZE, TIMEOUT
from harness.oddserver import odd_server
from harness.waiting import listens, until
from harness.warcs import Raw, raw_records

#: Its reason phrase is Chinese in UTF-8: pywb 2.10 reads it as text and its server then cannot write it (500).
NOT_FOR_PYWB = ("/a/odd-reason",)
PYWB = CHECKOUT / ".tools" / "pywb" / "bin"
pytestmark = [
    pytest.mark.ci,
    pytest.mark.skipif(not (PYWB / "wayback").exists(), reason=f"pywb is not in {PYWB}: `make browser` puts it there"),
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs: odd answers as they come; then each page once more, as the same payload and as a 304."""
    folder = tmp_path_factory.mktemp("pywb")
    with odd_server("pywb", left_out=NOT_FOR_PYWB) as server:
        (folder / "odd.toml").write_text(
            f'name = "odd"\ntitle = "Odd"\nhome = "{server.base}/"\ndomains = ["{server.host}"]\nlanguage = "en"\n'
            f'timezone = "UTC"\n[discover]\narticle_urls = ["/a/"]\npages = ["{server.base}/"]\n'
            "[politeness]\ndelay = 0\nconcurrency = 2\n",
            "utf-8",
        )
        citynews(
            "crawl", "odd", "--portals", folder / "odd.toml", "--output", folder / "archive", "--allow-host",
            server.host, "-s", f"DOWNLOAD_TIMEOUT={TIMEOUT}", "-s", f"DOWNLOAD_MAXSIZE={MAXSIZE}",
        )  # fmt: skip
    pages = [record for record in raw_records(folder / "archive") if is_page(record)]
    later = ArchiveWriter(folder / "archive")
    for record in pages:
        url, sent = record["WARC-Target-URI"], b"GET / HTTP/1.1\r\n\r\n"
        head, payload = parts(record)
        again = re.sub(rb"(?i)X-Archive-Orig-[^\n]*\n|Content-Length:[^\n]*\n", b"", head)
        for address in (url, url + "-copied"):
            later.capture(Exchange.of_wire(address, datetime.now(UTC), sent, again + payload))
        if not record["WARC-Truncated"]:
            place = WarcRef(f"{record.file.parent.name}/{record.file.name}", record.offset, 0, "", "")
            answer = b'HTTP/1.1 304 Not Modified\r\nETag: "same"\r\n\r\n'
            later.capture(Exchange.of_wire(url + "-same", datetime.now(UTC), sent, answer), refers=place)
    later.close({"exit_code": 0})
    citynews("verify", "--output", folder / "archive")
    return folder / "archive"


def is_page(record: Raw) -> bool:
    return record["WARC-Type"] == "response" and bool(re.match(rb"HTTP/1\.\d +200", record.block))


def parts(record: Raw) -> tuple[bytes, bytes]:
    """Head and payload."""
    end = re.search(rb"\n\r?\n", record.block)
    assert end is not None
    return record.block[: end.end()], record.block[end.end() :]


@contextmanager
def player(folder: Path, archive: Path) -> Iterator[int]:
    """A running pywb with every WARC file of *archive* indexed by pywb itself; its port."""
    files = sorted((archive / "warc").glob("*/*.warc.gz"))
    for command in (["init", "samples"], ["add", "samples", *map(str, files)]):
        subprocess.run([str(PYWB / "wb-manager"), *command], cwd=folder, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(PYWB / "wayback"), "--port", str(port), "--bind", "127.0.0.1"]
    with (folder / "pywb.log").open("wb") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as run:
        try:
            until(lambda: run.poll() is not None or listens(port), "an answer of pywb")
            assert run.poll() is None, (folder / "pywb.log").read_text()
            yield port
        finally:
            run.terminate()


def replayed(port: int, record: Raw) -> tuple[int, bytes]:
    """Status and body of *record* as pywb gives them, unrewritten."""
    stamp = re.sub(r"\D", "", record["WARC-Date"])[:14]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    accepted = {"Accept-Encoding": "gzip, deflate, br, zstd"}  # else pywb undoes the coding
    connection.request("GET", f"/samples/{stamp}id_/{record['WARC-Target-URI']}", headers=accepted)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_pywb_replays_every_page_and_every_revisit(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http.client, "_MAXHEADERS", 1000)  # one of the odd answers has 300
    records = list(raw_records(archive))
    payloads = {record["WARC-Record-ID"]: parts(record)[1] for record in records if record["WARC-Type"] == "response"}
    wanted = [(record, payloads[record["WARC-Record-ID"]]) for record in records if is_page(record)]
    revisits = [record for record in records if record["WARC-Type"] == "revisit"]
    wanted += [(record, payloads[record["WARC-Refers-To"]]) for record in revisits]
    kinds = {record["WARC-Profile"].rpartition("/")[2] for record in revisits}
    assert kinds == {"identical-payload-digest", "server-not-modified"}
    wrong = []
    with player(tmp_path, archive) as port:
        for record, payload in wanted:
            status, body = replayed(port, record)
            if (status, body) != (200, payload):
                wrong.append((record["WARC-Type"], record["WARC-Target-URI"], status, body[:200], payload[:200]))
    assert wrong == []
    print(f"{len(wanted) - len(revisits)} pages and {len(revisits)} revisits replayed")  # noqa: T201 - -s shows it
