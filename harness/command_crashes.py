"""Commands that change files which are there (repair, seal, adopt, remove), dying at each step that reaches the disk.

Run as a program (a process without threads, which may fork): ``python -m harness.command_crashes TEMPLATE JSON`` copies
the archive TEMPLATE, lets a child die in the command that the JSON names, looks at what is left, gives the command
again, and prints one line of JSON a death. What the second one leaves must be what an undisturbed one leaves.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from crawler import cli
from harness import disk
from harness.command import run_in_process
from harness.crash_points import DIED, CrashPoint, child


def names(root: Path) -> list[str]:
    """The files of lines and WARC files, runs apart: their names are new each time."""
    folders = [root / stream for stream in disk.STREAMS]
    return sorted(str(file.relative_to(root)) for folder in folders for file in folder.rglob("*") if file.is_file())


def one(template: Path, trial: Path, command: list[str], step: int, mode: str, expected: Any) -> dict[str, Any]:
    """What a death at *step* leads to."""
    shutil.rmtree(trial, ignore_errors=True)
    shutil.copytree(template, trial)
    crash_point = CrashPoint(trial, step, mode)

    def work() -> None:
        crash_point.arm()
        run_in_process(*command, "--output", str(trial))

    code = child(work)
    wrong = []
    if code not in (0, DIED):
        wrong.append(f"the command failed with {code}")
    for when in ("after the death", "after it was given again"):
        code, said = run_in_process("verify", "--output", str(trial))
        if code and not ("repair" in command and when == "after the death"):
            wrong.append(f"verify {when}: {code}: {said}")
        if when == "after the death":
            code, said = run_in_process(*command, "--output", str(trial))
            if code:
                wrong.append(f"{command[0]} again: {code}: {said}")
    if (disk.all_lines(trial), names(trial)) != expected:
        wrong.append("it leaves something else than an undisturbed one")
    if stays := disk.left_behind(trial):
        wrong.append(f"left behind: {stays}")
    return {"step": step, "mode": mode, "wrong": wrong}


def steps_of(template: Path, trial: Path, command: list[str]) -> list[str]:
    """Every step of an undisturbed command; what it leaves stays in *trial*."""
    shutil.rmtree(trial, ignore_errors=True)
    shutil.copytree(template, trial)
    note = trial.with_name("steps.json")

    def work() -> None:
        crash_point = CrashPoint(trial, 0, "before")
        crash_point.arm()
        code = cli.run([*command, "--output", str(trial), "--quiet"])
        assert code == 0, f"{command[0]} ended with {code}"
        note.write_text(json.dumps(crash_point.taken))

    assert child(work) == 0
    found: list[str] = json.loads(note.read_text())
    return found


def main(template: Path, task: dict[str, Any]) -> None:
    """*task*: command; every (each so many steps)."""
    trial = template.with_name("trial")
    steps = steps_of(template, trial, task["command"])
    expected = (disk.all_lines(trial), names(trial))
    for step in range(1 + task.get("from", 0), len(steps) + 1, task.get("every", 1)):
        for mode in ("before", "after"):
            found = one(template, trial, task["command"], step, mode, expected) | {"at": steps[step - 1]}
            sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), json.loads(sys.argv[2]))
