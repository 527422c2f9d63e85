"""Whether an address is a further page of a list, judged by addresses alone.

Lists are numbered in few ways: ``list.html`` and ``list_2.html``, ``news/`` and ``news/page/2/`` or
``news/index_2.html``, ``?page=2``, ``list-5-1.html`` and ``list-5-2.html``. What fits none of these is a list of its
own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, repeat
from urllib.parse import parse_qsl, urlsplit

_PARAMETER = re.compile(
    r"(?:p|pn|pg|page|paged|page_?(?:no|num|index|number|id)?|cur(?:rent)?_?page|start|offset)", re.IGNORECASE
)
_PAGE_PARAMETER = re.compile(
    r"(?:p|pn|pg|page|paged|page_?(?:no|num|now|index|number|id|n)?|(?:cur(?:rent)?|this|next)_?page|current)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+")
_ENDING = re.compile(r"\.[a-z]{2,5}$", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)?$", re.IGNORECASE)
_TOKENS = (
    re.compile(r"[/_-](?:page|pages|pn|pg|p|index|default)[/_-]?\d{1,4}$", re.IGNORECASE),
    re.compile(r"[/_-]\d{1,4}$"),
)
_ZERO_BASED = re.compile(r"[/_-](?:index|default)_\d", re.IGNORECASE)  #: index.html is followed by index_1.html
#: createPageHTML(3, 0, "index", "html"): how many pages, which one this is (from 0), the name of the first, its ending;
#: before them perhaps the element that the bar is written into.
_CREATE = re.compile(
    r"\bcreatePage(?:HTML)?\w{0,10}\s*\(\s*(?:[\"'][\w#.-]{0,40}[\"']\s*,\s*)?([\w$]{1,40})\s*,\s*([\w$]{1,40})\s*,\s*[\"']([^\"'<>\s]{1,100})[\"']\s*,"
    r"\s*[\"'](\w{1,8})[\"']",
    re.IGNORECASE,
)
#: One of these stands in every such call, behind its first letter: they are looked for at a twentieth of the cost.
_SPELLINGS = ("reatePage", "reatepage")
_SPELLED = re.compile(b"reate[Pp]age")
_MOST_CALLS = 20  #: that are looked at: what a variable is set to is looked for in the whole page
MOST_PAGES = 1000  #: a larger number names something else than a page


def is_page_parameter(name: str) -> bool:
    """Whether a parameter, or a variable, of this name holds the number of a page."""
    return _PAGE_PARAMETER.fullmatch(name) is not None


def continues(root: str, current: str, url: str) -> bool:
    """Whether *url*, found on the page *current* of the list that begins at *root*, is a further page of that list."""
    if url in {root, current}:
        return False
    return _plain(root) in _stems(url) or _is_next(current, url)


def page_number(url: str) -> int:
    """The number that a page of a list has by its address; 1 where that states none, or 0."""
    parts = urlsplit(url)
    stated = [value for name, value in parse_qsl(parts.query) if _PARAMETER.fullmatch(name) and value.isdecimal()]
    if stated:
        return int(stated[-1][:9]) or 1
    path = _ENDING.sub("", parts.path.rstrip("/"))
    token = next((match[0] for pattern in _TOKENS if (match := pattern.search(path))), "")
    number = int(_NUMBER.findall(token)[-1]) if token else 1
    return number + 1 if _ZERO_BASED.match(token) else number or 1


def series(url: str) -> str:
    """What the addresses of the pages of one list have in common: *url* without the number of its page."""
    host, path, query = _parts(url)
    stems = (pattern.sub("", path) for pattern in _TOKENS if pattern.search(path))
    return f"{host}{_INDEX.sub('', next(stems, path))}?{query}"


def _plain(url: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Host, path and query of *url* as a first page has them."""
    host, path, query = _parts(url)
    return host, _INDEX.sub("", path), query


def _stems(url: str) -> set[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """The first pages that *url* may be a further page of."""
    host, path, query = _parts(url)
    numbered = any(_PARAMETER.fullmatch(name) for name, _ in parse_qsl(urlsplit(url).query))
    paths = {token.sub("", path) for token in _TOKENS if token.search(path)} | ({path} if numbered else set())
    return {(host, _INDEX.sub("", stem), query) for stem in paths}


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


@dataclass(frozen=True, slots=True)
class ScriptedPages:
    """The pages that a script of TRS WCM would link: ``createPageHTML(count, current, name, ending)``."""

    count: int
    current: int  #: from 0
    name: str
    ending: str

    def href(self, number: int) -> str:
        """The relative address of page *number*, from 0."""
        return f"{self.name}.{self.ending}" if number == 0 else f"{self.name}_{number}.{self.ending}"


def may_script(source: bytes) -> bool:
    """Whether *source*, in an encoding that includes ASCII, may have a call that :func:`scripted_pages` reads."""
    return _SPELLED.search(source) is not None


def scripted_pages(source: str) -> ScriptedPages | None:
    """The pages that a call in *source*, the text of a page, names; None where there is none."""
    for match in islice(filter(None, map(_CREATE.match, repeat(source), _calls(source))), _MOST_CALLS):
        count, current = (_number(source, name) for name in match.groups()[:2])
        if count is not None and current is not None and 0 <= current < count <= MOST_PAGES:
            return ScriptedPages(count, current, match[3], match[4])
    return None


def _calls(source: str) -> Iterator[int]:
    """Where a call may begin."""
    for spelling in _SPELLINGS:
        place = source.find(spelling, 1)
        while place > 0:
            yield place - 1
            place = source.find(spelling, place + 1)


def _number(source: str, name: str) -> int | None:
    """The number that *name* is, or that *source* assigns to a variable of this name."""
    if name.isdecimal():
        return int(name)
    assigned = re.search(rf"\b{re.escape(name)}\s*=\s*[\"']?(\d{{1,4}})\b", source)
    return int(assigned[1]) if assigned else None
