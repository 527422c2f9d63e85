"""Whether an address is a further page of a list, judged by addresses alone.

Lists are numbered in few ways: ``list.html`` and ``list_2.html``, ``news/`` and ``news/page/2/`` or
``news/index_2.html``, ``?page=2``, ``list-5-1.html`` and ``list-5-2.html``. What fits none of these is a list of its
own.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

_PARAMETER = re.compile(
    r"(?:p|pn|pg|page|paged|page_?(?:no|num|index|number|id)?|cur(?:rent)?_?page|start|offset)", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+")
_ENDING = re.compile(r"\.[a-z]{2,5}$", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)?$", re.IGNORECASE)
_TOKENS = (
    re.compile(r"[/_-](?:page|pages|pn|pg|p|index|default)[/_-]?\d{1,4}$", re.IGNORECASE),
    re.compile(r"[/_-]\d{1,4}$"),
)
MOST_PAGES = 1000  #: a larger number names something else than a page


def continues(root: str, current: str, url: str) -> bool:
    """Whether *url*, found on the page *current* of the list that begins at *root*, is a further page of that list."""
    if url in {root, current}:
        return False
    return _plain(root) in _stems(url) or _is_next(current, url)


def _plain(url: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Host, path and query of *url* as a first page has them."""
    host, path, query = _parts(url)
    return host, _INDEX.sub("", path), query


def _stems(url: str) -> set[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """The first pages that *url* may be a further page of."""
    host, path, query = _parts(url)
    numbered = any(_PARAMETER.fullmatch(name) for name, _ in parse_qsl(urlsplit(url).query))
    paths = {token.sub("", path) for token in _TOKENS if token.search(path)} | ({path} if numbered else set())
    return {(host, _INDEX.sub("", each), query) for each in paths}


def _parts(url: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Host, path without ending, and what of the query numbers no page."""
    parts = urlsplit(url)
    query = tuple(pair for pair in parse_qsl(parts.query) if not _PARAMETER.fullmatch(pair[0]))
    return parts.netloc.lower(), _ENDING.sub("", parts.path.rstrip("/")), query


def _is_next(current: str, url: str) -> bool:
    """Whether *url* is *current* with one number in its path larger by one."""
    if _NUMBER.sub("#", current) != _NUMBER.sub("#", url):
        return False
    pairs = zip(_NUMBER.findall(current), _NUMBER.findall(url), strict=True)
    changed = [(int(one), int(other)) for one, other in pairs if one != other]
    return len(changed) == 1 and changed[0][1] == changed[0][0] + 1 <= MOST_PAGES
