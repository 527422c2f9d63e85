"""Pages that are no articles, by name: not-html, bot-wall, login, error-page, empty, list."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.article import Refusal
from crawler.extraction.page.blocks import Line
from crawler.extraction.text.reading import Reading
from crawler.values.header import Header

_WALL = re.compile(
    r"just a moment|attention required|checking your browser|ddos protection|are you (?:a )?(?:human|robot)|access "
    r"denied|安全验证|访问验证|人机验证|滑动验证|请完成验证|captcha|security check"
    r"|verify you are human|请输入验证码|访问过于频繁|您的访问被阻断|网站防火墙|web应用防火墙|创宇盾|安全狗|pardon "
    r"our interruption|request unsuccessful",
    re.IGNORECASE,
)
_WALL_SOURCE = re.compile(
    r"cf-browser-verification|cf_chl_opt|/cdn-cgi/challenge|_Incapsula_Resource|acw_sc__v2|__jsl_clearance|geetest_|"
    r"px-captcha|awswaf",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"^\W{0,3}(?:(?:http )?(?:error )?(?:40[034]|410|50[0234])(?:\W|$)|404|not found|page not found|(?:the )?page "
    r"(?:you|cannot|can.t)|找不到(?:页面|网页|该页)|页面(?:不存在|找不到|未找到|丢失)|(?:您|你)?(?:访问|查看|"
    r"请求)的(?:页面|网页|内容|文章|信息)(?:不存在|已删除|已被删除|未找到)|"
    r"文章不存在|该(?:文章|信息|内容|页面)(?:不存在|已删除|已被删除|已下线)|系统(?:错误|发生错误)|服务器错误|出错了|"
    r"提示信息|sorry, (?:the|this) page|server error|bad gateway|service unavailable|internal server error)",
    re.IGNORECASE,
)
_PASSWORD = re.compile(r"<input\b[^>]*\btype\s*=\s*[\"']?password", re.IGNORECASE)
_SENTENCE = re.compile(r"[。！？!?۔]|\.(?:\s|$)")


def refuse(reading: Reading, body: Sequence[Line], header: Header) -> Refusal | None:
    """Why *page*, whose article would be the lines *body* below *header*, is none; None for an article."""
    page = reading.page
    if not page.looks_like_html:
        return Refusal("not-html")
    lines = [line for line in reading.lines if not line.node.hidden]
    length = sum(line.units for line in body)
    shown = sum(line.units for line in lines)
    if shown < 3000 and length < 900 and (reason := _instead(reading, lines, shown)) is not None:
        return Refusal(reason)
    if shown < 1500 and length < 600 and not header.labelled and _PASSWORD.search(page.text):
        return Refusal("login")
    if not body or length < 6:
        return Refusal("list" if _mostly_links(lines) else "empty")
    headed = reading.title_at is not None and (header.labelled or header.views is not None or header.source_labelled)
    if not headed and _is_list(lines, body, length):
        return Refusal("list")
    return None


def _instead(reading: Reading, lines: Sequence[Line], shown: int) -> str | None:
    """What a page with little text on it, *shown* in all, says that it is: bot-wall, error-page; None for neither."""
    page = reading.page
    beginning = " ".join([page.title, *(line.text for line in lines[:12])])[:2000]
    if _WALL.search(beginning) or (shown < 600 and _WALL_SOURCE.search(page.text)):
        return "bot-wall"
    if _ERROR.search(page.title) or any(_ERROR.search(line.text) for line in lines[:8] if line.units < 120):
        return "error-page"
    return None


def _mostly_links(lines: Sequence[Line]) -> bool:
    return sum(line.linked > 0.5 for line in lines) > max(12, len(lines) * 0.5)


def _is_list(lines: Sequence[Line], body: Sequence[Line], length: int) -> bool:
    """A list page: hardly any prose, and what there is are teasers of links."""
    prose = sum(line.units for line in body if line.linked < 0.3 and (line.prose or _SENTENCE.search(line.text)))
    linked = sum(line.units * line.linked for line in lines)
    if prose >= 240:
        return False
    return _mostly_links(lines) and linked > 8 * max(prose, 30)
