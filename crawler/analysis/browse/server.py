"""Starts and ends the web server of `citynews browse`."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import uvicorn

from crawler.analysis.browse import application, pages
from crawler.analysis.browse.captures import Captures
from crawler.analysis.browse.current import CurrentView
from crawler.analysis.browse.web import Origins, Ports
from crawler.analysis.names import Known
from crawler.analysis.selection import Selection
from crawler.values.stop_signals import StopSignals

HOST = "127.0.0.1"
#: A program on this machine may ask for much at once; a person's browser never does.
_AT_ONCE = 64


class PortError(Exception):
    """The port is taken; the message says so."""


def serve(
    root: Path, port: int, index: Path | None, known: Known, ready: Callable[[Ports], None], until: int | None = None,
    saved: Mapping[str, Selection] | None = None,
) -> int:  # fmt: skip
    """Serves *root*, as of run number *until*, till a signal ends it: the exit code is returned, 130 or 143.

    *ready* is called with the address; *saved*: title of a saved query -> what it chooses. Raises PortError,
    StorageError.
    """
    first, second = _listening(port), _listening(0)
    ports = Ports(first.getsockname()[1], second.getsockname()[1], secrets.token_urlsafe(16))
    current = CurrentView(root, index, known, until, saved)
    captures = Captures(current)
    app = Origins(ports, application.application(current, captures, ports), pages.application(captures, ports.key))
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="off", server_header=False, date_header=False, ws="none",
        limit_concurrency=_AT_ONCE, timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = uvicorn.Server(config)

    def end() -> None:
        server.should_exit = True

    current.start()
    try:
        # uvicorn answers to the signals while it runs, and raises them again when it has ended. What they then do
        # depends on how the process was started: SIGINT of a job in the background is ignored
        with StopSignals(end) as signals:
            ready(ports)
            server.run(sockets=[first, second])
        return signals.code() or 0
    finally:
        current.stop()
        first.close()
        second.close()


def _listening(port: int) -> socket.socket:
    """A socket on *port* of 127.0.0.1; 0 for any that is free. Raises PortError."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
        found.listen()  # from now on a browser waits, and is not refused
    except OSError as error:
        found.close()
        raise PortError(
            f"--port {port}: {error.strerror or error}; name another one, or 0 for any that is free"
        ) from error
    return found
