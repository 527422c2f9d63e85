"""Open extractors behind one interface: extract(html, url) -> fields. Only their public API is called.

They run in an environment of their own (compare.py --peers-python): nothing here is imported by the project.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any

logging.disable(logging.CRITICAL)


def _text(html: bytes) -> str:
    for codec in ("utf-8", "gb18030"):
        try:
            return html.decode(codec)
        except UnicodeDecodeError:
            continue
    return html.decode("utf-8", "replace")


def trafilatura(html: bytes, url: str) -> dict[str, Any]:
    found = importlib.import_module("trafilatura").bare_extraction(
        html, url=url or None, with_metadata=True, include_comments=False
    )
    record = found.as_dict() if found is not None else {}
    return {
        "title": record.get("title"),
        "date": record.get("date"),
        "author": record.get("author"),
        "body": record.get("text"),
    }


def readability(html: bytes, url: str) -> dict[str, Any]:
    document = importlib.import_module("readability").Document(_text(html))
    tree = importlib.import_module("lxml.html").fromstring(document.summary(html_partial=True) or "<p/>")
    return {"title": document.short_title(), "body": "\n".join(tree.itertext())}


def gne(html: bytes, url: str) -> dict[str, Any]:
    found = importlib.import_module("gne").GeneralNewsExtractor().extract(_text(html))
    return {
        "title": found.get("title"),
        "date": found.get("publish_time"),
        "author": found.get("author"),
        "body": found.get("content"),
    }


def newspaper4k(html: bytes, url: str) -> dict[str, Any]:
    text = _text(html)
    language = "zh" if sum("\u4e00" <= c <= "\u9fff" for c in text) > 300 else "en"
    library = importlib.import_module("newspaper")
    article = library.Article(url or "http://example.com/a", language=language, fetch_images=False)
    article.download(input_html=text)
    article.parse()
    return {
        "title": article.title,
        "date": article.publish_date,
        "author": ", ".join(article.authors or []),
        "body": article.text,
    }


#: Distribution -> adapter.
PEERS = {"trafilatura": trafilatura, "readability-lxml": readability, "gne": gne, "newspaper4k": newspaper4k}
