"""Lets the operator hear of commands that end badly: whoever runs them from cron reads no exit codes."""

from __future__ import annotations

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


@contextmanager
def notifying(config: Config, command: str) -> Iterator[None]:
    """Notifies the operator where the block ends with exit code 1, 4 or 5, by whatever way. Raises what it raises."""
    from crawler.health import notify

    try:
        yield
    except typer.Exit as end:
        if end.exit_code in _TEXTS:
            notify.failure(config, command, end.exit_code, _TEXTS[Exit(end.exit_code)])
        raise
    except Exception as error:
        code, text = explain(error) or (Exit.UNEXPECTED, f"{_TEXTS[Exit.UNEXPECTED]} ({type(error).__name__})")
        if code in _TEXTS:
            notify.failure(config, command, int(code), text)
        raise
