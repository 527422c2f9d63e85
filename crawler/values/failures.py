"""Errors of the network by name: how a request that got no answer is counted, by its exception's class and text."""

from __future__ import annotations

_NAMES = {
    "DownloadTimeoutError": "timeout",
    "CannotResolveHostError": "dns",
    "DownloadConnectionRefusedError": "connection-refused",
    "ResponseDataLossError": "truncated",
    "DownloadCancelledError": "too-large",
    "DownloadFailedError": "connection",
    "PrivateAddressError": "private-address",
    "IgnoreRequest": "redirects",  # Scrapy's own, raised after too many of them
}
_TLS = ("SSL", "certificate", "TLS")


def failure_name(error: BaseException) -> str:
    """The name under which *error* is counted; its class where none is known."""
    name = _NAMES.get(type(error).__name__, type(error).__name__)
    if name == "redirects" and "DOWNLOAD_MAXSIZE" in str(error):
        return "too-large"  # what it unpacks to
    return "tls" if name == "connection" and any(mark in str(error) for mark in _TLS) else name
