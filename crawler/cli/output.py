"""What commands print: text for people, lines of JSON for programs."""

from __future__ import annotations

import re
import sys
from datetime import datetime, timedelta

#: Line feeds and tabs stay: texts are printed line by line.
_ESCAPES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """*text* without what a terminal would obey."""
    return _ESCAPES.sub("\ufffd", text)


def emit_text(text: str) -> None:
    """*text* and a line break on stdout, in UTF-8 whatever the locale, without what a terminal would obey."""
    sys.stdout.flush()
    sys.stdout.buffer.write(printable(text).encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def emit(record: object) -> None:
    """One line of JSON on stdout, in UTF-8 whatever the locale."""
    from crawler.archive.records.jsonl import encode

    sys.stdout.flush()
    sys.stdout.buffer.write(encode(record))  # type: ignore[arg-type] # any JSON value will do
    sys.stdout.buffer.flush()


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago *moment* was, for a person."""
    if moment is None:
        return "never"
    minutes = max(0, round((now - moment) / timedelta(minutes=1)))
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"
