"""Notifies the operator of commands that fail: in cron nobody reads exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from crawler.cli.errors import explain
from crawler.exit_codes import Exit

if TYPE_CHECKING:
    from crawler.config import Config

#: The exit codes that are notified, and what is said where there is no better sentence. 3 has alarms of its own.
_TEXTS = {
    Exit.UNEXPECTED: "an unexpected error: a bug; the log has the traceback",
    Exit.DAMAGED: "the archive is damaged; `citynews verify` says where",
    Exit.STORAGE: "storage failed: the disk is full, not writable, or fails",
}


#: Commands in such a block that write a run.
_WRITES = frozenset({"crawl", "seal", "repair", "remove", "adopt"})


@contextmanager
def notifying(config: Config, command: str) -> Iterator[None]:
    """Notifies the operator where the block ends with exit code 1, 4 or 5, by whatever way. Raises what it raises."""
    from crawler.health import notify

    try:
        try:
            yield
        finally:
            if command in _WRITES and sys.exc_info()[0] in {None, typer.Exit}:
                anchor_runs(config)
    except typer.Exit as end:
        if end.exit_code in _TEXTS:
            notify.failure(config, command, end.exit_code, _TEXTS[Exit(end.exit_code)])
        raise
    except Exception as error:  # the operator hears of any failure; then it is raised again
        code, text = explain(error) or (Exit.UNEXPECTED, f"{_TEXTS[Exit.UNEXPECTED]} ({type(error).__name__})")
        if code in _TEXTS:
            notify.failure(config, command, int(code), text)
        raise


def anchor_runs(config: Config) -> None:
    """Gives the runs of the archive that wait for it to the operator's anchor command.

    Raises StorageError where that fails.
    """
    if not config.anchor_command:
        return
    from crawler.archive.storage.layout import Paths
    from crawler.maintenance.anchor import anchor

    anchor(Paths(config.output), config.anchor_command)
