"""The operator's proxy: how requests are sent through it, and how its own errors are recognised.

Through a proxy the connection is made by somebody else: where a name leads cannot be checked at connect time. So
addresses of private ranges are refused as always, names are resolved here where they can be, and a name that cannot
must be one of the public DNS (``is_public_name``); where that leads is the proxy's to know.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from scrapy import Request
from scrapy.exceptions import DownloadConnectionRefusedError, DownloadFailedError, DownloadTimeoutError
from scrapy.settings import BaseSettings

PROXY = "CITYNEWS_PROXY"  #: the setting: address of the proxy of all portals; "" for none
PROXIES = "CITYNEWS_PROXIES"  #: the setting: portal -> address of its own proxy; "" for none
#: Ends of names that are no names of the public DNS (RFC 6761, 6762, 8375, 9476, and what home networks use).
_PRIVATE = frozenset({
    "localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private", "invalid", "test",
    "example", "onion", "alt", "arpa",
})  # fmt: skip
_STATUS = re.compile(r"'status': (\d{3})")
#: What a proxy that works answers a CONNECT with whose target does not: it is not the proxy that is dead.
_OF_TARGET = frozenset({"502", "503", "504"})


class ProxyError(DownloadFailedError):
    """The proxy cannot be reached, refuses us, or wants another password. The message names it without the password."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where it listens, and who we are to it."""

    host: str
    port: int
    authorization: str | None = None

    @classmethod
    def of(cls, address: str) -> Proxy:
        """The proxy at *address*, which ``config`` has checked: http://[user:password@]host:port."""
        parts = urlsplit(address)
        given = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}" if parts.username else ""
        secret = f"Basic {base64.b64encode(given.encode()).decode()}" if given else None
        return cls(parts.hostname or "", parts.port or 80, secret)

    @property
    def place(self) -> str:
        """host:port, as the guard and people name it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def put(self, request: Request) -> None:
        """Sends *request* through it."""
        request.meta["proxy"] = f"http://{self.place}"
        if self.authorization:
            request.headers["Proxy-Authorization"] = self.authorization

    def error(self, error: Exception, *, began: bool) -> ProxyError | None:
        """What *error* says of the proxy; None where it is the site's. *began*: the request had left."""
        text = str(error)
        if "CONNECT tunnel" in text:
            status = found[1] if (found := _STATUS.search(text)) else None
            return None if status in _OF_TARGET else ProxyError(f"the proxy {self.place} answers CONNECT with {status}")
        dead = isinstance(error, (DownloadConnectionRefusedError, DownloadTimeoutError, DownloadFailedError))
        return ProxyError(f"the proxy {self.place} cannot be reached: {text}") if dead and not began else None


def proxy_of(settings: BaseSettings, portal: str) -> Proxy | None:
    """The proxy of *portal*: its own, else that of all; None for none."""
    address = settings.getdict(PROXIES).get(portal, settings.get(PROXY))
    return Proxy.of(str(address)) if address else None


def places(settings: BaseSettings) -> list[str]:
    """host:port of every proxy that is named: the operator's choice, wherever it stands."""
    named = [settings.get(PROXY), *settings.getdict(PROXIES).values()]
    return [Proxy.of(str(place)).place.lower() for place in named if place]


def is_public_name(host: str) -> bool:
    """Whether *host* is a name that the public DNS may have: with a dot, and not of a private end."""
    labels = host.rstrip(".").lower().split(".")
    end = labels[-1]
    return len(labels) > 1 and all(labels) and end not in _PRIVATE and not end.isdigit() and not end.startswith("0x")
