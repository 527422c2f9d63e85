"""Log filters: an operator gets one line for what matters, not the internal messages of Scrapy and Twisted."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.logger import globalLogBeginner
from twisted.python.failure import Failure

from crawler.archive.storage.errors import StorageError

#: Loggers whose messages this project's own lines and counters replace, and the level from which they are heard.
#: A name that Scrapy no longer has silences nothing: tests/crawl/test_scrapy_names.py holds them.
QUIETED = {
    "scrapy.downloadermiddlewares.retry": logging.CRITICAL,
    "scrapy.core.downloader.handlers.http11": logging.ERROR,
    "scrapy.core.downloader.tls": logging.ERROR,
    "scrapy.utils.ssl": logging.ERROR,
}
#: How Twisted's message about a certificate that does not fit begins.
CERTIFICATE = "while verifying certificate"


@cache
def quiet_scrapy() -> None:
    """Silences what is counted and reported elsewhere."""
    for name, level in QUIETED.items():
        logging.getLogger(name).setLevel(level)
    logging.getLogger("twisted").addFilter(_unexpected)
    # until somebody begins, Twisted prints its critical events to stderr besides
    globalLogBeginner.beginLoggingTo([], discardBuffer=True, redirectStandardIO=False)


def _unexpected(record: logging.LogRecord) -> bool:
    """False for the traceback of a certificate that does not fit: the request fails, and is counted as "tls"."""
    return not str(record.msg).startswith(CERTIFICATE)


class ShortLogFormatter(LogFormatter):
    """The address instead of the whole visit; a full disk once, at the end, not again for every page under way.

    *debug*: whether what is said of every page is heard at all; else it is not even put together.
    """

    def __init__(self, *, debug: bool = True) -> None:
        self._debug = debug

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(debug=crawler.settings["LOG_LEVEL"] in {"DEBUG", "NOTSET", logging.DEBUG, logging.NOTSET})

    # Scrapy's documentation lets them return None: "to skip an entry"; its annotations do not
    def crawled(  # type: ignore[override]
        self, request: Request, response: Response, spider: Spider
    ) -> LogFormatterResult | None:
        return super().crawled(request, response, spider) if self._debug else None

    def scraped(  # type: ignore[override]
        self, item: Any, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult | None:
        return super().scraped(item, response, spider) if self._debug else None

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        args = {"item": getattr(item, "asked", item)}
        return {"level": _level(exception), "msg": "Error processing %(item)s", "args": args}

    def spider_error(
        self, failure: Failure, request: Request, response: Response | Failure, spider: Spider
    ) -> LogFormatterResult:
        args = {"request": request}
        return {"level": _level(failure.value), "msg": "Spider error processing %(request)s", "args": args}


def _level(error: BaseException | None) -> int:
    """Where storage fails, the run says so itself, once."""
    return logging.DEBUG if isinstance(error, StorageError) else logging.ERROR
