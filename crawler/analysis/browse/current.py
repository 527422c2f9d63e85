"""The index kept up while the web server runs: what is there is shown at once, and what new runs wrote soon after."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event, Thread

from crawler.analysis.browse.view import IndexView, opened
from crawler.analysis.names import Known
from crawler.analysis.search_index import SearchIndex
from crawler.analysis.selection import Selection
from crawler.archive.storage.errors import ArchiveError

EVERY = 3.0  #: seconds between two looks for new runs
_log = logging.getLogger(__name__)


class CurrentView:
    """The newest view of the archive *root*, or that as of run number *until*.

    *path*: of the index, where it is not in the user's cache. *saved*: title of a saved query -> what it chooses.
    """

    def __init__(
        self, root: Path, path: Path | None, known: Known, until: int | None = None,
        saved: Mapping[str, Selection] | None = None,
    ) -> None:  # fmt: skip
        self.root = root
        self.view: IndexView | None = None
        self.done = 0.0  #: of the index that is being made, 0 to 1
        self.problem: str | None = None  #: why the index could not be brought up last time
        self.known = known
        self._path, self._until, self._saved = path, until, saved
        self._seen: frozenset[str] = frozenset()
        self._stop = Event()
        self._thread = Thread(target=self._keep_up, name="index", daemon=True)

    def start(self) -> None:
        """Opens what is there, and begins to keep it up."""
        index = SearchIndex.of(self.root, self._path, self._until)
        if index is not None:
            self.view = opened(index, self._saved)
        self._thread.start()

    def stop(self) -> None:
        """No further look; an index in the making is left as it is, the next start goes on with it."""
        self._stop.set()

    def wait(self, ready: Callable[[], bool], timeout: float) -> bool:
        """Waits until *ready*; False after *timeout* seconds."""
        passed = 0.0
        while not ready() and passed < timeout:
            self._stop.wait(0.05)
            passed += 0.05
        return ready()

    def _keep_up(self) -> None:
        while not self._stop.is_set():
            runs = frozenset(path.name for path in (self.root / "runs").glob("*.json"))
            if runs != self._seen or self.view is None:
                self._bring_up()
                self._seen = runs
            self._stop.wait(EVERY)

    def _bring_up(self) -> None:
        index = SearchIndex.of(self.root, self._path, self._until)
        if index is None:
            return
        try:
            index.bring_up(self.known, self._note, _log.info)
            before = None if self.view is None else (self.view.meta["run_sha256"], self.view.meta["made_at"])
            fresh = IndexView(index, self._saved)
            if before != (fresh.meta["run_sha256"], fresh.meta["made_at"]):
                self.view = fresh
            self.problem = None
        except LookupError as error:  # what was changed since is to be seen no more
            self.view, self.problem = None, str(error.args[0])
        except (ArchiveError, sqlite3.Error, OSError) as error:
            self.problem = str(error)
            _log.warning("%s", error)
        except Exception as error:  # noqa: BLE001 - the thread must live on, and the page say why it shows nothing new
            self.problem = repr(error)
            _log.exception("the index could not be brought up")

    def _note(self, done: int, total: int) -> None:
        self.done = done / total if total else 1.0
        if self._stop.is_set():
            raise SystemExit  # ends this thread between two steps
