"""What a definition says of a site as a whole: its name, language, time zone, encoding, counter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from crawler import extraction
from crawler.drafting.document import Document
from crawler.extraction import Fields, Page
from crawler.extraction.text.title import without_site
from crawler.values.text import line

#: Zones tried where times carry an offset, by language, the most populous first.
_ZONES = (
    "Asia/Shanghai", "America/New_York", "Europe/London", "Europe/Berlin", "America/Chicago", "America/Los_Angeles",
    "America/Denver", "Asia/Kolkata", "Asia/Tokyo", "Asia/Singapore", "Australia/Sydney", "America/Sao_Paulo",
    "Europe/Athens", "Asia/Dubai",
)  # fmt: skip
_COUNTRIES = {
    "cn": "Asia/Shanghai", "hk": "Asia/Hong_Kong", "tw": "Asia/Taipei", "mo": "Asia/Macau", "sg": "Asia/Singapore",
    "jp": "Asia/Tokyo", "kr": "Asia/Seoul", "in": "Asia/Kolkata", "uk": "Europe/London", "ie": "Europe/Dublin",
    "de": "Europe/Berlin", "fr": "Europe/Paris", "es": "Europe/Madrid", "it": "Europe/Rome", "nl": "Europe/Amsterdam",
    "at": "Europe/Vienna", "ch": "Europe/Zurich", "pl": "Europe/Warsaw", "au": "Australia/Sydney",
    "mx": "America/Mexico_City", "nz": "Pacific/Auckland", "br": "America/Sao_Paulo", "ca": "America/Toronto",
}  # fmt: skip
_LANGUAGES = {
    "zh": "Asia/Shanghai", "zh-TW": "Asia/Taipei", "zh-Hant": "Asia/Taipei", "zh-HK": "Asia/Hong_Kong",
    "ja": "Asia/Tokyo", "ko": "Asia/Seoul", "de": "Europe/Berlin", "fr": "Europe/Paris", "it": "Europe/Rome",
    "nl": "Europe/Amsterdam", "pl": "Europe/Warsaw", "es": "Europe/Madrid", "en-GB": "Europe/London",
    "en-US": "America/New_York",
}  # fmt: skip
_STAMP = re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?[+-]\d\d:?\d\d\b")
_NAME = re.compile(r"[^a-z0-9]+")
_PARTS = re.compile(r"\s*[|｜_–—\-:：]\s*")


#: Family -> what stands in the source of its pages, or in their addresses.
_FAMILIES = {
    "dedecms": r"/plus/count\.php\?|/templets/|powered by dedecms",
    "empirecms": r"/e/public/ViewClick/|powered by empirecms",
    "phpcms": r"api\.php\?op=count&",
    "wordpress": r"/wp-content/|/wp-includes/",
    "discuz": r"_viewnum|powered by discuz",
    "vsb": r"_showDynClicks\(|vsb_content",
    "webplus": r"arti_metas|_visitcountdisplay|wp_articlecontent",
    "trs": r"TRS_Editor|/t\d{8}_\d+\.s?html",
    "jeecms": r"content_view\.jspx",
    "metinfo": r"/include/hits\.php\?",
    "sitefactory": r"/Common/GetHits\.aspx",
    "siteserver": r"/contents/\d+/\d+\.html",
    "drupal": r"/sites/default/files/|drupal-settings-json",
    "joomla": r"/media/jui/|content=[\"']Joomla",
}


@dataclass(frozen=True, slots=True)
class CounterRule:
    """The keys of [counter]."""

    url: str
    placeholders: dict[str, str]  #: placeholder -> pattern


def language(found: Sequence[Fields]) -> str:
    """The language of most articles."""
    return Counter(article.language or "und" for article in found).most_common(1)[0][0]


def timezone(host: str, spoken: str, pages: Iterable[Page]) -> tuple[str, str]:
    """(time zone, what tells it): offsets of the pages' own stamps, the country of the host, the language."""
    stamps = [datetime.fromisoformat(stamp) for page in pages for stamp in _STAMP.findall(page.text)[:20]]
    distinct = {stamp for stamp in stamps if stamp.utcoffset()}
    if distinct and len(distinct) * 2 > len(set(stamps)):
        for name in _ZONES:
            if all(candidate.astimezone(ZoneInfo(name)).utcoffset() == candidate.utcoffset() for candidate in distinct):
                return name, "offsets of the pages' own times"
    country = host.partition(":")[0].rpartition(".")[2]
    if country in _COUNTRIES:
        return _COUNTRIES[country], f"the country of .{country}"
    for tag in (spoken, spoken.partition("-")[0]):
        if tag in _LANGUAGES:
            return _LANGUAGES[tag], f"a guess from the language {tag}: check it"
    return "UTC", "nothing says it: check it"


def family(pages: Sequence[Page]) -> str | None:
    """The content management system that nearly all *pages* show the marks of; None where it is none that is known."""
    for name, marks in _FAMILIES.items():
        pattern = re.compile(marks, re.IGNORECASE)
        shown = sum(bool(pattern.search(page.text) or pattern.search(page.url)) for page in pages)
        if shown and shown >= 0.8 * len(pages):
            return name
    return None


def encoding(pages: Sequence[Page]) -> str | None:
    """The encoding of all *pages* where it is one and not UTF-8."""
    used = {page.encoding for page in pages}
    (only,) = used if len(used) == 1 else ("utf-8",)
    return None if only in {"utf-8", "ascii"} else only


def site_title(home: Document | None, pages: Sequence[Page]) -> str:
    """What the site calls itself: og:site_name, what the titles of its articles share, the title of its home page."""
    for page in [home.page, *pages[:3]] if home else pages[:3]:
        if name := page.meta.first("og:site_name", "application-name"):
            return line(name)
    shared = Counter(part for page in pages for part in dict.fromkeys(_PARTS.split(page.title)) if 2 <= len(part) <= 40)
    if shared and (best := shared.most_common(1)[0])[1] >= max(2, 0.8 * len(pages)):
        return max((part for part, count in shared.items() if count == best[1]), key=len)
    return (without_site(home.page.title) if home and home.page.title else "") or "a portal without a title"


def name_of(host: str) -> str:
    """A name for the portal of *host*: its own label, in a-z, 0-9 and hyphens."""
    bare, _, port = host.partition(":")
    labels = [label for label in bare.split(".") if label not in {"www", "m", "news"}]
    if bare.replace(".", "").isdigit():
        return f"site-{port or bare.replace('.', '-')}"
    public = {"com", "net", "org", "gov", "edu", "co", "ac"}
    kept = labels[:-1] if len(labels) > 1 else labels
    if len(kept) > 1 and kept[-1] in public:
        kept = kept[:-1]
    return _NAME.sub("-", kept[-1].lower()).strip("-")[:64] or "portal"


def counter_rule(pages: Sequence[Page]) -> CounterRule | None:
    """The rule for a counter that rises when it is asked; None where no page has one."""
    asked = [r.url for page in pages if (r := extraction.counter(page)) is not None and r.increments]
    if len(asked) < 2 or len({urlsplit(url).path for url in asked}) != 1:
        return None
    queries = [dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)) for url in asked]
    varying = [name for name in queries[0] if len({query.get(name) for query in queries}) > 1]
    path = urlsplit(asked[0]).path
    pairs = [f"{name}={{{name}}}" if name in varying else f"{name}={value}" for name, value in queries[0].items()]
    tail = re.escape(path.rpartition("/")[2])
    patterns = {name: rf"""{tail}\?[^"'<>\s]*\b{re.escape(name)}=(\w+)""" for name in varying}
    return CounterRule(f"{path}?{'&'.join(pairs)}", patterns)
