"""What Scrapy and Twisted log is for programmers; an operator gets one line for what matters, from this project."""

from __future__ import annotations

import logging
from functools import cache

from twisted.logger import globalLogBeginner

#: Said by our own lines and counters, so only what is worse gets through.
_QUIETED = {
    "scrapy.downloadermiddlewares.robotstxt": logging.CRITICAL,
    "scrapy.downloadermiddlewares.retry": logging.CRITICAL,
    "scrapy.core.downloader.handlers.http11": logging.ERROR,
    "scrapy.core.downloader.tls": logging.ERROR,
    "scrapy.utils.ssl": logging.ERROR,
    "scrapy.core.downloader.contextfactory": logging.ERROR,
}


@cache
def quiet_scrapy() -> None:
    """Silences what is counted and told elsewhere."""
    for name, level in _QUIETED.items():
        logging.getLogger(name).setLevel(level)
    logging.getLogger("twisted").addFilter(_expected)
    # until somebody begins, Twisted prints its critical events to stderr besides
    globalLogBeginner.beginLoggingTo([], discardBuffer=True, redirectStandardIO=False)


def _expected(record: logging.LogRecord) -> bool:
    """False for the traceback of a certificate that does not fit: the request fails, and is counted as "tls"."""
    return not str(record.msg).startswith("while verifying certificate")
