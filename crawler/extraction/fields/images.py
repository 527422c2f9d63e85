"""The pictures of an article, with their captions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from crawler.article import Image
from crawler.extraction.page.blocks import Node
from crawler.extraction.text.reading import Reading
from crawler.values.text import line

_SOURCES = ("data-original", "data-src", "data-lazy-src", "data-actualsrc", "data-original-src", "src")
_MOST = 200  #: pictures of an article
_DECORATION = re.compile(
    r"(?:^|[/_-])(?:icon|logo|blank|spacer|loading|pixel|arrow|btn|button|share|qr|qrcode|ewm|avatar|grey|"
    r"transparent|placeholder|1x1)[\w-]{0,12}\.(?:gif|png|jpe?g|svg)|\.svg$|/emoji/|^data:",
    re.IGNORECASE,
)


def find_images(reading: Reading, container: Node | None) -> list[Image]:
    """Images below *container*, in order, one per address, without icons and tracking pixels."""
    return [image for _, image in pictures(reading, container)] if container is not None else []


def pictures(reading: Reading, container: Node) -> Iterator[tuple[Any, Image]]:
    """(element, image) of :func:`find_images`."""
    found: set[str] = set()
    for element in container.element.iter("img"):
        address = next((v for name in _SOURCES if (v := element.get(name)) and not v.startswith("data:")), None)
        url = reading.page.resolve(address)
        if not url or url in found or _DECORATION.search(url) or _tiny(element):
            continue
        if reading.blocks.node(element).hidden:
            continue
        found.add(url)
        yield element, Image(url, _caption(element))
        if len(found) >= _MOST:
            return


def _tiny(element: Any) -> bool:
    return any(
        (v := (element.get(name) or "").removesuffix("px")).isdigit() and int(v[:6]) < 32
        for name in ("width", "height")
    )


def _caption(element: Any) -> str | None:
    parent = element.getparent()
    for _ in range(4):
        if parent is None:
            break
        if parent.tag == "figure":
            caption = parent.find(".//figcaption")
            if caption is not None and (text := line("".join(caption.itertext()))):
                return text[:500]
        parent = parent.getparent()
    text = line(element.get("alt") or "")
    return text if len(text) > 3 and not re.search(r"\.(?:jpe?g|png|gif)$", text, re.IGNORECASE) else None
