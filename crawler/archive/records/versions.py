"""The versions of the record format and their keys: a month file may hold lines of several versions.

Version 1 is that of citynews 0.1.0. Version 2 (docs/decisions/0053) added ``attachments`` and "truncated" to articles,
revisions and duplicates. Observations are still of version 1. A tombstone has the version of the line it stands for.
"""

from __future__ import annotations

import re

from crawler.archive.records.jsonl import KEYS, Json
from crawler.archive.storage.errors import NewerFormatError
from crawler.archive.storage.layout import Stream
from crawler.article import FIELDS

NEWEST: dict[Stream, int] = {"articles": 2, "revisions": 2, "duplicates": 2, "observations": 1}
_KINDS: dict[Stream, str] = {
    "articles": "article", "revisions": "revision", "duplicates": "duplicate", "observations": "observation"
}  # fmt: skip
#: Kind of what has a ``schema`` -> the newest version of it.
NEWEST_OF = {
    **{_KINDS[stream]: version for stream, version in NEWEST.items()},
    "tombstone": max(NEWEST.values()), "decision": 1, "void": 1, "run": 1,
}  # fmt: skip
_NAME = re.compile(r"citynews/([a-z]+)/(\d{1,6})")
_SINCE = {rule.name: rule.since for rule in FIELDS}


def names(stream: Stream) -> dict[str, int]:
    """What ``schema`` may say in a line of *stream* -> the version; an observation has no tombstone."""
    kinds = [_KINDS[stream]] if stream == "observations" else [_KINDS[stream], "tombstone"]
    return {f"citynews/{kind}/{version}": version for kind in kinds for version in range(1, NEWEST[stream] + 1)}


def version_of(stream: Stream, record: Json) -> int | None:
    """The version of *record*, a line of *stream*; None for one that this program does not know."""
    return names(stream).get(str(record.get("schema")))


def refuse_newer(name: object, place: str) -> None:
    """Raises NewerFormatError where *name*, a ``schema`` found at *place*, has a number that is not known here yet."""
    match = _NAME.fullmatch(str(name))
    if match is not None and int(match[2]) > NEWEST_OF.get(match[1], 0) > 0:
        raise NewerFormatError(
            f"{place}: {name} is newer than this program, which knows {match[1]}/{NEWEST_OF[match[1]]}: "
            "update citynews; nothing was changed"
        )


def keys_of(stream: Stream, version: int) -> tuple[str, ...]:
    """The keys of a line of *stream* in *version*, in order."""
    return tuple(key for key in KEYS[stream] if _SINCE.get(key, 1) <= version)


def upgraded(record: Json, place: object) -> Json:
    """*record*, read at *place*, with the keys of the newest version, in order: what an older one has not is [].

    Its ``schema`` says which version its line has. Raises NewerFormatError.
    """
    refuse_newer(record.get("schema"), str(place))
    if "attachments" in record or "images" not in record:
        return record
    values: Json = {}
    for key, value in record.items():
        values[key] = value
        if key == "images":
            values["attachments"] = []
    return values


def as_version(record: Json, version: int) -> Json:
    """*record*, of the newest version, as *version* had it."""
    values = {key: value for key, value in record.items() if _SINCE.get(key, 1) <= version}
    if isinstance(how := values.get("extracted_by"), dict):
        values["extracted_by"] = {key: value for key, value in how.items() if _SINCE.get(key, 1) <= version}
        values["schema"] = f"{record['schema'].rpartition('/')[0]}/{version}"
    return values
