"""`citynews verify` and `citynews reindex`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.app import app
from crawler.cli.inputs import existing_archive, locked_archive
from crawler.cli.notifying import notifying
from crawler.cli.options import AsJson, ConfigFile, Output, Quiet, Wait
from crawler.cli.output import emit, printable
from crawler.exit_codes import Exit, UsageError

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.archive.runs.run_file import ChainHead
    from crawler.maintenance.verify import Findings

SHOWN = 100  #: findings that are printed; --json has them all


@app.command()
def verify(
    output: Output = None,
    source: Annotated[
        list[Path] | None, typer.Option("--source", help="Where the WARC files of a replayed archive are now.")
    ] = None,
    head: Annotated[
        list[str] | None,
        typer.Option("--head", metavar="SHA|FILE", help="A head noted elsewhere, or a file of them. May repeat."),
    ] = None,
    allow_change: Annotated[
        list[str] | None,
        typer.Option("--allow-change", metavar="RUN", help="A repair, remove or adopt since the head that is right."),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Number of processes.")] = 1,
    sample: Annotated[
        int | None,
        typer.Option("--sample", min=0, help="Read this many random records instead of all WARC files."),
    ] = None,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Verify the archive; never writes.

    Checks every byte against the run that wrote it, and every line against its WARC record. Exit code 4: damaged; the
    findings say where. What a killed run left is recoverable, and ends with 0. With --head it also proves that nothing
    has changed since that head was noted: it must be in the chain, and everything it covers unchanged.
    """
    from crawler import config
    from crawler.archive.runs import run_file
    from crawler.cli.progress import ProgressBar
    from crawler.maintenance import verify as verification
    from crawler.maintenance.verify.heads import check_heads, read_heads

    try:
        heads = read_heads(head or [])
    except ValueError as error:
        raise UsageError(f"--head {error}") from error

    chosen = config.resolve(config_file, output, [])
    root = chosen.output
    with notifying(chosen, "verify"):
        paths = existing_archive(root)
        with ProgressBar("verifying", quiet=quiet) as bar:
            found = verification.verify(
                paths, source or [], jobs=jobs, sample=sample, on_done=lambda task, total: bar.on(task.size, total)
            )
        check_heads(paths, heads, allow_change or [], found)
        last = run_file.head(paths) if not any(finding.kind == "chain" for finding in found.damage) else run_file.NO_RUN
        if not quiet:
            _print(root, found)
            if last.sha256:
                typer.echo(f"head of archive {last.archive}: {last.sha256}")
        code = Exit.DAMAGED if found.damage else Exit.OK
        if as_json:
            emit(_summary(found, last, code))
        raise typer.Exit(code)


def _summary(found: Findings, last: ChainHead, code: Exit) -> Json:
    """The machine-readable summary of a verification."""
    from crawler.article import as_record

    return {
        "exit_code": int(code),
        "archive": last.archive,
        "head": last.sha256,
        "damage": [as_record(finding) for finding in found.damage],
        "recoverable": [as_record(finding) for finding in found.recoverable],
        "known": [as_record(finding) for finding in found.known],
        "checked": dict(sorted(found.checked.items())),
    }


def _print(root: Path, found: Findings) -> None:
    for finding in found.damage[:SHOWN]:
        typer.echo(printable(f"{finding.file}:{finding.where or '-'}: {finding.kind}: {finding.what}"))
    if len(found.damage) > SHOWN:
        typer.echo(f"... and {len(found.damage) - SHOWN} more; --json lists them all")
    for finding in found.recoverable[:SHOWN]:
        typer.echo(printable(f"recoverable: {finding.file}:{finding.where or '-'}: {finding.what}"))
    for finding in found.known[:SHOWN]:
        typer.echo(printable(f"{finding.kind}: {finding.file}:{finding.where or '-'}: {finding.what}"))
    looked = ", ".join(f"{count} {name}" for name, count in sorted(found.checked.items()))
    verdict = f"DAMAGED: {len(found.damage)} findings" if found.damage else "whole"
    kinds = Counter(finding.kind for finding in found.known)
    verdict += "".join(f", {count} known to be {kind}" for kind, count in sorted(kinds.items()))
    typer.echo(f"{root}: {verdict} ({looked or 'empty'})")


@app.command()
def reindex(
    output: Output = None,
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Rebuild state/ from the JSONL and WARC files alone."""
    from crawler import config
    from crawler.archive.write import recovery

    chosen = config.resolve(config_file, output, [])
    root = chosen.output
    with notifying(chosen, "reindex"):
        with locked_archive(root, wait) as paths:
            applied = recovery.reindex(paths)
        if not quiet:
            typer.echo(
                f"{root}: state/ rebuilt from " + ", ".join(f"{n} {name}" for name, n in sorted(applied.items()))
            )
        if as_json:
            emit({"exit_code": 0, "applied": dict(sorted(applied.items()))})
