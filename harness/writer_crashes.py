"""A writer that dies at a chosen step, and what is left: promises of guarantee 2, judged after each death.

Run as a program (a process without threads, which may fork): ``python -m harness.writer_crashes FOLDER JSON`` kills a
child at each step the JSON names, looks at what is left, lets a second child finish the job, and prints one line of
JSON for each death. ``power`` deaths also take back some of what was not yet fsynced; ``power:articles`` takes back all
of it in the files of that stream and nothing elsewhere; ``flip`` turns one bit of what the dead run has written.
"""

from __future__ import annotations

import functools
import json
import random
import re
import shutil
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from harness import disk
from harness.command import run_in_process
from harness.crash_points import DIED, CrashPoint, child, flip, lose_power
from harness.socketless_sites import SocketlessCrawl, sites_of_day


def truth(root: Path) -> list[tuple[Any, ...]]:
    """What an archive says, whenever it was made: the texts of every article, revision and copy."""
    return sorted(
        (stream, r["id"], r["revision"], r["title"], r["body"], r["published_at"], tuple(r["page_urls"]))
        for stream in ("articles", "revisions", "duplicates")
        for r in disk.records(root, stream)
    )


class Trial:
    """One crash and what follows; *wrong* collects every broken promise."""

    def __init__(self, folder: Path, *, day: int, expected: list[tuple[Any, ...]], template: Path | None) -> None:
        self.root = folder / "archive"
        self.again = folder / "again"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if template is not None:
            shutil.copytree(template, self.root)
        self.day, self.expected = day, expected
        self.crawls = 0
        self.promised: dict[str, int] | None = None  #: None: whatever is there
        self.wrong: list[str] = []

    def work(self, crash_point: CrashPoint | None = None) -> None:
        """The day's crawl, in this process; a minute later when it runs again."""
        sites, now = sites_of_day(self.day)
        now += timedelta(minutes=self.crawls)
        if crash_point is not None:
            crash_point.arm()
        SocketlessCrawl(sites, self.root, now).run()

    def die(self, step: int, mode: str, chance: random.Random) -> bool:
        """Lets a child die at *step*; False where it lived to the end."""
        code = child(lambda: self.work(CrashPoint(self.root, step, mode)))
        self.crawls += 1
        if code == DIED and mode.startswith("power"):
            self.promised = lose_power(self.root, chance, mode.partition(":")[2])
        if code == DIED and mode == "flip":
            self.promised = flip(self.root, chance)
        if code not in (0, DIED):
            self.wrong.append(f"the writer failed with {code}")
        return code == DIED

    def judge(self) -> None:
        """What a reader sees now, then what the next writer makes of it."""
        if self.promised != {}:
            self._whole("after the death")
        before = {stream: self._durable(stream) for stream in disk.STREAMS}
        if child(self.work) != 0:
            self.wrong.append("the next writer failed")
            return
        for stream, found in before.items():
            if lost := set(found) - set(disk.lines(self.root, stream)):
                self.wrong.append(f"{len(lost)} lines of {stream} lost")
        self._whole("after the next run")
        if doubled := disk.doubled(self.root):
            self.wrong.append(f"doubled: {doubled}")
        if lonely := disk.unobserved(self.root):
            self.wrong.append(f"{len(lonely)} records without an observation")
        if truth(self.root) != self.expected:
            self.wrong.append(f"articles differ: {len(truth(self.root))}, expected {len(self.expected)}")
        if left := [str(p) for p in self.root.rglob("*") if p.name.endswith((".open", ".partial"))]:
            self.wrong.append(f"left behind: {left}")
        self._replays()
        self._reindexes()

    def _durable(self, stream: str) -> list[bytes]:
        """The lines that must not be lost."""
        if self.promised is None:
            return disk.lines(self.root, stream)
        found: list[bytes] = []
        for file in (self.root / stream).glob("*/*.jsonl"):
            size = self.promised.get(str(file.relative_to(self.root)), 0)
            found += file.read_bytes()[:size].split(b"\n")[:-1]
        return found

    def _whole(self, when: str) -> None:
        if not self.root.is_dir():
            return
        before = disk.snapshot(self.root)
        code, said = run_in_process("verify", "--output", str(self.root))
        if code != 0:
            self.wrong.append(f"verify {when}: {code}: {said}")
        if disk.snapshot(self.root) != before:
            self.wrong.append(f"verify {when} wrote")

    def _replays(self) -> None:
        code, said = run_in_process("replay", str(self.root / "warc"), "--output", str(self.again))
        if code != 0:
            self.wrong.append(f"replay: {code}: {said}")
        for stream in disk.STREAMS:
            if sorted(disk.lines(self.root, stream)) != sorted(disk.lines(self.again, stream)):
                self.wrong.append(f"replay: {stream} differs: {said}")

    def _reindexes(self) -> None:
        before = disk.index_rows(self.root)
        code, said = run_in_process("reindex", "--output", str(self.root))
        if code != 0:
            self.wrong.append(f"reindex: {code}: {said}")
        for name, rows in disk.index_rows(self.root).items():
            if rows != before[name]:
                gone, new = [r for r in before[name] if r not in rows], [r for r in rows if r not in before[name]]
                self.wrong.append(f"reindex: {name}: {gone} became {new}")


def whole(folder: Path, day: int) -> Path:
    """An archive in which every crawl up to *day* ended well."""
    for number in range(day + 1):
        assert child(functools.partial(_crawl, folder, number)) == 0
    return folder


def _crawl(folder: Path, day: int) -> None:
    sites, now = sites_of_day(day)
    SocketlessCrawl(sites, folder, now).run()


def steps_of(folder: Path, day: int, template: Path | None) -> list[str]:
    """Every step of an undisturbed crawl."""
    trial = Trial(folder, day=day, expected=[], template=template)

    def work() -> None:
        crash_point = CrashPoint(trial.root, 0, "before")
        trial.work(crash_point)
        (folder / "steps").write_text(json.dumps(crash_point.taken))

    assert child(work) == 0
    found: list[str] = json.loads((folder / "steps").read_text())
    return found


def report(result: dict[str, Any]) -> None:
    """One line of JSON for the test that started this."""
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()


def one(
    folder: Path, day: int, expected: list[tuple[Any, ...]], template: Path | None, when: tuple[int, int | None, str],
    what: str, chance: random.Random,
) -> dict[str, Any]:  # fmt: skip
    """What a death at step, a second one at a step of the next run (0: any of the first 24), and a mode lead to."""
    step, second, mode = when
    trial = Trial(folder, day=day, expected=expected, template=template)
    deaths = [what]
    died = trial.die(step, mode, chance)
    if died and second is not None:
        second = second or chance.randint(1, 24)
        deaths.append(f"again at {second}")
        trial.die(second, mode, chance)
    if died:
        trial.judge()
    return {"mode": mode, "step": step, "at": deaths, "died": died, "wrong": trial.wrong}


def main(folder: Path, task: dict[str, Any]) -> None:
    """*task*: day, modes; share and pattern of the steps; seed; twice: steps of a second death."""
    chance = random.Random(task.get("seed", 0))
    day = task["day"]
    expected = truth(whole(folder / "whole", day))
    template = whole(folder / "template", day - 1) if day else None
    steps = steps_of(folder / "count", day, template)
    for mode in task["modes"]:
        for step in range(1, len(steps) + 1):
            if chance.random() >= task.get("share", 1) or not re.match(task.get("steps", ""), steps[step - 1]):
                continue
            for second in task.get("twice", [None]):
                report(one(folder / "trial", day, expected, template, (step, second, mode), steps[step - 1], chance))
    report({"steps": len(steps)})


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), json.loads(sys.argv[2]))
