"""Progress display: a live table or a bar on a terminal, nothing without one."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.table import Table

from crawler.crawl.run import CrawlRun


class CrawlTable:
    """A live table of what each portal of *run* has done, on stderr, where that is a terminal."""

    def __init__(self, run: CrawlRun, *, quiet: bool) -> None:
        self._run = run
        self._begun = time.monotonic()
        shown = not quiet and sys.stderr.isatty()
        self._live = (
            Live(console=Console(stderr=True), get_renderable=self._table, refresh_per_second=2) if shown else None
        )

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def _table(self) -> Table:
        table = Table("portal", "pages", "new", "known", "failed", "pages/s", "time left", box=None, pad_edge=False)
        elapsed = max(time.monotonic() - self._begun, 0.001)
        for name, portal in self._run.portals.items():
            stats, waiting = portal.stats, portal.waiting
            failed = sum(stats.failures.values())
            counts = (stats.requests, stats.outcomes["new"], stats.known_count(), failed)
            rate = stats.requests / elapsed
            left = _time(waiting / rate) if rate and waiting else "done" if stats.finished else ""
            table.add_row(name, *map(str, counts), f"{rate:.1f}", left)
        return table


def _time(seconds: float) -> str:
    """*seconds* as 0:42 or 1:05:00."""
    return str(timedelta(seconds=round(seconds))).removeprefix("0:")


class ProgressBar:
    """A bar of bytes on stderr, where that is a terminal."""

    def __init__(self, what: str, *, quiet: bool) -> None:
        columns = (TextColumn(what), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        shown = not quiet and sys.stderr.isatty()
        self._bar = RichProgress(*columns, console=Console(stderr=True), transient=True) if shown else None
        self._task = self._bar.add_task(what, total=None) if self._bar is not None else None

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def on(self, done: int, total: int) -> None:
        """*done* further bytes of *total*."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, total=total, advance=done)

    def reached(self, done: int, total: int) -> None:
        """*done* bytes of *total*, from the beginning."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, total=total, completed=done)
