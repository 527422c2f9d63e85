"""What a person sees while a crawl runs: a live table on a terminal, nothing where there is none."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from crawler.archive import Archive


class Progress:
    """A live table of the tallies on stderr, where that is a terminal."""

    def __init__(self, archive: Archive, names: Sequence[str], *, quiet: bool) -> None:
        self._archive, self._names = archive, names
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
        table = Table("portal", "requests", "found", "asked", "new", "known", "refused", "failed", "per second")
        elapsed = max(time.monotonic() - self._begun, 0.001)
        for name in self._names:
            tally = self._archive.tallies[name]
            counts = (tally.requests, len(tally.seen), tally.asked, tally.outcomes["new"], len(tally.known))
            bad = (tally.outcomes["refused"], sum(tally.failures.values()))
            table.add_row(name, *map(str, counts + bad), f"{tally.requests / elapsed:.1f}")
        return table
