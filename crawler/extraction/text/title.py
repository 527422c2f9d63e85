"""The title of an article: its headline as a line of the page, else what the page calls itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

from crawler.extraction.page.hints import Hint
from crawler.extraction.page.lines import Line, Node
from crawler.extraction.page.metadata import Described, MetaTags
from crawler.extraction.text.headline import (
    DATE,
    ELSEWHERE,
    LABELLED,
    LEAST_OF_HEADLINE,
    STATED,
    STOPS,
    TAGS,
    is_code,
    undated,
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
_CUT = ("...", "…", "..")  #: at the end of a headline that is shown in part
_HEADLINE = 8  #: letters that are a headline rather than another name behind that of the site
_NAME_OF_SITE = 0.6  #: share of a headline that the name of a site has at most


def headline_text(lines: Sequence[Line], at: int, document: str, stated: Sequence[str]) -> str:
    """The headline at line *at*.

    With what an element inside it moved to a line of its own, without what stands in an element of its own beside it
    and is in no title that the page states (a flag, a day, a number).
    """
    said = [squash(title) for title in (document, *stated) if title]
    texts = [lines[at].text, *(part.text for part in rest_of_headline(lines, at, document, stated))]
    if len(texts) > 1:
        return line(" ".join(texts))
    pieces = [text for text, _, _ in lines[at].pieces if text.strip()]
    whole = line(undated(lines[at].text, said))
    if "&" in whole and (plain := unescape(whole)) != whole and any(squash(plain) in title for title in said):
        return plain  # escaped twice, and another title says so
    if whole.endswith(_CUT):
        return next((title for text in (*stated, document) if _goes_on(title := without_site(text), whole)), whole)
    if len(pieces) < 2 or any(squash(whole) in title for title in said):
        return whole
    parts = [line("".join(pieces[i:j])) for i in range(len(pieces)) for j in range(i + 1, len(pieces) + 1)]
    known = [part for part in parts if len(squash(part)) >= LEAST_OF_HEADLINE and any(squash(part) in t for t in said)]
    best = max(known, key=len, default=whole)
    return best if len(squash(best)) > 0.5 * len(squash(whole)) else whole


def rest_of_headline(lines: Sequence[Line], at: int, document: str, stated: Sequence[str]) -> list[Line]:
    """The lines below line *at* that a title of the page joins to it.

    They stand in one heading with it, or in the next ones of its rank.
    """
    node: Node | None = lines[at].node
    while node is not None and node.tag not in TAGS:
        node = node.parent
    if node is None:
        return []
    joined, rest = squash(lines[at].text), []
    titles = [squash(text) for text in (document, *stated) if text]
    own = [squash(without_site(text)) for text in (document, *stated) if text]
    for following in lines[at + 1 : at + 4]:
        joined += squash(following.text)
        inside = following.node.within(node)
        beside = following.node.tag == node.tag and following.node.parent is node.parent and not following.node.hidden
        if not (inside or beside) or not any(joined in title for title in (titles if inside else own)):
            break
        rest.append(following)
    return rest


def _goes_on(title: str, cut: str) -> bool:
    """Whether *title* begins with what is left of a headline that was *cut* short."""
    begins, whole = squash(cut), squash(title)
    return len(begins) >= LEAST_OF_HEADLINE and whole.startswith(begins) and len(whole) > len(begins)


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
    parts = [part for piece in _PARTS.split(text) if (part := piece.strip())]
    while parts and _SITE.search(parts[-1]) and not all(map(_SITE.search, parts)):
        parts.pop()
    if len(parts) > 1 and _SITE.search(parts[0]) and len(squash(longest := max(parts[1:], key=len))) >= _HEADLINE:
        return longest
    return max(parts, key=len, default=text).strip()
