"""JSON-LD as sites write it: in comments and CDATA marks, with extra commas and missing braces, several in one."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

_MOST = 4_000_000  #: characters of one script; what is longer is data, not a description
_MOST_ENTITIES = 500
_MOST_VALUES = 50
_CONTROL = re.compile(r"[\x00-\x1f]")
#: What opens a script so that parsers older than JSON-LD pass it by; what closes it is behind the last bracket.
_WRAPPING = re.compile(
    r"\A(?:\s|\ufeff|<!--|/\*\s{0,9}<!\[CDATA\[\s{0,9}\*/|//[ \t]{0,9}<!\[CDATA\[|<!\[CDATA\[){1,99}"
)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.{0,200}?\*/|,(?=\s{0,99}[}\]])', re.DOTALL)
_BAD_ESCAPE = re.compile(r"\\(?![\"\\/bfnrtu])")
_OPENING = re.compile(r"[{\[]")
_LENIENT = json.JSONDecoder(strict=False)
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|[{}\[\]]', re.DOTALL)


def entities(source: str) -> Iterator[dict[str, Any]]:
    """Every object in the script *source* that describes something: the whole, and those of its graph."""
    queue, seen = [*_values(source[:_MOST])], 0
    while queue and seen < _MOST_ENTITIES:
        seen += 1
        value = queue.pop(0)
        if isinstance(value, list):
            queue.extend(value[:50])
        elif isinstance(value, dict):
            yield value
            queue.extend(
                v for k in ("@graph", "mainEntity", "mainEntityOfPage") if isinstance(v := value.get(k), list | dict)
            )


def _values(source: str) -> list[Any]:
    """The JSON values of *source*, one behind the other; what cannot be read is left out."""
    try:
        return [orjson.loads(source)]
    except ValueError:
        pass
    text = _WRAPPING.sub("", source)
    if text[:40].lstrip("{[ \n\t").startswith("&"):
        text = html.unescape(text)
    text = _CONTROL.sub(" ", _mended(text))
    values: list[Any] = []
    start = _start(text, 0)
    while start is not None and len(values) < _MOST_VALUES:
        try:
            value, end = _LENIENT.raw_decode(text, start)
        except (ValueError, RecursionError):
            values += _closed(text[start:])
            break
        values.append(value)
        start = _start(text, end)
    return values


def _start(text: str, position: int) -> int | None:
    """Where the next object or list of *text* begins."""
    match = _OPENING.search(text, position)
    return match.start() if match else None


def _mended(text: str) -> str:
    """*text* without comments, without commas before a closing bracket, without escapes that JSON does not know."""
    return _TOKEN.sub(lambda match: _BAD_ESCAPE.sub("", match[0]) if match[0].startswith('"') else " ", text)


def _closed(text: str) -> list[Any]:
    """The object that *text* begins, with the brackets that it lacks at its end."""
    missing: list[str] = []
    quoted = ""
    for match in _BRACKETS.finditer(text):
        mark = match[0]
        if mark.startswith('"'):
            quoted = "" if len(mark) > 1 and mark.endswith('"') else '"'
        elif mark in "{[":
            missing.append("}" if mark == "{" else "]")
        elif not missing or missing.pop() != mark:
            return []
    try:
        return [_LENIENT.decode(text.rstrip(" ,") + quoted + "".join(reversed(missing)))]
    except (ValueError, RecursionError):
        return []
