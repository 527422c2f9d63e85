"""The context of an article: its breadcrumb, tags, canonical URL and language."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawler.extraction.page.document import Page
from crawler.extraction.page.hints import Hint
from crawler.extraction.page.lines import Line
from crawler.extraction.page.metadata import Described, MetaTags
from crawler.extraction.text.reading import Reading
from crawler.values.language import language_of
from crawler.values.text import line, squash
from crawler.values.urls import host_of, identity, is_home

_HERE = re.compile(r"^.{0,12}?(?:当前位置|您?所在(?:的)?位置|您(?:现在)?的位置)\s{0,3}[是为]?\s{0,3}[:：>＞»]?")
_SEPARATOR = re.compile(r"\s*[>＞»›→/|]+\s*|\s+-\s+|::")
_ROOT = re.compile(
    r"^(?:(?:网站|網站|专题|專題|返回)?[主首][页頁]|home(?: ?page)?|当前位置|您?现在?的?位置)[:：]?$",
    re.IGNORECASE,
)
_OF_SITE = re.compile(r"(?:[网網报報]|在[线線]|[首主][页頁])$")
_STEPS = 4  #: of a breadcrumb whose steps bars separate
#: What stands in a breadcrumb without being a step of it.
_NO_STEP = re.compile(r"订阅|位置\s?[:：]|^you are here|\.s?html?|^index\b", re.IGNORECASE)
_LEAF = re.compile(
    r"^(?:正文[页頁]?|稿件|[内內][容文]|详情|详细信息|文章(?:正文|详情)|查看|浏览文章|新闻详情|content)$", re.IGNORECASE
)


_LISTED = " \t\n[]\"'"  #: around a keyword where a list of a programming language stands for them
_LETTER = re.compile(r"[^\W_]")
_LONGEST_TAG = 40
_HEADLINE = 8  #: letters that are a headline rather than what it is about
#: Keywords that a headline is cut into at its commas, and their letters on average; its words one by one are keywords.
_CUT_INTO, _PIECE = 3, 6


def find_canonical(page: Page) -> tuple[str, str]:
    """rel=canonical where it is plausible: of the same site and no home page; else the page's own address."""
    own = page.address or page.url
    for link in page.telling["link"]:
        if (link.get("rel") or "").lower() != "canonical":
            continue
        url = page.resolve(link.get("href"))
        if (
            url
            and _same_site(url, own)
            and (urlsplit(url).path.strip("/") or urlsplit(url).query or not urlsplit(own).path.strip("/"))
        ):
            return url, "meta"
    return own, "generic"


def _same_site(one: str, other: str) -> bool:
    """Whether both hosts are one, or differ only in their first label (www., m.)."""
    a, b = host_of(one).split(":")[0], host_of(other).split(":")[0]
    if a == b:
        return True
    shorter, longer = sorted(
        (a.removeprefix("www.").removeprefix("m."), b.removeprefix("www.").removeprefix("m.")), key=len
    )
    return shorter == longer or (shorter.count(".") >= 1 and longer.endswith("." + shorter) and not _public(shorter))


def _public(host: str) -> bool:
    return host in {
        "com.cn",
        "gov.cn",
        "edu.cn",
        "org.cn",
        "net.cn",
        "co.uk",
        "com.tw",
        "com.hk",
        "github.io",
        "blogspot.com",
    }


def find_section(reading: Reading, said: Described, title: str | None) -> tuple[list[str], str]:
    """The breadcrumb without the home page, the article itself and 正文."""
    mine = squash(title or "")
    for crumb_line in reading.lines[:80]:
        if (
            len(crumb_line.text) < 120
            and (crumb_line.node.hint & Hint.CRUMB or ("位置" in crumb_line.text and _HERE.match(crumb_line.text)))
            and _SEPARATOR.search(_HERE.sub("", crumb_line.text))
        ):
            parts = [line(part) for part in _SEPARATOR.split(_HERE.sub("", crumb_line.text))]
            if len(parts) > _STEPS and "|" in crumb_line.text:
                continue  # a menu
            crumbs = _clean(parts, mine)
            if len(crumbs) > 1 and _leads_home(crumb_line, crumbs[0]):
                crumbs = crumbs[1:]
            if crumbs:
                return crumbs, "generic"
    if said.crumbs:
        return _clean(said.crumbs, mine), "json-ld"
    return _clean(said.section, mine), "json-ld"


def _leads_home(crumb_line: Line, step: str) -> bool:
    """Whether the first link of a breadcrumb is its *step*, is named like a site and leads to a home page."""
    if not _OF_SITE.search(step):
        return False
    first = next(((text, link) for text, _, link in crumb_line.pieces if link is not None and text.strip()), None)
    return first is not None and line(first[0]) == step and is_home(first[1].get("href") or "")


def _clean(parts: list[str], title: str) -> list[str]:
    kept = [re.sub(r"^正文\s+\S.*|\s正文$", "", part.strip(" :：")) for part in parts]
    kept = [
        p
        for p in kept
        if p
        and not any(pattern.match(p) or pattern.match(p.replace(" ", "")) for pattern in (_ROOT, _LEAF))
        and not _NO_STEP.search(p)
        and len(p) <= 40
        and not (title and squash(p)[:10] and title.startswith(squash(p).rstrip(".")) and len(squash(p)) > 8)
    ]
    return list(dict.fromkeys(kept))[:8]


def find_tags(said: Described, meta: MetaTags, title: str | None) -> tuple[list[str], str]:
    """Keywords, as the page's metadata names them; the headline *title* among them is none, whole or cut at commas."""
    if said.tags:
        return _without_headline(said.tags, title)[:30], "json-ld"
    words = meta.first("news_keywords", "article:tag", "keywords") or ""
    if re.search(r"[,，;；、|]", words):
        split = re.split(r"[,，;；、|]", words)
    else:  # English keywords are phrases: white space alone parts none
        split = [words] if words.isascii() else words.split()
    tags = _without_headline([line(word.strip(_LISTED)) for word in split], title)
    return list(dict.fromkeys(tag for tag in tags if len(tag) <= _LONGEST_TAG and _LETTER.search(tag)))[:30], "meta"


def _without_headline(tags: list[str], title: str | None) -> list[str]:
    """*tags* without the first few in a row that hold the headline *title*."""
    wanted, said = squash(title or ""), [squash(tag) for tag in tags]
    if len(wanted) < _HEADLINE or wanted not in "".join(said):
        return tags
    for count in range(1, _CUT_INTO + 1):
        for first in range(len(tags) - count + 1):
            run = "".join(said[first : first + count])
            if wanted in run and len(run) >= count * _PIECE:
                return tags[:first] + tags[first + count :]
    return tags


def find_language(page: Page, text: str, meta: MetaTags) -> str | None:
    """The language of *text*; the page's own word counts where the script agrees."""
    declared = page.root.get("lang") or meta.first("content-language", "og:locale")
    return language_of(text, declared)


def own_addresses(page: Page, canonical: str) -> set[str]:
    """The addresses of the article itself, in their identity form."""
    return {identity(url) for url in {page.address, page.resolve(canonical)} if url}
