"""An archive that reads like news, for the screenshots of the documentation: ``python -m harness.showcase FOLDER``.

Its portals, days, reprints, corrections and counts are those of ``truth``; only the words are others.
"""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from pathlib import Path

from harness import truth
from harness.truth import Story

_PLACES = ("云泽市", "临江新区", "海州市", "北川市", "青岚市", "南港区", "石桥县")
_THINGS = (
    "城市大脑",
    "智慧停车平台",
    "车路协同示范区",
    "数字孪生底座",
    "公共数据平台",
    "5G基站",
    "智慧公交系统",
    "一网统管平台",
)
_DEEDS = ("正式上线", "启动二期建设", "通过验收", "入选国家试点", "接入全市路口", "覆盖全部社区", "发布首批数据清单")
_ENDS = ("，高峰通行时间缩短{n}%", "，日均处理事件{n}0余件", "，惠及居民{n}万人", "，投资{n}亿元", "，减少碳排放{n}%")
_SENTENCES = (
    "{place}{thing}近日{deed}，市数据局负责人介绍，系统已接入{n}00多个路口的信号灯，交通拥堵指数比去年同期下降{n}%。",
    "据介绍，该项目由市交通局与市大数据中心共同推进，采用数字孪生技术，对道路、管网、停车位进行统一建模。",
    "居民周女士说，以前找车位要绕好几圈，现在在手机上就能看到空余车位，到达时间也准了许多。",
    "专家认为，智慧城市建设要从“建系统”转向“用数据”，打通部门壁垒，让数据多跑路、群众少跑腿。",
    "下一步，{place}将扩大车路协同试点范围，新增{n}0公里智能网联道路，并向企业开放首批公共数据。",
    "记者在现场看到，大屏上实时显示着{place}的客流、车流和空气质量，调度员点击鼠标即可把任务派到{n}个网格。",
    "数据显示，平台运行三个月来，累计派发工单{n}00余件，平均办结时间由两天缩短到三个小时。",
    "在人民政府新闻发布会上，相关负责人表示，将制定公共数据授权运营办法，明确数据安全责任。",
    "来自{n}家企业的代表参加了供需对接会，自动驾驶、智慧照明、无人机巡检等场景受到关注。",
    "业内人士提醒，{thing}建成后仍需持续运营，要避免重建设轻应用，防止出现新的“信息孤岛”。",
    "市民可通过“{place}通”小程序查看公交到站时间、公共充电桩和周边活动，注册用户已超过{n}万。",
    "按照规划，到明年底，{place}将完成{n}座桥梁和{n}公里地下管网的传感器改造，实现全天候监测。",
    "项目总投资{n}亿元，计划分三期实施，首期已于上月完成，覆盖主城区{n}个街道。",
)
_EN_TITLES = ("{thing} goes live in {place}", "{place} opens data of {n} agencies", "{place}: {thing} passes review")
_EN_THINGS = ("Traffic control by digital twin", "Smart parking", "The open data portal", "Adaptive street lighting")
_EN_PLACES = ("Port Lane", "Westford", "Harbour District", "Old Bridge")
_EN_SENTENCES = (
    "{thing} went live in {place} this week, covering {n} junctions and all bus lanes.",
    "Smart city officials said that travel times fell by {n} % in the first month.",
    "Residents may see free parking spaces and the arrival of buses on one map.",
    "The next phase adds {n} km of connected roads and opens the data to companies.",
)


def reword(stories: list[Story], seed: int = 4) -> list[Story]:
    """*stories* with other words; a copy keeps those of its original."""
    rng = random.Random(seed)
    new: dict[str, Story] = {}
    for story in stories:
        original = new[story.copy_of.url] if story.copy_of else None
        title, body = (original.title, original.body) if original else _words(rng, english=story.portal == "west")
        corrections = dict.fromkeys(story.corrections, "更正：本报道此前误写了完工时间，应为今年年底，特此说明。")
        new[story.url] = replace(story, title=title, body=body, corrections=corrections, copy_of=original)
    for story in new.values():
        story.links = [url for url in story.links if "nowhere" not in url]
    return list(new.values())


def _words(rng: random.Random, *, english: bool) -> tuple[str, str]:
    sentences = _EN_SENTENCES if english else _SENTENCES
    values = {
        "place": rng.choice(_EN_PLACES if english else _PLACES),
        "thing": rng.choice(_EN_THINGS if english else _THINGS),
        "deed": rng.choice(_DEEDS), "n": rng.randrange(3, 48),
    }  # fmt: skip
    pattern = rng.choice(_EN_TITLES) if english else "{place}{thing}{deed}" + rng.choice(_ENDS)
    paragraphs = rng.sample(sentences, k=rng.randrange(3, min(len(sentences), 6) + 1))
    return pattern.format(**values), "\n\n".join(
        text.format(**values | {"n": rng.randrange(3, 48)}) for text in paragraphs
    )


def make(root: Path, count: int = 420, days: int = 75) -> None:
    """Writes the archive *root*."""
    invented = truth.invent(count, days)
    invented.stories = reword(invented.stories)
    crawled = [day for day in range(0, days + 20, 3) if not 33 <= day < 48]  # the crawl pauses for two weeks
    for _ in truth.live(invented, root, crawled):
        pass


if __name__ == "__main__":
    make(Path(sys.argv[1]))
