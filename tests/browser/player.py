"""A static server on loopback for ReplayWeb.page and packages, with byte ranges as a web server has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

_KINDS = {"js": "text/javascript", "html": "text/html; charset=utf-8", "wacz": "application/wacz"}


class Static(ThreadingHTTPServer):
    """Serves *files*, path -> bytes."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.base = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Static
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        body = self.server.files.get(path)
        if body is None:
            self.send_error(404)
            return
        found = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        first, last = 0, len(body) - 1
        if found and (found[1] or found[2]):
            first = int(found[1]) if found[1] else max(0, len(body) - int(found[2]))
            last = min(int(found[2]), last) if found[1] and found[2] else last
        self.send_response(206 if found else 200)
        self.send_header("Content-Type", _KINDS.get(path.rpartition(".")[2], "text/html; charset=utf-8"))
        self.send_header("Content-Length", str(last - first + 1))
        self.send_header("Accept-Ranges", "bytes")
        if found:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[first : last + 1])

    do_HEAD = do_GET  # noqa: N815 - the name is the base class's

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Nothing on stderr."""


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Static]:
    """A running server."""
    server = Static(files)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
