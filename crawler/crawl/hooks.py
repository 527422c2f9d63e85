"""The operator's own classes in a crawl: one receives stored records, one per portal may correct its records."""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from scrapy.settings import BaseSettings

from crawler.archive.records.jsonl import Json
from crawler.archive.storage.layout import Stream
from crawler.exit_codes import UsageError
from crawler.pipelines.fix import Fix, HookError, fingerprint, load, load_fixes

STORED = "CITYNEWS_STORED_HOOK"  #: the setting: module.Class that sees each stored record
FIXES = "CITYNEWS_FIXES"  #: the setting: portal -> module.Class that corrects its records
FOLDER = "CITYNEWS_HOOKS_FOLDER"  #: the setting: where their modules lie, besides what is installed
logger = logging.getLogger(__name__)


class StoredHook:
    """Calls the operator's ``stored(stream, record)`` with each line once it is durable, whatever it raises."""

    def __init__(self, name: str, folder: Path | None) -> None:
        self._name = name
        self._hook = load(name, "stored", folder) if name else None
        self.errors = 0

    def __call__(self, stream: Stream, record: Json) -> None:
        if self._hook is None:
            return
        try:
            self._hook.stored(stream, copy.deepcopy(record))
        except (Exception, SystemExit):  # the operator's own code, which may do anything
            self.errors += 1
            if self.errors == 1:
                logger.exception("hook %s: stored() failed; the record is archived", self._name)

    def close(self) -> int:
        """Lets the hook end, where it has a ``close``, and says how often it failed. Called once, after the run."""
        if callable(end := getattr(self._hook, "close", None)):
            try:
                end()
            except (Exception, SystemExit):  # as above
                self.errors += 1
                logger.exception("hook %s: close() failed", self._name)
        if self.errors:
            logger.error("hook %s failed %d times; every record is archived", self._name, self.errors)
        return self.errors


@dataclass(frozen=True, slots=True)
class Hooks:
    """The classes that are named, made once for a run."""

    fixes: Mapping[str, Fix] = field(default_factory=dict)
    stored: StoredHook = field(default_factory=lambda: StoredHook("", None))

    @classmethod
    def of(cls, settings: BaseSettings, *, stored: bool = True) -> Self:
        """Those that *settings* name; without the one that sees what is stored unless *stored*. Raises UsageError."""
        folder = Path(str(settings.get(FOLDER))) if settings.get(FOLDER) else None
        try:
            fixes = load_fixes(settings.getdict(FIXES), folder)
            return cls(fixes, StoredHook(str(settings.get(STORED) or "") if stored else "", folder))
        except HookError as error:
            raise UsageError(str(error)) from error

    @property
    def info(self) -> dict[str, str]:
        """What the warcinfo records say of them."""
        return {"fixes": fingerprint(self.fixes)} if self.fixes else {}
