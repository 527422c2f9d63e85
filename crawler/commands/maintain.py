"""`citynews verify` and `citynews reindex`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from crawler.archive import Paths, reindex, verify
from crawler.archive.lock import Lock
from crawler.article import as_record
from crawler.commands.outcome import Exit, UsageError
from crawler.commands.report import emit, printable

SHOWN = 100  #: findings that are printed; --json has them all


def check(output: Path, sources: Sequence[Path], *, quiet: bool, as_json: bool) -> Exit:
    """Verifies the archive *output* and prints what is wrong."""
    _exists(output)
    found = verify.verify(Paths(output), sources)
    if not quiet:
        for each in found.damage[:SHOWN]:
            typer.echo(printable(f"{each.file}:{each.where or '-'}: {each.kind}: {each.what}"))
        if len(found.damage) > SHOWN:
            typer.echo(f"... and {len(found.damage) - SHOWN} more; --json lists them all")
        for each in found.recoverable[:SHOWN]:
            typer.echo(printable(f"recoverable: {each.file}:{each.where or '-'}: {each.what}"))
        looked = ", ".join(f"{count} {name}" for name, count in sorted(found.checked.items()))
        verdict = f"DAMAGED: {len(found.damage)} findings" if found.damage else "whole"
        typer.echo(f"{output}: {verdict} ({looked or 'empty'})")
    code = Exit.DAMAGED if found.damage else Exit.OK
    if as_json:
        emit(
            {
                "exit_code": int(code),
                "damage": [as_record(each) for each in found.damage],
                "recoverable": [as_record(each) for each in found.recoverable],
                "checked": dict(sorted(found.checked.items())),
            }
        )
    return code


def rebuild(output: Path, *, wait: float, quiet: bool, as_json: bool) -> None:
    """Makes state/ anew from the JSONL and WARC files."""
    _exists(output)
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


def _exists(output: Path) -> None:
    if not output.is_dir():
        raise UsageError(f"{output}: no archive here")
