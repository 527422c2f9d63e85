"""`citynews extract`: one page, or a batch of them, to JSON records."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from crawler import extraction
from crawler.archive.records.jsonl import Json, article_record
from crawler.article import Capture, Refusal, parse_moment
from crawler.assembly import article_of, prepare_process
from crawler.config import Config
from crawler.exit_codes import UsageError
from crawler.extraction import Explanation, Page
from crawler.pipelines.normalise import normalise
from crawler.portals import Portal
from crawler.values import urls


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a bare file lacks: address, time of capture, zone, portal."""

    url: str = ""
    fetched_at: datetime | None = None
    timezone: str | None = None
    portal: Portal | None = None


def page(body: bytes, lacking: Lacking) -> Json | Refusal:
    """The record of the page *body*, or why it is no article.

    ``portal``, ``run`` and ``warc`` are null where unknown.
    """
    url = urls.clean(lacking.url) or lacking.url
    moment = lacking.fetched_at or datetime.now(UTC)
    found = extraction.extract(
        [Page(body, url=url, fetched_at=moment, portal=lacking.portal, timezone=lacking.timezone)]
    )
    if isinstance(found, Refusal):
        return found
    known = url or found.canonical_url or ""
    article = article_of(found, lacking.portal.name if lacking.portal else "", [known] if known else [])
    normalise(article)
    capture = Capture("page", known, 200, (), body, moment, record_id="")
    record = article_record(article, [capture], None)
    empty = {key: None for key in ("id", "portal", "url", "canonical_url") if not record[key]}
    return record | empty


def one(source: str, lacking: Lacking, config: Config, allow_hosts: Sequence[str]) -> Json | Refusal:
    """The record of *source*: a file, an address, or - for stdin. Raises UsageError."""
    if source.startswith(("http://", "https://")):
        from crawler.commands.fetch import fetch  # noqa: PLC0415 - Scrapy takes half a second to import

        return fetch(source, lacking.portal, config=config, timezone=lacking.timezone, allow_hosts=allow_hosts)
    return page(_read(source), lacking)


def _read(source: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise UsageError(f"{source}: {error.strerror}") from error


def explained(source: str, lacking: Lacking) -> list[Explanation] | Refusal:
    """How each field of the file *source* (- is stdin) was found. Raises UsageError."""
    if source.startswith(("http://", "https://")):
        raise UsageError("--explain takes a saved page; --url says where it came from")
    url = urls.clean(lacking.url) or lacking.url
    moment = lacking.fetched_at or datetime.now(UTC)
    body = _read(source)
    return extraction.explain(Page(body, url=url, fetched_at=moment, portal=lacking.portal, timezone=lacking.timezone))


def batch(path: Path, portals: dict[str, Portal]) -> Iterator[Json]:
    """One answer a line of *path*, in order. Raises UsageError for a line that cannot be understood."""
    prepare_process()
    try:
        file = sys.stdin.buffer if str(path) == "-" else path.open("rb")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    with file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _answer(_task(line, f"{path}:{number}"), f"{path}:{number}", portals)


def moment(text: str | None, where: str) -> datetime | None:
    """*text* as a moment; UTC where it names no zone. Raises UsageError."""
    if not text:
        return None
    try:
        return parse_moment(text)
    except ValueError:
        raise UsageError(f"{where}: {text!r} is not a time such as 2026-11-23T18:25:00Z") from None


def zone(name: str | None, where: str) -> str | None:
    """*name*, where it is a time zone. Raises UsageError."""
    if not name:
        return None
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UsageError(f"{where}: {name!r} is not a time zone such as Asia/Shanghai") from None
    return name


def named(name: str | None, portals: dict[str, Portal], where: str) -> Portal | None:
    """The portal called *name*. Raises UsageError."""
    if not name:
        return None
    if name not in portals:
        raise UsageError(f"{where}: no portal is called {name!r}")
    return portals[name]


def _task(line: bytes, where: str) -> dict[str, Any]:
    try:
        task = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{where}: not JSON: {error}") from error
    if not isinstance(task, dict) or "id" not in task or not isinstance(task.get("path"), str):
        raise UsageError(f'{where}: not an object with "id" and "path" (and "url", "fetched_at", "timezone", "portal")')
    return task


def _answer(task: dict[str, Any], where: str, portals: dict[str, Portal]) -> Json:
    lacking = Lacking(
        url=task.get("url") or "",
        fetched_at=moment(task.get("fetched_at"), where),
        timezone=zone(task.get("timezone"), where),
        portal=named(task.get("portal"), portals, where),
    )
    try:
        body = Path(task["path"]).read_bytes()
    except OSError as error:
        return {"id": task["id"], "record": None, "refused": f"unreadable: {error.strerror}"}
    result = page(body, lacking)
    if isinstance(result, Refusal):
        return {"id": task["id"], "record": None, "refused": result.reason}
    return {"id": task["id"], "record": result, "refused": None}
