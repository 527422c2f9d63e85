"""The pages of one article: as data, and how each is shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

import orjson

from crawler.analysis import cite, query
from crawler.analysis.browse import compare, record
from crawler.analysis.browse.exports import citable
from crawler.analysis.browse.highlight import mark
from crawler.analysis.browse.search_page import published
from crawler.analysis.browse.url_builder import UrlBuilder
from crawler.analysis.browse.view import IndexView
from crawler.analysis.web.charts import ChartPoint, line
from crawler.analysis.web.render import minute, number

#: Fields of a line that are shown elsewhere on the page, or that say the same.
_ELSEWHERE = frozenset({
    "schema", "id", "body", "related_links", "warc", "captures", "extracted_by", "published_raw", "view_count_raw",
    "duplicate_of", "previous_hash", "changed_fields",
})  # fmt: skip
_RAW = {"published_at": "published_raw", "view_count": "view_count_raw"}


def data(view: IndexView, root: Any, ident: str, revision: int | None) -> dict[str, Any] | None:
    """All that is known of a version (None: the latest) of *ident*; None where there is none. Raises DamagedError."""
    row = record.page(view, ident)
    if row is None:
        return None
    versions = record.versions(view, ident)
    version = next((version for version in versions if version["revision"] == (revision or row["revision"])), None)
    if version is None:
        return None
    outward, inward, count = record.links(view, ident)
    return {
        "page": row,
        "published": published(row),
        "version": version,
        "versions": [{name: value for name, value in version.items() if name != "body"} for version in versions],
        "visits": record.visits(view, ident),
        "copies": [_copy(copy_, ident) for copy_ in record.copies(view, row)],
        "links_out": outward,
        "links_in": inward,
        "links_in_count": count,
        "record": record.line(root, row, version),
    }


def shown(found: Mapping[str, Any], text: str, link: UrlBuilder) -> dict[str, Any]:
    """The values of the template article.html; *text*: a query whose words are marked."""
    asked = _asked(text)
    row, version, line_ = found["page"], found["version"], found["record"]
    path = f"/a/{row['id']}" + ("" if version["revision"] == row["revision"] else f"/v{version['revision']}")
    return {
        "data": found,
        "title_pieces": mark(version["title"] or "", asked, "title"),
        "paragraphs": [mark(part, asked, "body") for part in (version["body"] or "").split("\n\n") if part],
        "curve": _curve(found["visits"], link),
        "fields": [] if line_ is None else _fields(line_),
        "verify": link.to(f"{path}/verify"),
        "citations": [(form, cite.cite(line_ or citable(row), form)) for form in cite.FORMATS],
    }


def diff(view: IndexView, ident: str, old: int | None, new: int | None) -> dict[str, Any] | None:
    """Two versions of *ident* side by side; by default the last two."""
    row = record.page(view, ident)
    if row is None:
        return None
    by_number = {version["revision"]: version for version in record.versions(view, ident)}
    after = by_number.get(new or row["revision"])
    before = by_number.get(old or (after["revision"] - 1 if after else 0))
    if before is None or after is None:
        return None
    return {"page": row, "old": before, "new": after, **_compared(before, after)}


def beside(view: IndexView, ident: str, other: str) -> dict[str, Any] | None:
    """Two pages side by side, in their latest versions."""
    rows = [record.page(view, article_id) for article_id in (ident, other)]
    texts = [record.versions(view, article_id) for article_id in (ident, other)]
    if rows[0] is None or rows[1] is None:
        return None
    old, new = (text[-1] for text in texts)
    return {"old_page": rows[0], "new_page": rows[1], "old": old, "new": new, **_compared(old, new)}


def _compared(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    titles = compare.rows(old["title"] or "", new["title"] or "")
    title = titles[0] if len(titles) == 1 else compare.DiffRow("same", [], [])
    return {"title": _row(title), "rows": [_row(row) for row in compare.rows(old["body"] or "", new["body"] or "")]}


def _row(row: compare.DiffRow) -> dict[str, Any]:
    return {"kind": row.kind, "old": row.old, "new": row.new}


def shown_diff(view: IndexView, found: dict[str, Any], link: UrlBuilder) -> dict[str, Any]:
    """The values of the template beside.html, for versions."""
    row, old, new = found["page"], found["old"], found["new"]
    sides = [
        {"name": link.label("version", n=side["revision"]), "about": minute(side["fetched_at"]),
         "href": link.to(f"/a/{row['id']}/v{side['revision']}")}
        for side in (old, new)
    ]  # fmt: skip
    numbers = [version["revision"] for version in record.versions(view, row["id"])]
    choices = [
        {"old": before, "new": after, "chosen": (before, after) == (old["revision"], new["revision"]),
         "href": link.to(f"/a/{row['id']}/diff", old=before, new=after)}
        for before, after in pairwise(numbers)
    ]  # fmt: skip
    heading = link.label("old_new", old=old["revision"], new=new["revision"])
    return {"heading": heading, "row": row, "sides": sides, "choices": choices,
            "title": found["title"], "rows": found["rows"]}  # fmt: skip


def shown_beside(found: dict[str, Any], link: UrlBuilder) -> dict[str, Any]:
    """The same for two pages."""
    sides = [
        {"name": page["portal_title"], "about": f"{published(page) or link.label('no_date')} · {page['url']}",
         "href": link.to(f"/a/{page['id']}")}
        for page in (found["old_page"], found["new_page"])
    ]  # fmt: skip
    return {"heading": link.label("side_by_side"), "row": None, "sides": sides, "choices": [],
            "title": found["title"], "rows": found["rows"]}  # fmt: skip


def _copy(row: dict[str, Any], ident: str) -> dict[str, Any]:
    if row["copy_id"] is None:
        relation = "group"
    elif row["direction"] is None:
        relation = "undirected"
    else:
        relation = "origin" if row["copy_id"] == ident else "copy"
    return row | {"relation": relation, "published": published(row)}


def _fields(line_: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every field of the line, with how it was found and as it was printed."""
    how = line_["extracted_by"]
    return [
        {"name": name, "value": _said(value), "how": how.get(name), "raw": line_.get(_RAW.get(name, ""))}
        for name, value in line_.items() if name not in _ELSEWHERE
    ]  # fmt: skip


def _said(value: object) -> str:
    if isinstance(value, str):
        return value
    return orjson.dumps(value).decode() if value is not None else "null"


def _asked(text: str) -> query.Query | None:
    try:
        return query.parse(text) if text else None
    except query.QueryError:
        return None


def _curve(visits: list[dict[str, Any]], link: UrlBuilder) -> str | None:
    seen = [
        (datetime.fromisoformat(visit["at"]), visit["view_count"])
        for visit in visits
        if visit["view_count"] is not None
    ]
    if not seen:
        return None
    begin = seen[0][0]
    points = [
        ChartPoint((at - begin).total_seconds() / 86400, views,
              link.label("view_point", at=minute(at.isoformat()[:16]), n=number(views)))
        for at, views in seen
    ]  # fmt: skip
    last = max(points[-1].x, 1 / 24)
    labels = [(point.x, at.date().isoformat()) for point, (at, _) in zip(points, seen, strict=True)]
    apart: list[tuple[float, str]] = []
    for label in labels:
        if not apart or label[0] - apart[-1][0] > last / 7:
            apart.append(label)
    return line(points, link.label("view_curve"), labels=apart, x_range=(0, last))
