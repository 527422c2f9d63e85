"""The context of an article: its breadcrumb, tags, canonical URL and language."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawler.extraction.page.document import Page
from crawler.extraction.page.hints import Hint
from crawler.extraction.page.metadata import Described, MetaTags
from crawler.extraction.text.reading import Reading
from crawler.values.language import language_of
from crawler.values.text import line, squash
from crawler.values.urls import host_of, identity

_HERE = re.compile(r"^.{0,12}?(?:当前位置|您?所在(?:的)?位置|您现在的位置)\s{0,3}[:：>＞»]?")
_SEPARATOR = re.compile(r"\s*[>＞»›→/|]+\s*|\s+-\s+|::")
_ROOT = re.compile(
    r"^(?:首页|主页|网站首页|专题首页|home(?: ?page)?|当前位置|您?现在?的?位置|返回首页|您现在的位置)[:：]?$",
    re.IGNORECASE,
)
_STEPS = 4  #: of a breadcrumb whose steps bars separate
#: What stands in a breadcrumb without being a step of it.
_NO_STEP = re.compile(r"订阅|位置\s?[:：]|^you are here|\.s?html?|^index\b", re.IGNORECASE)
_LEAF = re.compile(r"^(?:正文[页頁]?|稿件|内容|详情|详细信息|文章正文|查看|浏览文章|新闻详情|content)$", re.IGNORECASE)


_LISTED = " \t\n[]\"'"  #: around a keyword where a list of a programming language stands for them
_LETTER = re.compile(r"[^\W_]")
_LONGEST_TAG = 40


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
            if crumbs:
                return crumbs, "generic"
    if said.crumbs:
        return _clean(said.crumbs, mine), "json-ld"
    return _clean(said.section, mine), "json-ld"


def _clean(parts: list[str], title: str) -> list[str]:
    kept = [re.sub(r"^正文\s+\S.*|\s正文$", "", part.strip(" :：")) for part in parts]
    kept = [
        p
        for p in kept
        if p
        and not _ROOT.match(p)
        and not _LEAF.match(p)
        and not _NO_STEP.search(p)
        and len(p) <= 40
        and not (title and squash(p)[:10] and title.startswith(squash(p).rstrip(".")) and len(squash(p)) > 8)
    ]
    return list(dict.fromkeys(kept))[:8]


def find_tags(said: Described, meta: MetaTags) -> tuple[list[str], str]:
    """Keywords, as the page's metadata names them."""
    if said.tags:
        return said.tags[:30], "json-ld"
    words = meta.first("news_keywords", "article:tag", "keywords") or ""
    if re.search(r"[,，;；、|]", words):
        split = re.split(r"[,，;；、|]", words)
    else:  # English keywords are phrases: white space alone parts none
        split = [words] if words.isascii() else words.split()
    tags = (line(word.strip(_LISTED)) for word in split)
    return list(dict.fromkeys(tag for tag in tags if len(tag) <= _LONGEST_TAG and _LETTER.search(tag)))[:30], "meta"


def find_language(page: Page, text: str, meta: MetaTags) -> str | None:
    """The language of *text*; the page's own word counts where the script agrees."""
    declared = page.root.get("lang") or meta.first("content-language", "og:locale")
    return language_of(text, declared)


def own_addresses(page: Page, canonical: str) -> set[str]:
    """The addresses of the article itself, in their identity form."""
    return {identity(url) for url in {page.address, page.resolve(canonical)} if url}
