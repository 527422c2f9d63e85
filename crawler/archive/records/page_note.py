"""Page notes: which captures are list pages, feeds and sitemaps. Metadata records beside them in the run's WARC.

A capture alone does not say what it was asked for. With the note the next run knows where the validators of a list page
lie, and its links where the server says that nothing has changed.
"""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc.record import Record, new_record_id, pack
from crawler.article import Capture, as_record, isoformat

PAGE = "citynews/page/1"
CONTENT_TYPE = "application/vnd.citynews.page+json"
_KEYS = {"portal", "kind", "url", "at", "file", "offset", "length", "record_id", "payload_digest"}


def note_of(portal: str, kind: str, capture: Capture) -> Json:
    """The note that *capture* is a page of *portal* of this *kind*: list, feed or sitemap."""
    assert capture.warc is not None
    what = {"schema": PAGE, "portal": portal, "kind": kind, "url": capture.url, "at": isoformat(capture.fetched_at)}
    return what | as_record(capture.warc)


def pack_note(note: Json) -> bytes:
    """The metadata record of *note*."""
    return pack(
        "metadata",
        orjson.dumps(note),
        record_id=new_record_id(),
        date=datetime.now(UTC),
        content_type=CONTENT_TYPE,
        # under the address itself pywb would replay it in the place of the page
        target="urn:citynews:page:" + note["record_id"].removeprefix("<urn:uuid:").removesuffix(">"),
        extra=(("WARC-Refers-To", note["record_id"]),),
    )


def parse_note(record: Record) -> Json | None:
    """The note in *record*; None for any other record. Raises DamagedError."""
    if record.kind != "metadata" or record.fields.get("content-type") != CONTENT_TYPE:
        return None
    try:
        found = orjson.loads(record.block)
    except orjson.JSONDecodeError as error:
        raise DamagedError(f"offset {record.offset}: a page note that is not JSON: {error}") from error
    if not isinstance(found, dict) or not found.keys() >= _KEYS:
        raise DamagedError(f"offset {record.offset}: not a page note")
    return found
