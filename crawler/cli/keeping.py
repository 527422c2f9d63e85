"""verify, repair, reindex, seal, remove, adopt: what keeps an archive."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crawler import config
from crawler.cli.app import app
from crawler.cli.options import AsJson, ConfigFile, Ident, Output, Quiet, Wait


@app.command()
def verify(
    output: Output = None,
    source: Annotated[
        list[Path] | None, typer.Option("--source", help="Where the WARC files of a replayed archive lie now.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes that read.")] = 1,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Prove the archive whole: every byte against the run that wrote it, every line against its WARC record.

    Writes nothing. Exit code 4: damaged; the findings say where. What a killed run left is recoverable, and 0.
    """
    from crawler.commands import maintain  # noqa: PLC0415 - keeps `citynews --help` quick

    chosen = config.resolve(config_file, output, [])
    raise typer.Exit(maintain.check(chosen.output, source or [], jobs=jobs, quiet=quiet, as_json=as_json))


@app.command()
def reindex(
    output: Output = None,
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Make state/ anew from the JSONL and WARC files alone."""
    from crawler.commands import maintain  # noqa: PLC0415 - keeps `citynews --help` quick

    chosen = config.resolve(config_file, output, [])
    maintain.rebuild(chosen.output, wait=wait, quiet=quiet, as_json=as_json)


@app.command()
def seal(
    output: Output = None,
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Close past months: their lines are packed, and one manifest gathers what all runs wrote in them.

    A month is due two days after its end. Readers see sealed and open months alike.
    """
    from crawler.commands import seal as command  # noqa: PLC0415 - keeps `citynews --help` quick

    chosen = config.resolve(config_file, output, [])
    command.seal(chosen.output, wait=wait, quiet=quiet, as_json=as_json)


@app.command()
def repair(
    output: Output = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Salvage a damaged archive: keep every intact record, make again what can be made again, say what is lost.

    What is broken is moved to quarantine/. The archive is whole again afterwards; the loss stays in runs/. With
    --dry-run the exit code is 4 where there is damage.
    """
    from crawler.commands import repair as command  # noqa: PLC0415 - keeps `citynews --help` quick

    chosen = config.resolve(config_file, output, [])
    raise typer.Exit(command.mend(chosen.output, dry_run=dry_run, wait=wait, quiet=quiet, as_json=as_json))


@app.command()
def remove(
    ident: Ident,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in runs/.")],
    output: Output = None,
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Take one article down: its text leaves lines and WARC files, its addresses are never asked for again."""
    from crawler.commands import remove as command  # noqa: PLC0415 - keeps `citynews --help` quick

    chosen = config.resolve(config_file, output, [])
    command.take_down(chosen.output, ident, reason, wait=wait, quiet=quiet, as_json=as_json)


@app.command()
def adopt(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An archive replayed from this one's WARC files.")],
    output: Output = None,
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Put a re-extraction in the archive's place: its lines become this archive's, the old ones are kept aside."""
    from crawler.commands import adopt as command  # noqa: PLC0415 - keeps `citynews --help` quick

    chosen = config.resolve(config_file, output, [])
    command.take_over(folder, chosen.output, wait=wait, quiet=quiet, as_json=as_json)
