"""Selectors for an element: short ones that may well find it on other pages of the site, the likeliest first.

Ids and classes that mean something go before structure; numbers, hashes and positions are never used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from crawler.portals.rules import Selector
from crawler.values.text import line

_NAME = re.compile(r"[A-Za-z][A-Za-z_-]*")
_HASHED = re.compile(r"[bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ]{6}|^[A-Za-z]{1,2}$|[a-z][A-Z][a-z][A-Z][a-z]")
#: Names that say how something looks, not what it is.
_LOOKS = re.compile(
    r"^(?:clear(?:fix)?|fl|fr|left|right|center|mt|mb|pt|pb|ml|mr|row|col|container|wrap(?:per)?|box|inner|item|active|on|cur|"
    r"current|first|last|hide|show|hidden|block|bold|red|blue|gray|grey|white|black|big|small)$",
    re.IGNORECASE,
)
_TELLING_TAGS = {"h1": 1.5, "article": 2.0, "main": 2.5, "time": 2.0, "h2": 2.5}
_ABOVE = 5  #: ancestors that may give a selector its context


def selectors(element: Any) -> dict[str, float]:
    """Selector -> what it costs: the less, the shorter and the more telling."""
    own = dict(_own(element))
    found = dict(own)
    tag = element.tag
    if tag not in own and isinstance(tag, str):
        own[tag] = 3.0
    above = element.getparent()
    for step in range(_ABOVE):
        if above is None or above.tag in {"body", "html"}:
            break
        for context, cost in _own(above):
            if context in _TELLING_TAGS and context != "article":
                continue
            for name, price in own.items():
                written = f"{context} > {name}" if step == 0 and name == tag else f"{context} {name}"
                found.setdefault(written, cost + price + 0.3 * step)
        above = above.getparent()
    return found


def _own(element: Any) -> Iterator[tuple[str, float]]:
    tag = element.tag
    if not isinstance(tag, str):
        return
    ident = element.get("id") or ""
    if _good(ident):
        yield f"#{ident}", 1.0
    names = [class_name for class_name in (element.get("class") or "").split() if _good(class_name)]
    for name in names:
        yield f"{tag}.{name}", 2.0 + (1.5 if _LOOKS.match(name) else 0.0)
    if len(names) > 1:
        yield f"{tag}." + ".".join(names[:2]), 3.0
    if _good(prop := element.get("itemprop") or ""):
        yield f'{tag}[itemprop="{prop}"]', 2.2
    if tag in _TELLING_TAGS:
        yield tag, _TELLING_TAGS[tag]


def _good(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and len(name) <= 30 and not _HASHED.search(name)


def by_text(element: Any, label: str) -> str:
    """A selector for an *element* without a name that begins with the words *label*."""
    return f"xpath://{element.tag}[starts-with(normalize-space(), {_quoted(label)})]"


def by_heading(heading: Any, element: Any | None = None) -> str | None:
    """A selector for the *heading* with these words, or for the first element like *element* behind it."""
    text = line("".join(heading.itertext()))
    if not 2 <= len(text) <= 20 or re.search(r"\d", text):
        return None
    found = f"xpath://{heading.tag}[normalize-space()={_quoted(text)}]"
    return found if element is None else f"{found}/following::{element.tag}[1]"


def _quoted(text: str) -> str:
    return f"'{text}'" if "'" not in text else f'"{text}"'


def union(sources: Sequence[str]) -> str:
    """One selector for what any of *sources* finds."""
    distinct = list(
        dict.fromkeys(
            part for source in sources for part in ([source] if source.startswith("xpath:") else source.split(", "))
        )
    )
    if not any(candidate.startswith("xpath:") for candidate in distinct):
        return ", ".join(distinct)
    return "xpath:" + " | ".join(
        candidate.removeprefix("xpath:") if candidate.startswith("xpath:") else Selector(candidate).path
        for candidate in distinct
    )
