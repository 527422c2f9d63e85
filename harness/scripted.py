"""A server that says what a test tells it to, and remembers who connected and what was asked."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

Headers = dict[str, str]


@dataclass(slots=True)
class Answer:
    """What is sent. A callable body writes the raw bytes of the connection itself."""

    body: bytes | Callable[[Any], None] = b""
    status: int = 200
    headers: Headers = field(default_factory=dict)
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    time: float
    path: str
    headers: Headers
    body: bytes = b""


class Scripted(ThreadingHTTPServer):
    """Answers from *pages*; anything else is 404. A POST is looked up as its path, a space, and its body.

    Serves inside a `with` block.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, 0), _Handler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.pages: dict[str, Answer] = {"/robots.txt": Answer(status=404)}
        self.asked: list[Asked] = []
        self.connections = 0
        self.stopping = Event()
        self.host = f"[{address}]:{self.server_port}" if ":" in address else f"{address}:{self.server_port}"
        self.base = f"{'https' if tls else 'http'}://{self.host}"

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()

    def get_request(self) -> Any:
        connection = super().get_request()
        self.connections += 1
        return connection

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is expected."""

    def answer(self, path: str, headers: Headers) -> Answer:
        """What *path* is answered with."""
        return self.pages.get(path, Answer(b"nothing here", 404))

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [request.path for request in self.asked]

    def listing(self, *hrefs: str, path: str = "/") -> None:
        """A list page at *path* with links to *hrefs*."""
        links = "".join(f'<li><a href="{href}">A headline long enough to be one</a></li>' for href in hrefs)
        self.pages[path] = Answer(f"<html><body><ul>{links}</ul></body></html>".encode())

    def article(self, path: str, title: str | None = None, text: str = "", **headers: str) -> None:
        """An article at *path*."""
        self.pages[path] = Answer(
            page(title or f"The story of {path.strip('/')}", text or story(path)), headers=headers
        )

    def definition(self, folder: Path, name: str = "scripted", *, discover: str = "", more: str = "") -> Path:
        """A definition of this server as a portal in *folder*."""
        path = folder / f"{name}.toml"
        discover = discover or f'pages = ["{self.base}/"]'
        path.write_text(
            f'name = "{name}"\ntitle = "Scripted"\nhome = "{self.base}/"\ndomains = ["{self.host}"]\nlanguage = "en"\n'
            f"timezone = \"UTC\"\n[discover]\narticle_urls = ['/a/']\nlist_urls = ['/list/']\n{discover}\n"
            + ("" if "[politeness]" in more else "[politeness]\ndelay = 0\n") + more,
            "utf-8",
        )  # fmt: skip
        return path


def story(about: str) -> str:
    """Three paragraphs that no other story has."""
    return "\n\n".join(
        f"The council of {about} met {when} and agreed that street lamps should be counted, named and repaired by "
        f"those who pass them every night, since nobody else in {about} knows where the light is missing."
        for when in ("on Monday morning", "once more on Tuesday", "for the last time on Friday")
    )


def page(title: str, text: str) -> bytes:
    """An article as a plain page."""
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in text.split("\n\n"))
    return (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{title}</title></head><body><article>"
        f"<h1>{title}</h1><p class='meta'>2026-03-04 05:06 Source: The Lamp</p>{paragraphs}</article></body></html>"
    ).encode()


class _Handler(BaseHTTPRequestHandler):
    server: Scripted
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer(f"{self.path} {body.decode()}", body)

    def do_GET(self) -> None:
        self.answer(self.path)

    def answer(self, key: str, body: bytes = b"") -> None:
        self.server.asked.append(Asked(time.monotonic(), self.path, dict(self.headers.items()), body))
        answer = self.server.answer(key, dict(self.headers.items()))
        self.server.stopping.wait(answer.wait)
        if callable(answer.body):
            answer.body(self.wfile)
            self.close_connection = True
            return
        self.send_response(answer.status)
        headers = {"Content-Type": "text/html; charset=utf-8"} | answer.headers
        for name, value in headers.items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Nothing on stderr."""
