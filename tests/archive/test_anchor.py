"""The anchor scripts of docs/keep.md, against authorities on loopback: what they make proves a run file, and no other.

docs/test_blocks.py runs the block itself, with its SSH key.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crawler.archive.storage.layout import Paths
from crawler.maintenance.anchor import anchor
from harness.command import CHECKOUT
from harness.socketless_sites import SocketlessCrawl, sites_of_day

OTS = shutil.which("ots") or shutil.which("ots", path=CHECKOUT / ".tools" / "ots" / "bin")
_TSA = """
oid_section = ids
[ids]
policy = 1.2.3.4.1
[req]
distinguished_name = name
[name]
[tsa]
basicConstraints = CA:true
extendedKeyUsage = critical,timeStamping
[ts]
default_tsa = clock
[clock]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = policy
digests = sha256
ess_cert_id_alg = sha256
"""


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """An archive of one run."""
    sites, now = sites_of_day(0)
    SocketlessCrawl(sites, tmp_path / "archive", now).run()
    return Paths(tmp_path / "archive")


@pytest.fixture
def proofs(tmp_path: Path) -> Path:
    """The folder with the scripts, as the documentation makes it."""
    block = (CHECKOUT / "docs" / "keep.md").read_text("utf-8").partition("```sh\nmkdir proofs")[2].partition("```")[0]
    scripts, _, _ = block.partition("ssh-keygen -q -t")
    subprocess.run(["sh", "-ec", "mkdir proofs" + scripts], cwd=tmp_path, check=True)
    return tmp_path / "proofs"


@contextmanager
def authority(answer: Callable[[bytes], bytes]) -> Iterator[str]:
    """A server on loopback that answers what is posted to it with *answer*; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def accepted(*command: str | Path, stdin: Path | None = None) -> bool:
    with (stdin or Path(os.devnull)).open("rb") as file:
        return subprocess.run(list(map(str, command)), stdin=file, capture_output=True, check=False).returncode == 0


def test_a_time_stamp_authority(
    paths: Paths, proofs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    (tmp_path / "tsa.cnf").write_text(_TSA)
    (tmp_path / "serial").write_text("01\n")
    made = "openssl req -x509 -config tsa.cnf -extensions tsa -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    subprocess.run(
        [*made.split(), "-keyout", "tsa.key", "-out", "tsa.pem", "-subj", "/CN=clock", "-days", "2"],
        cwd=tmp_path, capture_output=True, check=True,
    )  # fmt: skip

    def stamped(query: bytes) -> bytes:
        (tmp_path / "query").write_bytes(query)
        reply = "openssl ts -reply -config tsa.cnf -section clock -queryfile query -out reply"
        subprocess.run(reply.split(), cwd=tmp_path, capture_output=True, check=True)
        return (tmp_path / "reply").read_bytes()

    with authority(stamped) as address:
        monkeypatch.setenv("TSA", address)
        (name,) = anchor(paths, [str(proofs / "stamp")])
    run, stamp = paths.run_file(name), proofs / f"{name}.json.tsr"
    check = ("openssl", "ts", "-verify", "-in", stamp, "-CAfile", tmp_path / "tsa.pem", "-data")
    assert accepted(*check, run)
    assert not accepted(*check, paths.root / "README.md")


def test_a_signature(paths: Paths, proofs: Path, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", proofs / "key"], check=True)
    (name,) = anchor(paths, [str(proofs / "sign")])
    (tmp_path / "signers").write_text(f"archive {(proofs / 'key.pub').read_text()}")
    check = ("ssh-keygen", "-Y", "verify", "-f", tmp_path / "signers", "-I", "archive", "-n", "citynews", "-s")
    assert accepted(*check, proofs / f"{name}.json.sig", stdin=paths.run_file(name))
    assert not accepted(*check, proofs / f"{name}.json.sig", stdin=paths.root / "README.md")


@pytest.mark.ci
def test_opentimestamps(paths: Paths, proofs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as it goes without the calendars: the proof is of this file, and waits for the calendar that was asked."""
    assert OTS is not None, "make .tools/ots/bin/ots"
    with authority(lambda digest: _pending(address)) as address:
        script = (proofs / "ots").read_text().replace("ots stamp", f"{OTS} stamp -c {address} -m 1")
        (proofs / "ots").write_text(script)
        (name,) = anchor(paths, [str(proofs / "ots")])
    said = subprocess.run([OTS, "info", proofs / f"{name}.json.ots"], capture_output=True, text=True, check=True).stdout
    assert hashlib.sha256(paths.run_file(name).read_bytes()).hexdigest() in said
    assert address in said


def _pending(address: str) -> bytes:
    """What a calendar answers: that it will say at *address* in which block the digest stands."""
    uri = address.encode()
    payload = bytes([len(uri)]) + uri
    return b"\x00" + bytes.fromhex("83dfe30d2ef90c8e") + bytes([len(payload)]) + payload
