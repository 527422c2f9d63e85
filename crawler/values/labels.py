"""The words by which portals label the values of an article's header line, by the field they announce."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from crawler.values.surnames import like_person

#: "drafted": when somebody wrote it into the system, which is near the publication; "dated": another event's day.
Field = Literal["published", "modified", "drafted", "dated", "source", "author", "editor", "views", "other"]

_LABELS: dict[Field, str] = {
    "modified": "最新更新 更新日 更新日時 更新时间 更新日期 更新于 修改时间 修改日期 最后更新 最后修改 "
    "最后更新时间 最近更新 更新時間 "
    "編輯時間 last-updated last-modified updated-on "
    "updated modified",
    "published": "发布时间 发布日期 发表时间 发表日期 发布于 发表于 发稿时间 发稿日期 發稿日期 "
    "發稿時間 刊发时间 刊发日期 発表時間 公開日 公開日時 掲載日 公开日期 公开时间 公布日期 公布时间 刊登日期 "
    "时间 日期 發布時間 發布日期 "
    "發佈日期 發佈時間 發表時間 發表日期 發表於 發佈於 刊登日期 刊登時間 公開日期 "
    "發布於 時間 发表 发布 published-online published-on published-at published posted-on posted date-published "
    "posted-on-the published-on-the original written date",
    "drafted": "入稿日期 发文日期 发文时间 上传时间 上传日期 添加时间 添加日期 录入时间 录入日期 创建时间 "
    "创建日期 加入时间 制作日期 制作时间 "
    "信息时间 生成日期 生成时间 入库时间 入库日期 采集时间 收录时间 收录日期 建立時間 上傳時間 created",
    "dated": "成文日期 成文时间 印发日期 印发时间 实施日期 实施时间 施行日期 生效日期 生效时间 失效日期 "
    "废止日期 截止日期 截止时间 "
    "审核时间 审核日期 审批时间 活动时间 活动日期 投稿时间 投稿日期 拍摄时间 拍摄日期 开标时间 开标日期 "
    "报名时间 举办时间 会议时间 签发日期 "
    "签发时间 有效期 有效期至 截稿时间 申报时间 成文日 实施日 立案日期 开庭时间 活動時間 截止時間 截止日期 "
    "event-date deadline due-date",
    "source": "本文来源于 本文来源 信息来源 文章来源 发表来源 稿件来源 新闻来源 消息来源 内容来源 资料来源 图文来源 "
    "来源网站 来源媒体 来源出处 来源于 来源 來源 資料來源 新聞來源 文章來源 消息來源 稿件來源 信息來源 "
    "原文来源 稿源 出处 出處 来自 來自 "
    "转自 轉自 转载自 转载来源 摘自 发布机构 发布单位 发布部门 信息提供 發稿單位 发稿单位 供稿单位 供稿部门 "
    "发文机关 文章出处 稿件出处 文章源自 source",
    "author": "文章作者 原文作者 作者 撰文 撰稿人 撰稿 文/图 图/文 文/ 投稿人 讲师 本报记者 记者 記者 发布者 "
    "发布人 发表者 投稿 "
    "执笔 posted-by written-by words-by reported-by reporting-by story-by article-by text-by analysis-by "
    "review-by interview-by post-by guest-post-by opinion-by column-by essay-by commentary-by "
    "author by",
    "editor": "责任编辑 责任编缉 本文编辑 网络编辑 文字编辑 值班编辑 执行编辑 责编 选稿 選稿 编辑 編輯 責任編輯 "
    "責編 编审 录入 录入者 editor edited-by",
    "views": "阅读次数 阅读量 阅读数 阅读人数 阅读人次 已阅读 阅读 浏览次数 浏览量 浏览数 浏览人数 浏览人次 浏览 "
    "点击次数 点击量 点击率 点击数 点击 人气指数 人气 查看次数 查看人数 "
    "查看数 查看 访问次数 访问量 访问 热度 观看 围观 文章浏览量 阅览次数 阅览 被浏览 瀏覽次數 瀏覽人次 瀏覽數 瀏覽 "
    "點閱次數 點閱數 點閱 點擊數 點擊率 點擊 閱讀數 閱讀量 閱讀 人氣 "
    "article-views page-views views hits reads",
    "other": "评论数 评论 評論 字号 字体 字體 字號 关键词 关键字 标签 tags tag 分享到 分享至 分享 举报 收藏 "
    "订阅数 文档序号 打印 "
    "点赞数 点赞 审核 审稿 校对 摄影 摄影师 图片 分类 所属分类 栏目 所属栏目 "
    "类别 主题词 文号 索引号 有效性 原文链接 手机 电话 我要评论 扫一扫 核发 复审 初审 终审 监制 发布会 信息分类 "
    "文件编号 发文字号 公开方式 主题分类 信息类别 专题 topic category comments "
    "阅读全文 阅读更多 阅读原文 浏览更多 浏览器 查看更多 查看全文 点击查看 点击进入 点击下载 访问者 关注人气 "
    "关注 粉丝 获赞 人参与 人参與 转发 讨论 讨论数 跟贴 回复数 回复 回帖 心情 积分 文章数 列表瀏覽數 "
    "列表浏览数 "
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


_NO_KEY = re.compile(r"[\s-]+")


def _key(label: str) -> str:
    return _NO_KEY.sub("", label).lower()


_WORDS = sorted((word for words in _LABELS.values() for word in words.split()), key=len, reverse=True)
_FIELDS: dict[str, Field] = {_key(word): field for field, words in _LABELS.items() for word in words.split()}
_FIELDS |= {"categories": "other", "posted": "published"}


def _any(words: list[str]) -> str:
    """A pattern of any of *words*, the first that fits.

    Those of one first letter together, so that a place in a text is compared with a hundred letters, not with four
    hundred words.
    """
    first: dict[str, list[str]] = {}
    for word in words:
        first.setdefault(word[0], []).append(_pattern(word)[1:])
    return "|".join(f"{letter}(?:{'|'.join(rest)})" for letter, rest in first.items())


_ANY = _any(_WORDS)
_FIRST = "".join(sorted({word[0] for word in _WORDS}))
_BOUNDARY = r"(?P<edge>^|(?<=[\s|·•/\\\[【〖(（,，。;；\]】〗)）>-]))"
#: A label: announced by a colon anywhere, or bare at a boundary. Matched in lower case: a pattern that ignores case
#: tries every word everywhere.
_WORD = rf"(?P<word>{_ANY}|categories)"
_BARE = r"(?:\s?(?P<bar>[|丨])\s?(?=[^\W\d_])|于?)"
_LABEL = re.compile(
    rf"(?=[{_FIRST}]){_BOUNDARY}?{_WORD}(?:\s{{0,4}}(?P<colon>[:：])\s?|(?(edge){_BARE}|(?!)))", re.MULTILINE
)
#: The same in a text without a colon: tried at boundaries alone.
_BARE_LABEL = re.compile(rf"{_BOUNDARY}(?=[{_FIRST}]){_WORD}(?:(?P<colon>(?!))|{_BARE})", re.MULTILINE)
_CAPITALS = "".join(sorted({word[0] for word in _GLUED}))  #: that such a word begins with: they are looked for first
_REST = "|".join(f"(?<={word[0]}){word[1:]}" for word in _GLUED)
_GLUED_LABEL = re.compile(rf"[{_CAPITALS}](?<=[a-z\d][{_CAPITALS}])(?:{_REST})(?=[\sA-Z:]|$)")
#: Words of prose as well: labels only with a colon.
_COLON_ONLY_WORDS = (
    "记者 記者 本报记者 视频 标题 次数 图片 摄影 字数 发表 发布 投稿 访问 查看 热度 观看 围观 人气 版面 版次 "
    "专题 翻译 监制 电话 手机 下载 发布会 译者 频道 源自 source "
    "author editor views reads hits date topic category tag tags share comments original 时间 日期 時間"
)
_COLON_ONLY = frozenset(_COLON_ONLY_WORDS.split()) - {"share", "categories"}
_COUNT_NEXT = re.compile(r"\s{0,3}\d")
_IMAGE_CREDIT = re.compile(r"(?:图片|数据|图|视频|封面|题图)\s?$")
#: The letters before a label that is no word of its own: with them it is another label ("活动时间：", "资金来源：").
_PREFIX = re.compile(r"[\u3400-\u9fff]{1,8}$")
#: What may stand before a label without changing what it announces.
_SAME: dict[Field, re.Pattern[str]] = {
    "published": re.compile(
        r"^(?:文章|信息|新闻|本文|稿件|内容|首次|最初|正式|网站|上网|网上|本站|原文|"
        r"页面|资讯|公告|通知|政策|文件|本网|微信|实际|實際)$"
    ),
    "source": re.compile(r"^(?:本|原|全|文|本?文章|原文|素材|作品|资讯|公告|本篇|帖子|视频)$"),
    "author": re.compile(r"^(?:本文|原文|原|作品|特约|稿件|论文|文字|新闻|信息|帖子|图文)$"),
    "editor": re.compile(
        r"^(?:责任|本文|网络|文字|值班|执行|见习|实习|本期|本版|本页|新媒体|助理|当班|微信|平台|网站|内容|文案|"
        r"文章|资深|一审|信息|新闻|.{1,6}[网报社台])$"
    ),
    "views": re.compile(
        r"^(?:本|此|该)?(?:文|文章|新闻|信息|页面|网页|内容|帖子|稿件|资讯|图集|主题|公告|本页)?"
        r"(?:已|已有|共|共有)?被?$"
    ),
}  # fmt: skip
#: Before "by:": whom it names made the page, or the picture.
_NOT_WRITTEN = re.compile(
    r"(?:produced|powered|designed|sponsored|presented|hosted|built|developed|operated|owned|photos?|"
    r"photographs?|cited|"
    r"images?|pictures?|illustrations?|updated|modified|sort|filter|share)\s{1,3}$"
)
#: Before "by" where it names who wrote: nothing, a separator, a moment.
_WRITTEN = re.compile(
    r"(?:^|[|·•/\\—–,;:(\n\x1f\[-]\s?|(?:\d{4}|\d[:.]\d\d|[-/.]\d\d)(?:\s?[ap]\.?m\.?)?\s(?:[a-z]{2,4}\s)?|[年月日号]\s)$"
)
_DAY_WORD = re.compile(r"[\u3400-\u9fff]{2,6}(?:时间|日期|時間)")


class Label(NamedTuple):
    """A label in a text: where it and its colon stand, which field it announces."""

    start: int
    end: int
    field: Field
    colon: bool  #: whether a colon (or a bar in its place) announced it


def is_label(text: str) -> bool:
    """Whether *text* is a label and nothing else ("来源：", "浏览次数")."""
    word = _key(text.rstrip(":： "))
    return word in _FIELDS or bool(_DAY_WORD.fullmatch(word))


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


def find_labels(text: str) -> list[Label]:
    """The labels in *text* (in NFKC), in order."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter whose lower case takes two: positions would differ
        lowered = text
    labels: list[Label] = []
    pattern = _LABEL if ":" in lowered or "：" in lowered else _BARE_LABEL
    for match in pattern.finditer(lowered):
        word, start = match["word"], match.start()
        if word.isascii() and _ends_a_word(text, start):
            continue
        announced = match["colon"] is not None or match["bar"] is not None
        field = _field(match, lowered)
        if (
            not announced
            and _key(word) in _COLON_ONLY
            and not (field == "views" and _COUNT_NEXT.match(text, match.end()))
        ):
            continue
        if match["edge"] is None and not word.isascii():
            start, field = _with_prefix(text, start, field, labels)
        labels.append(Label(start, match.end(), field, announced))
    labels += [Label(m.start(), m.end(), _FIELDS.get(_key(m[0]), "other"), False) for m in _GLUED_LABEL.finditer(text)]
    labels.sort()
    return labels


def _field(match: re.Match[str], lowered: str) -> Field:
    """What a label announces, as far as what stands directly before it does not say otherwise."""
    field = _FIELDS.get(_key(match["word"]), "other")
    start = match.start()
    if field == "source" and _IMAGE_CREDIT.search(lowered, max(0, start - 4), start):
        return "other"
    if match["word"] in _BY and not _may_sign(lowered[max(0, start - 16) : start], colon=match["colon"] is not None):
        return "other"
    return field


_BY = frozenset(word.replace("-", " ") for word in _LABELS["author"].split() if word.endswith("by")) - {
    "posted by",
    "written by",
}


def _may_sign(before: str, *, colon: bool) -> bool:
    """Whether "by" behind *before* names who wrote: not who made the page or the picture, not in a sentence."""
    return not _NOT_WRITTEN.search(before) if colon else bool(_WRITTEN.search(before))


def _with_prefix(text: str, start: int, field: Field, before: list[Label]) -> tuple[int, Field]:
    """(where the label begins, what it announces) with the letters that stand glued before it.

    Letters behind a colon or a name are the value of another label.
    """
    prefix = _PREFIX.search(text, max(0, start - 9), start)
    if prefix is None or field == "other" or like_person(prefix[0]):
        return start, field
    begin = prefix.start()
    if text[begin - 1 : begin] in {":", "："} or any(label.end >= begin and label.colon for label in before[-1:]):
        return start, field
    if begin and begin == start - 9 and _PREFIX.search(text, begin - 1, begin):
        return start, field  # a word too long for one
    same = _SAME.get("published" if field in ("modified", "drafted", "dated") else field)
    if same and same.match(prefix[0]):
        return begin, field
    return begin, "dated" if field in ("published", "modified", "drafted", "dated") else "other"
