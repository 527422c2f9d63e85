"""The title of an article: its headline as a line of the page, else what the page calls itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.extraction.page.blocks import Line
from crawler.extraction.page.hints import Hint
from crawler.extraction.page.metadata import Described, MetaTags
from crawler.extraction.text.headline import (
    DATE,
    ELSEWHERE,
    LABELLED,
    LEAST_OF_HEADLINE,
    STATED,
    STOPS,
    headline_text,
    is_code,
)
from crawler.values.text import line, squash

_PARTS = re.compile(
    r"\s*[|｜_¦丨]\s*|\s+[-–—−»«·:~]+\s+|--+|——+|－|\s*>+\s*|«|»|-(?=[^\W\d_]{2,12}(?:网|報|报|频道|中心|社|站)?$)"
)
_SITE_FIRST = re.compile(r"^[^:：]{2,10}[网網][:：]")
#: How the names of sites and of their owners end.
_SITE = re.compile(
    r"(?:[网網报報台]|百科|客户端|[频頻]道|平台|[门門][户戶]|[主首][页頁]|大[学學]|[学學]院|集[团團]|公司|在[线線]|[论論][坛壇])$"
)
_NAME_OF_SITE = 0.6  #: share of a headline that the name of a site has at most


def find_title(
    lines: Sequence[Line], at: int | None, first: int, document: str, said: Described, meta: MetaTags
) -> tuple[str | None, str]:
    """(headline, how it was found); *at* is :func:`headline_index`, *first* the index of the first line of the text."""
    stated = [text for text in (said.title, meta.first(*STATED)) if text]
    if at is not None:
        return headline_text(lines, at, document, stated), "generic"
    if said.title:
        return said.title, "json-ld"
    if text := meta.first("og:title", "twitter:title"):
        return without_site(text), "meta"
    named = without_site(document)
    for earlier in reversed(lines[max(0, first - 12) : first]):
        if _heads(earlier, document, named) and not earlier.node.hidden and 4 <= len(earlier.text) <= 200:
            return line(earlier.text), "generic"
    above = next((earlier for earlier in reversed(lines[max(0, first - 3) : first]) if _may_head(earlier)), None)
    if above is not None and len(squash(named)) < _NAME_OF_SITE * len(squash(above.text)):
        return line(above.text), "generic"
    return named or None, "generic"


def _heads(earlier: Line, document: str, named: str) -> bool:
    """Whether a heading above the text is the headline.

    One of a lower rank may head a part of the text: it is where the <title> *document* names the site alone, or shares
    a part with it. *named* is what the <title> says without the site.
    """
    tag = earlier.node.tag
    if tag == "h2":
        return len(squash(named)) < _NAME_OF_SITE * len(squash(earlier.text)) or _shares(earlier.text, document)
    return tag == "h1" or (tag == "h3" and _shares(earlier.text, document))


def _shares(text: str, document: str) -> bool:
    """Whether a part of the <title> *document* stands in *text*."""
    mine, parts = squash(text), map(squash, re.split(r"[-_|｜—]", document))
    return any(len(part) >= LEAST_OF_HEADLINE and part in mine for part in parts)


def _may_head(above: Line) -> bool:
    """Whether a line right above the text may be the headline of a page that names itself after its site alone."""
    return (
        12 <= above.units <= 220 and not above.linked and not above.prose and not is_code(above.text)
        and not above.node.hint & (ELSEWHERE | Hint.META)
        and not LABELLED.search(above.text) and not DATE.search(above.text) and not above.text.endswith(STOPS)
    )  # fmt: skip


def without_site(text: str) -> str:
    """*text* without the site's name before or behind a separator: its longest part that is none."""
    text = _SITE_FIRST.sub("", text)
    parts = [p.strip() for p in _PARTS.split(text) if p and p.strip()]
    while parts and _SITE.search(parts[-1]) and not all(map(_SITE.search, parts)):
        parts.pop()
    return max(parts, key=len, default=text).strip()
