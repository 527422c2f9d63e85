"""`citynews seal`, `remove` and `adopt`: commands that change an intact archive."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from crawler.cli.app import app
from crawler.cli.inputs import existing_archive, locked_archive, need_warc
from crawler.cli.notifying import notifying
from crawler.cli.options import AsJson, ConfigFile, Ident, Output, Quiet, Wait
from crawler.cli.output import emit, printable
from crawler.exit_codes import UsageError


@app.command()
def seal(
    output: Output = None,
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Seal past months: compressed lines, one manifest of all runs.

    A month can be sealed two days after its end. Sealed and open months are read in the same way.
    """
    from crawler import config
    from crawler.article import as_record
    from crawler.maintenance import seal as sealing

    chosen = config.resolve(config_file, output, [])
    root = chosen.output
    with notifying(chosen, "seal"):
        with locked_archive(root, wait) as paths:
            done = sealing.seal(paths, datetime.now(UTC))
        if not quiet:
            if done.run is None:
                typer.echo(f"{root}: no month to seal; a month can be sealed two days after its end")
            else:
                sizes = f"{done.files} files, {done.before} bytes compressed to {done.after}"
                typer.echo(f"{root}: sealed {', '.join(done.months)}: {sizes}")
        if as_json:
            emit({"exit_code": 0} | as_record(done))


@app.command()
def remove(
    ident: Ident,
    reason: Annotated[str, typer.Option("--reason", help="The reason; kept in runs/.")],
    output: Output = None,
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Remove an article permanently, with its WARC records.

    Its text is removed from lines, WARC files and the search index; its addresses are never requested again. Earlier
    exports are listed.
    """
    from crawler import config
    from crawler.archive.runs import run_file
    from crawler.article import as_record
    from crawler.maintenance import remove as removal
    from crawler.values.urls import article_id

    chosen = config.resolve(config_file, output, [])
    root = chosen.output
    existing_archive(root)
    if not reason.strip():
        raise UsageError("--reason: is empty; give the reason, which the run file keeps")
    if made_of := run_file.merged_from(existing_archive(root)):
        raise UsageError(f"{root} is merged from {', '.join(made_of)}: remove it there, then merge again")
    with notifying(chosen, "remove"), locked_archive(root, wait) as paths:
        need_warc(paths)
        done = removal.remove(paths, article_id(ident) if "://" in ident else ident.lower(), reason)
    if done.run is None:
        raise UsageError(f"{ident}: no article with this id or address in {root}, or it was removed before")
    if not quiet:
        typer.echo(f"{done.id}: {done.lines} lines and {done.records} WARC records removed (run {done.run})")
        if done.requisites:
            typer.echo(f"{done.requisites} images, style sheets and attachments that no other article uses removed")
        for url in done.urls:
            typer.echo(printable(f"will not be requested again: {url}"))
        if done.copies:
            typer.echo(f"copies at other addresses were kept: {', '.join(sorted(set(done.copies)))}")
        for folder in done.elsewhere:
            typer.echo(f"{root / folder} may contain it too, and was not changed")
    derived = _purge(root, done.id, quiet=quiet)
    if as_json:
        emit({"exit_code": 0} | as_record(done) | derived)


def _purge(root: Path, ident: str, *, quiet: bool) -> dict[str, Any]:
    """Deletes the default search index of the archive in *root*, and names what else was made of it.

    The article *ident* leaves the feeds of saved queries too.
    """
    from crawler import queries
    from crawler.analysis import search_index
    from crawler.analysis.snapshot import archive_id
    from crawler.archive.storage.layout import Paths

    archive = archive_id(Paths(root))
    assert archive is not None
    purged, made = search_index.purge(archive), search_index.made_of(archive)
    feeds = queries.forget(Paths(root), ident)
    if not quiet:
        for path in feeds:
            typer.echo(
                printable(f"{path}: its entry was removed from this feed; messages already sent cannot be recalled")
            )
        if purged:
            typer.echo("the search index was deleted; the next search rebuilds it")
        for path in made:
            typer.echo(printable(f"{path} was exported earlier and may contain it: export it again, or delete it"))
        typer.echo("copies of the archive, of exports and of indexes elsewhere were not changed")
    return {"index_deleted": purged, "made_before": [str(path) for path in made], "feeds": list(map(str, feeds))}


@app.command()
def adopt(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An archive replayed from this one's WARC files.")],
    output: Output = None,
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Replace the archive's lines by those of a replay.

    The old lines are kept in replaced/.
    """
    from crawler import config
    from crawler.article import as_record
    from crawler.maintenance import adopt as adoption
    from crawler.maintenance import verify

    chosen = config.resolve(config_file, output, [])
    root = chosen.output
    existing_archive(root)
    existing_archive(folder)
    if folder.resolve() == root.resolve():
        raise UsageError(f"{folder}: an archive cannot adopt itself")
    with notifying(chosen, "adopt"), locked_archive(root, wait) as paths, locked_archive(folder, wait) as other:
        need_warc(paths)
        if verify.verify(other, [paths.warc]).damage:
            raise UsageError(f"{folder}: is not whole; `citynews verify --output {folder}` says more")
        try:
            done = adoption.adopt(paths, other)
        except adoption.NotAdoptableError as error:
            raise UsageError(str(error)) from error
    if not quiet:
        typer.echo(f"{root}: {done.visits} visits, {done.changed} decided again; the old lines are in {done.replaced}")
    if as_json:
        emit({"exit_code": 0} | as_record(done))
