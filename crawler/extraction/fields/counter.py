"""View counts that a page fetches by script: the URL of the counter, and the count in its response.

The families of content management systems are recognised by their markup, whatever the portal. What an answer means is
decided by its shape alone; anything else than the shapes below is no count.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from crawler.extraction.page.document import Page


@dataclass(frozen=True, slots=True)
class CounterRequest:
    """The address that answers with the view count, and whether asking raises it."""

    url: str
    increments: bool


_LOOKED_AT = 2_000_000  #: characters
_LONGEST = 500  #: characters from a quotation mark to the marker of an address
_SRC = r"""["']\s{0,3}(?P<url>[^"'\s<>]{0,200}?"""
_QUERY = r"""[^"'\s<>]{0,200})["']"""
_EMPIRE = re.compile(_SRC + r"/e/public/ViewClick/\?" + _QUERY, re.IGNORECASE)
_DEDE = re.compile(_SRC + r"/plus/count\.php\?" + _QUERY, re.IGNORECASE)
_PHPCMS = re.compile(_SRC + r"api\.php\?op=count&" + _QUERY, re.IGNORECASE)
#: SiteFactory and Kesion.
_GET_HITS = re.compile(_SRC + r"(?:/Common/GetHits\.aspx|/item/GetHits\.asp)\?" + _QUERY, re.IGNORECASE)
_METINFO = re.compile(_SRC + r"/include/hits\.php\?" + _QUERY, re.IGNORECASE)
_XUNRUI = re.compile(
    _SRC + r"index\.php\?(?=[^\"'\s]{0,120}c=api)(?=[^\"'\s]{0,120}m=(?:hits|show_hits))" + _QUERY, re.IGNORECASE
)
_EYOU = re.compile(_SRC + r"\?(?=[^\"'\s]{0,120}c=Ajax)(?=[^\"'\s]{0,120}a=arcclick)" + _QUERY, re.IGNORECASE)
_WEBPLUS = re.compile(
    r"class=[\"'][^\"']{0,60}WP_VisitCount[^>]{0,200}?\surl=[\"'](?P<url>[^\"'\s<>]{1,200})[\"']"
    r"|url=[\"'](?P<url2>[^\"'\s<>]{0,80}/_visitcountdisplay\?[^\"'\s<>]{1,200})[\"']",
    re.IGNORECASE,
)
_VSB = re.compile(
    r"""_showDynClicks\(\s{0,3}["'](?P<type>\w{1,20})["']\s{0,3},\s{0,3}(?P<owner>\d{1,15})\s{0,3},\s{0,3}(?P<click>\d{1,15})\s{0,3}\)"""
)
_JEECMS = re.compile(_SRC + r"/content_view\.jspx\?contentId=\d{1,12})" + r"""["'&]""", re.IGNORECASE)
_JEECMS_CALL = re.compile(
    r"""Cms\.viewCount\(\s{0,3}["'](?P<base>[^"']{0,80})["']\s{0,3},\s{0,3}["']?(?P<id>\d{1,12})"""
)
_POSTVIEWS = re.compile(
    _SRC + r"/wp-admin/admin-ajax\.php\?" + r"[^\"'\s<>]{0,100}postviews_id=\d{1,12}[^\"'\s<>]{0,100})[\"']",
    re.IGNORECASE,
)


def find_counter(page: Page) -> CounterRequest | None:
    """The counter of *page*: the portal's own, else that of a known family; None where there is none."""
    if page.portal is not None and page.portal.counter is not None:
        return _own(page)
    source = page.source
    for marker, family in _FAMILIES if _asks(source) else _CALLED:
        if marker in source and (request := family(page, page.text[:_LOOKED_AT])):
            return request
    return None


def _asks(source: bytes) -> bool:
    """Whether *source* has the path of a counter with a query behind it, or the query of one that has any path."""
    place = source.find(b"?")
    while place >= 0:
        if source.endswith(_PATHS, 0, place) or source.find(_ACTION, place, place + _QUERIED) >= 0:
            return True
        place = source.find(b"?", place + 1)
    return False


def counter_writes_over(page: Page) -> bool:
    """Whether a script puts the count in the place of what the page says, which is as old as the file (Webplus)."""
    return b"WP_VisitCount" in page.source


def _own(page: Page) -> CounterRequest | None:
    counter = page.portal.counter if page.portal else None
    if counter is None:
        return None
    address = counter.url
    for name, pattern in counter.placeholders.items():
        match = pattern.search(page.text) or pattern.search(page.url)
        if match is None or match[1] is None:
            return None
        address = address.replace(f"{{{name}}}", match[1])
    url = page.resolve(address)
    return CounterRequest(url, counter.increments) if url else None


def _by_address(
    marker: bytes, pattern: re.Pattern[str], *, increments: bool, accept: Callable[[str], str | None] = lambda url: url
) -> Callable[[Page, str], CounterRequest | None]:
    """Finds the first address in quotes that holds *marker*, fits *pattern* and is accepted."""

    def find(page: Page, source: str) -> CounterRequest | None:
        return _first(page, _quoted(marker.decode(), pattern, source), accept, increments=increments)

    return find


def _quoted(marker: str, pattern: re.Pattern[str], source: str) -> Iterator[re.Match[str]]:
    """The matches of *pattern*, which begins with a quotation mark, around each *marker*.

    From every quotation mark of a page on it would be looked for at twenty times the cost.
    """
    place = source.find(marker)
    while place >= 0:
        begin = max(source.rfind(mark, max(0, place - _LONGEST), place) for mark in "\"'")
        if begin >= 0 and (match := pattern.match(source, begin)):
            yield match
        place = source.find(marker, place + len(marker))


def _first(
    page: Page, matches: Iterable[re.Match[str]], accept: Callable[[str], str | None], *, increments: bool
) -> CounterRequest | None:
    """The first address of *matches* that is accepted."""
    for match in matches:
        groups = match.groupdict()
        address = accept(html.unescape(groups.get("url") or groups.get("url2") or ""))
        if address and (url := page.resolve(address)):
            return CounterRequest(url, increments)
    return None


def _empire(url: str) -> str | None:
    """Without addclick the count stays; down=1 and more are downloads, comments, likes."""
    head, _, query = url.partition("?")
    parts = [part for part in query.split("&") if part and not part.startswith("addclick=")]
    if any(part.startswith("down=") and part != "down=0" for part in parts) or not any(
        p.startswith("id=") for p in parts
    ):
        return None
    return f"{head}?{'&'.join(parts)}"


def _webplus(page: Page, source: str) -> CounterRequest | None:
    """Of type 3: 1 and 2 count the visits of the site or the column."""
    return _first(page, _WEBPLUS.finditer(source), lambda url: url if "type=3" in url else None, increments=False)


def _dede(url: str) -> str | None:
    return url if "view=" in url and "aid=" in url else None


def _vsb(page: Page, source: str) -> CounterRequest | None:
    match = _VSB.search(source)
    if match is None:
        return None
    query = urlencode({"clickid": match["click"], "owner": match["owner"], "clicktype": match["type"]})
    url = page.resolve(f"/system/resource/code/news/click/dynclicks.jsp?{query}")
    return CounterRequest(url, False) if url else None


def _jeecms(page: Page, source: str) -> CounterRequest | None:
    call = _JEECMS_CALL.search(source)
    url = page.resolve(f"{call['base']}/content_view.jspx?contentId={call['id']}") if call else None
    return CounterRequest(url, True) if url else None


_FAMILIES: tuple[tuple[bytes, Callable[[Page, str], CounterRequest | None]], ...] = (
    (b"ViewClick", _by_address(b"ViewClick", _EMPIRE, increments=False, accept=_empire)),
    (b"count.php", _by_address(b"count.php", _DEDE, increments=True, accept=_dede)),
    (b"op=count", _by_address(b"op=count", _PHPCMS, increments=True)),
    (b"_showDynClicks", _vsb),
    (b"isitcount", _webplus),
    (b"GetHits.asp", _by_address(b"GetHits.asp", _GET_HITS, increments=True)),
    (b"hits.php", _by_address(b"hits.php", _METINFO, increments=True)),
    (b"hits", _by_address(b"hits", _XUNRUI, increments=True)),
    (b"arcclick", _by_address(b"arcclick", _EYOU, increments=True)),
    (b"Cms.viewCount", _jeecms),
    (b"content_view.jspx", _by_address(b"content_view.jspx", _JEECMS, increments=True)),
    (b"postviews_id", _by_address(b"postviews_id", _POSTVIEWS, increments=True)),
)
#: All families but these have an address with a query: where the page has none, no other marker is looked for.
_CALLED = tuple(family for family in _FAMILIES if family[0] in {b"_showDynClicks", b"Cms.viewCount"})
_ACTION = b"arcclick"
_QUERIED = 140  #: characters from the question mark to the end of the action
_PATHS = (
    b"ViewClick/", b"count.php", b"api.php", b"GetHits.aspx", b"GetHits.asp", b"hits.php", b"index.php",
    b"content_view.jspx", b"admin-ajax.php", b"isitcountdisplay",
)  # fmt: skip

_N = r"(\d{1,11})"
_BARE = re.compile(rf"""\s{{0,20}}["']?{_N}["']?\s{{0,20}};?\s{{0,20}}\Z""")
_WRITE = re.compile(rf"""document\.write(?:ln)?\(\s{{0,5}}["']?\s{{0,5}}{_N}\s{{0,5}}["']?\s{{0,5}}\)""")
_JQUERY = re.compile(
    rf"""(?:\$|jQuery)\(\s{{0,3}}["'][#.][\w-]{{0,40}}(?:hit|view|click|read|"
    rf"count)[\w-]{{0,40}}["']\s{{0,3}}\)\s{{0,3}}\.(?:html|text|val)\(\s{{0,3}}["']?{_N}["']?\s{{0,3}}\)""",
    re.IGNORECASE,
)
_INNER = re.compile(rf"""\.(?:innerHTML|innerText|textContent)\s{{0,3}}=\s{{0,3}}["']?{_N}["']?\s{{0,3}}(?:;|\Z)""")
_JSONP = re.compile(
    r"\s{0,20}(?:/\*\*/)?[\w$.\[\]\"']{1,80}\s{0,3}\(\s{0,20}(?P<json>[\[{\"\d].{0,20000}?)\s{0,20}\)\s{0,5};?\s{0,20}\Z",
    re.DOTALL,
)
_KEYS = (
    "views",
    "view",
    "hits",
    "hit",
    "clicks",
    "click",
    "viewcount",
    "view_count",
    "viewnum",
    "readcount",
    "read_count",
    "pv",
    "count",
    "num",
    "total",
)


def read_counter(body: bytes) -> str | None:
    """The count in a counter's answer, as printed, by its shape.

    None for every other shape (an error page, a challenge).
    """
    text = body[:65536].decode("utf-8", "replace").lstrip("\ufeff")
    if match := _BARE.match(text):
        return match[1]
    assigned = _JQUERY.findall(text) or _INNER.findall(text) if "<html" not in text.lower() else []
    if assigned:
        return str(assigned[-1])
    if (written := _WRITE.findall(text)) and "<" not in text:
        return str(written[0])
    if wrapped := _JSONP.match(text):
        text = wrapped["json"]
    return _from_json(text.strip())


def _from_json(text: str) -> str | None:
    if not text.startswith(("{", "[", '"')) and not text.isdigit():
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _count_in(data, 0)


def _count_in(data: object, depth: int) -> str | None:
    if depth > 3 or isinstance(data, bool):
        return None
    if isinstance(data, int):
        return str(data) if 0 <= data < 10**11 else None
    if isinstance(data, str):
        return data.strip() if re.fullmatch(r"\s{0,5}\d{1,11}\s{0,5}", data, re.ASCII) else None
    if isinstance(data, list):
        return _count_in(data[0], depth + 1) if data else None
    return _count_under_key(data, depth) if isinstance(data, dict) else None


def _count_under_key(data: dict[object, object], depth: int) -> str | None:
    folded = {str(key).lower(): value for key, value in data.items()}
    for key in _KEYS:
        value = folded.get(key)
        if not isinstance(value, dict) and (count := _count_in(value, depth + 1)):
            return count
    return _count_in(folded.get("data"), depth + 1)
