"""Recognises pages that are not articles: not-html, bot-wall, login, error-page, text-missing, empty, list.

Asked last, once the page has been read, and on positive evidence: a page is refused only where nothing names an article
on it and something says what it is instead. ``text-missing`` is an article without its text: a script shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from crawler.article import Refusal
from crawler.extraction.evidence import Evidence
from crawler.extraction.fields.header_merge import HeaderLines
from crawler.extraction.page.lines import Line
from crawler.extraction.text.reading import Reading

#: The thresholds of is_article. What set them: 1100 labelled pages (articles of the development corpus in two
#: languages; home, channel and topic pages of 550 hosts), of which 2 % of the home pages and 6 % of the channel pages
#: pass, and 0.7 % of the articles do not. Units are bytes of UTF-8; an ideograph has three.
_SHORTEST = 6  #: units of a text at least: "停水。" is one
_SENTENCE = 60  #: units of prose
_PLAIN = 200  #: units of prose of a page that looks like no list
_LONG = 900  #: units of prose that are a text of their own, whatever stands beside it
_MOSTLY, _TOGETHER = 0.4, 0.6  #: share of the prose in one column: of a long text; of one whose only sign is a day
_LINKED, _FAR_LINKED = 2.5, 12.0  #: links outside the text, in units of its prose: those of a list, of nothing else
_TEASERS = 6  #: lines of streams that make a list
_CUT = 0.25  #: share of paragraphs that are cut off in the middle: teasers
_ENOUGH = 2.5  #: points
_SHORT_PAGE = 2000  #: units of a page that may be a wall, a login or an error
_WORDS = 2  #: different words of walls, or of logins, at least

_WALL = re.compile(
    r"just a moment|attention required|checking your browser|ddos protection|access denied|security check|pardon our"
    r"|安全验证|访问验证|人机验证|滑动验证|请完成验证|captcha|您的访问被阻断|网站防火墙|web应用防火墙|创宇盾|安全狗"
    r"|verify you are human|请输入验证码|访问过于频繁|request unsuccessful|are you (?:a )?(?:human|robot)",
    re.IGNORECASE,
)
#: Words of which a wall in words of its own has several, and an article on so short a page without a day has not.
_OF_WALLS = re.compile(
    r"verif|human|robot|\bbots?\b|captcha|unusual|suspicious|automated|blocked|denied|forbidden|firewall|challenge"
    r"|too many requests|rate limit|ray id|reference (?:id|number|#)|your (?:ip|browser|connection|network)|javascript"
    r"|验证|驗證|人机|机器人|機器人|滑块|拖动|异常|異常|频繁|頻繁|拦截|攔截|防火墙|防火牆|阻止|阻断|禁止访问|受限|封禁|[Ii][Pp]\s?地址"
    r"|浏览器|解除限制|继续访问|安全检查|攻击",
    re.IGNORECASE,
)
_OF_LOGINS = re.compile(
    r"log ?in|sign ?in|password|user ?name|e-?mail address|forgot|remember me|register|sign up|create an account"
    r"|登录|登錄|登陆|登入|密码|密碼|用户名|用戶名|帐号|账号|帳號|注册|註冊|忘记|验证码|会员",
    re.IGNORECASE,
)
_WALL_SOURCE = re.compile(
    r"cf-browser-verification|cf_chl_opt|/cdn-cgi/challenge|_Incapsula_Resource|acw_sc__v2|__jsl_clearance|geetest_|"
    r"px-captcha|awswaf",
    re.IGNORECASE,
)
_THING = (
    r"(?:页面|頁面|网页|網頁|内容|內容|文章|信息|资讯|新闻|新聞|链接|地址|資料|公众号|帐号|账号"
    r"|page|content|article|story|link|document)"
)
_GONE = (
    r"(?:不存在|找不到|未找到|没有找到|已?被?删除|已?被?刪除|已下[线架]|已失效|已过期|已關閉|已关闭|已迁移|已注销|丢失|无法(?:访问|显示|查看)"
    r"|not (?:be )?found|does(?:n.t| not) exist|no longer|has been (?:removed|deleted|moved)|unavailable|not available"
    r"|cannot be displayed|expired)"
)
_ERROR = re.compile(
    r"^\W{0,3}(?:(?:http )?(?:error )?(?:40[034]|410|50[0234])(?:\W|$)|404|not found|系统(?:错误|发生错误)|服务器错误|"
    r"出错了|提示信息|server error|bad gateway|service unavailable|internal server error|oops)"
    rf"|^.{{0,24}}{_THING}.{{0,24}}{_GONE}|^.{{0,16}}{_GONE}.{{0,12}}{_THING}",
    re.IGNORECASE,
)


def refuse(reading: Reading, body: Sequence[Line], stated: HeaderLines) -> Refusal | None:
    """Why the page of *reading*, whose article would be the lines *body* below the header lines *stated*, is none."""
    if not reading.page.is_html:
        return Refusal("not-html")
    evidence = Evidence(reading, body, stated)
    named = names_article(evidence)
    if not named and (reason := _instead(reading, body, evidence)):
        return Refusal(reason)
    if sum(line.units for line in body) < _SHORTEST:
        if named or (evidence.headline and evidence.own_title and (evidence.dated or evidence.numbered)):
            return Refusal("text-missing")
        if evidence.typed and evidence.published:  # in words for other sites, on a page that shows nothing
            return Refusal("text-missing")
        return Refusal("list" if _lists(evidence) else "empty")
    return None if named or (not evidence.topic and is_article(evidence)) else Refusal("list")


def names_article(e: Evidence) -> bool:
    """Whether the metadata, or a headline of its own with a day beside it, name an article: never refused."""
    if e.described or (e.published and (e.headline or (e.text > _PLAIN and not e.topic))):
        return True
    return e.headline and e.own_title and (e.dated or e.typed)


def is_article(e: Evidence) -> bool:
    """Whether enough speaks for an article on a page that does not name one."""
    if e.cut < _CUT and _has_text(e):
        return True
    if e.home and not e.titled and not (e.typed and e.dated) and _entries(e):
        return False  # a site's own page
    elsewhere = max(e.links, e.other)
    if e.own >= _LONG and elsewhere < 0.5 * e.units and e.teasers < _TEASERS and not e.home:
        return True  # a text without sentences: a table of contents, results, verse
    if e.headline and e.near and elsewhere < max(0.5 * e.units, _SENTENCE) and not e.teasers and not e.home:
        return True  # hardly anything but a headline and a few words below it
    if e.headline and e.own_title and e.numbered and e.text >= _SENTENCE and e.cut < _CUT:
        return True
    here = not (e.home or (e.folder and not e.heading)) or (e.titled and e.near)
    return (not _lists(e) and e.text >= _PLAIN and here) or _points(e) >= _ENOUGH


def _has_text(e: Evidence) -> bool:
    """Whether there is a text of its own: long, in one column, more than all else."""
    placed = not e.home or e.dated or e.titled
    titled = e.heading and e.own_title
    if placed and e.text >= _LONG and e.text > 1.5 * e.other and e.links < e.text:
        return titled or e.longest >= _MOSTLY * e.text
    if e.dated and e.text >= _LONG and e.text > e.other:
        return e.longest >= _TOGETHER * e.text
    return e.dated and e.stated and e.text >= _PLAIN and e.text > e.other and e.links < _LINKED * e.text


def _lists(e: Evidence) -> bool:
    """Whether the page looks like a list of other pages."""
    return e.links > _LINKED * max(e.text, 60.0) or _entries(e)


def _entries(e: Evidence) -> bool:
    """Whether there are entries of a list: teasers, more prose than the text has, paragraphs that are cut off."""
    return e.teasers >= _TEASERS or e.other > max(e.text, 60.0) or e.cut >= _CUT


def _points(e: Evidence) -> float:
    """What speaks for an article less what speaks for a list."""
    text = max(e.text, 100.0)
    points = 2.0 * (e.published or e.typed) + 1.5 * (e.headline and e.own_title) + 1.5 * e.near
    points += 0.5 * (e.heading and e.own_title) + 1.0 * (e.dated and e.near) + 0.5 * (e.clocked and e.near) + e.stated
    points += 1.5 if e.text > 2000 else 1.0 if e.text > 800 else 0.5 if e.text > 300 else 0.0
    points -= (
        1.0 * (e.links > 4 * text) + 1.0 * (e.links > _FAR_LINKED * text) + 1.0 * (e.teasers > 8 and e.text < 1500)
    )
    points -= 0.5 * (e.other > max(e.text, 200)) + 1.0 * (e.other > 4 * text)
    return points - 2.0 * (e.cut >= _CUT) - 0.5 * e.home


def _instead(reading: Reading, body: Sequence[Line], e: Evidence) -> str | None:
    """What a short page without an article is, by its words: a wall, a login, an error."""
    page = reading.page
    lines = [line for line in reading.lines if not line.node.hidden]
    shown = sum([line.units for line in lines])
    length = sum([line.units for line in body])
    if shown < 3000 and length < _LONG:
        beginning = " ".join([page.title, *(line.text for line in lines[:12])])[:2000]
        if _WALL.search(beginning) or (shown < 600 and _WALL_SOURCE.search(page.text)):
            return "bot-wall"
        if _ERROR.search(page.title) or any(_ERROR.search(line.text) for line in lines[:8] if line.units < 120):
            return "error-page"
    if shown >= _SHORT_PAGE or e.dated:
        return None
    words = " ".join([page.title, *(line.text for line in lines)])
    if forms := _logins(page.root):
        outside = sum(line.units for line in body if not any(map(forms.__contains__, _holders(line))))
        if outside < _SENTENCE or len(set(map(str.lower, _OF_LOGINS.findall(words)))) >= _WORDS:
            return "login"
    return "bot-wall" if len(set(map(str.lower, _OF_WALLS.findall(words)))) > _WORDS and length < _LONG else None


def _logins(root: Any) -> set[Any]:
    """The forms that ask for a password; where one stands in none, what holds it."""
    asking = (field for field in root.iter("input") if field.get("type", "").strip().lower() == "password")
    return {next(field.iterancestors("form"), field.getparent()) for field in asking}


def _holders(line: Line) -> Iterator[Any]:
    """The elements that *line* stands in."""
    yield line.node.element
    yield from line.node.element.iterancestors()
