"""An S3 server on loopback, and a proxy before it that fails as networks and servers do."""

from __future__ import annotations

import http.client
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import boto3
from moto.server import ThreadedMotoServer

#: What may become of a request: answered by the proxy with a status, cut before it or after it was done, let through.
Fault = Callable[[str, str], "int | str | None"]
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of an S3 server with a bucket ``news``: a new one, or where CITYNEWS_TEST_S3 says.

    All new ones of a process have the same buckets: who wants an empty one takes a prefix. The other one must know the
    key ``test`` with the secret ``test``.
    """
    if given := os.environ.get("CITYNEWS_TEST_S3"):
        make_bucket(given, "news")
        yield given
        return
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        make_bucket(f"http://{host}:{port}", "news")
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def make_bucket(endpoint: str, name: str, *, versioned: bool = False) -> None:
    """A bucket *name* on the server at *endpoint*."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=endpoint, **keys)
    client.create_bucket(Bucket=name)
    if versioned:
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


@dataclass
class Proxy:
    """Between a client and the server at *target*: *fault* says of each request what becomes of it."""

    target: str
    fault: Fault = lambda method, path: None
    asked: list[str] = field(default_factory=list)
    drop_conditions: bool = False
    url: str = ""

    def __enter__(self) -> Proxy:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                proxy.answer(self)

            def log_message(self, *args: object) -> None:
                """Says nothing."""

        for method in ("GET", "PUT", "POST", "DELETE", "HEAD"):
            setattr(Handler, f"do_{method}", Handler._any)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        self.asked.append(f"{request.command} {request.path}")
        fault = self.fault(request.command, request.path)
        if fault == "cut":
            request.close_connection = True
            request.connection.close()
            return
        if isinstance(fault, int):
            self._say(request, fault, b"<Error><Code>Injected</Code></Error>", {})
            return
        there = urlsplit(self.target)
        headers = {
            name: value for name, value in request.headers.items()
            if not (self.drop_conditions and name.lower() == "if-none-match")
        }  # fmt: skip
        connection = http.client.HTTPConnection(there.hostname or "", there.port, timeout=20)
        connection.request(request.command, request.path, body, headers)
        answer = connection.getresponse()
        data, said = answer.read(), dict(answer.getheaders())
        connection.close()
        if fault == "lost":  # done, and nobody learns of it
            request.close_connection = True
            request.connection.close()
            return
        self._say(request, answer.status, data, said)

    @staticmethod
    def _say(request: BaseHTTPRequestHandler, status: int, data: bytes, headers: dict[str, str]) -> None:
        request.send_response(status)
        for name, value in headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "connection", "server", "date"}:
                request.send_header(name, value)
        length = headers.get("Content-Length", headers.get("content-length")) if request.command == "HEAD" else None
        request.send_header("Content-Length", length or str(len(data)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(data)
