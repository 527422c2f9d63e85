"""Lists of nothing but links: menus, rankings, columns. A page has hundreds of such entries, all of one build.

The entries of one are read together, at the speed of C: an element, a node and a line for each would cost more than the
text of the article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter, methodcaller
from typing import Any

from crawler.extraction.page.hints import hint_of
from crawler.values.text import paragraphs

LISTS = frozenset(("ul", "ol", "dl", "div", "nav"))  #: elements that may be such a list
FEWEST = 4  #: entries: the questions below cost as much as walking over two
_LONGEST = 150  #: characters of an entry; a longer one may be the text, with a link around it
_ENTRIES = frozenset(("li", "dd", "p", "div"))
_tag, _text, _tail = attrgetter("tag"), attrgetter("text"), attrgetter("tail")
_address, _relation, _style = methodcaller("get", "href", ""), methodcaller("get", "rel"), methodcaller("get", "style")
_attributes, _only = methodcaller("keys"), itemgetter(0)


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of a list: the first element, the links, the text and the address of each, and what relates them."""

    first: Any
    links: list[Any]
    texts: Sequence[str]
    addresses: list[str]
    related: list[tuple[Any, str]]


def entries_of(element: Any) -> Entries | None:
    """The entries of *element*; None unless it is a list whose entries hold one link each, with a short text alone.

    The entries are elements of one tag whose names hint at the same; no link is hidden or holds elements.
    """
    first = element[0]
    if len(first) != 1 or first.tag not in _ENTRIES or first[0].tag != "a" or len(first[0]):
        return None  # most elements that may be such a list are decided here
    entries = list(element)
    if not (_all_are(first.tag, entries) and [*map(len, entries)].count(1) == len(entries)):
        return None
    links = [*map(_only, entries)]
    if not (_all_are("a", links) and _bare(element, entries, links) and _alike(first.tag, entries)):
        return None
    texts = paragraphs([*map(_text, links)])
    related = [(link, relation) for link, relation in zip(links, map(_relation, links), strict=True) if relation]
    if not all(texts) or max(map(len, texts)) > _LONGEST:
        return None
    return Entries(first, links, texts, [*map(_address, links)], related)


def _all_are(tag: str, elements: list[Any]) -> bool:
    return [*map(_tag, elements)].count(tag) == len(elements)


def _bare(element: Any, entries: list[Any], links: list[Any]) -> bool:
    """Whether nothing but the texts of *links* stands in *element*, and all of these are shown."""
    beside = "".join(filter(None, [element.text, *map(_text, entries), *map(_tail, entries), *map(_tail, links)]))
    blank = not beside or (beside.isspace() and beside.isascii())
    return blank and not any(map(len, links)) and all(map(_text, links)) and not any(map(_style, links))


def _alike(tag: str, entries: list[Any]) -> bool:
    """Whether the names of *entries* hint at the same."""
    return not any(map(_attributes, entries)) or len({hint_of(entry, tag) for entry in entries}) == 1
