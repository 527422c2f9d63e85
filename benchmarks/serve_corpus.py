"""Serves a corpus of real pages on loopback as one big portal with list pages. Prints its port, then serves for ever.

The corpus: folders with a ``truth.jsonl`` (one object with "id" a line) and ``<id>.html.gz`` files.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PER_LIST = 50


def pages(corpus: Path) -> Iterator[tuple[str, Path]]:
    """(path on the server, file) of every page."""
    for truth in sorted(corpus.glob("*/truth.jsonl")):
        for line in filter(None, truth.read_text("utf-8").split("\n")):  # a line may hold U+2028
            ident = json.loads(line)["id"]
            yield f"/{truth.parent.name}/{ident}.html", truth.parent / f"{ident}.html.gz"


def listing(paths: list[str], number: int) -> bytes:
    """List page *number*, from 1, with a link to the next."""
    shown = paths[(number - 1) * PER_LIST : number * PER_LIST]
    links = "".join(f'<li><a href="{path}">{path}</a></li>' for path in shown)
    more = f'<a href="/list_{number + 1}.html">next</a>' if number * PER_LIST < len(paths) else ""
    return f"<html><body><ul>{links}</ul>{more}</body></html>".encode()


def handler(corpus: Path) -> type[BaseHTTPRequestHandler]:
    """A request handler over the pages of *corpus*, held in memory so that the server costs as little as it can."""
    answers = {path: gzip.decompress(file.read_bytes()) for path, file in pages(corpus)}
    paths = list(answers)
    for number in range(1, len(paths) // PER_LIST + 2):
        answers[f"/list_{number}.html"] = listing(paths, number)
    answers["/robots.txt"] = b"User-agent: *\nAllow: /\n"

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: two would wait 40 ms for each other (Nagle, delayed ACK)

        def do_GET(self) -> None:
            body = answers.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    return Handler


def main() -> None:
    """Serves the corpus named on the command line."""
    ThreadingHTTPServer.request_queue_size = 128
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(Path(sys.argv[1])))
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
