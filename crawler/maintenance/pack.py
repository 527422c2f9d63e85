"""A WACZ package of the archive, or of a part of it, for ReplayWeb.page and pywb."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from crawler.archive.read.latest import LatestVersions
from crawler.archive.read.reader import Reader
from crawler.archive.records import requisites
from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.archive.storage.layout import Paths, cdxj_name, is_open, run_of
from crawler.archive.storage.spool import SortedLines
from crawler.archive.warc import cdxj, wacz
from crawler.archive.warc.record import read_record, records
from crawler.article import parse_moment
from crawler.exit_codes import UsageError

PLAYER_READS = 1 << 20  #: bytes of the list of pages that ReplayWeb.page searches
#: Characters of the longest Chinese word that a player finds: names and most terms, such as 智慧城市.
LONGEST_WORD = 4
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")


@dataclass(frozen=True, slots=True)
class PackScope:
    """Which articles: of these portals (none: all), first archived on the days *since* to *until*, inclusive."""

    portals: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None


@dataclass(slots=True)
class _Contents:
    """What goes into the package besides the pages."""

    files: Mapping[str, Path]  #: name relative to warc/ -> path, of the files that are whole
    needed: set[str] = field(default_factory=set)  #: runs whose files hold a page
    articles: int = 0
    waiting: int = 0  #: articles whose WARC file is not whole yet
    listed: int = 100  #: bytes of the list of pages; its first line is shorter
    searchable: int = 0  #: articles whose texts lie in the part of the list that ReplayWeb.page reads


@dataclass(frozen=True, slots=True)
class PackSummary:
    """What went into a package."""

    articles: int
    waiting: int  #: articles left out: their WARC file is not whole yet
    warc_files: int
    bytes: int
    head: str | None  #: of the archive when it was packed
    searchable: int = 0  #: articles whose texts ReplayWeb.page searches


def pack(root: Path, target: Path, choice: PackScope, *, text: bool) -> PackSummary:
    """Packs what *choice* names of the archive *root* into *target*. Raises UsageError, StorageError, DamagedError."""
    _check(root, target)
    paths = Paths(root)
    files = {name: path for name, path in paths.warc_files().items() if not is_open(path)}
    created = _created(paths)
    if not files or created is None:
        raise UsageError(f"{root}: no finished WARC file to pack; of a replayed archive, pack what it was made from")
    chosen = _Contents(files)
    with wacz.Package(target, created) as package:
        package.pages(_pages(Reader(root), choice, chosen, text=text), has_text=text)
        if not chosen.articles:
            raise UsageError(f"{root}: no archived article is among what was chosen; nothing was written")
        names = sorted(files if choice == PackScope() else _needed(paths, files, chosen.needed))
        for name in names:
            package.warc(files[name])
        package.index(_index(files[name] for name in names))
        head = run_file.head(paths)
        description = f"{chosen.articles} articles, archived by citynews."
        package.describe(title=_title(choice), description=description, archive=head.archive, head=head.sha256)
    return PackSummary(
        chosen.articles, chosen.waiting, len(names), target.stat().st_size, head.sha256, chosen.searchable
    )


def _check(root: Path, target: Path) -> None:
    if target.suffix != ".wacz":
        raise UsageError(f"-o {target}: the name of a package ends in .wacz")
    if target.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"-o {target}: lies inside the archive, which holds nothing but what runs wrote")
    if not target.parent.is_dir():
        raise UsageError(f"-o {target}: there is no folder {target.parent}")


def _created(paths: Paths) -> datetime | None:
    """When the last run ended: a package says of when its content is, not when it was packed."""
    ends = [run["finished_at"] for run, _ in run_file.finished(paths)]
    return parse_moment(max(ends)) if ends else None


def _title(choice: PackScope) -> str:
    days = (
        f", {choice.since or 'from the first'} to {choice.until or 'the last'}" if choice.since or choice.until else ""
    )
    return f"Articles of {', '.join(choice.portals) or 'all portals'}{days}"


def _pages(reader: Reader, choice: PackScope, chosen: _Contents, *, text: bool) -> Iterator[dict[str, Any]]:
    """A page an article, as of its latest version; notes which runs captured them."""
    versions = LatestVersions(reader.placed("revisions"))
    for name in choice.portals or (None,):
        for article in reader.articles(portal=name, since=choice.since, until=choice.until):
            place = versions.version(article["id"])
            record: Any = reader.at(*place) if place else article
            if record["warc"]["file"] not in chosen.files:
                record = article  # the later version is being written
            if record["warc"]["file"] not in chosen.files:
                chosen.waiting += 1
                continue
            chosen.articles += 1
            chosen.needed.add(run_of(record["warc"]["file"]))
            page = {"id": record["id"], "url": record["url"], "ts": record["fetched_at"][:19] + "Z"}
            page |= {"title": record["title"]} | ({"text": _searchable(record)} if text else {})
            chosen.listed += len(orjson.dumps(page)) + 1
            chosen.searchable += text and chosen.listed <= PLAYER_READS
            yield page


def _searchable(record: Json) -> str:
    """The text of a page, and behind it each Chinese word of up to LONGEST_WORD characters that title or text may hold.

    ReplayWeb.page looks for whole words between spaces and punctuation, and Chinese is written without spaces. Which
    pieces are words is not asked: any may be what somebody looks for.
    """
    body = record["body"] or ""
    pieces: dict[str, None] = {}
    for run in _HAN.findall(f"{record['title'] or ''}\n{body}"):
        for length in range(1, LONGEST_WORD + 1):
            pieces |= dict.fromkeys(run[at : at + length] for at in range(len(run) - length + 1))
    return f"{body}\n\n{' '.join(pieces)}" if pieces else body


def _needed(paths: Paths, files: Mapping[str, Path], runs: set[str]) -> set[str]:
    """The files of *runs*, those with the pictures and styles of their pages, and what revisit records refer to."""
    names = {name for name in files if run_of(name) in runs}
    return _with_originals(files, names | _with_requisites(paths, files, names))


def _with_requisites(paths: Paths, files: Mapping[str, Path], names: set[str]) -> set[str]:
    """The files besides *names* that hold what pages in *names* need to look as they looked."""
    counted = (tally.get("requisites", {}) for run, _ in run_file.finished(paths) for tally in _portals(run))
    if not any(counts.get("asked") for counts in counted):
        return set()
    wanted = {
        url
        for name in names
        for record in records(files[name])
        if (said := requisites.parse(record)) is not None and said["schema"] == requisites.NEEDS
        for _, url in said["needs"]
    }
    return {
        name
        for name in files.keys() - names
        if any(orjson.loads(line.split(b" ", 2)[2])["url"] in wanted for line in _lines(files[name]))
    }


def _portals(run: Json) -> Iterable[Json]:
    found: dict[str, Json] = run.get("portals", {})
    return found.values()


def _with_originals(files: Mapping[str, Path], names: set[str]) -> set[str]:
    """The files *names*, and those that their revisit records refer to."""
    names = set(names)
    for name in sorted(names):
        for line in _lines(files[name]):
            fields = orjson.loads(line.split(b" ", 2)[2])
            if fields["mime"] != cdxj.REVISIT:
                continue
            with files[name].open("rb") as file:
                revisit = read_record(file, int(fields["offset"]), int(fields["length"]))
            original = revisit.fields.get("warc-refers-to-filename", "")
            names |= {original} & files.keys()
    return names


def _index(warcs: Iterable[Path]) -> Iterable[bytes]:
    found = SortedLines()
    for warc in warcs:
        found.extend(map(cdxj.rekeyed, _lines(warc)))
    return found


def _lines(warc: Path) -> Iterator[bytes]:
    """The lines of the CDXJ of *warc*."""
    index = warc.with_name(cdxj_name(warc.name))
    if not index.is_file():
        raise UsageError(f"{index}: is not there; `citynews verify` tells what else is wrong")
    with index.open("rb") as file:
        yield from file
