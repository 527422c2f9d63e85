"""One real article, as sample-zhihui serves it."""

from __future__ import annotations

import re

from crawler.samples import Samples, StoryLink

from .client import ask

_PATH = "/Tech_news/detail/462318.html"


def test_header_lines(samples: Samples) -> None:
    tree = ask(samples.base["sample-zhihui"], _PATH).tree
    lines = [line.strip() for line in tree.text_content().splitlines() if line.strip()]
    start = lines.index("来源:国家数据局")
    assert lines[start - 1] == (
        "国家数据局局长刘烈宏出席国新办新闻发布会 介绍第七届数字中国建设峰会有关情况并回答记者提问"
    )
    assert lines[start + 1] == "2024/5/11 8:42:3240172"
    assert lines[start + 2].startswith("【智慧城市网 时事聚焦】5月10日下午,国新办举行新闻发布会。")
    end = next(n for n, line in enumerate(lines) if line.startswith("上一篇:"))
    assert lines[end - 1].endswith(
        "履行好统筹数字中国、数字经济和数字社会的规划和建设工作职责,更好促进高质量发展。谢谢!"
    )
    assert lines[end:] == [
        "上一篇:全国防灾减灾日|用科技手段守护安全 智慧减灾",
        "下一篇:国家防总办公室、应急管理部、浙江省政府联合举办“应急使命·2024”防汛防台风演习",
        "相关资讯:",
        "首页|导航|登录|关于本站|联系我们",
    ]


def test_every_paragraph_is_indented_by_full_width_spaces(samples: Samples) -> None:
    text = ask(samples.base["sample-zhihui"], _PATH).text
    (content,) = re.findall(r'id="newsContent">(.*?)</div>', text, re.DOTALL)
    paragraphs = re.findall(r"<p>(.*?)</p>", content)
    assert len([p for p in paragraphs if p != "&nbsp;"]) == 35
    assert all(p == "&nbsp;" or re.match(r"　　\S", p) for p in paragraphs)


def test_truth(samples: Samples) -> None:
    (story,) = (s for s in samples.stories("sample-zhihui") if s.path == _PATH)
    assert (story.published_at, story.precision) == ("2024-05-11T08:42:32+08:00", "second")
    assert (story.source, story.author, story.view_count) == ("国家数据局", None, 40172)
    assert story.links == (
        StoryLink("/Tech_news/detail/462301.html", "全国防灾减灾日|用科技手段守护安全 智慧减灾", "previous"),
        StoryLink(
            "/Tech_news/detail/462342.html",
            "国家防总办公室、应急管理部、浙江省政府联合举办“应急使命·2024”防汛防台风演习",
            "next",
        ),
    )
