"""The words by which portals label the values of an article's header line, by the field they announce."""

from __future__ import annotations

import re
from typing import Literal

Field = Literal["published", "modified", "source", "author", "editor", "views", "other"]

_LABELS: dict[Field, str] = {
    "modified": "更新时间 更新日期 更新于 修改时间 修改日期 最后更新 最后修改 最后更新时间 最近更新 更新時間 "
    "編輯時間 last-updated last-modified updated-on "
    "updated modified",
    "published": "发布时间 发布日期 发表时间 发表日期 发布于 发表于 发文日期 发文时间 发稿时间 发稿日期 發稿日期 "
    "發稿時間 上传时间 上传日期 添加时间 添加日期 录入时间 录入日期 成文日期 "
    "刊发时间 创建时间 创建日期 加入时间 制作日期 信息时间 生成日期 公开日期 印发日期 时间 日期 發布時間 發布日期 "
    "發佈日期 發佈時間 發表時間 發表於 發佈於 "
    "發布於 時間 发表 发布 published-online published-on published-at published posted-on posted date-published "
    "original "
    "written date",
    "source": "本文来源于 本文来源 信息来源 文章来源 发表来源 稿件来源 新闻来源 消息来源 内容来源 资料来源 图文来源 "
    "来源网站 来源媒体 来源出处 来源于 来源 來源 稿源 出处 出處 来自 來自 "
    "转自 轉自 转载自 转载来源 摘自 发布机构 发布单位 发布部门 信息提供 發稿單位 发稿单位 供稿单位 供稿部门 "
    "发文机关 文章出处 稿件出处 文章源自 source",
    "author": "文章作者 作者 撰文 撰稿人 撰稿 文/图 图/文 文/ 投稿人 讲师 本报记者 记者 发布者 发布人 发表者 投稿 "
    "执笔 posted-by written-by words-by reported-by "
    "author by",
    "editor": "责任编辑 责任编缉 本文编辑 网络编辑 文字编辑 值班编辑 执行编辑 责编 选稿 選稿 编辑 編輯 責任編輯 "
    "責編 编审 录入 录入者 editor edited-by",
    "views": "阅读次数 阅读量 阅读数 阅读人数 阅读人次 已阅读 阅读 浏览次数 浏览量 浏览数 浏览人数 浏览人次 浏览 "
    "点击次数 点击量 点击率 点击数 点击 人气指数 人气 查看次数 查看人数 "
    "查看数 查看 访问次数 访问量 访问 热度 观看 围观 文章浏览量 阅览次数 阅览 被浏览 瀏覽次數 瀏覽人次 瀏覽數 瀏覽 "
    "點閱次數 點閱數 點閱 點擊數 點擊率 點擊 閱讀數 閱讀量 閱讀 人氣 "
    "article-views page-views views hits reads",
    "other": "评论数 评论 評論 字号 字体 字體 字號 关键词 关键字 标签 tags tag 分享 举报 收藏 订阅数 文档序号 打印 "
    "点赞数 点赞 审核 审稿 校对 摄影 摄影师 图片 分类 所属分类 栏目 所属栏目 "
    "类别 主题词 文号 索引号 有效性 原文链接 手机 电话 我要评论 扫一扫 核发 复审 初审 终审 监制 发布会 信息分类 "
    "文件编号 发文字号 公开方式 主题分类 信息类别 专题 topic category comments "
    "译者 翻译 通讯员 聯絡人 联系人 语音 大小 share 订阅 下载次数 下载 回复 版次 版面 所属专题 供图 制图 视频 标题 "
    "浏览权限 次数 字数 频道",
}  # fmt: skip


#: English words that WordPress themes glue to what stands before them ("Daniel LemireCategories"); capitals tell
#: them apart.
_GLUED = ("Categories", "Category", "Author", "Posted", "Published", "Updated", "Tags", "Comments", "Share")


def _pattern(label: str) -> str:
    """A label of ideographs may be spaced out ("来 源"); a hyphen of an English one stands for white space."""
    if label.isascii():
        return re.escape(label).replace(r"\-", r"\s{1,3}") + r"\b"
    return " {0,4}".join(map(re.escape, label))  # NFKC knows no other space


def _key(label: str) -> str:
    return re.sub(r"[\s-]", "", label).lower()


_WORDS = sorted((word for words in _LABELS.values() for word in words.split()), key=len, reverse=True)
_FIELDS: dict[str, Field] = {_key(word): field for field, words in _LABELS.items() for word in words.split()}
_FIELDS |= {"categories": "other", "posted": "published"}


def _any(words: list[str]) -> str:
    """A pattern of any of *words*, the first that fits: those of one first letter together, so that a place in a text
    is compared with a hundred letters, not with four hundred words."""
    first: dict[str, list[str]] = {}
    for word in words:
        first.setdefault(word[0], []).append(_pattern(word)[1:])
    return "|".join(f"{letter}(?:{'|'.join(rest)})" for letter, rest in first.items())


_ANY = _any(_WORDS)
_FIRST = "".join(sorted({word[0] for word in _WORDS}))
_BOUNDARY = r"(?P<edge>^|(?<=[\s|·•/\\\[【〖(（,，。;；\]】〗)）>-]))"
#: A label: announced by a colon anywhere, or bare at a boundary. Matched in lower case: a pattern that ignores case
#: tries every word everywhere.
_LABEL = re.compile(
    rf"(?=[{_FIRST}]){_BOUNDARY}?(?P<word>{_ANY}|categories)(?:\s{{0,4}}(?P<colon>[:：])\s?|(?(edge)于?|(?!)))",
    re.MULTILINE,
)
_GLUED_LABEL = re.compile(rf"(?<=[a-z\d])(?P<glued>{'|'.join(_GLUED)})(?=[\sA-Z:]|$)")
#: Words of prose as well: labels only with a colon.
_COLON_ONLY_WORDS = (
    "来自 來自 记者 本报记者 视频 标题 次数 图片 摄影 字数 发表 发布 投稿 访问 查看 热度 观看 围观 人气 版面 版次 "
    "专题 翻译 监制 电话 手机 下载 发布会 译者 频道 源自 source "
    "author editor views reads hits date topic category tag tags share comments original 时间 日期 時間"
)
_COLON_ONLY = frozenset(_COLON_ONLY_WORDS.split()) - {"share", "categories"}
_COUNT_NEXT = re.compile(r"\s{0,3}\d")
#: Before a label of views: the count is that of the site, not of the article.
_SITE_COUNT = re.compile(r"(?:总|總|本站|网站|網站|今日|昨日|累计|累計|全站|本网|历史|栏目|日均|本周|在线)\s?$")
_IMAGE_CREDIT = re.compile(r"(?:图片|数据|图|视频|封面|题图)\s?$")
#: Before "by": whom it names made the page, or the picture.
_NOT_WRITTEN = re.compile(
    r"(?:produced|powered|designed|sponsored|presented|hosted|built|developed|operated|owned|photos?|photographs?|"
    r"images?|pictures?|illustrations?)\s{1,3}$"
)


def is_label(text: str) -> bool:
    """Whether *text* is a label and nothing else ("来源：", "浏览次数")."""
    return _key(text.rstrip(":： ")) in _FIELDS


#: What stands in every text that states a view count in words.
_MAY_COUNT = re.compile(
    f"[看{''.join({word[0] for word in _LABELS['views'].split() if not word.isascii()})}]|view|read|hit"
)


def may_count(text: str) -> bool:
    """Whether *text* may state a view count with a word that says so."""
    return bool(_MAY_COUNT.search(text.lower()))


def _ends_a_word(text: str, start: int) -> bool:
    """Whether the letters at *start* go on with a word ("Reviews:"); a capital behind small letters begins one."""
    before, first = text[start - 1 : start], text[start]
    return before.isascii() and before.isalpha() and not (before.islower() and first.isupper())


def find_labels(text: str) -> list[tuple[int, int, Field, bool]]:
    """Labels in *text* (in NFKC), in order: (start, end of label and colon, field, whether a colon announced it)."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter whose lower case takes two: positions would differ
        lowered = text
    found: list[tuple[int, int, Field, bool]] = []
    for match in _LABEL.finditer(lowered):
        word = match["word"]
        field = _FIELDS.get(_key(word), "other")
        if word.isascii() and _ends_a_word(text, match.start()):
            continue
        if (
            match["colon"] is None
            and _key(word) in _COLON_ONLY
            and not (field == "views" and _COUNT_NEXT.match(text, match.end()))
        ):
            continue
        if field == "source" and _IMAGE_CREDIT.search(text, max(0, match.start() - 4), match.start()):
            field = "other"
        if field == "views" and _SITE_COUNT.search(text, max(0, match.start() - 6), match.start()):
            field = "other"
        if (
            field == "author"
            and word == "by"
            and _NOT_WRITTEN.search(lowered, max(0, match.start() - 16), match.start())
        ):
            field = "other"
        found.append((match.start(), match.end(), field, match["colon"] is not None))
    found += [(m.start(), m.end(), _FIELDS.get(_key(m[0]), "other"), False) for m in _GLUED_LABEL.finditer(text)]
    found.sort()
    return found
