"""A client that hides nothing: the status, the headers and the bytes as they came."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from lxml import html
from lxml.html import HtmlElement

from crawler.samples import NAMES

CODECS = dict(zip(NAMES, ("utf-8", "gb18030", "utf-8"), strict=True))


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body in the encoding that fits its bytes."""
        return self.body.decode("gb18030" if b"charset=gb2312" in self.body else "utf-8")

    @property
    def tree(self) -> HtmlElement:
        return html.document_fromstring(self.text.encode(), parser=html.HTMLParser(encoding="utf-8"))


def ask(base: str, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> Answer:
    """The answer of *base* to a request for *path*; no redirect is followed."""
    connection = HTTPConnection(urlsplit(base).netloc, timeout=60)
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


def squash(text: str) -> str:
    """*text* without any white space."""
    return "".join(text.split())
