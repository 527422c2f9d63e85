"""The operator's correction of a portal's records, between extraction and validation.

A class that citynews.toml names for a portal: ``fix(article, captures)`` changes values of the article in place. It
must give the same for the same pages, or a replay differs. WARC files say which one was used (``fingerprint``).
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

from crawler.article import EXTRACTED, Article, Capture, as_record
from crawler.assembly import Visit
from crawler.pipelines.crawler import ArchivingCrawler


class HookError(Exception):
    """A class of the operator that cannot be used, or did what it must not; the message names it."""


class Fix(Protocol):
    """What such a class has."""

    def fix(self, article: Article, captures: Sequence[Capture]) -> None:
        """Changes *article* in place; *captures* are the answers it was read from, its first page first."""


class FixPipeline:
    """Lets the fix of the portal, where there is one, change what was extracted."""

    def __init__(self, fixes: Mapping[str, Fix]) -> None:
        self._fixes = fixes

    @classmethod
    def from_crawler(cls, crawler: ArchivingCrawler) -> Self:
        return cls(crawler.spidercls.run.fixes)

    def process_item(self, visit: Visit) -> Visit:
        fix = self._fixes.get(visit.portal.name)
        if fix is not None and isinstance(visit.result, Article):
            apply(fix, visit.result, visit.captures)
        return visit


def apply(fix: Fix, article: Article, captures: Sequence[Capture]) -> None:
    """Lets *fix* change *article*: what it changed was found by a rule. Raises HookError where it changed who it is."""
    before, name_of = as_record(article), type(fix).__qualname__
    try:
        fix.fix(article, tuple(captures))
    except SystemExit as error:  # which would leave the crawl waiting for this article
        raise HookError(f"{name_of}.fix ended with sys.exit for {before['url']}") from error
    after = as_record(article)
    for name, value in after.items():
        if value == before[name]:
            continue
        if name not in EXTRACTED:
            raise HookError(f"{name_of}.fix changed {name} of {before['url']}: only what is extracted")
        if isinstance(before[name], list) and not isinstance(value, list):
            raise HookError(f"{name_of}.fix set {name} of {before['url']} to {value!r:.80}, which is no list")
        article.extracted_by[name] = "rule" if value not in (None, []) else None  # type: ignore[assignment] # null: absent


def load_fixes(names: Mapping[str, str], folder: Path | None) -> dict[str, Fix]:
    """Portal -> an instance of the class that *names* gives it. Raises HookError."""
    return {portal: load(name, "fix", folder) for portal, name in sorted(names.items())}


def load(name: str, method: str, folder: Path | None) -> Any:
    """An instance of the class *name* (module.Class), which has *method*; *folder* is looked into first.

    Raises HookError.
    """
    module, _, attribute = name.rpartition(".")
    if folder is not None and str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        hook = getattr(importlib.import_module(module), attribute)
        if callable(getattr(hook, method, None)):
            return hook()
    except (Exception, SystemExit) as error:  # a module of the operator may raise anything
        raise HookError(f"hook {name}: {type(error).__name__}: {error} (expected module.Class)") from error
    raise HookError(f"hook {name}: has no method {method}")


def fingerprint(fixes: Mapping[str, Fix]) -> str:
    """Which classes these are, as a WARC file says it: portal=module.Class@sha256 of the module's source."""
    return " ".join(f"{portal}={_identity(type(fix))}" for portal, fix in sorted(fixes.items()))


def _identity(kind: type) -> str:
    try:
        digest = hashlib.sha256(Path(inspect.getfile(kind)).read_bytes()).hexdigest()[:16]
    except (OSError, TypeError):
        digest = "unknown"
    return f"{kind.__module__}.{kind.__qualname__}@{digest}"
