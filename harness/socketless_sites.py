"""Two sample portals without a socket, and the real archive and pipelines over their pages: a crawl in milliseconds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler import portals
from crawler.archive.warc.exchange import Exchange, request_of
from crawler.archive.write.writer import ArchiveWriter
from crawler.assembly import Visit, wanted
from crawler.crawl.frontier.schedule import due
from crawler.pipelines.chain import chain
from crawler.portals import Portal
from crawler.samples import stories
from crawler.samples.sites import make
from crawler.values.urls import article_id

BASE = "http://{}.example"


class SocketlessSites:
    """Two sample portals without a socket: enough for new, redirect, copy, refusal, failure, change, gone and back."""

    def __init__(self) -> None:
        self.sites = {name: make(name) for name in ("sample-zhihui", "sample-chengshi")}
        for name, site in self.sites.items():
            site.base = BASE.format(name)
        self.failing: set[str] = set()
        by_key = {s.key: s for s in stories("sample-zhihui")}
        copies = [s for s in stories("sample-chengshi") if s.copy_of and s.exact][:2]
        others = [s for s in stories("sample-chengshi") if not s.copy_of]
        near = next(s for s in stories("sample-chengshi") if s.copy_of and not s.exact)
        likened = by_key[(near.copy_of or "").partition("/")[2]]
        first, second = (by_key[(s.copy_of or "").partition("/")[2]] for s in copies)
        long = next(s for s in by_key.values() if len(s.pages) > 1)
        moved = next(s for s in by_key.values() if s.moved)
        zhihui, chengshi = "sample-zhihui", "sample-chengshi"
        # a copy comes right after its original, so that both wait for the same commit
        self.asked = [
            self.address(zhihui, first.path), self.address(zhihui, second.path), self.address(chengshi, copies[0].path),
            self.address(chengshi, others[0].path), self.address(zhihui, long.path),
            self.address(chengshi, copies[1].path), self.address(zhihui, self.sites[zhihui].old_path(moved)),
            self.address(zhihui, likened.path), self.address(chengshi, near.path),
            self.address(zhihui, moved.path), self.address(chengshi, others[1].path),
            self.address(chengshi, others[2].path), self.address(zhihui, self.sites[zhihui].old_path(long)),
        ]  # fmt: skip
        self.asked += [self.address("sample-chengshi", "/zhengce/"), self.address("sample-zhihui", "/nowhere.html")]
        self.down = self.address("sample-chengshi", others[3].path)
        self.asked.append(self.down)
        self.failing.add(self.down)

    @staticmethod
    def address(name: str, path: str) -> str:
        return BASE.format(name) + path

    def portals(self) -> dict[str, Portal]:
        found = {}
        for name in self.sites:
            text = (Path(portals.__file__).parents[1] / "samples" / name / "portal.toml").read_text("utf-8")
            text = text.replace("{base}", BASE.format(name)).replace("{host}", f"{name}.example")
            found[name] = portals.parse(text + '\n[revisit]\nafter = ["1h", "2h", "3h"]\n', name)
        return found

    def one_day_passes(self) -> None:
        """A day passes: one page is edited, one taken down, one comes up again."""
        first, second = self.asked[0], self.asked[1]
        site = self.sites["sample-zhihui"]
        edited = site.get(urlsplit(first).path)
        site.put(replace(edited, text=edited.text + "\n\n更正:原文一处数字有误,现予更正,特此说明。"))
        site.remove(urlsplit(second).path)
        self.failing.clear()

    def what_was_deleted_returns(self) -> None:
        """What was taken down is put up again."""
        site = self.sites["sample-zhihui"]
        path = urlsplit(self.asked[1]).path
        site.put(next(s for s in stories("sample-zhihui") if s.path == path))

    def ask(self, url: str, now: datetime) -> Exchange | None:
        """The answer at *url* (a redirect is one too); None for no answer."""
        if url in self.failing:
            return None
        parts = urlsplit(url)
        site = self.sites[(parts.hostname or "").removesuffix(".example")]
        page = site.page(parts.path, parts.query)
        headers = (("Content-Type", page.content_type), *page.headers.items())
        sent = request_of(url, "GET", (("Host", parts.netloc),))
        return Exchange.rebuilt(url, now, sent, page.status, headers, page.body)


class SocketlessCrawl:
    """Asks the sites for what is new or due, one address after the other, as the spider would."""

    def __init__(self, sites: SocketlessSites, root: Path, now: datetime, commit_every: int = 3) -> None:
        self.sites, self.root, self.now, self.commit_every = sites, root, now, commit_every
        self.known = sites.portals()

    def run(self) -> None:
        archive = ArchiveWriter(self.root)
        process = chain(archive)
        moment = self.now
        for number, url in enumerate(self.sites.asked):
            portal = self.known[(urlsplit(url).hostname or "").removesuffix(".example")]
            ident = article_id(url)
            address = archive.index.address(ident)
            if address and not due(address, archive.index.article(ident), portal, self.now):
                continue
            moment += timedelta(milliseconds=7)
            process(self._visit(archive, portal, url, moment))
            if number % self.commit_every == self.commit_every - 1:
                archive.commit(force=True)
        archive.close({"exit_code": 0})

    def _visit(self, archive: ArchiveWriter, portal: Portal, url: str, moment: datetime) -> Visit:
        visit = Visit(portal, asked=url)
        answer = self.sites.ask(url, moment)
        if answer is None:
            visit.failure = "timeout"
            return visit
        visit.captures.append(replace(self._capture(archive, answer, moment), role="page", asked=url))
        while (want := wanted(visit)) is not None:
            answer = self.sites.ask(want.url, moment)
            assert answer is not None
            visit.captures.append(replace(self._capture(archive, answer, moment), role=want.role, asked=want.url))
        return visit

    def _capture(self, archive: ArchiveWriter, answer: Exchange, moment: datetime) -> Any:
        capture = archive.capture(answer)
        if answer.status == 301:
            target = BASE.format((urlsplit(answer.url).hostname or "").removesuffix(".example"))
            target += dict(answer.headers)["Location"]
            followed = self.sites.ask(target, moment)
            assert followed is not None
            return archive.capture(followed)
        return capture


def sites_of_day(day: int) -> tuple[SocketlessSites, datetime]:
    """The sites and the time of the *day*-th crawl (from 0)."""
    sites = SocketlessSites()
    if day >= 1:
        sites.one_day_passes()
    if day >= 2:
        sites.what_was_deleted_returns()
    return sites, datetime(2026, 11, 1, 8, tzinfo=UTC) + timedelta(hours=2 * day)


def past_archive(root: Path) -> Path:
    """An archive in *root* with lines of two months that are past: every kind of line."""
    sites = SocketlessSites()
    for number, moment in enumerate((datetime(2026, 8, 1, 8, tzinfo=UTC), datetime(2026, 9, 10, 8, tzinfo=UTC))):
        if number:
            sites.one_day_passes()
        SocketlessCrawl(sites, root, moment).run()
    return root
