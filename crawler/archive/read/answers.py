"""Answers read back from the archive's own WARC files, as the server gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crawler.archive.index.last_captures import Captured
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import OPEN, Paths
from crawler.archive.warc.http import Headers
from crawler.archive.warc.record import Record, digest, record_at
from crawler.archive.warc.revisit import answer_of
from crawler.article import as_record


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: the body is still content-encoded."""

    url: str
    status: int
    headers: Headers
    payload: bytes


def read_answer(paths: Paths, place: Captured) -> Answer | None:
    """The answer at *place*; None where it cannot be had, since a crawl can ask for the page again."""

    def fetch(where: Mapping[str, Any]) -> Record:
        path = paths.warc / where["file"]
        return record_at(path if path.exists() else path.with_name(path.name + OPEN), where)

    try:
        record = fetch(as_record(place))
        status, headers, payload = answer_of(record, fetch)
    except (OSError, DamagedError):
        return None
    return Answer(record.target, status, headers, payload) if digest(payload) == place.payload_digest else None
