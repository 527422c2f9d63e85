"""Records the connections of Scrapy's HTTP/1.1 handler. All private names of Scrapy and Twisted are used only here.

Of Scrapy 2.19: the handler's ``_pool``, and the factory and protocol classes it puts into it. Of Twisted 26:
``HTTPConnectionPool._factory``, and that a request writes itself with ``writeTo(transport)``. A test names each
(tests/crawl/test_wire.py); where one is missing this module fails to import, or ``tap`` says False, and capture goes
on with what Scrapy offers, marked as reconstructed.
"""

from __future__ import annotations

from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from twisted.internet import reactor
from twisted.web.client import HTTPConnectionPool

from crawler.crawl.downloader.wire import TeeTransport, Wire, current_wire


def tap(handler: HTTP11DownloadHandler) -> bool:
    """Makes *handler* fill the Wire in ``current_wire``; False where this Scrapy is built otherwise."""
    pool = getattr(handler, "_pool", None)
    if not isinstance(pool, HTTPConnectionPool) or getattr(pool, "_factory", None) is not _LenientHTTP11ClientFactory:
        return False
    tapped: Any = _Pool(reactor, persistent=pool.persistent)  # type: ignore[no-untyped-call] # Twisted has no types here
    tapped.maxPersistentPerHost = pool.maxPersistentPerHost
    tapped.retryAutomatically = False  # Scrapy repeats what failed, at the pace of the site and counted
    tapped._factory = _Factory  # noqa: SLF001 - see above
    handler._pool = tapped  # noqa: SLF001 - see above
    return True


class _Pool(HTTPConnectionPool):
    def getConnection(self, key: Any, endpoint: Any) -> Any:  # noqa: N802 - Twisted's name
        # called in the same turn as download_request, so that the variable is still that request's
        wire = current_wire.get()
        found = super().getConnection(key, endpoint)
        return found if wire is None else found.addCallback(_Bound, wire)


class _Bound:
    """A connection that is about to carry the request of *wire*."""

    def __init__(self, connection: Any, wire: Wire) -> None:
        self._connection, self._wire = connection, wire

    def request(self, request: Any) -> Any:
        request.citynews_wire = self._wire
        return self._connection.request(request)


class _Protocol(_LenientHTTP11ClientProtocol):
    _wire: Wire | None = None

    def request(self, request: Any) -> Any:
        wire: Wire | None = getattr(request, "citynews_wire", None)
        self._wire = wire
        if wire is not None:
            transport: Any = self.transport
            wire.begin(getattr(transport.getPeer(), "host", None), _tls(transport))
            request.writeTo = lambda transport: type(request).writeTo(request, TeeTransport(transport, wire.send))
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if self._wire is not None and not self._wire.receive(data):
            self._wire = None
            transport: Any = self.transport
            transport.abortConnection()
            return
        super().dataReceived(data)  # type: ignore[no-untyped-call] # Twisted has no types here


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> _Protocol:  # noqa: N802 - Twisted's name
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call] # Twisted has no types here


def _tls(transport: Any) -> str | None:
    """The TLS version of *transport* as WARC-Protocol names it."""
    name = getattr(transport.getHandle(), "get_protocol_version_name", None)
    return None if name is None else name().lower().replace("v", "/", 1)
