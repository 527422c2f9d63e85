"""Metadata records of page requisites: the images, styles and attachments of a page, and the result of each request.

Both are metadata records. The first is written for every page that was read while its portal asks for requisites: so
it is known what was left, and what no other article names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, TypedDict, cast

import orjson

from crawler.archive.records.types import WarcPlace
from crawler.archive.records.versions import refuse_newer
from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc.record import Record, new_record_id, pack
from crawler.article import Capture, as_record, isoformat
from crawler.values import clock

NEEDS: Final = "citynews/requisites/1"
ASKED: Final = "citynews/requisite/1"
CONTENT_TYPE = "application/vnd.citynews.requisites+json"


class NeedsRecord(TypedDict):
    """What a page, or a style sheet, needs."""

    schema: Literal["citynews/requisites/1"]
    portal: str
    url: str  #: of the page
    of: Literal["page", "style"]  #: what that is
    page: str  #: id of the record that holds it
    at: str  #: when the page was fetched, UTC
    needs: list[tuple[str, str]]  #: kind (image, style, attachment) and address, in the order of the page


class AskedRecord(TypedDict):
    """How a request for a requisite ended."""

    schema: Literal["citynews/requisite/1"]
    portal: str
    kind: str
    url: str  #: that the page names
    answered: str | None  #: the address that answered, behind redirects; null: none did
    at: str  #: UTC
    status: int | None  #: of that answer
    reason: str | None  #: why there was none, or why it is not what was asked for
    warc: WarcPlace | None  #: of the answer


RequisiteRecord = NeedsRecord | AskedRecord


def needs_of(
    portal: str, page: Capture, needs: Sequence[tuple[str, str]], of: Literal["page", "style"]
) -> NeedsRecord:  # fmt: skip
    """What *page*, which is a page or a style sheet, needs."""
    return {
        "schema": NEEDS, "portal": portal, "url": page.url, "of": of, "page": page.record_id,
        "at": isoformat(page.fetched_at),
        "needs": [(kind, url) for kind, url in needs],
    }  # fmt: skip


def asked_of(portal: str, kind: str, url: str, answer: Capture | None, reason: str | None) -> AskedRecord:
    """How the request for *url* ended: with *answer*, or without one for *reason*."""
    place = cast(WarcPlace, as_record(answer.warc)) if answer is not None and answer.warc is not None else None
    return {
        "schema": ASKED, "portal": portal, "kind": kind, "url": url,
        "answered": answer.url if answer is not None else None,
        "at": isoformat(answer.fetched_at if answer is not None else clock.now()),
        "status": answer.status if answer is not None else None, "reason": reason, "warc": place,
    }  # fmt: skip


def pack_record(values: RequisiteRecord) -> bytes:
    """The metadata record of *values*."""
    record_id = new_record_id()
    # under an address of its own: under the page's pywb would replay it in the place of the page
    target = "urn:citynews:requisite:" + record_id.removeprefix("<urn:uuid:").removesuffix(">")
    refers = values["page"] if values["schema"] == NEEDS else values["warc"] and values["warc"]["record_id"]
    return pack(
        "metadata", orjson.dumps(values), record_id=record_id, date=clock.now(), content_type=CONTENT_TYPE,
        target=target, extra=(("WARC-Refers-To", refers),) if refers else (),
    )  # fmt: skip


def parse(record: Record) -> RequisiteRecord | None:
    """What *record* says of requisites; None for any other record. Raises DamagedError."""
    if record.kind != "metadata" or record.fields.get("content-type") != CONTENT_TYPE:
        return None
    try:
        values: Any = orjson.loads(record.block)
    except orjson.JSONDecodeError as error:
        raise DamagedError(f"offset {record.offset}: requisites that are not JSON: {error}") from error
    schema = values.get("schema") if isinstance(values, dict) else None
    refuse_newer(schema, f"offset {record.offset}")
    keys = {NEEDS: NeedsRecord.__required_keys__, ASKED: AskedRecord.__required_keys__}.get(str(schema))
    if keys is None or not values.keys() >= keys:
        raise DamagedError(f"offset {record.offset}: requisites of an unknown schema")
    return cast(RequisiteRecord, values)
