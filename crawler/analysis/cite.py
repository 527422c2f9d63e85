"""`citynews cite`: the citation of an archived article, with the record and the digest that prove it."""

from __future__ import annotations

import re
from typing import Any, Literal

import orjson

from crawler.archive.records.jsonl import Json

Format = Literal["text", "bibtex", "csl-json"]
FORMATS: tuple[Format, ...] = ("text", "bibtex", "csl-json")
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "$": r"\$", "&": r"\&",
    "#": r"\#", "^": r"\textasciicircum{}", "_": r"\_", "~": r"\textasciitilde{}", "%": r"\%",
}  # fmt: skip
#: BibTeX counts braces whether or not a backslash stands before them, so that none may be unpaired.
_SPECIAL = re.compile(r"[\\{}$&#^_~%]")


def cite(record: Json, form: Format, head: str | None = None) -> str:
    """*record*, an article, revision or duplicate, as a reference, without a line feed at its end.

    *head*: of the archive, which whoever has the reference can prove it by (`citynews verify --head`).
    """
    if form == "bibtex":
        return _bibtex(record, head)
    if form == "csl-json":
        return orjson.dumps([_csl(record, head)], option=orjson.OPT_INDENT_2).decode()
    return _text(record, head)


def _text(record: Json, head: str | None) -> str:
    lines = {
        "title": record["title"],
        "author": record["author"],
        "source": record["source"],
        "portal": record["portal"],
        "address": record["url"],
        "published": record["published_at"],
        "fetched": record["fetched_at"],
        "version": str(record["revision"]),
        "id": record["id"],
        "WARC file": f"{record['warc']['file']}, offset {record['warc']['offset']}",
        "WARC record": record["warc"]["record_id"],
        "payload": record["warc"]["payload_digest"],
        "text": f"sha256:{record['content_hash']}",
        "archive head": head,
    }
    return "\n".join(f"{name + ':':12} {value or 'not stated'}" for name, value in lines.items())


def _bibtex(record: Json, head: str | None) -> str:
    """A ``@misc`` entry, which every style knows; double braces keep names and titles as they stand on the page."""
    year, month, day = _day(record)
    fields = {
        "title": _whole(record["title"]),
        "author": _whole(record["author"] or record["source"]),
        "publisher": _whole(record["source"] if record["author"] else None),
        "year": _plain(year),
        "month": _plain(month.lstrip("0")),
        "day": _plain(day.lstrip("0")),
        "url": f"{{{_address(record['url'])}}}",
        "urldate": _plain(record["fetched_at"][:10]),
        "note": f"{{{_escaped(_proof(record, head))}}}",
    }
    lines = [f"  {name} = {value}" for name, value in fields.items() if value]
    return f"@misc{{{_key(record)},\n" + ",\n".join(lines) + "\n}"


def _csl(record: Json, head: str | None) -> Json:
    """An item of CSL-JSON 1.0.2 (https://github.com/citation-style-language/schema)."""
    item: dict[str, Any] = {"id": _key(record), "type": "webpage", "title": record["title"]}
    if record["author"]:
        item["author"] = [{"literal": record["author"]}]
    if record["source"]:
        item["publisher"] = record["source"]
    parts = [int(part) for part in _day(record) if part]
    if parts:
        item["issued"] = {"date-parts": [parts]}
    item |= {
        "accessed": {"date-parts": [[int(part) for part in record["fetched_at"][:10].split("-")]]},
        "container-title": record["portal"],
        "URL": record["url"],
        "archive": "citynews",
        "archive_location": f"{record['warc']['file']} {record['warc']['record_id']}",
        "note": _proof(record, head),
    }
    if record["language"]:
        item["language"] = record["language"]
    return item


def _proof(record: Json, head: str | None) -> str:
    place = record["warc"]
    return (
        f"Portal {record['portal']}, fetched {record['fetched_at']}, version {record['revision']}."
        f" WARC {place['file']}, record {place['record_id']}, payload {place['payload_digest']}."
        f" Title and text: sha256:{record['content_hash']}." + (f" Head of the archive: {head}." if head else "")
    )


def _day(record: Json) -> tuple[str, str, str]:
    """Year, month and day of publication, in the page's own zone."""
    stated = record["published_date"] or (record["published_at"] or "")[:10]
    return stated[:4], stated[5:7], stated[8:10]


def _key(record: Json) -> str:
    return f"{record['portal']}-{record['id'][:8]}"


def _whole(text: str | None) -> str | None:
    return f"{{{{{_escaped(text)}}}}}" if text else None


def _plain(text: str) -> str | None:
    return f"{{{text}}}" if text else None


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _LATEX[found[0]], text)


def _address(url: str) -> str:
    """*url* for the verbatim field: only what would end the field is escaped, as an address may."""
    return url.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D")
