"""The page as rendered by a browser: a conversion record that refers to the response as it was transferred.

WARC 1.1, 6.8 ("an alternative version of another record's content"). Its block is the document as HTML in UTF-8.
Players show the response, replay reads the rendition.
"""

from __future__ import annotations

from datetime import datetime

from crawler.archive.warc.http import Headers
from crawler.archive.warc.record import Record, digest, new_record_id, pack

KIND = "conversion"
CONTENT_TYPE = "text/html; charset=utf-8"
HEADERS: Headers = (("Content-Type", CONTENT_TYPE),)


def pack_rendition(html: bytes, *, url: str, refers: str, made_at: datetime, made_by: str) -> tuple[bytes, str, str]:
    """(member, record id, payload digest) of the document *html* that *made_by* made of the response *refers*."""
    record_id, payload_digest = new_record_id(), digest(html)
    member = pack(
        KIND,
        html,
        record_id=record_id,
        date=made_at,
        content_type=CONTENT_TYPE,
        target=url,
        payload_digest=payload_digest,
        extra=(("WARC-Refers-To", refers), ("X-Citynews-Rendered-By", made_by)),
    )
    return member, record_id, payload_digest


def answer_of(record: Record) -> tuple[int, Headers, bytes]:
    """(status, headers, payload) of a rendition, as those of a response are read."""
    return 200, HEADERS, record.block
