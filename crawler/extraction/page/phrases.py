"""Phrases in articles that are not part of them, Chinese and English: what portals add around their texts."""

from __future__ import annotations

import re

#: Legal notices, cookie banners, disclaimers: long as prose, never the article.
_LEGAL = re.compile(
    r"all rights reserved|icp[备備]|版权所有|版權所有|举报电话|违法和不良|凡(?:本|是|注明|來源|来源).{0,20}(?:注明|"
    r"作品|转载|轉載|信息)|(?:不代表|并不意味着|"
    r"並不代表)本(?:网|站|網|人|报)|[免][责責][声聲]明|[转轉][载載]自其他?它?媒[体體]"
    r"|未[经經].{0,8}(?:授[权權]|[许許]可|书面|書面|同意).{0,20}(?:[转轉][载載]|复制|使用|摘编)|侵删|如有侵权|[仅僅只]代表作者.{0,4}(?:[观觀][点點]|立[场場])"
    r"|(?:we|our "
    r"partners|this (?:site|website)) "
    r"(?:may )?(?:use|store|set)s?.{0,40}cookies?"
    r"|cookies?\b.{0,80}\b(?:cookies?|browser|consent|preferences|privacy|website|policy)|your (?:privacy|personal "
    r"(?:data|information))\b|privacy (?:policy|notice|preference)|terms of (?:use|service)|opt[- ]out of "
    r"(?:the (?:sale|use)|sale|sharing|th[ei]s|cookies|targeted|interest|personali[sz]ed|receiv|certain|having|such|us|"
    r"our|some|any)|请勿转载|"
    r"登载此文出于|(?:现已|現已|也)(?:开设|開設|开通|開通|開了).{0,6}(?:facebook|google|微博|微信|公[众眾][号號])"
    r".{0,4}(?:[专專][页頁]|page)|"
    r"信息存储空间服务|may not be (?:published|reproduced|redistributed)|^copyright\b|^©|投诉电话",
    re.IGNORECASE,
)

#: One of these stands in every text that _LEGAL matches: looking for them costs a fiftieth.
_SIGNS = (
    "copyright|©|cookie|rights reserved|privacy|personal data|personal information|terms of|opt out|opt-out|icp|"
    "版权所有|版權所有|举报|不良|凡|本网|本站|本網|"
    "本人|本报|声明|聲明|自其他|自其它|未经|未經|侵删|侵权|请勿转载|may not be|投诉电话|"
    "代表作者|登载此文|信息存储空间|现已|現已|也开|也開"
)
_COMMON = "etaoinsrhdlu cmgpbf-w不本自未"  #: letters that are seldom worth a stop, the most frequent first


def _any(signs: list[str]) -> re.Pattern[str]:
    """Finds any of *signs* by the rarest letter of each, looking back from it.

    Most texts are passed over at the speed of a search for single letters.
    """
    places: dict[str, list[str]] = {}
    for sign in signs:
        at = max(range(len(sign)), key=lambda i: len(_COMMON) if sign[i] not in _COMMON else _COMMON.find(sign[i]))
        places.setdefault(sign[at], []).append(f"(?<={re.escape(sign[: at + 1])}){re.escape(sign[at + 1 :])}")
    return re.compile(
        "|".join(f"{re.escape(letter)}(?:{'|'.join(alternatives)})" for letter, alternatives in places.items())
    )


_LEGAL_SIGNS = _any(_SIGNS.split("|"))


def is_legal(text: str) -> bool:
    """Whether *text* is a legal notice, a cookie banner or a disclaimer."""
    return bool(_LEGAL_SIGNS.search(text.lower())) and bool(_LEGAL.search(text))


#: A notice speaks for the site, to its readers, or says the words of the law; a text that mentions cookies, a hotline
#: or a policy does not.
_NOTICE = re.compile(
    r"\b(?:we|us|our|you|your)\b|本[网網站报報刊公人]|我们|我們|您|copyright|©|rights reserved|icp|版[权權]|转载|轉載"
    r"|侵[删权權]|may not be|[声聲]明|责任自负",
    re.IGNORECASE,
)


def is_notice(text: str) -> bool:
    """Whether a *text* that :func:`is_legal` is the notice itself, and no sentence about such things."""
    return bool(_NOTICE.search(text))


_VOICE = re.compile(
    r"\b(?:we|us|our|you|your)\b|本[网網站报報刊公人文]|我们|我們|您|请|請|©|[声聲]明\s?[:：]|责任自负|侵[删权權]",
    re.IGNORECASE,
)


def speaks(text: str) -> bool:
    """Whether *text* speaks for the site, or to its readers."""
    return bool(_VOICE.search(text))


#: Beginnings of lines that end an article: what follows is not of it, unless much prose does.
END = re.compile(
    r"^\W{0,4}(?:(?:特别|版权|免责|郑重|网易|新浪|本网|本站|搜狐|凤凰)?(?:声明|聲明)\s?[:：]|版权(?:声明|所有|与)|"
    r"[\w—]{0,8}[版權免責权责]{2}[与與]?[\w]{0,4}[声聲]明|相[关關](?:新[闻聞]|[阅閱][读讀]|文章|[链鏈連][接結]|"
    r"资讯|資訊|[报報][道導]|专题|專題|推荐|主[题題])|"
    r"(?:延伸|推[荐薦]|更多|热门|熱門|精彩|猜你|大家都在|看过本文|為你|为你|为您)(?:[阅閱][读讀]|"
    r"推[荐薦]|新[闻聞]|文章|喜[欢歡]|想?看|的人|精彩|内容)|新聞討論|其他人也在看|其他人也看了|网友评论|"
    r"網友評論|发表评论|(?:热门|全部|所有|精彩)评论|暂无评论|验证码\s?[:：]|(?:作者|记者)(?:简介|介绍)\W*$|最新评论|我来说两句|评论[(（]|"
    r"related (?:articles?|stor(?:y|ies)|posts?|content|news|links?|reading|topics?|coverage)\W*$|more (?:from|on|"
    r"stories|news|coverage)\b.{0,40}$|you (?:may|might) (?:also )?(?:like|enjoy|be interested)|recommended (?:for "
    r"you|stories|reading|articles)|leave a (?:comment|reply)|"
    r"(?:\d+ )?comments?(?: \(\d+\))?\W*$|share this(?: article| story| post| page)?\W*$|about the author|read "
    r"(?:next|more)\W*$|most (?:read|popular|viewed)|trending(?: now)?\W*$|join the (?:conversation|discussion)|"
    r"sign up for|subscribe to|follow us|\d+ (?:thoughts?|replies|responses?) (?:on|to)\b|be the first to comment|this "
    r"site uses akismet|tags?\s?:|filed under|post navigation|see also\W*$|latest (?:news|stories|"
    r"articles)|editors?[’'] picks)",
    re.IGNORECASE,
)

#: A heading that opens a list of teasers, where one follows: in other places the same words head a part of the text.
MORE = re.compile(
    r"(?:more(?: [\w’']{2,20}){1,4}|(?:the )?(?:latest|top|(?:most )?recent|popular|featured)(?: [\w’']{2,20}){0,3} "
    r"(?:news|headlines|stories|posts|articles)|stay connected(?: with(?: [\w’']{2,20}){1,4})?|mehr zum thema|"
    r"更多(?:新闻|内容|资讯|报道)?)\W{0,3}$",
    re.IGNORECASE,
)

#: Lines that are dropped wherever they stand, if short: tools, editors, notes about the page itself.
NOTE = re.compile(
    r"^\W{0,4}(?:(?:责任|責任|网络|本文|值班|文字|执行|微信|新媒体|图片|美术|视觉|排版|版面)?(?:编辑|編輯|责编|責編|编审|"
    r"选稿|校对|审核|终审|初审|复审|监制|签发|审签)\s?[:：丨|/]|"
    r"(?:责任编辑|責任編輯|责编|責編|编审|校对)\s[\u4e00-\u9fff]{2,4}$|(?:关键|"
    r"關鍵)[词字詞]\s?[:：]|标签\s?[:：]|分享(?:到|至|工具|让更多)|[大中小]字号|客户端下载|(?:這|这)篇(?:新聞|新闻|文章)(?:讓|让)您|查看原图|正文已结束|字[号號體体](?:\W|大|$)|(?:【?(?:打印|列印|收藏|關閉|关闭|"
    r"纠错|推荐|返回)(?:本[页頁]|本文|窗口|列表|顶部|"
    r"首页)?】?\W{0,4}){1,6}$|"
    r"\d{1,6}\s?(?:回复|评论)$|[(（]?/\s?\d{1,3}[)）]$|讚一個|(?:我要)?(?:评论|纠错|打印|收藏|举报|点赞|跟帖|关注|分享|投稿)\W*\d*\W*$|扫(?:一扫|描)|掃描|"
    r"(?:本文)?(?:来源|來源)\s?[:：]\s?\S{1,24}(?:\s{1,8}(?:作者|记者|記者|编辑|編輯)\s?[:：]\s?\S{1,12}(?:\s\S{2,4}){0,4})?$|点击(?:图片|"
    r"进入|查看|阅读原文|关注|这里|下载)|点击.{0,12}(?:进入|查看|下一页)|(?:本文)?共分?\s?\d{1,3}\s?页|"
    r"上一?[页頁]|下一?[页頁]|[1-9](?: "
    r"\d{1,2}){2,}\s*(?:下一?[页頁])?$|"
    r"(?:正在)?加载中|已输入|.{0,12}(?:手机随时随地|Facebook專頁|facebook专页|微信公众号[:：])|"
    r".{0,12}扫码(?:[^，。；]{0,12}(?:关注|订阅|下载|分享|阅读|进群|入群|加群|收听|观看|公众号|客户端|小程序|APP)|\W*$)|"
    r".{0,24}(?:扫描|识别|长按).{0,6}二维码(?:关注|订阅|下载|进群|入群|加群)|"
    r".{0,8}未[经經]授[权權].{0,6}[转轉][载載]|本文(?:栏目|链接|"
    r"地址)|发布于[:：]|[\w.+-]{1,40}@[\w.-]{1,40}$|收藏成功|原文链接|阅读原文|更多.{0,12}(?:尽在|请关注|敬请)|"
    r"advertisement\W*$|continue reading|click here|(?:image|photo|picture)s? (?:credits?|source|by|via)\s?:|"
    r"credit\s?:|photo\s?:|listen to this|(?:\d+ )?min(?:ute)?s? read\W*$|share on|copy link|print(?: this)?\W*$|"
    r"(?:story|article) continues (?:below|after)|advertisement[.:]? (?:scroll|story|article)|image copyright\b|"
    r"reading time\b|link copied|media playback is|thanks for reading|\d+ ?shares?\W*$|share (?:this with|by|via)\b|"
    r"(?:posted|published|updated)\b.{0,40}\|\s?updated\b|"
    r"email\W*$|caption\W*$|close\W*$|hide caption|toggle caption|enlarge this image|getty images\W*$|baca juga|"
    r"lihat foto|"
    r"[(（]?本文(?:来源|作者|编辑)|看过.{0,6}还看过|see more\s?:|read more\s?:|read also|also read|see also\s?:|"
    r"watch\s?:|"
    r"related\s?:|more\s?:|"
    r"\[?edit\]?$|loading\W*$|skip (?:to|advert)|text size)",
    re.IGNORECASE,
)
#: An appeal to readers at the foot of a text or between two paragraphs.
_APPEAL = re.compile(
    r"\b(?:sign up|subscribe|register)\b.{0,60}\b(?:newsletters?|inbox|e?mails?|alerts|updates|podcasts?)\b|"
    r"\b(?:get|receive|delivered|straight|newsletters?|the best)\b.{0,80}\b(?:in|to|into) your inbox\b|"
    r"^follow\b.{0,40}\bon (?:twitter|facebook|instagram|x|youtube|linkedin|tiktok|threads|bluesky)\b",
    re.IGNORECASE,
)
_APPEAL_WORDS = ("inbox", "sign up", "subscribe", "register", "follow")  #: one of these stands in every appeal


def appeals(text: str) -> bool:
    """Whether *text* is such an appeal, or has one."""
    lowered = text.lower()
    return any(word in lowered for word in _APPEAL_WORDS) and _APPEAL.search(text) is not None


#: A word of the page's own, alone on a line; in a table it is the name of a column.
WORD = re.compile(
    r"\W{0,4}(?:(?:article )?tags?|topics|related|recommended|subscribe(?: now)?|newsletters?|share(?: article)?|"
    r"explore more|must[- ]reads?|(?:table of )?contents|image|video|photos?|gallery|comments?|(?:show |learn )?more|"
    r"(?:(?:share|tweet|e-?mail|print|pin(?: it)?|save|post|copy(?: link)?|facebook|twitter|whatsapp|linkedin|reddit|"
    r"pinterest|telegram|messenger|分享|微信|微博|朋友圈|QQ空间|打印|收藏)\W{1,4}){1,11}"
    r"(?:share|tweet|e-?mail|print|pin(?: it)?|save|post|copy(?: link)?|facebook|twitter|whatsapp|linkedin|reddit|"
    r"pinterest|telegram|messenger|分享|微信|微博|朋友圈|QQ空间|打印|收藏))\W*",
    re.IGNORECASE,
)
#: A note in brackets that closes a text: "（责任编辑：王明）", "(本文来源：…)".
BRACKETED = re.compile(
    r"^[（(【\[]\s?(?:责任|責任|本文|編輯|编辑|责编|实习|见习).{0,40}[）)】\]]$|^[（(]\S{2,10}\s?(?:编辑|編輯)[）)]$"
    r"|^[^。！？]{0,40}[(（【\s](?:责任)?编辑\s?[:：]\s?\S{2,12}?[)）】]?$|^[^\s。：:]{2,8}网编辑\s?[:：]\s?\S{2,8}$"
)

#: How a line that opens a related block reads; see also links.
SHORT = 100  #: units: what is longer is prose, whatever it begins with

PREVIOUS = re.compile(
    r"^\W{0,3}(?:上一?[篇条则]|上一个|上一主题|前一篇|previous(?: article| post| story)?|prev)(?![a-z])\W{0,4}",
    re.IGNORECASE,
)
NEXT = re.compile(
    r"^\W{0,3}(?:下一?[篇条则]|下一个|下一主题|后一篇|next(?: article| post| story)?)(?![a-z])\W{0,4}", re.IGNORECASE
)
#: A line that names a neighbour of the article, and what it may begin with.
NEIGHBOUR_FIRST = "上前下后pPnN"
NEIGHBOUR = re.compile(f"{PREVIOUS.pattern}|{NEXT.pattern}", re.IGNORECASE)
