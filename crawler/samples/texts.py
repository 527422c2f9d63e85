"""New stories for the sample portals: distinct texts put together from sentences of the old ones, always the same."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import replace
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from crawler.samples import stories
from crawler.samples.markup import blocks
from crawler.samples.story import Story, folder

_LABEL = re.compile(r"[:：|*\[(（]|记者|编辑|来源|By |\.\.\.")
ENGLISH = "sample-metro"


@cache
def site(portal: str) -> dict[str, str]:
    """Zone and path of *portal*."""
    data = tomllib.loads((folder(portal) / "site.toml").read_text("utf-8"))
    return {"timezone": data["timezone"], "path": data["path"]}


@cache
def sentences(portal: str) -> list[str]:
    """Sentences of the paragraphs of *portal*, without labels and marks."""
    mark = ". " if portal == ENGLISH else "。"
    least, most = (40, 240) if portal == ENGLISH else (14, 90)
    found = {
        sentence.strip(" .。")
        for story in stories(portal)
        for block in blocks(story.text)
        if block.kind == "paragraph"
        for line in block.lines
        for sentence in line.split(mark)
    }
    return sorted(text for text in found if least <= len(text) <= most and not _LABEL.search(text))


@cache
def templates(portal: str) -> list[Story]:
    """Old stories whose layout a new one may take."""
    return [s for s in stories(portal) if not s.copy_of and not s.moved and len(s.pages) == 1 and not s.see_also]


def text(portal: str, number: int, chance: random.Random) -> str:
    """A text of three to five paragraphs that no other number has."""
    stop, tail = (". ", ".") if portal == ENGLISH else ("。", "。")
    chosen = chance.sample(sentences(portal), chance.randint(8, 13))
    mark = f"Item {number} of the council's list" if portal == ENGLISH else f"本次编号为第{number}号的项目已经登记在册"
    chosen.insert(chance.randint(1, 3), mark)
    parts = [chosen[i : i + 3] for i in range(0, len(chosen), 3)]
    return "\n\n".join(stop.join(part) + tail for part in parts)


def story(portal: str, number: int, at: datetime, chance: random.Random) -> Story:
    """Story *number* (unique over all portals), published at *at*."""
    like = chance.choice(templates(portal))
    moment = at.astimezone(ZoneInfo(site(portal)["timezone"])).replace(microsecond=0)
    key = f"item-{number}" if portal == ENGLISH else str(900000 + number)
    head = chance.choice(sentences(portal))
    title = f"{head[:60].rstrip(' ,')}, part {number}" if portal == ENGLISH else f"{head[:18]}之{number}"
    return replace(
        like,
        path=moment.strftime(site(portal)["path"]).format(key=key, column=like.column),
        title=title,
        text=text(portal, number, chance),
        at=moment,
        modified=None,
        views=str(chance.randint(3, 400)) if like.views is not None else None,
        links=(),
    )
