"""`citynews show`, `history`, `diff` and `cite`: what an archive holds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.app import app
from crawler.cli.inputs import existing_archive, text_form
from crawler.cli.options import AsJson, ConfigFile, Ident, Output, Portals, TextForm
from crawler.cli.output import emit, emit_text, printable
from crawler.exit_codes import UsageError

if TYPE_CHECKING:
    from crawler.archive.read.life import Life
    from crawler.archive.records.jsonl import Json
    from crawler.archive.records.types import PageRecord
    from crawler.config import Config
    from crawler.extraction import Form

#: What a page that was archived after another with the same text is to it, by its direction; and the other to it.
_WORDS = {"copy": "a copy of", "origin": "copied by", None: "the same text as"}
_OTHER_WORDS = {"copy": "copied by", "origin": "a copy of", None: "the same text as"}
SHOWN = 50  #: records that differ, printed; --json has them all


@app.command()
def show(
    ident: Ident, form: TextForm = "json", output: Output = None, portal_files: Portals = None,
    config_file: ConfigFile = None,
) -> None:  # fmt: skip
    """Print the current record of a page as JSON, or its text.

    The latest version, with the view count of the last visit that saw one and the time of that visit. Markdown and HTML
    are extracted again from the archived page, by this version of citynews.
    """
    from crawler import config

    chosen = config.resolve(config_file, output, portal_files or [])
    record = _latest(chosen.output, ident)
    shape = text_form(form)
    if shape is None:
        emit(record)
    else:
        emit_text(record["body"] or "" if shape == "text" else _text(chosen, record, shape))


def _text(chosen: Config, record: PageRecord, form: Form) -> str:
    """The text of *record* in *form*. Raises UsageError where this version reads no article there."""
    from crawler import portals
    from crawler.archive.read.reader import Reader
    from crawler.article import Refusal
    from crawler.extraction import render
    from crawler.pipelines import archived_page

    portal = portals.load(chosen.portals).get(record["portal"])
    text = archived_page.structure(Reader(chosen.output), record, portal)
    if isinstance(text, Refusal):
        raise UsageError(
            f"{record['id']}: this version does not recognise its archived page as an article: {text.reason}"
        )
    return render(text, form)


@app.command()
def history(ident: Ident, output: Output = None, config_file: ConfigFile = None, as_json: AsJson = False) -> None:
    """History of an article: versions, visits, view counts, copies."""
    from crawler import config
    from crawler.analysis.history import changes

    life = _life(config.resolve(config_file, output, []).output, ident)
    if as_json:
        emit({name: getattr(life, name) for name in (*life.__slots__, "latest")} | {"changes": list(changes(life))})
    else:
        _print_life(life)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="An archive.")],
    new: Annotated[Path, typer.Argument(help="Another one, such as a replay with other rules.")],
    as_json: AsJson = False,
) -> None:
    """Field-by-field differences between two archives.

    The summary comes first. Where records were written is ignored.
    """
    from crawler.analysis.diff import differences

    for root in (old, new):
        existing_archive(root)
    found = list(differences(old, new))
    kinds = Counter((difference["stream"], difference["kind"]) for difference in found)
    changed = Counter(name for difference in found for name in difference["fields"])
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
    _print_differences(found[:SHOWN])
    if len(found) > SHOWN:
        typer.echo(f"\n... and {len(found) - SHOWN} more; --json lists them all")


@app.command()
def cite(
    ident: Ident,
    form: Annotated[str, typer.Option("--format", help="text, bibtex or csl-json.")] = "text",
    output: Output = None,
    config_file: ConfigFile = None,
) -> None:
    """Citation of an article, with the record that proves it."""
    from crawler import config
    from crawler.analysis import cite as citing
    from crawler.archive.runs import run_file
    from crawler.archive.storage.layout import Paths

    if form not in citing.FORMATS:
        raise UsageError(f"--format {form}: one of {', '.join(citing.FORMATS)}")
    root = config.resolve(config_file, output, []).output
    record = _latest(root, ident)
    typer.echo(printable(citing.cite(dict(record), form, run_file.head(Paths(root)).sha256)))


def _latest(root: Path, ident: str) -> PageRecord:
    """The page *ident*, an id or an address, as it is now. Raises UsageError where there is none."""
    record = _life(root, ident).latest
    if record is None:
        raise UsageError(f"{ident}: visited, but not archived; `citynews history` says why")
    return record


def _life(root: Path, ident: str) -> Life:
    """Everything the archive in *root* holds of *ident*. Raises UsageError where that is nothing."""
    from crawler.archive.read import life
    from crawler.values.urls import clean

    paths = existing_archive(root)
    if "://" in ident and clean(ident) is None:
        raise UsageError(f"{ident}: neither an id nor an http(s) address")
    found = life.life(paths, ident)
    if not (found.latest or found.observations):
        raise UsageError(f"{ident}: no such id or address in {root}")
    return found


def _print_life(life: Life) -> None:
    from crawler.analysis.history import changes
    from crawler.analysis.text_diff import side_by_side

    last = life.latest
    if last is not None:
        typer.echo(printable(f"{last['title']}\n{last['url']} ({last['portal']}, {last['id']})"))
    fields = {change["revision"]: change["fields"] for change in changes(life)}
    for version in [record for record in (life.article, *life.revisions) if record]:
        changed = f", changed: {', '.join(version['changed_fields'])}" if "changed_fields" in version else ""
        typer.echo(f"  version {version['revision']}  {version['fetched_at']}{changed}")
        for name, values in fields.get(version["revision"], {}).items():
            for line in side_by_side(name, *values):
                typer.echo(printable(f"  {line}"))
    if life.duplicate is not None:
        original = life.duplicate["duplicate_of"]
        said = _WORDS[life.duplicate["direction"]]
        typer.echo(printable(f"  {said} {original['url']} ({original['portal']}), {life.duplicate['match']}"))
    for visit in life.observations:
        views = "" if visit["view_count"] is None else f", {visit['view_count']} views"
        reason = f" ({visit['reason']})" if visit["reason"] else ""
        typer.echo(printable(f"  visited {visit['observed_at']}  {visit['outcome']}{reason}{views}"))
    for copy in life.copies:
        said = _OTHER_WORDS[copy["direction"]]
        typer.echo(printable(f"  {said} {copy['url']} ({copy['portal']}), {copy['match']}, seen {copy['fetched_at']}"))


def _print_differences(found: list[Json]) -> None:
    from crawler.analysis.text_diff import side_by_side

    for difference in found:
        typer.echo(printable(f"\n{difference['kind']} {difference['stream']} {difference['key']} {difference['url']}"))
        for name, values in difference["fields"].items():
            for line in side_by_side(name, *values):
                typer.echo(printable(line))
