"""What the crawls after a run archived, as the saved queries see it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from crawler.analysis import changes_since, query
from crawler.analysis.browse.highlight import passages
from crawler.analysis.loose import LooseLines
from crawler.analysis.names import PortalFacts
from crawler.analysis.snapshot import ByteRange, Snapshot, lines_of
from crawler.archive.records import jsonl
from crawler.archive.records.jsonl import Json
from crawler.archive.records.tombstone import is_tombstone
from crawler.archive.records.versions import upgraded
from crawler.queries.saved import SavedQuery

_STEP = 500  #: lines asked at a time
_PASSAGE = 300  #: characters
_ID = re.compile(rb'"id":"([0-9a-f]{32})"')


@dataclass(frozen=True, slots=True)
class Match:
    """A line that a query found, and the number of the run that wrote it."""

    number: int
    data: Json  #: what is sent of it

    @property
    def key(self) -> str:
        return f"{self.data['id']}/{self.data['revision']}"


def matches(
    shot: Snapshot, since: int, queries: Collection[SavedQuery], facts: Mapping[str, PortalFacts]
) -> dict[str, list[Match]]:
    """Name of a query -> its matches in what crawls after run number *since* wrote, in the order of the runs.

    *shot* must have been made with *since*. Raises DamagedError.
    """
    found: dict[str, list[Match]] = {query.name: [] for query in queries}
    later: dict[str, list[Match]] = {query.name: [] for query in queries}  # versions that may not be the first to match
    for batch in _batches(_new_lines(shot, since)):
        with LooseLines([record for _, record in batch], facts) as lines:
            for query in queries:
                for place in sorted(lines.matching(query.choice)):
                    number, record = batch[place]
                    match = Match(number, _data(query, record, facts))
                    (later if record["revision"] > 1 and not query.revisions else found)[query.name].append(match)
    for query in queries:
        first = _first_to_match(shot, query, later[query.name], facts)
        found[query.name] = sorted([*found[query.name], *first], key=lambda match: match.number)
    return found


def _new_lines(shot: Snapshot, since: int) -> Iterator[tuple[int, Json]]:
    """(number of the run, line) of what crawls after number *since* wrote.

    A repair, a removal or an adoption rewrites lines: each says itself which run wrote it first.
    """
    crawls = {row["run"]: row["number"] for row in shot.runs if row["kind"] == "crawl" and row["number"] > since}
    for span in shot.ranges(since, changes_since.rewritten_after(shot, since)) if crawls else ():
        if span.stream != "observations":
            for record in _records(shot, span):
                if number := crawls.get(record["run"]):
                    yield number, record


def _records(shot: Snapshot, span: ByteRange, ids: Collection[bytes] | None = None) -> Iterator[Json]:
    """The lines of *span* that are records, those of *ids* alone where they are given."""
    for _, line in lines_of(shot.paths, span):
        if ids is None or ((named := _ID.search(line)) and named[1] in ids):
            record = upgraded(jsonl.decode(line), span.path)
            if not is_tombstone(record):
                yield record


def _first_to_match(
    shot: Snapshot, query: SavedQuery, later: Sequence[Match], facts: Mapping[str, PortalFacts]
) -> Iterator[Match]:
    """Those of *later* before which no version of their page matched."""
    if not later:
        return
    ids = {match.data["id"].encode() for match in later}
    portals = {match.data["portal"] for match in later}
    spans = [span for span in shot.ranges() if span.portal in portals and span.stream != "observations"]
    known = [record for span in spans for record in _records(shot, span, ids)]
    with LooseLines(known, facts) as lines:
        matched = [known[place] for place in lines.matching(query.choice)]
    first: dict[str, int] = {}
    for record in matched:
        first[record["id"]] = min(record["revision"], first.get(record["id"], record["revision"]))
    yield from (match for match in later if match.data["revision"] == first.get(match.data["id"]))


def _batches(lines: Iterator[tuple[int, Json]]) -> Iterator[list[tuple[int, Json]]]:
    batch: list[tuple[int, Json]] = []
    for line in lines:
        batch.append(line)
        if len(batch) == _STEP:
            yield batch
            batch = []
    if batch:
        yield batch


def _data(query: SavedQuery, record: Json, facts: Mapping[str, PortalFacts]) -> Json:
    """What is sent of *record*."""
    names = ("id", "revision", "portal", "url", "title", "source", "author", "published_at", "published_date",
             "fetched_at", "run")  # fmt: skip
    portal = facts.get(record["portal"])
    return {name: record[name] for name in names} | {
        "portal_title": portal.title if portal else record["portal"],
        "copy_of": cast(Json, record.get("duplicate_of") or {}).get("id"),
        "passage": _passage(record["body"] or "", query.parsed),
    }


def _passage(body: str, asked: query.Query) -> str:
    """Where the words stand in *body*, in short."""
    places = ["".join(text for _, text in pieces).strip() for pieces in passages(body, asked)]
    return " … ".join(" ".join(place.split()) for place in places)[:_PASSAGE]
