"""`citynews show`, `history` and `diff`: what the archive holds, for a person or, with --json, for a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import typer

from crawler.archive.read.reader import Life, Reader, key_of
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.layout import STREAMS, Stream
from crawler.commands.differences import paragraphs, side_by_side
from crawler.commands.report import emit, printable
from crawler.exit_codes import UsageError
from crawler.values.urls import clean

#: What differs between two archives of the same pages without meaning anything.
_INCIDENTAL = frozenset({"run", "warc", "captures"})
SHOWN = 50  #: records that differ, printed; --json has them all


def show(root: Path, ident: str) -> None:
    """Prints the latest record of *ident*, an id or an address. Raises UsageError where there is none."""
    emit(latest(root, ident))


def latest(root: Path, ident: str) -> Json:
    """The latest record of *ident*, an id or an address. Raises UsageError where there is none."""
    found = _life(root, ident).latest
    if found is None:
        raise UsageError(f"{ident}: visited, but not archived; `citynews history` says why")
    return found


def history(root: Path, ident: str, *, as_json: bool) -> None:
    """Prints an article's life: versions, visits with their view counts, copies. Raises UsageError."""
    life = _life(root, ident)
    if as_json:
        emit({name: getattr(life, name) for name in Life.__slots__} | {"changes": list(_changes(life))})
        return
    last = life.latest
    if last is not None:
        typer.echo(printable(f"{last['title']}\n{last['url']} ({last['portal']}, {last['id']})"))
    changes = {each["revision"]: each["fields"] for each in _changes(life)}
    for version in [each for each in (life.article, *life.revisions) if each]:
        changed = f", changed: {', '.join(version['changed_fields'])}" if "changed_fields" in version else ""
        typer.echo(f"  version {version['revision']}  {version['fetched_at']}{changed}")
        for name, values in changes.get(version["revision"], {}).items():
            for line in side_by_side(name, *values):
                typer.echo(printable(f"  {line}"))
    if life.duplicate is not None:
        original = life.duplicate["duplicate_of"]
        typer.echo(printable(f"  a copy of {original['url']} ({original['portal']}), {life.duplicate['match']}"))
    for visit in life.observations:
        views = "" if visit["view_count"] is None else f", {visit['view_count']} views"
        reason = f" ({visit['reason']})" if visit["reason"] else ""
        typer.echo(printable(f"  visited {visit['observed_at']}  {visit['outcome']}{reason}{views}"))
    for copy in life.copies:
        typer.echo(printable(f"  copied  {copy['fetched_at']}  {copy['url']} ({copy['portal']}), {copy['match']}"))


def _changes(life: Life) -> Iterator[Json]:
    """Of each later version: its number, field -> [before, after], and the places of the body that differ."""
    versions = [each for each in (life.article, *life.revisions) if each]
    for before, after in pairwise(versions):
        fields = {name: [before[name], after[name]] for name in after["changed_fields"]}
        yield {
            "revision": after["revision"],
            "fields": fields,
            "body": paragraphs(fields["body"]) if "body" in fields else [],
        }


def diff(old: Path, new: Path, *, as_json: bool) -> None:
    """Prints what differs between the archives *old* and *new*, field by field: the summary first."""
    for root in (old, new):
        _exists(root)
    found = [each for stream in STREAMS for each in _differences(stream, Reader(old), Reader(new))]
    kinds = Counter((each["stream"], each["kind"]) for each in found)
    changed = Counter(name for each in found for name in each["fields"])
    if as_json:
        emit(
            {
                "summary": [{"stream": s, "kind": k, "count": n} for (s, k), n in sorted(kinds.items())],
                "fields": dict(changed.most_common()),
                "differences": found,
            }
        )
        return
    for (stream, kind), count in sorted(kinds.items()):
        typer.echo(f"{stream}: {count} {kind}")
    for name, count in changed.most_common():
        typer.echo(f"  {name}: {count}")
    if not found:
        typer.echo("no difference")
    for each in found[:SHOWN]:
        typer.echo(printable(f"\n{each['kind']} {each['stream']} {each['key']} {each['url']}"))
        for line in [line for name, values in each["fields"].items() for line in side_by_side(name, *values)]:
            typer.echo(printable(line))
    if len(found) > SHOWN:
        typer.echo(f"\n... and {len(found) - SHOWN} more; --json lists them all")


def _differences(stream: Stream, old: Reader, new: Reader) -> Iterator[Json]:
    """Records of *stream* that only one of the archives holds, or that differ in more than where they were written."""
    places = new.places(stream)
    for before in old.records(stream):
        key = key_of(stream, before)
        if key not in places:
            yield _difference(stream, "gone", key, before, {})
            continue
        after = Reader.at(*places.pop(key))
        names = [n for n in before if n not in _INCIDENTAL and before[n] != after.get(n)]
        if names:
            yield _difference(stream, "changed", key, after, {n: [before[n], after.get(n)] for n in names})
    for key, place in places.items():
        yield _difference(stream, "added", key, Reader.at(*place), {})


def _difference(stream: Stream, kind: str, key: str, record: Json, fields: Json) -> Json:
    return {
        "stream": stream,
        "kind": kind,
        "key": key,
        "url": record["url"],
        "fields": fields,
        "body": paragraphs(fields["body"]) if "body" in fields else [],
    }


def _life(root: Path, ident: str) -> Life:
    _exists(root)
    if "://" in ident and clean(ident) is None:
        raise UsageError(f"{ident}: neither an id nor an http(s) address")
    life = Reader(root).life(ident)
    if not (life.latest or life.observations):
        raise UsageError(f"{ident}: no such id or address in {root}")
    return life


def _exists(root: Path) -> None:
    if not root.is_dir():
        raise UsageError(f"{root}: no archive here")
