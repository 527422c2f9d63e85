"""HTTP as real servers speak it: keep-alive, HEAD, gzip when asked, validators and 304; and faults on demand."""

from __future__ import annotations

import gzip
import hashlib
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import urlsplit

from crawler.samples.site import SampleResponse, Site

_COMPRESSED = ("image/", "application/gzip")  # gzip would gain nothing


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request as it came, and how it was answered."""

    time: float  #: time.monotonic() at arrival
    method: str
    path: str  #: with the query
    status: int
    headers: Mapping[str, str]


@dataclass(slots=True)
class Faults:
    """What goes wrong on purpose: (pattern of the path, answer), (pattern, seconds); (pattern of the HTML, instead)."""

    failing: list[tuple[re.Pattern[str], SampleResponse]] = field(default_factory=list)
    slow: list[tuple[re.Pattern[str], float]] = field(default_factory=list)
    restyled: list[tuple[re.Pattern[str], str]] = field(default_factory=list)

    def restyle(self, page: SampleResponse, charset: str) -> SampleResponse:
        """*page* as the redesigned portal would send it."""
        if not self.restyled or not page.content_type.startswith("text/html"):
            return page
        text = page.body.decode(charset)
        for pattern, instead in self.restyled:
            text = pattern.sub(instead, text)
        return replace(page, body=text.encode(charset))


class Server(ThreadingHTTPServer):
    """One portal on one port."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, site: Site) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.site = site
        self.faults = Faults()
        self.log: list[LoggedRequest] = []
        self.stopping = Event()
        self._open: dict[Thread, socket.socket] = {}
        self._lock = Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread a connection, remembered so that ``stop`` can end it: the base class forgets its daemons."""
        thread = Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        with self._lock:
            self._open = {old: connection for old, connection in self._open.items() if old.is_alive()}
            self._open[thread] = request
            thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are expected and cause no traceback."""

    def stop(self) -> None:
        """Answer nobody any more: the listener and every open connection are closed."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        for thread, connection in self._open.items():
            _hang_up(connection)
            thread.join(5)


class Handler(BaseHTTPRequestHandler):
    """Asks the site for the page and adds faults and headers."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one piece

    def do_GET(self) -> None:
        """The page."""
        self._answer()

    def do_HEAD(self) -> None:
        """The headers that GET would send."""
        self._answer()

    def version_string(self) -> str:
        """What the Server header says: nothing that differs between machines."""
        return "citynews-samples"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """Nothing on stderr: the log is Server.log."""

    def _answer(self) -> None:
        self._arrived = time.monotonic()
        if (page := self._page()) is None:
            self.close_connection = True
        else:
            self._send(page)

    def _page(self) -> SampleResponse | None:
        """What the site or a fault answers; None when the portal went down in the meantime."""
        faults = self.server.faults
        for pattern, seconds in faults.slow:
            if pattern.search(self.path):
                self.server.stopping.wait(seconds)
        if self.server.stopping.is_set():
            return None
        for pattern, page in faults.failing:
            if pattern.search(self.path):
                return page
        address = urlsplit(self.path)
        return faults.restyle(self.server.site.page(address.path, address.query), self.server.site.charset)

    def _send(self, page: SampleResponse) -> None:
        """Dress *page* and send it."""
        headers = {"Content-Type": page.content_type, **self._validators(page), **page.headers}
        body, status = page.body, page.status
        if not page.content_type.startswith(_COMPRESSED):
            headers["Vary"] = "Accept-Encoding"
            if body and _accepts_gzip(self.headers.get("Accept-Encoding", "")):
                headers["Content-Encoding"] = "gzip"
                body = gzip.compress(body, mtime=0)
        if status == 200 and self._is_current(headers):
            status, body = 304, b""
            headers = {k: v for k, v in headers.items() if not k.startswith("Content-")}
        else:
            headers["Content-Length"] = str(len(body))
        # Logged first: a client that has the answer finds the request in the log.
        self.server.log.append(
            LoggedRequest(self._arrived, self.command, self.path, status, dict(self.headers.items()))
        )
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _validators(self, page: SampleResponse) -> dict[str, str]:
        found: dict[str, str] = {}
        if page.modified and page.status == 200:
            found["Last-Modified"] = format_datetime(page.modified.astimezone(UTC), usegmt=True)
        if page.etag and page.status == 200:
            found["ETag"] = f'W/"{hashlib.sha256(page.body).hexdigest()[:20]}"'  # weak: one for plain and gzip
        return found

    def _is_current(self, headers: dict[str, str]) -> bool:
        if (known := self.headers.get("If-None-Match")) is not None:
            tags = [tag.strip().removeprefix("W/") for tag in known.split(",")]
            return "ETag" in headers and ("*" in tags or headers["ETag"].removeprefix("W/") in tags)
        since = self.headers.get("If-Modified-Since")
        if since is None or "Last-Modified" not in headers:
            return False
        try:
            return parsedate_to_datetime(headers["Last-Modified"]) <= parsedate_to_datetime(since)
        except (TypeError, ValueError):  # no date, or one without a zone
            return False


def _accepts_gzip(accepted: str) -> bool:
    for choice in accepted.lower().split(","):
        name, _, weight = choice.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # gone already
