"""View counts that a page fetches by script: the URL of the counter, and the count in its response.

The families of content management systems are recognised by their markup, whatever the portal. What an answer means is
decided by its shape alone; anything else than the shapes below is no count.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from crawler.extraction.page.document import Page


@dataclass(frozen=True, slots=True)
class CounterRequest:
    """The address that answers with the view count, and whether asking raises it."""

    url: str
    increments: bool


_SRC = r"""["']\s{0,3}(?P<url>[^"'\s<>]{0,200}?"""
_QUERY = r"""[^"'\s<>]{0,200})["']"""
_EMPIRE = re.compile(_SRC + r"/e/public/ViewClick/\?" + _QUERY, re.IGNORECASE)
_DEDE = re.compile(_SRC + r"/plus/count\.php\?" + _QUERY, re.IGNORECASE)
_PHPCMS = re.compile(_SRC + r"api\.php\?op=count&" + _QUERY, re.IGNORECASE)
_SITEFACTORY = re.compile(_SRC + r"/Common/GetHits\.aspx\?" + _QUERY, re.IGNORECASE)
_KESION = re.compile(_SRC + r"/item/GetHits\.asp\?" + _QUERY, re.IGNORECASE)
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
    source = page.text[:2_000_000]
    for marker, family in _FAMILIES:
        if marker in source and (request := family(page, source)):
            return request
    return None


def counter_writes_over(page: Page) -> bool:
    """Whether a script puts the count in the place of what the page says, which is as old as the file (Webplus)."""
    return "WP_VisitCount" in page.text


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
    pattern: re.Pattern[str], *, increments: bool, accept: Callable[[str], str | None] = lambda url: url
) -> Callable[[Page, str], CounterRequest | None]:
    def find(page: Page, source: str) -> CounterRequest | None:
        for match in pattern.finditer(source):
            groups = match.groupdict()
            address = accept(html.unescape(groups.get("url") or groups.get("url2") or ""))
            if address and (url := page.resolve(address)):
                return CounterRequest(url, increments)
        return None

    return find


def _empire(url: str) -> str | None:
    """Without addclick the count stays; down=1 and more are downloads, comments, likes."""
    head, _, query = url.partition("?")
    parts = [part for part in query.split("&") if part and not part.startswith("addclick=")]
    if any(part.startswith("down=") and part != "down=0" for part in parts) or not any(
        p.startswith("id=") for p in parts
    ):
        return None
    return f"{head}?{'&'.join(parts)}"


def _webplus(url: str) -> str | None:
    return url if "type=3" in url else None  # 1 and 2 count the visits of the site or the column


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
    if call := _JEECMS_CALL.search(source):
        url = page.resolve(f"{call['base']}/content_view.jspx?contentId={call['id']}")
        return CounterRequest(url, True) if url else None
    return _by_address(_JEECMS, increments=True)(page, source)


_FAMILIES: tuple[tuple[str, Callable[[Page, str], CounterRequest | None]], ...] = (
    ("ViewClick", _by_address(_EMPIRE, increments=False, accept=_empire)),
    ("count.php", _by_address(_DEDE, increments=True, accept=_dede)),
    ("op=count", _by_address(_PHPCMS, increments=True)),
    ("_showDynClicks", _vsb),
    ("isitcount", _by_address(_WEBPLUS, increments=False, accept=_webplus)),
    ("GetHits.aspx", _by_address(_SITEFACTORY, increments=True)),
    ("GetHits.asp?", _by_address(_KESION, increments=True)),
    ("hits.php", _by_address(_METINFO, increments=True)),
    ("hits", _by_address(_XUNRUI, increments=True)),
    ("arcclick", _by_address(_EYOU, increments=True)),
    ("viewCount", _jeecms),
    ("content_view.jspx", _jeecms),
    ("postviews_id", _by_address(_POSTVIEWS, increments=True)),
)

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
