"""Notifies the operator: a POST to a URL, or a command that gets the same JSON on its standard input.

What is sent: alarms that the crawl before did not have and those that are over; the end of a command with exit code
1, 4 or 5; that no crawl has ended for too long. A notification that fails is logged, and changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import orjson

from crawler.archive.records.jsonl import Json
from crawler.archive.runs.history import looks
from crawler.archive.storage.layout import Paths
from crawler.config import Config
from crawler.health import sending

logger = logging.getLogger(__name__)
LONGEST = 600  #: characters of an alarm in a template: WeCom takes 2048 bytes
SCHEMA = "citynews/alarm/1"


def changes(now: Mapping[str, Sequence[Json]], before: Mapping[str, Sequence[Json]], checked: Sequence[str]) -> Json:
    """``alarms`` (each with ``new``) and ``cleared`` of the portals *checked*; {} when there is nothing to tell.

    *before*: the alarms of the crawl before, by portal.
    """
    alarms, cleared = {}, {}
    for portal in checked:
        old, held = before.get(portal, ()), now.get(portal, ())
        known, here = {(a["kind"], a["field"]) for a in old}, {(a["kind"], a["field"]) for a in held}
        if held:
            alarms[portal] = [{**a, "new": (a["kind"], a["field"]) not in known} for a in held]
        if over := [a for a in old if (a["kind"], a["field"]) not in here]:
            cleared[portal] = over
    fresh = any(alarm["new"] for portal_alarms in alarms.values() for alarm in portal_alarms)
    return {"alarms": alarms, "cleared": cleared} if fresh or cleared else {}


def after_crawl(
    config: Config, root: Path, run: str, started_at: datetime, alarms: Mapping[str, Sequence[Json]],
    checked: Sequence[str],
) -> None:  # fmt: skip
    """Says what is wrong that was not wrong before *run* began, and what is well again, in the portals *checked*."""
    before = {name: seen[-1].alarms for name, seen in looks(Paths(root), started_at).items() if seen}
    send(config, run, changes(alarms, before, checked))


def failure(config: Config, command: str, code: int, text: str) -> None:
    """Notifies the operator that *command* ended with *code*; *text* says why."""
    send(config, None, {"failure": {"command": command, "exit_code": code, "text": text}})


def send(config: Config, run: str | None, change: Json) -> None:
    """Sends *change* (:func:`changes`, :func:`failure`) to where the operator wants it."""
    if not change or not (config.alarm_webhook or config.alarm_command):
        return
    head = {"schema": SCHEMA, "run": run, "archive": str(config.output.absolute())}
    body = orjson.dumps(head | {"alarms": {}, "cleared": {}, "failure": None} | change)
    if config.alarm_webhook:
        posted = sending.filled(config.alarm_template, sentences(change)) if config.alarm_template else body
        if error := sending.post(config.alarm_webhook, posted):
            logger.error("alarm_webhook %s: not sent: %s", sending.place(config.alarm_webhook), error)
    if config.alarm_command and (error := sending.start(config.alarm_command, body)):
        logger.error("alarm_command %s: perhaps not sent: %s", sending.named(config.alarm_command), error)


def sentences(change: Json) -> str:
    """*change* in lines for a person, what is new first; cut to what every group robot takes."""
    held = [(portal, alarm) for portal, alarms in change.get("alarms", {}).items() for alarm in alarms]
    lines = [f"{portal}: {alarm['text']}" for portal, alarm in held if alarm["new"]]
    lines += [
        f"{portal}: resolved: {alarm['text']}" for portal, over in change.get("cleared", {}).items() for alarm in over
    ]
    lines += [f"{portal}: still: {alarm['text']}" for portal, alarm in held if not alarm["new"]]
    if failure := change.get("failure"):
        lines.append(f"citynews {failure['command']}, exit code {failure['exit_code']}: {failure['text']}")
    text = "\n".join(["citynews", *lines])
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
