"""What the name of an element (tag, class, id, role) hints at. Words of many sites; never the name of one."""

from __future__ import annotations

import re
from functools import lru_cache
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


_W = r"(?:^|[\s_\-]|(?<=[a-z])(?=[A-Z]))"
_PATTERNS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (Hint.COMMENT, re.compile(r"comment|disqus|pinglun|(?<![a-z])reply|replies|livefyre|(?<![a-z])remark|guestbook|liuyan|(?<![a-z])cmt", re.I)),
    (Hint.RELATED, re.compile(
        r"relat|recommend|xiangguan|tuijian|see-?also|more-?(?:news|stories|from|on|posts|articles)|read-?(?:more|next)|youmaylike|you-may|outbrain"
        r"|taboola|(?<![a-z])also|trending|popular|guess-?like|(?<![a-z])(?:xg|tj)_?(?:news|list|yd|wz|xw|box)|promo(?!te)|prev-?next|pre-?next|teaser"
        r"|(?<![a-z])pagenav|up-?next|next-?article|(?<![a-z])latest|article-?list|news-?list|list-?news", re.I)),
    (Hint.RANKING, re.compile(r"ranking|(?<![a-z])rank(?![a-z])|hot-?(?:news|list|art|topic|read)|(?<![a-z])hot(?![a-z])|paihang|(?<![a-z])top10|most-?(?:read|pop|view)", re.I)),
    (Hint.SHARE, re.compile(r"share(?!d)|sharing|social|bdshare|jiathis|fenxiang|toolbar|(?<![a-z])tools?(?![a-z])|print(?!ed)|font-?size|favou?rite|follow|subscri|newsletter|sign-?up|weixin|wechat|qrcode|erweima|signin|login|(?<![a-z])vote|digg|donat", re.I)),
    (Hint.CHROME, re.compile(
        r"(?<![a-z])nav(?!al)|menu|footer|(?<![a-z])foot(?![a-z])|(?<![a-z])side(?:bar|[-_]|$|\s)|sidebar|rightbar|masthead|banner|(?<![a-z])ads?(?![a-z])|advert|sponsor|guanggao|"
        r"copyright|cookie|consent|gdpr|popup|modal|overlay|widget|topbar|(?<![a-z])search|(?<![a-z])skip(?![a-z])|pager|paginat|(?<![a-z])legal|"
        r"(?<![a-z])col-?r(?:ight)?(?![a-z])|right-?col|right_?side|link-?list|friend-?link|friendlink|paywall", re.I)),
    (Hint.NOISE, re.compile(
        r"(?<![a-z])tags?(?![a-z])|keyword|editor(?!ial)|zebian|zeren|bianji|statement|shengming|disclaim|declar|author-?(?:bio|box|info|card)|about-?(?:the-?)?author|bio(?:graphy|box)?(?![a-z])"
        r"|(?<![a-z])credit|call-?to-?action|(?<![a-z])cta(?![a-z])|(?<![a-z])toc(?![a-z])|table-of-contents|post-?meta|entry-?meta|entry-?footer|article-?footer|post-?footer|byline|screen-?reader|visually-?hidden|sr-only|(?<![a-z])breaking", re.I)),
    (Hint.CRUMB, re.compile(r"breadcrumb|crumb|position(?![a-z])|weizhi|location|(?<![a-z])path(?![a-z])|dqwz|daohang", re.I)),
    (Hint.META, re.compile(
        r"(?<![a-z])(?:pub-?)?(?:date|time)(?![a-z]{3})|pubtime|pub_?date|byline|(?<![a-z])meta|source|laiyuan|author|art(?:icle)?-?info|news-?info|(?<![a-z])info(?![a-z])|post-?info|timestamp|(?<![a-z])from(?![a-z])|views?(?![a-z])|hits(?![a-z])|click", re.I)),
    (Hint.CAPTION, re.compile(r"caption|figcaption|img-?(?:desc|info|note)|pic-?(?:desc|info|note|txt)|photo-?(?:desc|credit)", re.I)),
    (Hint.BODY, re.compile(
        r"article-?(?:body|content|text|main|detail|con\b)|(?:news|post|entry|story|art|page|main|detail|doc|blog|text|info)_?-?(?:body|content|text|con(?![a-z])|detail|txt)|articlebody|content(?![a-z])|(?<![a-z])body(?![a-z])|"
        r"zhengwen|neirong|TRS_Editor|vsb_content|wp_articlecontent|endtext|(?<![a-z])article(?![a-z])|(?<![a-z])story(?![a-z])|post-?bodycopy|entry|rich-?text|prose|(?<![a-z])zoom(?![a-z])", re.I)),
)  # fmt: skip
_HIDING = re.compile(r"(?:display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden)", re.I)
_TAGS = {
    "nav": Hint.CHROME, "footer": Hint.CHROME, "aside": Hint.CHROME, "figcaption": Hint.CAPTION, "article": Hint.BODY,
    "button": Hint.SHARE, "dialog": Hint.CHROME,
}  # fmt: skip
_ROLES = {
    "navigation": Hint.CHROME, "banner": Hint.CHROME, "contentinfo": Hint.CHROME, "complementary": Hint.CHROME, "search": Hint.CHROME,
    "dialog": Hint.CHROME, "alertdialog": Hint.CHROME, "menu": Hint.CHROME, "article": Hint.BODY,
}  # fmt: skip


@lru_cache(maxsize=8192)
def _named(name: str) -> int:
    found = 0
    for hint, pattern in _PATTERNS:
        if pattern.search(name):
            found |= hint
    return found


def hint_of(element: Any, tag: str) -> int:
    """Everything that tag, class, id, role, itemprop, style and the hidden attribute of *element* hint at."""
    if not isinstance(element.tag, str):
        return 0
    found = _TAGS.get(tag, 0)
    attributes = element.attrib
    if not attributes or tag in ("body", "html"):
        return found
    get = attributes.get
    if name := f"{get('class', '')} {get('id', '')}".strip():
        found |= _named(name[:200])
    if "hidden" in attributes or ((style := get("style")) and _HIDING.search(style[:500])):
        found |= Hint.HIDDEN
    if role := get("role"):
        found |= _ROLES.get(role, 0)
    if (prop := get("itemprop")) == "articleBody":
        found |= Hint.BODY
    elif prop and "omment" in prop:
        found |= Hint.COMMENT
    return found
