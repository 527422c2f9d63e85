"""Whether a text differs because the page does, or because another version of citynews read it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from crawler.archive.read.captures import captured
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Paths
from crawler.article import Article, Capture, content_hash
from crawler.assembly import Visit, assemble
from crawler.pipelines.normalise import normalise
from crawler.portals import Portal


def reads_as(paths: Paths, latest: Json, portal: Portal, at: datetime, digest: str) -> bool:
    """Whether the captures of *latest*, read by this version under the rules that *portal* has at *at*, give *digest*.

    *digest* is the content hash of the new reading. False where the captures are not to be had: those of an archive
    that was replayed from elsewhere were read by the version that replayed them. What an operator's fix changes in
    title or body counts as changed.
    """
    try:
        captures = list(_captures(paths, latest, at))
    except (OSError, DamagedError):
        return False
    again = assemble(Visit(portal=portal, asked=latest["url"], captures=captures))
    if not isinstance(again, Article):
        return False
    normalise(again, portal)
    return content_hash(again.title, again.body) == digest


def _captures(paths: Paths, latest: Json, at: datetime) -> Iterator[Capture]:
    for visit in captured(paths.warc_files(), latest):
        if visit.role != "counter":  # no text depends on it
            yield Capture(
                visit.role, visit.url, visit.status, visit.headers, visit.payload, at, visit.record_id, asked=visit.url
            )
