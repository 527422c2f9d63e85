"""`citynews verify` and `citynews reindex`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import typer

from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.archive.write.recovery import reindex
from crawler.article import as_record
from crawler.commands.progress import Bar
from crawler.commands.report import emit, printable
from crawler.exit_codes import Exit, UsageError
from crawler.maintenance import verify

SHOWN = 100  #: findings that are printed; --json has them all


def check(output: Path, sources: Sequence[Path], *, jobs: int, quiet: bool, as_json: bool) -> Exit:
    """Verifies the archive *output* and prints what is wrong."""
    exists(output)
    with Bar("verifying", quiet=quiet) as bar:
        found = verify.verify(Paths(output), sources, jobs=jobs, told=lambda task, total: bar.on(task.size, total))
    if not quiet:
        for each in found.damage[:SHOWN]:
            typer.echo(printable(f"{each.file}:{each.where or '-'}: {each.kind}: {each.what}"))
        if len(found.damage) > SHOWN:
            typer.echo(f"... and {len(found.damage) - SHOWN} more; --json lists them all")
        for each in found.recoverable[:SHOWN]:
            typer.echo(printable(f"recoverable: {each.file}:{each.where or '-'}: {each.what}"))
        for each in found.known[:SHOWN]:
            typer.echo(printable(f"{each.kind}: {each.file}:{each.where or '-'}: {each.what}"))
        looked = ", ".join(f"{count} {name}" for name, count in sorted(found.checked.items()))
        verdict = f"DAMAGED: {len(found.damage)} findings" if found.damage else "whole"
        kinds = Counter(each.kind for each in found.known)
        verdict += "".join(f", {count} known to be {kind}" for kind, count in sorted(kinds.items()))
        typer.echo(f"{output}: {verdict} ({looked or 'empty'})")
    code = Exit.DAMAGED if found.damage else Exit.OK
    if as_json:
        emit(
            {
                "exit_code": int(code),
                "damage": [as_record(each) for each in found.damage],
                "recoverable": [as_record(each) for each in found.recoverable],
                "known": [as_record(each) for each in found.known],
                "checked": dict(sorted(found.checked.items())),
            }
        )
    return code


def rebuild(output: Path, *, wait: float, quiet: bool, as_json: bool) -> None:
    """Makes state/ anew from the JSONL and WARC files."""
    exists(output)
    paths = Paths(output)
    lock = Lock(paths.lock, wait)
    try:
        applied = reindex(paths)
    finally:
        lock.release()
    if not quiet:
        typer.echo(f"{output}: state/ rebuilt from " + ", ".join(f"{n} {name}" for name, n in sorted(applied.items())))
    if as_json:
        emit({"exit_code": 0, "applied": dict(sorted(applied.items()))})


def exists(output: Path) -> None:
    """Raises UsageError where there is no folder *output*."""
    if not output.is_dir():
        raise UsageError(f"{output}: no archive here")
