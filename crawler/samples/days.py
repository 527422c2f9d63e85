"""Days on the sample portals: stories appear, counts grow, some texts are corrected, reprinted or taken down."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from crawler.samples import texts
from crawler.samples.samples import Samples
from crawler.samples.sites import NAMES
from crawler.samples.story import Story

_ZHIHUI, _CHENGSHI, _METRO = NAMES
_READ = 40  #: stories of a portal, the newest, that are still read much


class Days:
    """Makes the days of *samples* pass; the same *seed*, the same days."""

    def __init__(self, samples: Samples, seed: int = 1) -> None:
        self._samples, self._number = samples, 0
        self._chance = random.Random(seed)  # noqa: S311 - days that are the same each time are wanted
        self._online = {name: {story.path: story for story in samples.stories(name)} for name in NAMES}

    def pass_day(self, now: datetime) -> None:
        """What happened on the sites until *now* since the day before."""
        for name in NAMES:
            for _ in range(self._chance.randint(1, 3)):
                self._number += 1
                at = now - timedelta(minutes=self._chance.randint(10, 20 * 60))
                self._put(texts.story(name, self._number, at, self._chance))
            if self._chance.random() < 0.4:
                self._correct(name)
            if self._chance.random() < 0.05:
                self._take_down(name)
            self._grow(name)
        if self._chance.random() < 0.5:
            self._reprint(now)

    def _put(self, story: Story) -> None:
        self._samples.add(story.portal, story)
        self._online[story.portal].pop(story.path, None)
        self._online[story.portal][story.path] = story

    def _some(self, name: str) -> Story:
        return self._chance.choice(list(self._online[name].values())[-_READ:])

    def _correct(self, name: str) -> None:
        story = self._some(name)
        said = self._chance.choice(texts.sentences(name))
        if said not in story.text and not story.copy_of:
            note = f"Correction: {said}." if name == _METRO else f"更正：{said}。"
            self._put(replace(story, text=f"{story.text}\n\n{note}"))

    def _take_down(self, name: str) -> None:
        story = self._some(name)
        del self._online[name][story.path]
        self._samples.delete(name, story.path)

    def _grow(self, name: str) -> None:
        for age, story in enumerate(reversed(list(self._online[name].values()))):
            if story.view_count is not None:
                grown = story.view_count + self._chance.randint(1, 90 if age < _READ else 5)
                self._samples.add(name, grown_story := replace(story, views=str(grown)))
                self._online[name][story.path] = grown_story

    def _reprint(self, now: datetime) -> None:
        """One trade portal takes over what the other wrote; which of them is crawled first is chance."""
        there, here = self._chance.sample((_ZHIHUI, _CHENGSHI), 2)
        original = self._some(there)
        self._number += 1
        like = texts.story(here, self._number, now - timedelta(minutes=self._chance.randint(5, 90)), self._chance)
        if len(original.body) >= 150 and original.at < like.at and not original.copy_of:
            named = "智慧城市网" if there == _ZHIHUI else "云泽智慧城市在线"
            self._put(replace(like, text=original.text, source=named, source_url=None, copy_of=original.path))
