"""A forward proxy on loopback: http by absolute addresses, https by CONNECT; remembers what it was asked for."""

from __future__ import annotations

import base64
import contextlib
import select
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self
from urllib.parse import urlsplit


class Proxy(ThreadingHTTPServer):
    """Forwards to *names*, host to (address, port), else to where the address says. Serves inside a `with` block.

    *password*: user:password.
    """

    daemon_threads = True

    def __init__(self, password: str | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.names: dict[str, tuple[str, int]] = {}
        self.asked: list[str] = []  #: method and target of each request
        self.status = 0  #: where set, every request is answered with it
        self.wanted = f"Basic {base64.b64encode(password.encode()).decode()}" if password else None
        self.address = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Proxy
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if (upstream := self._upstream(parts.hostname or "", parts.port or 80)) is None:
            return
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        dropped = {"proxy-authorization", "proxy-connection", "connection"}
        head = [f"GET {path} HTTP/1.1", "Connection: close"]
        head += [f"{name}: {value}" for name, value in self.headers.items() if name.lower() not in dropped]
        with upstream:
            upstream.sendall("\r\n".join([*head, "", ""]).encode("latin-1"))
            answer = upstream.makefile("rb")
            # this connection ends here: without the header a client may still send its next request
            self.wfile.write(answer.readline() + b"Connection: close\r\n")
            while data := answer.read(65536):
                self.wfile.write(data)
        self.close_connection = True

    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        if (upstream := self._upstream(host, int(port))) is None:
            return
        self.send_response_only(200, "Connection established")
        self.end_headers()
        self.wfile.flush()
        ends = (self.connection, upstream)
        with upstream, contextlib.suppress(OSError):
            while True:
                for end in select.select(ends, (), (), 10)[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    (upstream if end is self.connection else self.connection).sendall(data)
        self.close_connection = True

    def _upstream(self, host: str, port: int) -> socket.socket | None:
        """A connection to the target; None where something was answered instead."""
        self.server.asked.append(f"{self.command} {self.path}")
        self.close_connection = True
        if self.server.wanted and self.headers.get("Proxy-Authorization") != self.server.wanted:
            self._refuse(407)
        elif self.server.status:
            self._refuse(self.server.status)
        else:
            try:
                return socket.create_connection(self.server.names.get(host, (host.strip("[]"), port)), 5)
            except OSError:
                self._refuse(502)
        return None

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Nothing on stderr."""
