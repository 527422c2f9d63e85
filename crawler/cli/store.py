"""`citynews push`, `citynews pull` and `citynews store`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli import inputs
from crawler.cli.app import app
from crawler.cli.options import AsJson, ConfigFile, Output, Quiet, Wait
from crawler.cli.output import emit, printable
from crawler.cli.stores import Name, Store, checked_name, opened
from crawler.exit_codes import UsageError

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.archive.storage.layout import Paths
    from crawler.archive.storage.objects import Objects
    from crawler.store.outcome import Transfer


@app.command()
def push(
    store: Store = None,
    name: Name = None,
    output: Output = None,
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Upload new runs of an archive to a store.

    The data first, then each run file under its number: readers of the store never see an incomplete run. Exit code 75:
    another machine's run was committed first; this one was moved to diverged/, and the store's runs replace it.
    """
    from crawler import config
    from crawler.store.push import begin
    from crawler.store.push import push as push_archive
    from crawler.store.turn import Turn

    chosen = config.resolve(config_file, output, [])
    with inputs.locked_archive(chosen.output, wait) as paths:
        named = _name(paths, name)
        objects = opened(store, chosen.store, make=True).below(named)
        begin(objects)
        turn = Turn.take(objects, ttl=chosen.store.ttl, wait=wait)
        assert turn is not None
        try:
            done = push_archive(paths, objects, named)
        finally:
            turn.end()
    if not quiet:
        typer.echo(f"{objects.url}: {_line(done, 'sent')}", err=True)
    if as_json:
        emit(_summary(done, objects.url))


@app.command()
def pull(
    name: Annotated[str | None, typer.Argument(help="The archive's name in the store.")] = None,
    store: Store = None,
    output: Output = None,
    without_warc: Annotated[
        bool, typer.Option("--without-warc", help="Leave the WARC files in the store; verify counts them.")
    ] = False,
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Download an archive from a store, or its new runs.

    Every byte range is checked against the sha256 of its run; a mismatch is named and ends with 4. A local run whose
    number another run has in the store is moved to diverged/, and the exit code is 75.
    """
    from crawler import config
    from crawler.archive.read.stored import check_mark
    from crawler.archive.storage.layout import Paths
    from crawler.archive.storage.lock import Lock
    from crawler.store.outcome import OvertakenError
    from crawler.store.pull import pull as pull_archive

    chosen = config.resolve(config_file, output, [])
    base, paths = opened(store, chosen.store), Paths(chosen.output)
    names = base.names()
    named = checked_name(name or _stored_name(paths, names, base.url))
    objects = base.below(named)
    if not check_mark(objects):
        raise UsageError(f"{objects.url}: no archive here; there are: {', '.join(names) or 'none'}")
    with Lock(paths.lock, wait):
        done = pull_archive(paths, objects, named, light=without_warc)
    if not quiet:
        typer.echo(f"{chosen.output}: {_line(done, 'received')}", err=True)
        if done.elsewhere:
            typer.echo(f"{done.elsewhere} WARC files were left in the store", err=True)
    if as_json:
        emit(_summary(done, objects.url))
    if done.diverged:
        raise OvertakenError(
            f"{len(done.diverged)} runs of this folder were moved to {paths.root / 'diverged'}: other runs got their "
            "numbers in the store first",
            done.diverged,
        )


def _name(paths: Paths, given: str | None) -> str:
    """How the archive *paths* is called in the store. Raises UsageError."""
    from crawler.archive.runs import run_file
    from crawler.archive.storage import home
    from crawler.store.visit import archive_name

    if given is None and (known := home.read(paths)) is not None:
        return known.name
    portals = {name for run, _ in run_file.finished(paths) for name in run.get("portals", {})}
    if not given and not portals:
        raise UsageError(f"{paths.root}: contains no run of a portal; give its name in the store with --name NAME")
    return archive_name(portals, given)


def _stored_name(paths: Paths, names: list[str], url: str) -> str:
    """The archive that a folder is a copy of, else the only one there is. Raises UsageError."""
    from crawler.archive.storage import home

    if (known := home.read(paths)) is not None:
        return known.name
    if len(names) != 1:
        raise UsageError(f"{url}: which archive? there are: {', '.join(names) or 'none'}")
    return names[0]


def _line(done: Transfer, verb: str) -> str:
    if not done.runs and not done.objects:
        return "nothing new"
    return f"{len(done.runs)} runs {verb}, {done.objects} objects, {done.size:,} bytes"


def _summary(done: Transfer, url: str) -> Json:
    return {
        "store": url,
        "runs": done.runs,
        "objects": done.objects,
        "bytes": done.size,
        "diverged": done.diverged,
        "elsewhere": done.elsewhere,
        "exit_code": 75 if done.diverged else 0,
    }


stores = typer.Typer(no_args_is_help=True, help="Archives in an object store or a shared folder.")
app.add_typer(stores, name="store")


@stores.command(name="ls")
def list_archives(
    url: Annotated[str | None, typer.Argument(metavar="[URL]", help="The store [default: of citynews.toml].")] = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """List the archives of a store: runs, head, time and exit code of the last run."""
    from crawler import config
    from crawler.store.survey import archives

    chosen = config.resolve(config_file, None, [])
    base = opened(url, chosen.store)
    _names(base)
    for found in archives(base):
        if as_json:
            emit(found)
        else:
            last = f"last run {found['run']} ended {found['finished_at']} with {found['exit_code']}"
            typer.echo(printable(f"{found['name']}: {found['runs']} runs, {last}, head {found['head'][:12]}"))


@stores.command(name="verify")
def verify_store(
    url: Annotated[str | None, typer.Argument(metavar="[URL]", help="The store [default: of citynews.toml].")] = None,
    name: Annotated[str | None, typer.Option("--name", help="This archive only.")] = None,
    sample: Annotated[int, typer.Option(min=0, help="Read only this many objects of each archive; 0: all.")] = 0,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Verify what is stored by the chain of runs; exit code 4 if an object does not match its run."""
    from crawler import config
    from crawler.exit_codes import Exit
    from crawler.store.survey import prove

    chosen = config.resolve(config_file, None, [])
    base = opened(url, chosen.store)
    damaged = 0
    for archive_name in [checked_name(name)] if name else _names(base):
        done = prove(base.below(archive_name), sample)
        damaged += len(done.damage)
        if as_json:
            emit({"name": archive_name, "objects": done.objects, "bytes": done.size, "damage": done.damage})
            continue
        for line in done.damage:
            typer.echo(printable(line))
        typer.echo(f"{archive_name}: {done.objects} objects, {done.size:,} bytes, {len(done.damage)} damaged", err=True)
    if damaged:
        raise typer.Exit(Exit.DAMAGED)


@stores.command(name="gc")
def collect_garbage(
    url: Annotated[str | None, typer.Argument(metavar="[URL]", help="The store [default: of citynews.toml].")] = None,
    older: Annotated[str, typer.Option("--older", help="Only objects written longer ago: 12h, 7d.")] = "7d",
    config_file: ConfigFile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be deleted.")] = False,
) -> None:
    """Delete objects that no run refers to: from pushes that died before their commit, or replaced by later runs."""
    from crawler import config
    from crawler.portals.rules import read_duration
    from crawler.store.survey import garbage
    from crawler.store.turn import Turn

    chosen = config.resolve(config_file, None, [])
    try:
        age = read_duration(older)
    except ValueError as error:
        raise UsageError(f"--older {older}: {error}") from error
    base = opened(url, chosen.store)
    for name in _names(base):
        objects = base.below(name)
        turn = Turn.take(objects, ttl=chosen.store.ttl)  # what a push has sent is no garbage before its commit
        assert turn is not None
        try:
            found = garbage(objects, age)
            if not dry_run:
                objects.delete(found)
        finally:
            turn.end()
        for key in found:
            typer.echo(printable(f"{name}/{key}"))
        typer.echo(f"{name}: {len(found)} objects{' would be' if dry_run else ''} deleted", err=True)


def _names(base: Objects) -> list[str]:
    """The names of the archives below *base*. Raises UsageError where there is none: no store, or an empty one."""
    from crawler.archive.read.stored import check_mark

    names = [name for name in base.names() if check_mark(base.below(name))]
    if not names:
        raise UsageError(f"{base.url}: no archive in this store; `citynews push --store {base.url}` uploads one")
    return names
