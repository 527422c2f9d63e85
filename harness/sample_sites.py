"""The sample portals on free ports, and the real command sent to them."""

from __future__ import annotations

import re
import subprocess
from datetime import timedelta
from pathlib import Path

from crawler.samples import NAMES, Samples
from crawler.values.urls import article_id
from harness.command import Done, citynews, start

ZHIHUI, CHENGSHI, METRO = NAMES


class SampleSites:
    """Running samples with definitions in *folder*."""

    def __init__(self, samples: Samples, folder: Path) -> None:
        self.samples, self.folder = samples, folder
        samples.write_definitions(folder)

    def rewrite(self, name: str, *changes: tuple[str, str], add: str = "") -> None:
        """Changes the definition of *name*: each (old, new), and *add* at its end."""
        path = self.folder / f"{name}.toml"
        text = path.read_text("utf-8")
        for old, new in changes:
            assert old in text, f"{old!r} is not in {path}"
            text = text.replace(old, new)
        path.write_text(text + add, "utf-8")

    def expect_nothing(self) -> None:
        """No expectation of coverage: for runs that get a part of the articles, whichever these are."""
        for name in NAMES:
            path = self.folder / f"{name}.toml"
            text = re.sub(r"(?m)^coverage = .*\n", "", path.read_text("utf-8"))
            path.write_text(text, "utf-8")

    def arguments(self, output: Path, *names: str) -> list[str]:
        """The command line of a crawl of *names* into *output*."""
        hosts = [word for base in self.samples.base.values() for word in ("--allow-host", base.removeprefix("http://"))]
        return ["crawl", *names, "--portals", str(self.folder), "--output", str(output), *hosts]

    def crawl(
        self, output: Path, *names: str, code: int | None = 0, more: tuple[object, ...] = (),
        later: timedelta = timedelta(),
    ) -> Done:  # fmt: skip
        """A crawl to its end, with its clock *later* than now; the summary is in its last line."""
        return citynews(*self.arguments(output, *names), "--json", *more, code=code, later=later)

    def begin(self, output: Path, *names: str) -> subprocess.Popen[bytes]:
        """A crawl that has begun."""
        return start(*self.arguments(output, *names))

    def asked(self, name: str, since: int = 0) -> list[str]:
        """The paths that *name* was asked for, from its *since*-th request on."""
        return [request.path for request in self.samples.requests(name)[since:]]

    def marks(self) -> dict[str, int]:
        """How many requests each portal has answered so far."""
        return {name: len(self.samples.requests(name)) for name in NAMES}

    def ids(self, name: str) -> set[str]:
        """The ids of all articles that are online."""
        return {article_id(self.samples.base[name] + story.path) for story in self.samples.stories(name)}


def is_discovery(path: str) -> bool:
    """Whether *path* is one that every run may ask for: robots.txt, a list page, a feed, a sitemap."""
    bare = path.partition("?")[0]
    return (bare.endswith((".xml", ".xml.gz", "robots.txt", "/")) and not bare[1:5].isdigit()) or "/list" in bare
