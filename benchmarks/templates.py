"""What a learned template saves: CPU of extraction with it and without, page by page, on portals of our own making.

    .venv/bin/python -m benchmarks.templates

Both ways read the same bytes in turns, in one process; the table gives milliseconds a page, from the bytes to the
fields, and on how many pages all values are the same. Parsing alone is shown too: no template can save it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.article import TEMPLATED
from crawler.assembly import prepare_process
from crawler.drafting.induce import learn, with_template
from crawler.extraction import Fields, Page, extract
from crawler.portals import Portal, parse
from crawler.samples.sites import NAMES, make
from harness.families import PORTALS

BASE = "http://127.0.0.1:1"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
LEARNED_FROM = 20
_DEFINITION = """name = "bench"
title = "bench"
home = "{base}/"
domains = ["127.0.0.1:1"]
language = "und"
timezone = "{zone}"
{encoding}
[discover]
sitemaps = ["{base}/s.xml"]
"""
_ZONES = {"sample-metro": ("America/New_York", ""), "wordpress": ("Europe/London", "")}
_GB = ("Asia/Shanghai", 'encoding = "gb18030"')


@dataclass(frozen=True, slots=True)
class Result:
    """Milliseconds of CPU a page, and agreement."""

    name: str
    pages: int
    kilobytes: float
    parse: float
    generic: float
    template: float
    held: int
    same: int


def bodies(name: str) -> dict[str, bytes]:
    """Path -> page of every article of the portal *name*."""
    if name in NAMES:
        site = make(name)
        site.base = BASE
        return {story.path: site.page(story.path, "").body for story in site.stories()}
    invented = PORTALS[name]()
    found = ((article.path, invented.pages[article.path].body) for article in invented.articles)
    return {path: body for path, body in found if isinstance(body, bytes)}


def measure(name: str, rounds: int) -> Result:
    """Learns a template from every second page and times all pages both ways. Raises LookupError without a template."""
    pages = bodies(name)
    zone, encoding = _GB if name in {"sample-chengshi", "dedecms"} else _ZONES.get(name, ("Asia/Shanghai", ""))
    plain = parse(_DEFINITION.format(base=BASE, zone=zone, encoding=encoding), name)

    def page(path: str, portal: Portal) -> Page:
        return Page(pages[path], url=BASE + path, fetched_at=NOW, portal=portal)

    learned = learn([page(path, plain) for path in list(pages)[::2][:LEARNED_FROM]])
    if learned is None or not learned.good:
        raise LookupError(f"{name}: no template")
    portal = with_template(plain, learned.table())
    found = [(extract([page(path, plain)]), extract([page(path, portal)])) for path in pages]
    held = [b for _, b in found if isinstance(b, Fields) and b.extracted_by["body"] == "template"]
    same = sum(all(getattr(a, n, None) == getattr(b, n, None) for n in TEMPLATED) for a, b in found)
    spent = {"parse": 0.0, "generic": 0.0, "template": 0.0}
    ways: dict[str, Callable[[str], object]] = {
        "parse": lambda path: page(path, plain).root,
        "generic": lambda path: extract([page(path, plain)]),
        "template": lambda path: extract([page(path, portal)]),
    }
    for _ in range(rounds):
        for way, run in ways.items():
            begin = time.process_time()
            for path in pages:
                run(path)
            spent[way] += time.process_time() - begin
    cost = {way: 1000 * seconds / rounds / len(pages) for way, seconds in spent.items()}
    size = sum(map(len, pages.values())) / len(pages) / 1024
    return Result(name, len(pages), size, cost["parse"], cost["generic"], cost["template"], len(held), same)


def main(rounds: int = 8) -> int:
    """Prints the table."""
    prepare_process()  # as a crawl does
    print(
        f"{'portal':16} {'pages':>5} {'KB':>5} {'parse':>6} {'generic':>7} {'template':>8} {'ratio':>5} {'held':>4}"
        " same"
    )
    for name in (*NAMES, *PORTALS):
        r = measure(name, rounds)
        print(
            f"{r.name:16} {r.pages:5} {r.kilobytes:5.1f} {r.parse:6.2f} {r.generic:7.2f} {r.template:8.2f} "
            f"{r.generic / r.template:4.1f}x {r.held:4} {r.same}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
