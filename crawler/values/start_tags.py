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
#: Tags of _MANY attributes are passed over as a whole, or each `<a` within one would begin a search of its own.
_TAG = re.compile(
    rb"""(<[A-Za-z][^\s/><"']*+(?:%(one)b){%(many)d}(?:%(one)b){0,%(rest)d}+)(?:%(one)b)*+"""
    % {b"one": _ATTRIBUTE, b"many": _MANY, b"rest": MOST - _MANY}
)


def bounded(source: bytes) -> bytes:
    """The HTML page *source*, in an encoding that includes ASCII, without attributes beyond the MOST-th of an element.

    Takes linear time.
    """
    if len(source) < _SMALL:
        return source
    return _TAG.sub(rb"\1", source)
