"""Parses bytes into a tree like a browser's, and recognises what is not a page.

libxml2 (2.14 and later) puts what stands behind an early ``</html>`` into further roots; a browser shows it in the
body. What is left to the walk: an element that is never shown may still hold the text (:mod:`shown`).
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from crawler.values.start_tags import bounded

_EMPTY = etree.fromstring("<html><body/></html>", etree.HTMLParser())
#: libxml2 takes no NUL and no other control characters: each becomes a space.
_UNPARSABLE = bytes(b if b in (9, 10, 13) or 32 <= b != 127 else 32 for b in range(256))
_CONTROL = bytes(b for b in range(32) if b not in (9, 10, 12, 13, 27)) + b"\x7f"
_LOOKED_AT = 8192  #: bytes
_CONTROLS = (
    0.005  #: share of control bytes above which bytes are no text: HTML has none, PNG, WOFF2 and gzip 5 % and more
)
#: Documents of other kinds that begin with text.
_OTHER = re.compile(rb"[\xef\xbb\xbf \t\r\n]*(?:%PDF-|\{\\rtf|%!PS|GIF8|PK\x03\x04|Rar!|OTTO|wOFF|wOF2|RIFF|OggS|ID3)")
_LEADING = re.compile("[\ufeff \t\r\n]*")
_TAG = re.compile(
    r"<\s?(?:!doctype\s+html|html|head|body|div|p|title|meta|table|h1|article|span|br|a)\b", re.IGNORECASE
)
_DOCUMENT = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
#: A document that begins so is HTML, whatever control characters it has (the signature of the WHATWG's MIME sniffing).
_SIGNATURE = re.compile(rb"[\xef\xbb\xbf\s]*<(?:!doctype\s+html|html|head|body|title|!--)", re.IGNORECASE)


def is_html(raw: bytes, text: str, encoding: str) -> bool:
    """Whether the bytes *raw*, decoded from *encoding* to *text*, are an HTML document or a piece of one."""
    if _OTHER.match(raw):
        return False
    beginning = raw[:_LOOKED_AT]
    if not encoding.startswith(("utf-16", "utf-32")) and not _SIGNATURE.match(beginning):
        controls = len(beginning) - len(beginning.translate(None, _CONTROL))
        if controls > _CONTROLS * len(beginning):
            return False
    if not _TAG.search(text, 0, 200_000):
        return False
    begins = _LEADING.match(text)
    opening = text[begins.end() : begins.end() + 1] if begins else ""
    return opening not in "{[(" or bool(_DOCUMENT.search(text, 0, 200_000))


def parse(source: bytes) -> Any:
    """The root of the tree of *source*, in UTF-8; of an empty page where there is nothing to parse."""
    source = bounded(source.removeprefix(b"\xef\xbb\xbf").translate(_UNPARSABLE))
    if not source or source.isspace():
        return _EMPTY
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=False, remove_pis=True, remove_comments=True, collect_ids=False
    )
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError:  # a document without a single element
        return _EMPTY
    if root is None:
        return _EMPTY
    if root.getnext() is not None:
        _take_over(root)
    return root


def _take_over(root: Any) -> None:
    """Moves what later roots hold to the end of the body of *root*."""
    body = root.find("body")
    if body is None:
        body = etree.SubElement(root, "body")
    for later in list(root.itersiblings()):
        for holder in [later, *later.iterchildren("body", "head")]:
            _append_text(body, holder.text)
            for child in list(holder):
                if child.tag in ("body", "head"):
                    continue
                body.append(child)


def _append_text(body: Any, text: str | None) -> None:
    if text and not text.isspace():
        last = etree.SubElement(body, "span")
        last.text = text
