"""Refuses connections to addresses that are not public, unless the operator allowed them: on every hop.

Two checks, since a name may resolve differently the second time: :class:`AddressGuardMiddleware` refuses a request by
name before robots.txt is asked for, :class:`GuardedResolver` refuses the connection whatever asked for it. The resolver
is asked by every connection for itself, with its port: what a name led to before, or may lead to on another port, says
nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from scrapy.settings import BaseSettings
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure

from crawler.archive.runs.stats import PortalStats
from crawler.crawl.downloader.proxy import is_public_name, places, proxy_of
from crawler.crawl.downloader.wire import Wire, current_wire
from crawler.crawl.run import run_of
from crawler.crawl.skipped import skip
from crawler.values.urls import article_id

ALLOWED = "CITYNEWS_ALLOW_HOSTS"  #: the setting: ["host", "host:port"]
_PORTS = {"http": 80, "https": 443}
_ANY = 0  #: no port is known: only a host that is allowed on all its ports may lead inside

#: Names an IPv4 address in its last 32 bits (RFC 6052), and counts as global whatever that is.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class PrivateAddressError(DNSLookupError):
    """A name, or a literal, that leads to an address that is not public."""


class AllowedHosts:
    """The hosts the operator allowed: a host on all its ports, or one port of it."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = {entry.lower() for entry in entries}

    def __call__(self, host: str, port: int) -> bool:
        shown = f"[{host}]" if ":" in host else host
        return host in self._entries or shown in self._entries or f"{shown}:{port}" in self._entries


def is_public(address: str) -> bool:
    """Whether *address*, an IP address as text, is reachable on the open internet."""
    try:
        ip = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if ip in _NAT64:
        mapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.is_global and not ip.is_multicast and (mapped is None or is_public(str(mapped)))


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, which fails for a host that is not public and not allowed. Literals pass through it too.

    Twisted asks it by name (IResolverSimple), and for each connection by name and port (IHostnameResolver).
    """

    allowed: AllowedHosts = AllowedHosts(())
    _port = _ANY  # of the connection that asks, while Twisted's adapter turns its question into one by name

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        return cls.of_settings(crawler.settings, reactor)

    @classmethod
    def of_settings(cls, settings: BaseSettings, reactor: Any) -> Self:
        """The resolver of a crawl with *settings*; a later crawl under the same reactor installs its own."""
        cache_size = settings.getint("DNSCACHE_SIZE") if settings.getbool("DNSCACHE_ENABLED") else 0
        resolver = cls(reactor, cache_size, settings.getfloat("DNS_TIMEOUT"))
        resolver.allowed = AllowedHosts([*settings.getlist(ALLOWED), *places(settings)])
        return resolver

    def install_on_reactor(self) -> None:
        super().install_on_reactor()
        reactor: Any = self.reactor
        self._by_name = reactor.nameResolver  # Twisted's adapter of getHostByName to what connections ask
        reactor.installNameResolver(self)
        reactor.resolver = self  # instead of an adapter that does not say why a name leads nowhere

    def resolveHostName(self, receiver: Any, name: str, portNumber: int = _ANY, *more: Any) -> Any:  # noqa: N802, N803 - Twisted's names
        """What a connection to *portNumber* of *name* asks; one that would lead inside gets no address."""
        self._port = portNumber
        try:
            return self._by_name.resolveHostName(receiver, name, portNumber, *more)
        finally:
            self._port = _ANY

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        found = super().getHostByName(name, timeout).addErrback(self._sixth, name)
        if self.allowed(name.lower(), self._port):
            return found
        return found.addCallback(self._public, name, current_wire.get())

    def _sixth(self, failure: Failure, name: str) -> Any:
        """The IPv6 address of a *name* that has no IPv4 address, or is one itself."""
        failure.trap(DNSLookupError)  # type: ignore[no-untyped-call] # Twisted has no types here
        pool: Any = self.reactor
        return deferToThreadPool(pool, pool.getThreadPool(), _look_up_sixth, name)

    @staticmethod
    def _public(address: str, name: str, wire: Wire | None) -> str:
        if is_public(address):
            return address
        if wire is not None:
            wire.inside = address
        raise PrivateAddressError(f"{name} resolves to {address}, which is not a public address")


def _look_up_sixth(name: str) -> str:
    """The first IPv6 address of *name*. Raises DNSLookupError."""
    try:
        return str(socket.getaddrinfo(name.strip("[]"), None, socket.AF_INET6, socket.SOCK_STREAM)[0][4][0])
    except (OSError, UnicodeError) as error:
        raise DNSLookupError(f"{name}: no address") from error


class AddressGuardMiddleware:
    """Refuses what is not public and not allowed on that port, or was removed, before anything is asked of it."""

    def __init__(
        self, allowed: AllowedHosts, stats: PortalStats, removed: Callable[[str], bool], *, proxied: bool = False
    ) -> None:
        self._allowed, self._stats, self._removed, self._proxied = allowed, stats, removed, proxied

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = run_of(crawler)
        proxied = proxy_of(crawler.settings, run.portal.name) is not None
        allowed = AllowedHosts(crawler.settings.getlist(ALLOWED))
        return cls(allowed, run.stats, run.archive.index.removed, proxied=proxied)

    async def process_request(self, request: Request) -> None:
        try:
            parts = urlsplit(request.url)
            host, port = (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            raise skip(self._stats, "bad-address", request) from None
        if parts.scheme not in _PORTS:
            raise skip(self._stats, "scheme", request)
        if self._removed(article_id(request.url)):  # by way of a redirect, or a further page
            raise skip(self._stats, "removed", request)
        if self._allowed(host, port):
            return
        if await self._leads_inside(host):
            raise skip(self._stats, "private-address", request)

    async def _leads_inside(self, host: str) -> bool:
        from twisted.internet import reactor  # noqa: PLC0415 - importing it earlier would install the wrong one

        resolver: Any = reactor
        try:
            address = await maybe_deferred_to_future(resolver.resolve(host))
        except PrivateAddressError:
            return True
        except DNSLookupError:
            # without a proxy the download will fail of itself, and be counted as what it is
            return self._proxied and not is_public_name(host)
        return not is_public(address)  # allowed by name, but not on this port
