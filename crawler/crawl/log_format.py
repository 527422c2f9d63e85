"""What Scrapy says when something raises: the address instead of the whole visit, and nothing twice."""

from __future__ import annotations

import logging
from typing import Any

from scrapy import Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure

from crawler.archive.storage.errors import StorageError


class ShortLogFormatter(LogFormatter):
    """A full disk is said once, at the end, and not again with a traceback for every page under way."""

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        level = logging.DEBUG if isinstance(exception, StorageError) else logging.ERROR
        return {"level": level, "msg": "Error processing %(item)s", "args": {"item": getattr(item, "asked", item)}}
