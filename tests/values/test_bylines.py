"""Who wrote, in lines that have no label; and what is no name."""

from __future__ import annotations

import pytest

from crawler.values.bylines import byline_at_end, byline_in_lead, read_byline
from crawler.values.media import media_name, stated_name
from crawler.values.persons import person_name
from crawler.values.pieces import BREAK, folded, plain, printed
from crawler.values.surnames import like_person, like_publisher

BYLINES = {
    "文｜王小明": "王小明",
    "文丨王小明": "王小明",
    "文／王小明": "王小明",
    "文  王小明": "王小明",
    "文/图 王小明": "王小明",
    "文/图：王小明 李四": "王小明 李四",
    "图文 | 王小明": "王小明",
    "撰文：王小明": "王小明",
    "采写/王小明": "王小明",
    "文|《城市周刊》记者 王小明": "王小明",
    "文丨王小明  编辑丨李四": "王小明",
    "记者 王小明": "王小明",
    "记者王小明": "王小明",
    "本报记者 王小明 李四": "王小明 李四",
    "□ 本报记者 王小明": "王小明",
    "见习记者 王小明": "王小明",
    "滨江新闻记者 王小明 通讯员 李四": "王小明",
    "《城市周刊》记者 王小明": "王小明",
    "（本报记者 王小明）": "王小明",
    "（王小明）": "王小明",
    "[ 王小明 ]": "王小明",
    "（王小明、李四）": "王小明、李四",
    "記者王小明／台北報導": "王小明",
    "記者 王小明 / 台北報導": "王小明",
    "【濱江日報╱記者王小明/台北報導】": "王小明",
    "记者 王小明 文/图": "王小明",
    "记者王小明 摄影报道": "王小明",
    "记者王小明／摄影": None,
    "國際中心／綜合報導": None,
    "（图片）": None,
    "【關閉】": None,
    "[ 打印 ]": None,
    "（高清）": None,
    "文化": None,
    "文 化": None,
    "记者从市数据局获悉": None,
    "记者调查": None,
    "記者直擊愛的速遞": None,
    "文：": None,
}


@pytest.mark.parametrize("line", list(BYLINES))
def test_byline(line: str) -> None:
    found = read_byline(line)
    assert (found.author if found else None) == BYLINES[line]


@pytest.mark.parametrize(
    ("paragraph", "author"),
    [
        ("本报讯（记者 王小明）市数据局昨天公布了目录。", "王小明"),
        ("新华社滨江3月9日电（记者王小明、李四）市数据局昨天公布了目录。", "王小明、李四"),
        ("滨江日报讯 （记者王小明 通讯员李四）市数据局昨天公布了目录。", "王小明"),
        ("市数据局（原信息中心）昨天公布了目录。", None),
        ("有记者问及（当时王小明在场），他没有回答。", None),
    ],
)
def test_in_the_lead(paragraph: str, author: str | None) -> None:
    found = byline_in_lead(paragraph)
    assert (found.author if found else None) == author


@pytest.mark.parametrize(
    ("paragraph", "author"),
    [
        ("目录将在六月更新。（王小明）", "王小明"),
        ("目录将在六月更新。（记者 王小明）", "王小明"),
        ("（本报记者 王小明 李四）", "王小明 李四"),
        ("目录将在六月更新（详见附件）", None),
        ("目录将在六月更新。（完）", None),
        ("摄影展在江边开幕（组图）", None),
    ],
)
def test_at_the_end(paragraph: str, author: str | None) -> None:
    found = byline_at_end(paragraph)
    assert (found.author if found else None) == author


PEOPLE = {
    " 王小明": "王小明",
    "王　明": "王明",
    "王 明": "王明",
    "王小明 李四": "王小明 李四",
    "王小明、李四 摄影 赵五": "王小明、李四",
    "袁毛毛 图/阮班慧": "袁毛毛",
    "王小明 我要分享": "王小明",
    "徐瑞哲 题图": "徐瑞哲",
    "流泉 访问统计": "流泉",
    "寂多蔓生[微博][博客]": "寂多蔓生",
    "李梅综合报道": "李梅",
    "本报记者 王小明": "王小明",
    "王小明/文 李四/图": "王小明",
    "市数据局宣传科": "市数据局宣传科",
    "“西吉县的麦子熟了”": None,
    "1999)、副教授(2000": None,
    "发布时间": None,
    "来源": None,
    "《财经》综合报道": None,
    "管理员": None,
    "41) Notes (7) Metrics": None,
    "Jane Doe": "Jane Doe",
    "Jane Doe, Staff Writer": "Jane Doe",
    "Jane Doe Health Editor": "Jane Doe",
    "Jane Doe, Gail Roe, 7 News": "Jane Doe, Gail Roe",
    "Jane Doe and John Roe, The Riverside Post": "Jane Doe and John Roe",
    "Jane Doe (Reuters)": "Jane Doe",
    "Jane Doe for CityNews": "Jane Doe",
    "Daily Post Reporter": "Daily Post Reporter",
    "Jane Doe\x1fSenior Reporter": "Jane Doe",
    "Photo: Jane Doe": None,
    "Image: Riverside Images": None,
    "Monday": None,
    "https://www.example.cn/jane": None,
}


@pytest.mark.parametrize("text", list(PEOPLE))
def test_person(text: str) -> None:
    assert person_name(text) == PEOPLE[text]


@pytest.mark.parametrize(
    "name", ["王小明", "欧阳修文", "司马光", "高渊", "江涛", "Jane Doe", "Ana da Silva", "卡尔·马克思"]
)
def test_like_a_person(name: str) -> None:
    assert like_person(name)


@pytest.mark.parametrize(
    "name",
    [
        "高清",
        "江西",
        "文化",
        "时政",
        "商城",
        "温州",
        "打印",
        "王府井街",
        "分享到微信",
        "Jane",
        "Riverside News",
        "jane doe",
        "",
    ],
)
def test_not_like_a_person(name: str) -> None:
    assert not like_person(name)


def test_like_a_publisher() -> None:
    assert like_publisher("Riverside News")
    assert like_publisher("Press Association Reporter")
    assert not like_publisher("Jane Doe")


SOURCES = {
    "滨江日报": "滨江日报",
    "滨江日报 海外版": "滨江日报 海外版",
    "江口文艺 发表看法": "江口文艺",
    "滨江网 77人参与12评论": "滨江网",
    "滨江新闻网 王小明": "滨江新闻网",
    "新华社 北京": "新华社",
    "滨江日报(海外版)": "滨江日报(海外版)",
    "The Lamp": "The Lamp",
    "作者": None,
    "图/王小明": None,
    "1307": None,
    "": None,
}


@pytest.mark.parametrize("text", list(SOURCES))
def test_source(text: str) -> None:
    assert stated_name(text) == SOURCES[text]


@pytest.mark.parametrize(
    ("text", "medium"),
    [
        ("江灣民報", "江灣民報"),
        ("滨江网 评论（0人参与）", "滨江网"),
        ("上海观察", "上海观察"),
        ("上一篇新闻", None),
        ("新聞速報", None),
        ("工作简报", None),
        ("即时新闻", None),
    ],
)
def test_medium(text: str, medium: str | None) -> None:
    assert media_name(text) == medium


def test_pieces_part_where_their_elements_do() -> None:
    assert (
        printed([("来源：", False), ("滨江日报", True), ("　", False), ("打印", True)])
        == f"来源:{BREAK}滨江日报{BREAK}打印"
    )
    assert printed([(" 阅读 ", False), ("3,053 views", True)]) == f"阅读{BREAK}3,053 views"
    assert printed([("By ", False), ("Jane", True), (" and ", True), ("John", True)]) == f"By{BREAK}Jane and John"
    assert printed([("滨江日报", False), ("(海外版)", True)]) == "滨江日报(海外版)"
    assert folded("王　明　李四") == f"王明{BREAK}李四"
    assert plain(f"2024-05-11{BREAK}08:42") == "2024-05-11 08:42"
