"""A crawl under a reactor that runs already: as often as wanted, each with an archive and hosts of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from harness import disk
from harness.command import CHECKOUT, citynews, finish, start
from harness.scripted import Scripted

TWICE = """
import asyncio, json, sys
from pathlib import Path
from scrapy.utils.reactor import install_reactor

install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
from twisted.internet import reactor

from crawler import portals
from crawler.config import Config
from crawler.crawl.options import CrawlOptions
from crawler.crawl.session import CrawlSession


async def run(definition, output, host):
    portal = portals.read(Path(definition))
    options = CrawlOptions(Config("", Path(output)), allow_hosts=(host,), quiet=True)
    report = await CrawlSession([portal], options).run()
    return [report.run, int(report.exit), report.portals[portal.name]["outcomes"]]


async def main():
    reports = []
    for order in json.loads(sys.argv[1]):
        reports.append(await run(*order))
    print(json.dumps(reports))


task = asyncio.get_event_loop().create_task(main())
task.add_done_callback(lambda _: reactor.stop())
reactor.run()
task.result()
"""


def test_a_crawl_can_be_called_again_under_one_running_reactor(server: Scripted, tmp_path: Path) -> None:
    """The second run into the same archive, then another portal into another archive: what was allowed is forgotten."""
    with Scripted() as other:
        for site in (server, other):
            site.listing("/a/one", "/a/two")
            site.article("/a/one")
            site.article("/a/two")
        (tmp_path / "other").mkdir()
        first = server.definition(tmp_path)
        second = other.definition(tmp_path / "other", "other")
        orders = [
            (str(first), str(tmp_path / "archive"), server.host),
            (str(first), str(tmp_path / "archive"), server.host),
            (str(second), str(tmp_path / "apart"), other.host),
            (str(first), str(tmp_path / "apart"), other.host),  # the first site is not allowed any more
        ]
        done = finish(start("-c", TWICE, json.dumps(orders), cwd=CHECKOUT, command=[sys.executable]))
        assert done.code == 0, done.err
    reports = json.loads(done.out)
    assert [report[1:] for report in reports] == [[0, {"new": 2}], [0, {}], [0, {"new": 2}], [3, {}]]
    assert len(disk.runs(tmp_path / "archive")) == 2
    assert len(disk.runs(tmp_path / "apart")) == 2
    for archive in ("archive", "apart"):
        citynews("verify", "--output", tmp_path / archive)
