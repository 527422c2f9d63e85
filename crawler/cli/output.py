"""What commands print: text for people, lines of JSON for programs."""

from __future__ import annotations

import re
import sys

#: Line feeds and tabs stay: texts are printed line by line.
_ESCAPES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """*text* without what a terminal would obey."""
    return _ESCAPES.sub("\ufffd", text)


def emit(record: object) -> None:
    """One line of JSON on stdout, in UTF-8 whatever the locale."""
    from crawler.archive.records.jsonl import encode

    sys.stdout.flush()
    sys.stdout.buffer.write(encode(record))  # type: ignore[arg-type] # any JSON value will do
    sys.stdout.buffer.flush()
