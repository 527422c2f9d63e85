"""A store that cannot be used says in one sentence what to set, and nothing of the library's own words."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crawler.archive.storage import objects
from crawler.archive.storage.errors import ArchiveError, StorageError, StoreAddressError
from crawler.archive.storage.objects import Objects
from crawler.archive.storage.store_errors import store_error
from harness.certificates import authority
from harness.command import citynews


@contextmanager
def answering(status: int, code: str, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that answers every request with *status* and the error *code*, as S3 writes it."""
    body = f"<Error><Code>{code}</Code><Message>a message</Message><Region>eu-west-9</Region></Error>".encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_GET  # noqa: N815 - as http.server calls it

        def log_message(self, *args: object) -> None: ...

    class Server(ThreadingHTTPServer):
        def handle_error(self, *args: object) -> None: ...  # what speaks no TLS is cut

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "_RETRY", objects._RETRY | {"max_retries": 0})


def said(endpoint: str) -> list[ArchiveError]:
    """What reading, writing and listing say at *endpoint*."""
    store = Objects("s3://news/archives", endpoint=endpoint)
    errors = []
    for ask in (lambda: store.get("a"), lambda: store.put_new("a", b"1"), lambda: store.listing("")):
        with pytest.raises(ArchiveError) as raised:
            ask()
        errors.append(raised.value)
    return errors


@pytest.mark.parametrize(
    ("status", "code", "names", "kind"),
    [
        (403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID", StoreAddressError),
        (403, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY", StoreAddressError),
        (400, "ExpiredToken", "AWS_SESSION_TOKEN", StorageError),
        (403, "RequestTimeTooSkewed", "clock", StorageError),
        (400, "AuthorizationHeaderMalformed", "region in [store] or AWS_REGION to eu-west-9", StoreAddressError),
        (301, "PermanentRedirect", "region in [store] or AWS_REGION", StoreAddressError),
        (404, "NoSuchBucket", "no such bucket", StoreAddressError),
        (400, "InvalidBucketName", "no such bucket", StoreAddressError),
        (403, "AccessDenied", "ListBucket", StorageError),
        (401, "", "ListBucket", StorageError),
    ],
)
def test_what_a_server_refuses_is_said_in_one_sentence(
    status: int, code: str, names: str, kind: type[ArchiveError]
) -> None:
    with answering(status, code) as endpoint:
        errors = said(endpoint)
    for error in errors:
        assert type(error) is kind
        assert names in str(error)
        assert "<Error>" not in str(error)
        assert "Error performing" not in str(error)


def test_what_is_no_error_we_know_keeps_the_first_line_of_the_library() -> None:
    with answering(418, "Teapot") as endpoint:
        for error in said(endpoint):
            assert "418" in str(error)
            assert "\n" not in str(error)


def test_a_server_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(500, "") as endpoint:
        pass
    assert all("nothing listens there: check endpoint" in str(error) for error in said(endpoint))
    assert all("no such host: check endpoint" in str(error) for error in said("https://store.invalid"))


def test_tls_that_is_not_trusted_and_a_server_without_tls(tmp_path: Path) -> None:
    authority(tmp_path / "ca")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "ca" / "cert.pem", tmp_path / "ca" / "key.pem")
    with answering(500, "", tls) as endpoint:
        assert all("certificate is not trusted" in str(error) for error in said(endpoint))
    with answering(500, "") as endpoint:
        assert all("does not speak TLS" in str(error) for error in said(endpoint.replace("http:", "https:")))


@pytest.mark.parametrize("endpoint", ["s3.example.org", "ftp://s3.example.org", "https://"])
def test_an_endpoint_that_is_no_address(endpoint: str) -> None:
    with pytest.raises(StoreAddressError, match="https://HOST"):
        Objects("s3://news/x", endpoint=endpoint)


def test_without_keys_the_command_names_the_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "only this")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(StoreAddressError, match="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        Objects("s3://news/x")
    done = citynews("store", "ls", "s3://news/x", code=2, cwd=tmp_path, env={})
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in done.err


def test_the_text_of_a_machine_without_a_role_is_that_of_one_without_keys() -> None:
    """Who has no keys is asked by the library to have a role: an address that answers on machines of a cloud alone."""
    raw = "Generic S3 error: Error performing PUT http://169.254.169.254/latest/api/token in 1s - HTTP error\n\nDebug"
    error = store_error("s3://news/x: GET", OSError(raw))
    assert isinstance(error, StoreAddressError)
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in str(error)
