"""Everything that an archive holds about one address. Imports only what reading lines needs: `show` starts quickly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

from crawler.archive.read.lines import placed
from crawler.archive.read.pages import as_page, last_views
from crawler.archive.records import jsonl
from crawler.archive.records.jsonl import Json
from crawler.archive.records.tombstone import is_tombstone
from crawler.archive.records.types import PageRecord
from crawler.archive.records.versions import upgraded
from crawler.archive.runs import run_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Paths, Stream
from crawler.values.urls import article_id, bare, clean


@dataclass(frozen=True, slots=True)
class Life:
    """Everything in the archive about one article address."""

    article: Json | None
    revisions: list[Json]
    observations: list[Json]
    duplicate: Json | None  #: where the address holds a copy of another article
    copies: list[Json]  #: duplicates elsewhere of this article

    @property
    def latest(self) -> PageRecord | None:
        """The page as it is now, as ``Reader.pages`` gives it; None where nothing is archived."""
        first = self.article or self.duplicate
        record = self.revisions[-1] if self.revisions else first
        return as_page(record, last_views(self.observations), first) if record else None


def life(paths: Paths, ident: str) -> Life:
    """What the archive holds of the address with the id *ident*, or of the address itself.

    An address under which nothing is archived is looked for once more as the portals know their addresses: without
    parameters that name no other page. Raises DamagedError for a line that is no record.
    """
    if "://" not in ident:
        return _life(paths, ident.lower())
    found = _life(paths, article_id(ident))
    if not (found.latest or found.observations) and (known := _renamed(paths, ident)) is not None:
        return _life(paths, known)
    return found


def _renamed(paths: Paths, url: str) -> str | None:
    """The id of the page that *url* names without what its portal's last run dropped; the one archived first."""
    dropped: dict[str, list[str]] = {}
    with suppress(DamagedError):  # verify says that; an address is looked for as far as the runs can be read
        for run, _ in run_file.finished(paths):
            stats = run.get("portals") or {}
            dropped |= {name: stat["drop_params"] for name, stat in stats.items() if "drop_params" in stat}
    cleaned = clean(url)
    for _, _, record in chain(placed(paths, "articles"), placed(paths, "duplicates")):
        names = dropped.get(record["portal"], ())
        if cleaned and bare(record["url"], names)[0] == bare(cleaned, names)[0]:
            return str(record["id"])
    return None


def _life(paths: Paths, wanted: str) -> Life:
    own = {stream: list(_of(paths, stream, wanted)) for stream in ("articles", "revisions", "observations")}
    copies = list(_of(paths, "duplicates", wanted))
    return Life(
        article=next(iter(own["articles"]), None),
        revisions=sorted(own["revisions"], key=lambda revision: int(revision["revision"])),
        observations=sorted(own["observations"], key=lambda visit: str(visit["observed_at"])),
        duplicate=next((copy_ for copy_ in copies if copy_["id"] == wanted), None),
        copies=[copy_ for copy_ in copies if copy_["duplicate_of"]["id"] == wanted],
    )


def _of(paths: Paths, stream: Stream, ident: str) -> Iterator[Json]:
    """The records of *stream* that name *ident*; only lines with its letters are parsed."""
    letters = ident.encode()
    for path in paths.stream_files(stream):
        for _, line in jsonl.whole_lines(path):
            if letters in line:
                record = upgraded(jsonl.decode(line), path)
                if not is_tombstone(record) and ident in {record["id"], record.get("duplicate_of", {}).get("id")}:
                    yield record
