"""Images, style sheets and attachments that only a removed article used: they are removed with it.

What another article names stays, also where it names it by way of a style sheet or only in its line; and so does a
payload that a kept address shares by a revisit record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from crawler.archive.records import jsonl, requisites
from crawler.archive.records.requisites import AskedRecord, NeedsRecord
from crawler.archive.storage.layout import Paths
from crawler.archive.warc.record import Record, records
from crawler.values.urls import article_id


@dataclass(slots=True)
class Orphans:
    """What goes: *records* by their ids, answers of the addresses with *ids* but for the records in *kept*."""

    records: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)

    def hold(self, record: Record) -> bool:
        """Whether *record* goes."""
        if record.record_id in self.records:
            return True
        answers = record.kind in {"response", "revisit"} and record.target.startswith(("http://", "https://"))
        return answers and record.record_id not in self.kept and article_id(record.target) in self.ids


@dataclass(slots=True)
class _Naming:
    """Ids of addresses by who names them."""

    own: set[str] = field(default_factory=set)  #: the removed article
    others: set[str] = field(default_factory=set)
    styles: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  #: style -> what it names
    asked: list[tuple[str, str, AskedRecord]] = field(default_factory=list)  #: (id, id of the record, record)

    def with_styles(self, ids: Iterable[str]) -> set[str]:
        """*ids* and all that styles among them name."""
        found: set[str] = set()
        todo = list(ids)
        while todo:
            if (ident := todo.pop()) not in found:
                found.add(ident)
                todo += self.styles.get(ident, ())
        return found


def orphans(paths: Paths, removed: str, pages: set[str]) -> Orphans:
    """What goes with the article *removed*, whose pages are the records *pages*. Raises DamagedError."""
    found, named = Orphans(), _Naming()
    for path in paths.warc_files().values():
        for record in records(path):
            if (said := requisites.parse(record)) is not None:
                if said["schema"] == requisites.ASKED:
                    named.asked.append((article_id(said["url"]), record.record_id, said))
                elif _take(named, said, pages):
                    found.records.add(record.record_id)
    if not named.own:
        return found
    _lines(paths, removed, named)
    others = named.with_styles(named.others)
    found.ids = named.with_styles(named.own) - others
    for ident, record_id, said in named.asked:
        if ident in found.ids:
            found.records.add(record_id)
            if said["answered"] is not None and (answered := article_id(said["answered"])) not in others:
                found.ids.add(answered)
    _keep_shared(paths, found)
    return found


def _take(named: _Naming, said: NeedsRecord, pages: set[str]) -> bool:
    """Whether what *said* was needed by the removed article itself."""
    ids = {article_id(url) for _, url in said["needs"]}
    if said["of"] == "style":
        named.styles[article_id(said["url"])] |= ids
        return False
    own = said["page"] in pages
    (named.own if own else named.others).update(ids)
    return own


def _lines(paths: Paths, removed: str, named: _Naming) -> None:
    """What lines of other articles name: they may be older than the portal's wish for requisites."""
    for stream in ("articles", "revisions", "duplicates"):
        for path in paths.stream_files(stream):
            for _, line in jsonl.whole_lines(path):
                record = jsonl.decode(line)
                if record["id"] != removed:
                    files = [*record.get("images", ()), *record.get("attachments", ())]
                    named.others |= {record["id"], *(article_id(file["url"]) for file in files)}


def _keep_shared(paths: Paths, found: Orphans) -> None:
    for path in paths.warc_files().values():
        for record in records(path):
            if record.kind == "revisit" and article_id(record.target) not in found.ids:
                found.kept.add(record.fields.get("warc-refers-to", ""))
