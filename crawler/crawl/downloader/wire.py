"""The bytes of one exchange, in both directions, as transferred."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime
from typing import IO, Any

from crawler.values import clock

#: Bytes of an answer that are held in memory; a longer one waits in a temporary file.
HELD = 1 << 20


#: Bytes of a head; a server that sends more of it than this never means to send a body.
MOST_HEAD = 1 << 18
_SECRET = re.compile(rb"(?im)^proxy-authorization:[^\r\n]*\r\n")
_HEAD_ENDS = (b"\r\n\r\n", b"\n\n")


class Wire:
    """Fed by the connection, read when the answer is whole or has failed. Of a retried request the last try counts.

    *limit*: bytes of an answer, framing and heads included, after which the connection is cut (0: none).
    """

    __slots__ = (
        "_chunks",
        "_file",
        "_headed",
        "_held",
        "_proxied",
        "_sent",
        "_tail",
        "address",
        "inside",
        "limit",
        "overflown",
        "size",
        "started_at",
        "tls",
    )

    def __init__(self, limit: int = 0, *, proxied: bool = False) -> None:
        self.limit = limit
        self._proxied = proxied
        self.address: str | None = None
        self.tls: str | None = None  #: "tls/1.3"
        self.inside: str | None = None  #: the address that is not public, to which no connection was made
        self.started_at: datetime | None = None  #: when the first byte was sent; None: nothing was
        self.overflown = False
        self._headed = False  #: whether the head has ended
        self._tail = b""  #: the last bytes before
        self._clear()

    def begin(self, address: str | None, tls: str | None) -> None:
        """A request is about to go out on a connection to *address*."""
        self.address = None if self._proxied else address  # that of the proxy says nothing of the site
        self.tls, self.started_at = tls, clock.now()
        self._clear()

    def send(self, data: bytes) -> None:
        """What is written to the connection."""
        self._sent.append(data)

    def receive(self, data: bytes) -> bool:
        """What came from the connection; False where it is too much and the connection must be cut."""
        self.size += len(data)
        if not self._headed:
            self._headed = any(end in self._tail + data for end in _HEAD_ENDS)
            self._tail = data[-3:]
        if self.limit and self.size > (self.limit if self._headed else min(self.limit, MOST_HEAD)):
            self.overflown = True
            return False
        self._chunks.append(data)
        self._held += len(data)
        if self._held > HELD:
            self._spool()
        return True

    @property
    def sent(self) -> bytes:
        """All that was sent; a password of the proxy is not kept."""
        sent = b"".join(self._sent)
        return _SECRET.sub(b"", sent, count=1) if self._proxied else sent

    @property
    def received(self) -> bytes:
        """All that came; to be read once."""
        rest = b"".join(self._chunks)
        if self._file is None:
            return rest
        self._file.seek(0)
        return self._file.read() + rest

    def _clear(self) -> None:
        self._sent: list[bytes] = []
        self._chunks: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._held = self.size = 0
        self._headed, self._tail = False, b""  # whether the head has ended; the last bytes before

    def _spool(self) -> None:
        try:
            self._file = self._file or tempfile.TemporaryFile(prefix="citynews-")  # noqa: SIM115 - closed with the wire
            self._file.writelines(self._chunks)
        except OSError:  # no space for temporary files: kept in memory, within the same limit
            if self._file is not None:
                self._file.truncate(self.size - self._held)
                self._file.seek(0, 2)
            self._held = -self.limit
            return
        self._chunks, self._held = [], 0


class TeeTransport:
    """*transport*; *heard* gets all that is written to it."""

    def __init__(self, transport: Any, heard: Callable[[bytes], None]) -> None:
        self._transport, self._heard = transport, heard

    def write(self, data: bytes) -> None:
        self._heard(data)
        self._transport.write(data)

    def writeSequence(self, parts: Any) -> None:  # noqa: N802 - Twisted's name
        self.write(b"".join(parts))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


#: The wire of the request that is being handed to the connection pool.
current_wire: ContextVar[Wire | None] = ContextVar("current_wire", default=None)
