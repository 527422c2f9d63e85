"""Hints from the name of an element (tag, class, id, role). Words of many sites; never the name of one.

Names are split into their words ("relatedNews", "post_meta" -> related news, post meta). A word is judged once and
remembered: sites differ, the words they name things by hardly do.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Any


class Hint:
    """Bits of one int (an enum's operators would cost more than the walk itself)."""

    COMMENT = 1  #: readers' comments
    RELATED = 2  #: further reading, recommendations
    SHARE = 4  #: share bars, tools, print, font size
    CHROME = 8  #: navigation, header, footer, sidebar, advertising
    BODY = 16  #: the article's text
    META = 32  #: the header line: time, source, author
    HIDDEN = 64
    RANKING = 128  #: hot lists
    CAPTION = 256
    CRUMB = 512
    NOISE = 1024  #: inside the article but not of it: copyright notes, promotions, tags, editor
    CONSENT = 2048  #: CHROME that asks for consent to cookies, and may say more than the article


#: What is not the text of the article, by its name.
OUTSIDE = Hint.COMMENT | Hint.CHROME | Hint.RELATED | Hint.RANKING | Hint.SHARE | Hint.CRUMB

#: Words that hint when they stand alone, pairs of words ("see also"), and parts of words ("tuijian" in "tuijianlist").
_WORDS: dict[int, str] = {
    Hint.COMMENT: "comment comments cmt disqus remark liuyan reply replies livefyre respond pinglun",
    Hint.RELATED: "also trending popular teaser teasers outbrain taboola promo promos latest xgnews xgwz xgyd xgxw "
    "xgtj recirculation recirc prevnext tj xg "
    "pagenav upnext trc morenews recom recommend readmore recommendations recommended related relate",
    Hint.RANKING: "rank ranking ranklist hot hotnews top10 paihang phb hotlist mostpopular mostread hottopic",
    Hint.SHARE: "share sharing social bdsharebuttonbox bdshare jiathis fenxiang toolbar tools tool print fontsize "
    "favorite follow subscribe subscription newsletter "
    "signup weixin wechat qrcode erweima signin login vote digg donate donation addthis addtoany sharedaddy sns ewm "
    "promotion",
    Hint.CONSENT: "onetrust ot privacy ccpa cmp didomi truste cookie cookies consent gdpr",
    Hint.CHROME: "onetrust ot privacy ccpa cmp didomi truste nav navbar navi navigation menu footer foot sidebar "
    "side rightbar masthead banner ad ads adv advert advertisement sponsor sponsored guanggao gg copyright "
    "cookie cookies consent gdpr popup modal overlay topbar search skip pager pagination paging "
    "paywall legal friendlink linklist yqlj lightbox "
    "dfp adsense adsbygoogle submenu subnav offcanvas alert sidenav colright rightcol siderail rail",
    Hint.NOISE: "tag tags keyword keywords zebian zeren bianji statement shengming disclaimer declare declaration "
    "bio authorbio authorbox authorinfo credit "
    "cta toc byline breaking hidden-print",
    Hint.CRUMB: "breadcrumb breadcrumbs crumb crumbs weizhi position path dqwz daohang curpos",
    Hint.META: "date time pubtime pubdate byline meta source laiyuan author artinfo articleinfo newsinfo info "
    "postinfo timestamp from view views hits hit click",
    Hint.CAPTION: "caption figcaption",
    Hint.BODY: "content article articlebody story entry body post zhengwen neirong prose zoom endtext richtext text",
}
_PAIRS: dict[int, str] = {
    Hint.RELATED: "see-also more-news more-stories more-from more-on more-posts more-articles read-more read-next "
    "you-may next-article prev-next pre-next next-prev "
    "article-list news-list list-news up-next up-down related-posts story-list post-navigation",
    Hint.RANKING: "hot-news hot-list hot-art hot-topic hot-read most-read most-popular most-viewed top-stories",
    Hint.SHARE: "font-size sign-up sign-in",
    Hint.CHROME: "link-list friend-link right-side right-col col-right col-r right-bar side-bar left-bar",
    Hint.NOISE: "author-bio author-box author-info author-card about-author post-meta entry-meta entry-footer "
    "article-footer post-footer screen-reader visually-hidden "
    "sr-only call-to table-of post-tags article-tags about-the",
    Hint.BODY: "article-body article-content article-text article-con news-content news-text news-con news-body "
    "post-body post-content entry-content story-body main-content "
    "detail-content art-content page-content doc-content info-content trs-editor vsb-content text-content con-text "
    "blog-content rich-text",
    Hint.CAPTION: "img-caption photo-credit image-credit img-info pic-info",
}
_PARTS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (Hint.COMMENT, re.compile(r"comment|pinglun|guestbook")),
    (Hint.RELATED, re.compile(r"^related|recommend|xiangguan|tuijian|youmaylike|guesslike|moreon")),
    (Hint.RANKING, re.compile(r"ranking|paihang|^hot(?:news|list|art|topic)|mostpop")),
    (Hint.SHARE, re.compile(r"share(?!d|holder|price)|^social|fenxiang|toolbar|^subscri|newsletter|qrcode|erweima")),
    (
        Hint.CHROME,
        re.compile(
            r"^nav(?!al)|(?<!context)menu|footer|sidebar|advert|sponsor|guanggao|copyright|cookie|popup|paginat|friendlink|"
            r"^ads[a-z]"
        ),
    ),
    (Hint.CONSENT, re.compile(r"cookie")),
    (Hint.CRUMB, re.compile(r"crumb|weizhi")),
    (Hint.CAPTION, re.compile(r"caption$")),
    (
        Hint.BODY,
        re.compile(
            r"(?:article|news|post|entry|story|art|page|main|detail|doc|blog|info)(?:body|content|text|con|detail|"
            r"txt)$|"
            r"^(?:article|content|zhengwen|neirong|txt)"
            r"|arttext|articlecontent|content$"
        ),
    ),
    (Hint.META, re.compile(r"pubtime|pubdate|^source|laiyuan|artinfo|newsinfo|articleinfo")),
)
_ANY_PART = re.compile("|".join(pattern.pattern for _, pattern in _PARTS))
_TOKEN = re.compile(r"[A-Z]?[a-z]+\d*|[A-Z]+(?![a-z])\d*")
_LOWER = re.compile(r"[a-z]+\d*")  #: the tokens of a name without capitals
#: How frameworks say where a box is placed.
_PLACED = re.compile(r"\bposition (?:relative|absolute|static|fixed|sticky)\b")
_EXACT: dict[str, int] = {}
for _table in (_WORDS, _PAIRS):
    for _hint, _names in _table.items():
        for _name in _names.split():
            _EXACT[_name] = _EXACT.get(_name, 0) | _hint
_OPENS_PAIR = frozenset(pair.partition("-")[0] for pair in _EXACT if "-" in pair)
HIDING = re.compile(r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden", re.IGNORECASE)


#: An id that is made of the words of a heading, and names the section below it: many words, with a number before them
#: or words that no box is called by ("how-popular-are-...", "10-research-tools-...").
_HYPHENS = 4
_SENTENCE = re.compile(r"^\d+-|(?<![A-Za-z])(?:[Hh]ow|[Ww]h(?:at|en|ich|ere|o|y)|is|are|does?|can|of|and|your|[Tt]he)-")
_TOC = re.compile(r"(?<![a-z])toc(?![a-z])", re.IGNORECASE)


def _of_contents(name: str) -> int:
    """What the class of a heading does not hint at that says it: "toc-title" is how a table of contents finds it."""
    return Hint.NOISE if _TOC.search(name) or name.startswith("toc") else 0


@lru_cache(maxsize=4096)
def hides(style: str) -> bool:
    """Whether a style attribute says that the element is not shown."""
    return bool(HIDING.search(style))


HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_TAGS = {
    "nav": Hint.CHROME,
    "footer": Hint.CHROME,
    "aside": Hint.CHROME,
    "figcaption": Hint.CAPTION,
    "article": Hint.BODY,
    "button": Hint.SHARE,
    "dialog": Hint.CHROME,
    "form": Hint.NOISE,
    "fieldset": Hint.NOISE,
    "legend": Hint.NOISE,
    "label": Hint.NOISE,
}
_ROLES = {
    "navigation": Hint.CHROME,
    "banner": Hint.CHROME,
    "contentinfo": Hint.CHROME,
    "complementary": Hint.CHROME,
    "search": Hint.CHROME,
    "dialog": Hint.CHROME,
    "alertdialog": Hint.CHROME,
    "menu": Hint.CHROME,
    "article": Hint.BODY,
}


@lru_cache(maxsize=16384)
def _word(word: str) -> int:
    hints = _EXACT.get(word.rstrip("0123456789"), 0) or _EXACT.get(word, 0)
    if _ANY_PART.search(word):
        for hint, pattern in _PARTS:
            if pattern.search(word):
                hints |= hint
    return hints


@lru_cache(maxsize=16384)
def named(name: str) -> int:
    """What a class attribute or an id hints at. Each site has names of its own, made of words that all sites share."""
    name = name[:200]
    words = _LOWER.findall(name) if name.islower() else " ".join(_TOKEN.findall(name)).lower().split()
    if "position" in words:
        words = _PLACED.sub(" ", " ".join(words)).split()
    hint = 0
    for hints in map(_word, words):
        hint |= hints
    if not _OPENS_PAIR.isdisjoint(words):
        for first, second in pairwise(words):
            if first in _OPENS_PAIR:
                hint |= _EXACT.get(f"{first}-{second}", 0)
    return hint


def hint_of(element: Any, tag: str) -> int:
    """Everything that tag, class, id, role, itemprop, style and the hidden attribute of *element* hint at.

    The id of a heading is the place that a table of contents links to, made of the words of the heading: "share" in it
    says what a section is about.
    """
    hint = _TAGS.get(tag, 0)
    attributes = element.items()
    if not attributes or tag in ("body", "html"):
        return hint
    for name, value in attributes:
        if name == "class":
            hint |= named(value) if tag not in HEADINGS else named(value) & ~_of_contents(value)
        elif name == "id" and tag not in HEADINGS:
            hint |= 0 if value.count("-") >= _HYPHENS and _SENTENCE.search(value) else named(value)
        elif name == "style":
            if hides(value[:500]):
                hint |= Hint.HIDDEN
        elif name == "hidden":
            hint |= Hint.HIDDEN
        elif name == "role":
            hint |= _ROLES.get(value, 0)
        elif name == "itemprop":
            hint |= Hint.BODY if value == "articleBody" else Hint.COMMENT if "omment" in value else 0
    return hint
