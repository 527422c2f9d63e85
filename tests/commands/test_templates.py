"""What group robots get: the bodies that docs/watch.md names, filled with whatever an alarm says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.config import Config
from crawler.health import notify
from harness.command import citynews
from harness.scripted import Answer, Scripted
from tests.docs.pages import ROOT, code, rows, section

TEMPLATES = {row[0].partition(" ")[0].strip(","): code(row[1])[0]
             for row in rows(section(ROOT / "docs" / "watch.md", "Alarms"))}  # fmt: skip
#: Where each robot looks for its text, by the documentation of its maker.
PLACES = {
    "WeCom": ("text", "content"), "DingTalk": ("text", "content"), "Feishu": ("content", "text"), "Slack": ("text",)
}  # fmt: skip
ODD = 'title on 0 of 5 "articles"\\ {text} \u2028 \x07 <b>数据</b>'


@pytest.mark.parametrize("robot", PLACES)
def test_robots(robot: str, server: Scripted) -> None:
    server.pages["/hook "] = Answer(b"{}")
    config = Config("", Path("a"), alarm_webhook=f"{server.base}/hook", alarm_template=TEMPLATES[robot])
    alarm = {"kind": "coverage", "field": "title", "since": None, "text": ODD}
    notify.send(config, "run", {"alarms": {"afzhan": [{**alarm, "new": True}, {**alarm, "new": False}]},
                                "cleared": {"c114": [{**alarm, "text": "over"}]}})  # fmt: skip
    (asked,) = server.asked
    value = json.loads(asked.body)
    assert value.get("msgtype", value.get("msg_type", "text")) == "text"
    for key in PLACES[robot]:
        value = value[key]
    said = 'title on 0 of 5 "articles"\\ {text} \ufffd \ufffd ＜b＞数据＜/b＞'
    assert value == f"citynews\nafzhan: {said}\nc114: resolved: over\nafzhan: still: {said}", (
        "it rings and marks nothing"
    )
    assert asked.headers["Content-Type"] == "application/json"


def test_a_long_alarm_is_cut_and_a_failure_is_said(server: Scripted) -> None:
    config = Config("", Path("a"), alarm_webhook=f"{server.base}/hook", alarm_template=TEMPLATES["WeCom"])
    notify.failure(config, "verify", 4, "数" * 5000)
    text = json.loads(server.asked[0].body)["text"]["content"]
    assert text.startswith("citynews\ncitynews verify, exit code 4: 数数")
    assert len(text.encode()) <= 2048
    notify.send(Config("", Path("a"), alarm_webhook=f"{server.base}/hook"), "run", {"failure": {"command": "x"}})
    assert json.loads(server.asked[1].body)["schema"] == notify.SCHEMA, "without a template it is the alarm as data"


def test_what_is_no_template(tmp_path: Path) -> None:
    for bad, said in (("{text}", "is not JSON"), ('{"a": "b"}', "has no {text}")):
        (tmp_path / "citynews.toml").write_text(f"alarm_template = '{bad}'", "utf-8")
        assert f"citynews.toml: alarm_template: {said}" in citynews("config", code=2, cwd=tmp_path).err
