"""Anchoring: a command of the operator gets each run file, to sign or timestamp it.

What was anchored last stands in state/anchored (an empty line: nothing yet), which may be deleted: then the last run is
anchored once more. An archive that gets an anchor command begins with its last run, too.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from crawler.archive.runs import run_file
from crawler.archive.storage.errors import StorageError
from crawler.archive.storage.files import write_whole
from crawler.archive.storage.layout import Paths

PATIENCE = 300.0  #: seconds that the command has for one run


def anchor(paths: Paths, command: Sequence[str]) -> list[str]:
    """Runs *command* with the file of each finished run that it did not get yet as its last argument; their names.

    Raises StorageError where it fails: the run is kept, and the next command that writes asks again.
    """
    names = [run["run"] for run, _ in run_file.finished(paths)]
    done = paths.anchored.read_text("ascii").strip() if paths.anchored.exists() else None
    if done not in {"", *names}:
        done = names[-2] if len(names) > 1 else ""
        _note(paths, done)  # before the first attempt: where it fails, the run is asked for again
    waiting = names[names.index(done) + 1 :] if done else names
    for name in waiting:
        words = [*command, str(paths.run_file(name).resolve())]  # absolute: the command may go elsewhere
        try:
            ended = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
                words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise StorageError(f"[anchor] command {words[0]}: {error}; run {name} waits for the next time") from error
        if ended.returncode:
            said = (ended.stderr.strip() or ended.stdout.strip()).splitlines()[-1:] or ["no word"]
            raise StorageError(
                f"[anchor] command {words[0]} ended with {ended.returncode} ({said[0][:200]});"
                f" run {name} is kept and waits for the next time"
            )
        _note(paths, name)
    return waiting


def _note(paths: Paths, name: str) -> None:
    write_whole(paths.anchored, f"{name}\n".encode("ascii"))
