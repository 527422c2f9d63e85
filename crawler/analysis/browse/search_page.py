"""The search page: what is found, as data, and how it is shown."""

from __future__ import annotations

from typing import Any

import orjson

from crawler.analysis import query
from crawler.analysis.browse import exports, results
from crawler.analysis.browse.columns import NAMED, SEVERAL
from crawler.analysis.browse.highlight import mark, passages
from crawler.analysis.browse.state import COUNTS, SORTS, SearchState
from crawler.analysis.browse.url_builder import UrlBuilder
from crawler.analysis.browse.view import IndexView
from crawler.analysis.web.charts import ChartBar, bars
from crawler.analysis.web.labels import LABELS
from crawler.analysis.web.render import number

FACET_PAGE = 500  #: values on a page of all values
_HIT = (
    "id", "kind", "portal", "portal_title", "url", "title", "source", "author", "published_at", "published_date",
    "published_local", "published_precision", "views", "views_first", "revisions", "state", "group_id", "group_size",
)  # fmt: skip


def data(view: IndexView, state: SearchState) -> dict[str, Any]:
    """All that the page says, as JSON has it. Raises QueryError."""
    found = results.find(view, state)
    total = len(found.numbers)
    last_page = max(1, -(-total // results.SIZE))
    page = min(state.page, last_page)
    begin = (page - 1) * results.SIZE
    shown = results.ordered(view, state, found, begin + results.SIZE)[begin:]
    unit, bins, undated = results.over_time(view, found)
    return {
        "q": state.q, "field": state.field, "since": state.since, "until": state.until, "sort": state.sort,
        "count": state.count, "filters": dict(state.facets), "understood": understood(state),
        "pages": found.pages, "texts": found.texts, "total": total, "page": page, "last_page": last_page,
        "first": begin + 1, "hits": _hits(view, state, shown),
        "facets": [_facet(facet) for facet in results.facets(view, state, found)],
        "over_time": {
            "unit": unit, "undated": undated,
            "bins": [{"since": b.since, "until": b.until, "hits": b.hits, "total": b.total} for b in bins],
        },
    }  # fmt: skip


def facet_data(view: IndexView, state: SearchState, name: str) -> dict[str, Any]:
    """All values of a facet, a page of them at a time. Raises QueryError."""
    found = results.find(view, state)
    everything = results.facet(view, state, found, name, 1 << 40)
    count = len(everything.values)
    last_page = max(1, -(-count // FACET_PAGE))
    page = min(state.page, last_page)
    values = everything.values[(page - 1) * FACET_PAGE : page * FACET_PAGE]
    return {
        "name": name, "count": count, "page": page, "last_page": last_page, "understood": understood(state),
        "values": [{"value": value.value, "hits": value.hits, "chosen": value.chosen} for value in values],
    }  # fmt: skip


def understood(state: SearchState) -> str:
    """What is searched for, in the words of the query language."""
    parts = [str(query.parse(state.text))] if state.text else []
    if state.since or state.until:
        parts.append(f"published {state.since or '…'} – {state.until or '…'}")
    for name, values in state.facets:
        parts.append(f"{name} = {' | '.join('null' if value is None else value for value in values)}")
    return " · ".join(parts)


def shown(view: IndexView, state: SearchState, found: dict[str, Any], link: UrlBuilder) -> dict[str, Any]:
    """The values of the template search.html."""
    titles = portal_titles(view)
    for hit in found["hits"]:
        hit["href"] = link.to(f"/a/{hit['id']}", **({"q": state.text} if state.text else {}))
        if state.count == "texts":
            hit["copies_href"] = link.to(f"/a/{hit['id']}") + "#copies"
    bins = [period | {"href": link.search(state.within(period["since"], period["until"])), "share": _share(period)}
            for period in found["over_time"]["bins"]]  # fmt: skip
    return {
        "data": found, "bins": bins, "chart": _chart(bins, found["over_time"]["unit"], link),
        "chips": _chips(state, titles, link), "daily": link.search(state.but(), "/over-time.csv"),
        "form": form(state, link),
        "exports": [{"name": name, "href": link.search(state.but(), "/export", to=to)}
                    for to, name in exports.FORMS.items()],
        "facets": [_shown_facet(facet, state, titles, link) for facet in found["facets"] if facet["values"]],
        "previous": link.search(state.but(page=found["page"] - 1)) if found["page"] > 1 else None,
        "next": link.search(state.but(page=found["page"] + 1)) if found["page"] < found["last_page"] else None,
    }  # fmt: skip


def form(state: SearchState, link: UrlBuilder) -> dict[str, Any]:
    """The values of the template form.html."""
    values = {name: getattr(state, name) for name in ("q", "field", "since", "until", "sort", "count")}
    return values | {
        "hidden": [(name, value) for name, value in state.but().parameters() if name not in values] + link.fixed,
        "fields": ("", *query.FIELDS), "sorts": SORTS, "counts": COUNTS,
    }  # fmt: skip


def shown_facet(view: IndexView, state: SearchState, found: dict[str, Any], link: UrlBuilder) -> dict[str, Any]:
    """The values of the template facet.html."""
    path, page = f"/facet/{found['name']}", found["page"]
    return {
        "data": found, "search": link.search(state.but()),
        "values": _values(found["values"], found["name"], state, portal_titles(view), link),
        "previous": link.search(state.but(page=page - 1), path) if page > 1 else None,
        "next": link.search(state.but(page=page + 1), path) if page < found["last_page"] else None,
    }  # fmt: skip


def portal_titles(view: IndexView) -> dict[str, str]:
    """Portal -> what it is called."""
    return view.remembered("titles", lambda: dict(view.rows("SELECT portal, coalesce(title, portal) FROM portals")))


def published(row: dict[str, Any]) -> str | None:
    """When *row* was published, as exactly as its page says."""
    local, day = row["published_local"], row["published_date"]
    if local is None or row["published_precision"] in {None, "day"}:
        return day if day is None else str(day)
    return str(local)[: 19 if row["published_precision"] == "second" else 16].replace("T", " ")


def _hits(view: IndexView, state: SearchState, numbers: list[int]) -> list[dict[str, Any]]:
    asked = query.parse(state.text) if state.text else None
    marks = ",".join("?" * len(numbers))
    columns = ", ".join(f"p.{name}" for name in _HIT)
    rows = view.records(
        f"SELECT p.n, {columns}, t.body FROM pages p JOIN texts t ON t.id = p.id WHERE p.n IN ({marks})", numbers
    )
    place = {n: at for at, n in enumerate(numbers)}
    found = []
    for row in sorted(rows, key=lambda row: place[row["n"]]):
        row.pop("n")
        body = row.pop("body") or ""
        folded = {"further": row["group_size"] - 1} if state.count == "texts" else {"further": 0}
        found.append(
            row | folded | {"published": published(row), "title_pieces": mark(row["title"] or "", asked, "title"),
                            "passages": passages(body, asked) if body else []}
        )  # fmt: skip
    return found


def _facet(found: results.FacetCounts) -> dict[str, Any]:
    return {
        "name": found.name, "more": found.more, "more_hits": found.more_hits, "several": found.name in SEVERAL,
        "values": [{"value": value.value, "hits": value.hits, "chosen": value.chosen} for value in found.values],
    }  # fmt: skip


def _shown_facet(found: dict[str, Any], state: SearchState, titles: dict[str, str], link: UrlBuilder) -> dict[str, Any]:
    return {
        "name": found["name"], "several": found["several"], "more": found["more"], "more_hits": found["more_hits"],
        "href": link.search(state.but(), f"/facet/{found['name']}"),
        "values": _values(found["values"], found["name"], state, titles, link),
    }  # fmt: skip


def _values(
    values: list[dict[str, Any]], name: str, state: SearchState, titles: dict[str, str], link: UrlBuilder
) -> list[dict[str, Any]]:
    return [
        value
        | {
            "href": link.search(state.toggled(name, value["value"])),
            "shown": _shown(name, value["value"], titles, link),
        }
        for value in values
    ]


def _shown(facet: str, value: str | None, titles: dict[str, str], link: UrlBuilder) -> str:
    """*value* of *facet* as a reader sees it; what a page or a definition says is left as it says it."""
    if value is None:
        return link.label("value_none")
    if facet in {"portal", "origin"}:
        return titles.get(value, value)
    return link.label(f"value_{value}") if facet in NAMED and f"value_{value}" in LABELS else value


def _chips(state: SearchState, titles: dict[str, str], link: UrlBuilder) -> list[dict[str, str]]:
    """What is chosen besides the words, each with the address without it."""
    chips = [
        {"name": link.label(name), "value": value, "href": link.search(state.but(**{name: None}))}
        for name, value in (
            ("since", state.since), ("until", state.until), ("fetched_since", state.fetched_since)) if value
    ]  # fmt: skip
    for name, values in state.facets:
        for value in values:
            shown = _shown(name, value, titles, link)
            chips.append(
                {"name": link.label(f"facet_{name}"), "value": shown, "href": link.search(state.toggled(name, value))}
            )
    return chips


def _share(row: dict[str, Any]) -> str:
    return f"{100 * row['hits'] / row['total']:.1f} %" if row["total"] else "–"


def _chart(bins: list[dict[str, Any]], unit: str, link: UrlBuilder) -> str:
    items = [
        ChartBar(
            period["since"][:7] if unit == "month" else period["since"], period["hits"],
            link.label("bar", since=period["since"], until=period["until"], hits=number(period["hits"]),
                       total=number(period["total"]), share=period["share"]),
            period["href"] if period["hits"] else None,
        )
        for period in bins
    ]  # fmt: skip
    return bars(items, link.label("over_time"))


def as_json(found: dict[str, Any]) -> bytes:
    """The data of a page as JSON."""
    return orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
