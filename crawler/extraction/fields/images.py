"""The images of an article, with their captions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from crawler.article import Image
from crawler.extraction.page.document import Page
from crawler.extraction.page.hints import Hint
from crawler.extraction.page.lines import Node
from crawler.extraction.text.reading import Reading
from crawler.values.text import line

_TAGS = ("img", "amp-img")
#: Attributes in which sites keep the address of a picture that a script loads late; src holds a placeholder then.
_LATE = re.compile(r"src|original|lazy|file|echo|url|actual|real|image", re.IGNORECASE)
_NOT_LATE = re.compile(
    r"srcset|sizes|href|link|title|alt|class|id$|profile|type|name|caption|mce|medium|(?:orig|large)-file|load(?:ed|ing)$",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp|jfif|tiff?|svg)(?:$|[?#!@/_:,])", re.IGNORECASE)
#: A value that may be an address: a path or a host, without white space.
_ADDRESS = re.compile(r"(?:https?:)?/{1,2}[^\s\"'<>{}]+\Z|[\w.%~-]+/[^\s\"'<>{}]+\Z")
#: The name of a decoration, in an address in lower case behind a slash.
_DECORATION = re.compile(
    r"[/_-](?:(?:icon|logo|blank|spacer|loading|pixel|arrow|btn|button|share|qr|qrcode|ewm|avatar|transparent|"
    r"placeholder|1x1)[\w-]{0,12}\.(?:gif|png|jpe?g|svg)|"
    r"(?<=/)(?:none|lazy|lazyload|spaceball|gr[ae]y|dot|space|empty|default)\.(?:gif|png|jpe?g)|(?<=[\s\S]/)emoji/)"
)
_DESCRIPTOR = re.compile(r"(\S+)(?:\s+(\d+(?:\.\d+)?)[wx])?\s*(?:,\s|,$|$)")
_ELSEWHERE = Hint.HIDDEN | Hint.RELATED | Hint.RANKING | Hint.COMMENT | Hint.SHARE
_MOST = 200
_TINY = 32  #: pixels
_LONGEST_CAPTION = 500


def find_images(reading: Reading, container: Node | None) -> list[Image]:
    """Images below *container*, in order, one per address, without icons, placeholders and tracking pixels."""
    return [image for _, image in pictures(reading, container)] if container is not None else []


def pictures(reading: Reading, container: Node) -> Iterator[tuple[Any, Image]]:
    """(element, image) of :func:`find_images`."""
    urls: set[str] = set()
    for element in container.element.iter(*_TAGS):
        url = picture_address(element, reading.page)
        if not url or url in urls or _tiny(element):
            continue
        if reading.blocks.node(element).hint & ~container.hint & _ELSEWHERE:
            continue
        urls.add(url)
        yield element, Image(url, _caption(element))
        if len(urls) >= _MOST:
            return


def picture_address(element: Any, page: Page) -> str | None:
    """The address of the picture that *element* (img, amp-img) shows, once all scripts have run.

    None where it shows a placeholder or decoration alone.
    """
    for value in _addresses(element):
        if value.startswith(("data:", "#", "about:", "javascript:")):
            continue
        url = page.resolve(value)
        if url and url != page.address and not _decorates(url):
            return url
    return None


def _decorates(address: str) -> bool:
    """Whether a picture of this *address* is an icon, a placeholder or the like, by its name."""
    lowered = f"/{address.lower()}"
    return lowered.endswith(".svg") or lowered.startswith("/data:") or _DECORATION.search(lowered) is not None


def _addresses(element: Any) -> Iterator[str]:
    """Where the picture may be: what a script loads late, what the browser chooses from, then src."""
    late = [value.strip() for name, value in element.items() if value and _late(name)]
    yield from (value for value in late if _PICTURE.search(value) and _ADDRESS.match(value))
    src = (element.get("src") or "").strip()
    if src and not _decorates(src):
        yield src
    yield from (value for value in late if _ADDRESS.match(value))
    sources = [element.get("srcset"), element.get("data-srcset")]
    # parsers of HTML 4 put a picture into the <source> before it, and that into the one before
    holder = next((ancestor for ancestor in element.iterancestors() if ancestor.tag != "source"), None)
    if holder is not None and holder.tag == "picture":
        sources += [entry.get("srcset") or entry.get("data-srcset") for entry in holder.iter("source")]
    yield from (_largest(source) for source in sources if source and source.strip())


@lru_cache(maxsize=1024)
def _late(name: str) -> bool:
    """Whether an attribute of *name* holds the address of a picture that is not shown at once."""
    return name != "src" and bool(_LATE.search(name)) and not _NOT_LATE.search(name)


def _largest(srcset: str) -> str:
    """The address of the largest picture of a srcset ("a.jpg 320w, b.jpg 1024w")."""
    choices = _DESCRIPTOR.findall(srcset[:20_000].strip())
    return max(choices, key=lambda choice: float(choice[1] or 1), default=("", ""))[0]


def _tiny(element: Any) -> bool:
    return any(
        (v := (element.get(name) or "").removesuffix("px")).isdigit() and int(v[:6]) < _TINY
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
                return text[:_LONGEST_CAPTION]
        parent = parent.getparent()
    text = line(element.get("alt") or "")
    return text if len(text) > 3 and not re.search(r"\.(?:jpe?g|png|gif)$", text, re.IGNORECASE) else None
