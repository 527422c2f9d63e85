"""Bounds the attributes of start tags: libxml2 takes quadratic time for those of one element, minutes for 200,000."""

from __future__ import annotations

import re

MOST = 256  #: attributes that are kept of an element; no page that people wrote has a third of that
_MANY = 32
_SMALL = 1 << 16  # bytes; whatever these hold is parsed within a second
# What a tokenizer takes for an attribute: https://html.spec.whatwg.org/multipage/parsing.html#before-attribute-name-state
_ATTRIBUTE = (
    rb"""(?:[\s/]++|(?<=["']))(?:=[^\s/>=]*+|[^\s/>=]++)"""
    rb"""(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>]*+))?+"""
)
#: A ">" in the value of an attribute stands behind a quotation mark that opens the value, and nothing but white space
#: stands between that and its "=". Where the last quotation mark before the first ">" opens none, that ends the tag;
#: and 500 bytes hold fewer than MOST attributes, which take two each.
_PLAIN = rb"""[^>]{0,500}+(?:(?<=[^\s=]")|(?<=[^\s=]"[\s/])|(?<=[^\s=]" [\s/]))>|[^>"]{0,500}+>"""
#: An apostrophe may open one as well: tags with such a ">" are few.
_OPEN = re.compile(rb"'(?<=[\s=]')[^'>]*+>")
_START = re.compile(rb"<[A-Za-z]")


def _tags(but: bytes = b"(?!)") -> re.Pattern[bytes]:
    """Finds tags of _MANY attributes, up to the MOST-th of them (group 1) and whole, *but* for some.

    They are passed over as a whole, or each `<a` within one would begin a search of its own.
    """
    parts = {b"one": _ATTRIBUTE, b"many": _MANY, b"rest": MOST - _MANY, b"but": but}
    pattern = rb"""(<[A-Za-z](?!%(but)b)[^\s/><"']*+(?:%(one)b){%(many)d}(?:%(one)b){0,%(rest)d}+)(?:%(one)b)*+"""
    return re.compile(pattern % parts)


_TAG, _ODD_TAG = _tags(), _tags(but=_PLAIN)


def bounded(source: bytes) -> bytes:
    """The HTML page *source*, in an encoding that includes ASCII, without attributes beyond the MOST-th of an element.

    Takes linear time.
    """
    if len(source) < _SMALL or not _exceeds(source):
        return source
    return _TAG.sub(rb"\1", source)


def _exceeds(source: bytes) -> bool:
    """Whether a tag has more than MOST attributes, in a third of the time that it takes to read all tags."""
    if any(tag.end() > tag.end(1) for tag in _ODD_TAG.finditer(source)):
        return True
    end = 0
    for opened in _OPEN.finditer(source):
        begin = source.rfind(b">", 0, opened.start()) + 1
        for start in _START.finditer(source, max(begin, end), opened.start()):
            tag = _TAG.match(source, start.start()) if start.start() >= end else None
            if tag is not None and tag.end() > tag.end(1):
                return True
            end = tag.end() if tag is not None else end
    return False
