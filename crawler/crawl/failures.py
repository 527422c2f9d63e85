"""Network errors by name: how a request without a response is counted."""

from __future__ import annotations

from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.python.failure import Failure

from crawler.crawl.downloader.address_guard import PrivateAddressError
from crawler.crawl.downloader.proxy import ProxyError

NAMES: dict[type[BaseException], str] = {
    DownloadTimeoutError: "timeout",
    CannotResolveHostError: "dns",
    DownloadConnectionRefusedError: "connection-refused",
    ResponseDataLossError: "truncated",
    DownloadCancelledError: "too-large",
    DownloadFailedError: "connection",
    TunnelError: "connection",  # the proxy that was asked for it works
    PrivateAddressError: "private-address",
    ProxyError: "proxy",
    IgnoreRequest: "redirects",  # Scrapy's own, raised after too many of them
}
#: In the text of Scrapy's IgnoreRequest for a body that unpacks to more than is allowed.
TOO_LARGE = "DOWNLOAD_MAXSIZE"
_TLS = ("SSL", "certificate", "TLS")


def reason_of(failure: Failure) -> str:
    """The name under which *failure* is counted."""
    assert failure.value is not None
    return failure_name(failure.value)


def failure_name(error: BaseException) -> str:
    """The name under which *error* is counted; its class where none is known."""
    name = NAMES.get(type(error), type(error).__name__)
    if name == "redirects" and TOO_LARGE in str(error):
        return "too-large"
    return "tls" if name == "connection" and any(mark in str(error) for mark in _TLS) else name
