"""Commands that change files which are there (repair, seal, adopt, remove), dying at each step that reaches the disk.

Run as a program (a process without threads, which may fork): ``python -m tests.support.changes TEMPLATE JSON`` copies
the archive TEMPLATE, lets a child die in the command that the JSON names, looks at what is left, gives the command
again, and prints one line of JSON a death. What the second one leaves must be what an undisturbed one leaves.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler import cli
from tests.support import disk
from tests.support.deaths import DIED, Reaper, Street, Walk, child, quietly


def past(root: Path) -> Path:
    """An archive with lines of two months that are past: every kind of line, made without a socket."""
    street = Street()
    for number, moment in enumerate((datetime(2026, 8, 1, 8, tzinfo=UTC), datetime(2026, 9, 10, 8, tzinfo=UTC))):
        if number:
            street.live()
        Walk(street, root, moment).run()
    return root


def lines(root: Path) -> dict[str, list[bytes]]:
    """The lines of all four streams, sealed or not, sorted."""
    found = disk.all_lines(root)
    for stream in disk.STREAMS:
        for file in (root / stream).glob("*/*.jsonl.gz"):
            found[stream] += gzip.decompress(file.read_bytes()).splitlines()
        found[stream].sort()
    return found


def names(root: Path) -> list[str]:
    """The files of lines and WARC files, runs apart: their names are new each time."""
    folders = [root / stream for stream in disk.STREAMS]
    return sorted(str(file.relative_to(root)) for folder in folders for file in folder.rglob("*") if file.is_file())


def left(root: Path) -> list[str]:
    """What no command may leave behind."""
    found = [str(p.relative_to(root)) for p in root.rglob("*") if p.name.endswith((".open", ".partial"))]
    return found + ([".change"] if (root / ".change").exists() and any((root / ".change").iterdir()) else [])


def one(template: Path, trial: Path, command: list[str], step: int, mode: str, expected: Any) -> dict[str, Any]:
    """What a death at *step* leads to."""
    shutil.rmtree(trial, ignore_errors=True)
    shutil.copytree(template, trial)
    reaper = Reaper(trial, step, mode)

    def work() -> None:
        reaper.arm()
        quietly(*command, "--output", str(trial))

    code = child(work)
    wrong = []
    if code not in (0, DIED):
        wrong.append(f"the command failed with {code}")
    for when in ("after the death", "after it was given again"):
        code, said = quietly("verify", "--output", str(trial))
        if code and not ("repair" in command and when == "after the death"):
            wrong.append(f"verify {when}: {code}: {said}")
        if when == "after the death":
            code, said = quietly(*command, "--output", str(trial))
            if code:
                wrong.append(f"{command[0]} again: {code}: {said}")
    if (lines(trial), names(trial)) != expected:
        wrong.append("it leaves something else than an undisturbed one")
    if stays := left(trial):
        wrong.append(f"left behind: {stays}")
    return {"step": step, "mode": mode, "wrong": wrong}


def steps_of(template: Path, trial: Path, command: list[str]) -> list[str]:
    """Every step of an undisturbed command; what it leaves stays in *trial*."""
    shutil.rmtree(trial, ignore_errors=True)
    shutil.copytree(template, trial)
    note = trial.with_name("steps.json")

    def work() -> None:
        reaper = Reaper(trial, 0, "before")
        reaper.arm()
        code = cli.run([*command, "--output", str(trial), "--quiet"])
        assert code == 0, f"{command[0]} ended with {code}"
        note.write_text(json.dumps(reaper.taken))

    assert child(work) == 0
    found: list[str] = json.loads(note.read_text())
    return found


def main(template: Path, task: dict[str, Any]) -> None:
    """*task*: command; every (each so many steps)."""
    trial = template.with_name("trial")
    steps = steps_of(template, trial, task["command"])
    expected = (lines(trial), names(trial))
    for step in range(1 + task.get("from", 0), len(steps) + 1, task.get("every", 1)):
        for mode in ("before", "after"):
            found = one(template, trial, task["command"], step, mode, expected) | {"at": steps[step - 1]}
            sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), json.loads(sys.argv[2]))
