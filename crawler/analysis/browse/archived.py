"""A page as it was archived, made safe to be shown: nothing of it runs, nothing of it leads or reaches anywhere.

What keeps it so are the headers it is served with (``headers``): a sandbox without scripts, forms and navigation, and
a policy that lets it load nothing but pictures and styles of this second origin, which has captured ones only, under a
path that no other page knows. The page is changed besides, so that nothing is even tried: see ``made_safe``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, urlencode, urljoin

from lxml import etree, html

from crawler.analysis.web.render import web_address
from crawler.values.encoding import decode
from crawler.values.start_tags import bounded

#: Bytes of a page that is parsed; what is larger is shown as text.
_MOST = 8_000_000
#: Elements that go with all that is in them.
_DROPPED = (
    "script", "iframe", "object", "applet", "portal", "template", "video", "audio", "foreignobject", "animate", "set",
    "animatetransform", "animatemotion",
)  # fmt: skip
#: Elements that hold nothing; the parser may take what follows for their content.
_EMPTY = ("base", "embed", "frame", "link", "meta", "param", "source", "track")
#: Attributes with addresses that would be asked for or led to.
_LEADING = frozenset({
    "action", "archive", "attributionsrc", "background", "cite", "classid", "codebase", "data", "dynsrc", "formaction",
    "href", "imagesrcset", "longdesc", "lowsrc", "manifest", "ping", "poster", "profile", "src", "srcdoc", "srcset",
    "target", "usemap", "xlink:href", "{http://www.w3.org/1999/xlink}href", "autofocus", "http-equiv",
})  # fmt: skip
#: Where scripts of news sites keep the address of a picture that is to be loaded when it is scrolled to.
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-actualsrc")
_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))\s*\)""", re.IGNORECASE)
_IMPORT = re.compile(r"""@import\s+(?:url\(\s*)?["']?([^"')\s;]+)["']?\s*\)?([^;]*);?""", re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"  #: says utf-8 whatever the page said
_IN_CSS = "%/:?#[]@!$&*+,=~-._"  #: of an address, what means nothing in a style sheet
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)

Address = Callable[[str], str]  #: address of a picture or style -> address here


def headers(origin: str) -> dict[str, str]:
    """What all answers of the second *origin* are served with."""
    return {
        "Content-Security-Policy": (
            f"sandbox; default-src 'none'; img-src {origin} data:; style-src {origin} 'unsafe-inline'; base-uri 'none';"
            " form-action 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-DNS-Prefetch-Control": "off",
        "Cross-Origin-Resource-Policy": "cross-origin",  # to a sandbox, its own origin is another one
        "Cache-Control": "no-store",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


def text_of(body: bytes, content_type: str) -> str:
    """*body* as text, by the charset that its Content-Type names, or as is plausible."""
    found = _CHARSET.search(content_type)
    return decode(body, found[1] if found else None)[0]


def resource_address(path: str, stamp: str) -> Address:
    """Addresses, below *path* of the second origin, of the captures nearest to *stamp*."""
    return lambda url: f"{path}?{urlencode({'at': stamp, 'url': url})}"


def made_safe(body: bytes, content_type: str, url: str, here: Address) -> bytes:
    """The HTML page *body* of *url*: without what runs, embeds, forwards or leads; pictures and styles from *here*."""
    text = text_of(body, content_type)
    if ("html" not in content_type.lower() and content_type) or len(body) > _MOST or not text.strip():
        return _plain(text)
    try:
        document = html.document_fromstring(
            bounded(text.encode("utf-8")), parser=html.HTMLParser(encoding="utf-8", remove_pis=True)
        )
    except (etree.ParserError, ValueError):
        return _plain(text)
    base = document.find(".//base[@href]")
    begin = urljoin(url, base.get("href", "")) if base is not None else url
    _styles(document, begin, here)
    etree.strip_elements(document, *_DROPPED, with_tail=False)
    etree.strip_tags(document, *_EMPTY)
    for element in list(document.iter()):
        if not isinstance(element.tag, str):
            _remove(element)
        elif element.tag == "style":
            element.text = css(element.text or "", begin, here)
        else:
            _attributes(element, begin, here)
    doctype = document.getroottree().docinfo.doctype or ""  # type: ignore[attr-defined] # the stubs do not know it
    return _BOM + bytes(html.tostring(document, encoding="utf-8", doctype=doctype if doctype.isprintable() else None))


def css(text: str, base: str, here: Address) -> str:
    """A style sheet with the addresses in it replaced."""

    def imported(found: re.Match[str]) -> str:
        target = _absolute(base, found[1])
        return f'@import url("{here(target)}") {found[2].strip()}'.rstrip() + ";" if target else ""

    def named(found: re.Match[str]) -> str:
        stated = found[1] or found[2] or found[3] or ""
        if stated.lower().startswith("data:image/"):
            return found[0]
        target = _absolute(base, stated)
        return f'url("{here(target)}")' if target else "none"

    # imports first: their addresses must not be replaced twice
    parts, at = [], 0
    for found in _IMPORT.finditer(text):
        parts += [_URL.sub(named, text[at : found.start()]), imported(found)]
        at = found.end()
    return "".join([*parts, _URL.sub(named, text[at:])])


def _styles(document: html.HtmlElement, base: str, _here: Address) -> None:
    """Links to style sheets as imports, which the policy of the page governs like all else."""
    for link in list(document.iter("link")):
        target = _absolute(base, link.get("href", ""))
        if "stylesheet" in link.get("rel", "").lower().split() and target:
            style = etree.Element("style")
            if media := link.get("media"):
                style.set("media", media)
            style.text = f'@import "{quote(target, safe=_IN_CSS)}";'
            link.addprevious(style)


def _attributes(element: html.HtmlElement, base: str, here: Address) -> None:
    picture = None
    if element.tag in {"img", "input"}:
        stated = next((element.get(name) for name in _LAZY if element.get(name)), None) or element.get("src", "")
        picture = stated if stated.lower().startswith("data:image/") else _absolute(base, stated)
    link = _absolute(base, element.get("href", "")) if element.tag in {"a", "area"} else None
    for name in list(element.attrib):
        lower = str(name).lower()
        if lower.startswith("on") or lower in _LEADING or lower in _LAZY:
            del element.attrib[name]
        elif lower == "style":
            element.set(name, css(element.get(name, ""), base, here))
    if picture:
        element.set("src", picture if picture.startswith("data:") else here(picture))
    if link:
        element.set("title", link)


def _remove(element: etree._Element) -> None:
    """Takes a comment out, and keeps the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _absolute(base: str, stated: str) -> str | None:
    try:
        return web_address(urljoin(base, stated.strip())) if stated.strip() else None
    except ValueError:
        return None


def _plain(text: str) -> bytes:
    """What is no HTML page, as text."""
    root = html.Element("html")
    pre = etree.SubElement(etree.SubElement(root, "body"), "pre")
    pre.set("style", "white-space: pre-wrap")
    pre.text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", "\ufffd", text)
    return _BOM + bytes(html.tostring(root, encoding="utf-8", doctype="<!DOCTYPE html>"))
