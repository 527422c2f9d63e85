"""Header lines of portals, one shape a row."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from crawler.values.header import read_header

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 20, 0, tzinfo=SHANGHAI)

#: line -> (moment, source, author, editor, views)
LINES: dict[str, tuple[str | None, str | None, str | None, str | None, int | None]] = {
    "2024/5/11 8:42:3240172": ("2024-05-11T08:42:32+08:00", None, None, None, 40172),
    "来源:城市数据局\n2024/5/11 8:42:3240172": ("2024-05-11T08:42:32+08:00", "城市数据局", None, None, 40172),
    "发布日期:2021-10-12 15:03阅读:127来源:城知局": ("2021-10-12T15:03:00+08:00", "城知局", None, None, 127),
    "发布日期：2016-11-22 浏览次数：  信息来源：市大数据局": (
        "2016-11-22T00:00:00+08:00",
        "市大数据局",
        None,
        None,
        None,
    ),
    "文章来源： 作者： 发布时间：2026年09月11日 点击数：\n    次": (
        "2026-09-11T00:00:00+08:00",
        None,
        None,
        None,
        None,
    ),
    "发表于2014-08-24 21:30| 1164次阅读| 来源滨江网| 0 条评论| 作者王小明": (
        "2014-08-24T21:30:00+08:00",
        "滨江网",
        "王小明",
        None,
        1164,
    ),
    "2020-11-23 10:22:14  出处：快城网 作者：宪章  编辑：李文   人气： 5380 次    评论(18)": (
        "2020-11-23T10:22:14+08:00",
        "快城网",
        "宪章",
        "李文",
        5380,
    ),
    "2024-05-11 来源：青岚日报2510次阅读 责编：高远": ("2024-05-11T00:00:00+08:00", "青岚日报", None, "高远", 2510),
    "March 4, 2026 Source: The Lamp 2,510 views": ("2026-03-04T00:00:00+08:00", "The Lamp", None, None, 2510),
    "发布日期：2019-06-26  作者：王小明13800000000  浏览次数：12": (  # digits before a label are no count
        "2019-06-26T00:00:00+08:00",
        None,
        "王小明13800000000",
        None,
        12,
    ),
    "2018年3月22日 1,791次阅读 来源: 滨江日报": ("2018-03-22T00:00:00+08:00", "滨江日报", None, None, 1791),
    "2019年09月11日01:53  滨江新闻网   我有话说(1307人参与) 收藏本文": (
        "2019-09-11T01:53:00+08:00",
        "滨江新闻网",
        None,
        None,
        None,
    ),
    "滨江网   作者：王小明   2019-09-28": ("2019-09-28T00:00:00+08:00", "滨江网", "王小明", None, None),
    "2023-06-15 08:10 来源：滨江新闻网 王小明": ("2023-06-15T08:10:00+08:00", "滨江新闻网", None, None, None),
    "来源：滨江日报 海外版": (None, "滨江日报 海外版", None, None, None),
    "文章来源我相信公众号：心之声": (None, None, None, None, None),
    "即時新聞 2012年1月12日": ("2012-01-12T00:00:00+08:00", None, None, None, None),
    "2020-01-15 19:00:26 观看:967 评论:0": ("2020-01-15T19:00:26+08:00", None, None, None, 967),
    "2020-01-15 19:00:26 观看:967 评论": ("2020-01-15T19:00:26+08:00", None, None, None, None),
    "【濱江日報╱記者王小明/台北報導】": (None, "濱江日報", "王小明", None, None),
    "國際中心／綜合報導": (None, None, None, None, None),
    "2024-05-11 责任编辑：张文 ]频道精选": ("2024-05-11T00:00:00+08:00", None, None, "张文", None),
    "責任編輯：滨江警方：8.31活动未发生意外": (None, None, None, None, None),
    "編輯推介": (None, None, None, None, None),
    "责任编辑：robot": (None, None, None, None, None),
    "Produced By 滨江网络 发布系统": (None, None, None, None, None),
    "Photo by Jane Doe": (None, None, None, None, None),
    "Total Reviews: 726": (None, None, None, None, None),
    "By being sold for more than 45 pounds": (None, None, None, None, None),
    "By the Riverside Police.": (None, None, None, None, None),
    "By traffic.": (None, None, None, None, None),
    "By Jane van der Berg Jr.": (None, None, "Jane van der Berg Jr.", None, None),
    "By Jane DoeTwitter": (None, None, "Jane Doe", None, None),
    "By Jane Doe; Editing by John Roe": (None, None, "Jane Doe", None, None),
    "By the Riverside Data Team • Nov. 9, 2021": (
        "2021-11-09T00:00:00+08:00",
        None,
        "the Riverside Data Team",
        None,
        None,
    ),
    "By 33 Percent": (None, None, None, None, None),
    "2023年10月2日 下午3:05 来源：滨江晚报": ("2023-10-02T15:05:00+08:00", "滨江晚报", None, None, None),
    "發布日期：110年5月3日 資料來源：綜合企劃科 點閱：1,024": (
        "2021-05-03T00:00:00+08:00",
        "綜合企劃科",
        None,
        None,
        1024,
    ),
    "11-20 08:05 来源：滨江网": ("2026-11-20T08:05:00+08:00", "滨江网", None, None, None),
    "12-20 08:05 来源：滨江网": ("2025-12-20T08:05:00+08:00", "滨江网", None, None, None),
    "昨天 18:20": ("2026-11-22T18:20:00+08:00", None, None, None, None),
    "3小时前": ("2026-11-23T17:00:00+08:00", None, None, None, None),
    "阅读 1.2万": (None, None, None, None, 12000),
    "12人评论 3人参与": (None, None, None, None, None),
    "（责任编辑： 张三）": (None, None, None, "张三", None),
    "By Jane Roe, Nov. 9, 2021": ("2021-11-09T00:00:00+08:00", None, "Jane Roe", None, None),
    "By , , Nov. 9, 2021": ("2021-11-09T00:00:00+08:00", None, None, None, None),
    "By  Jane Roe November 19, 2019, 07:47 PM EST": ("2019-11-19T19:47:00-05:00", None, "Jane Roe", None, None),
    "Updated Nov. 19, 2019 8:21 am ET / Original Nov. 19, 2019 8:02 am ET": (
        "2019-11-19T08:02:00-05:00",
        None,
        None,
        None,
        None,
    ),
    "By Jane Roe  Feb 8, 2020  5 min read": ("2020-02-08T00:00:00+08:00", None, "Jane Roe", None, None),
    "Published online: 02 Apr 2019. Article views: 5236": ("2019-04-02T00:00:00+08:00", None, None, None, 5236),
    "2010 GMT": (None, None, None, None, None),
    "12 minutes ago Wed 29th April 2020 | 03:32 PM": ("2020-04-29T15:32:00+08:00", None, None, None, None),
    "Published 3 weeks ago on October 17, 2023": ("2023-10-17T00:00:00+08:00", None, None, None, None),
    "3小时前 来源：滨江网 展览至5月11日": ("2026-11-23T17:00:00+08:00", "滨江网", None, None, None),
    "Posted on the 15/12/2025 at 19:00 by @janeroe": ("2025-12-15T19:00:00+08:00", None, None, None, None),
    "Dec 21\x1fst\x1f, 2018 2:00 pm": ("2018-12-21T14:00:00+08:00", None, None, None, None),
    "21\x1fst\x1f December 2018": ("2018-12-21T00:00:00+08:00", None, None, None, None),
    "2018, March 11": ("2018-03-11T00:00:00+08:00", None, None, None, None),
    "2018-Mar-11": ("2018-03-11T00:00:00+08:00", None, None, None, None),
    "in 2018, May 24,000 people came": (None, None, None, None, None),
    "18.Nov.2023 4.30pm": ("2023-11-18T16:30:00+08:00", None, None, None, None),
    "11.18.2023": ("2023-11-18T00:00:00+08:00", None, None, None, None),
    "Average renovation costs (by type)": (None, None, None, None, None),
    "Costs, by Region": (None, None, None, None, None),
    "A night on the mole (by Jane Roe)": (None, None, "Jane Roe", None, None),
    "文档序号:11145954阅读:565来源:城知局": (None, "城知局", None, None, 565),
}


@pytest.mark.parametrize("line", list(LINES))
def test_line(line: str) -> None:
    found = read_header(line, NOW)
    moment = found.published.isoformat(SHANGHAI) if found.published else None
    assert (moment, found.source, found.author, found.editor, found.views) == LINES[line]
