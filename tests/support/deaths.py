"""A writer that dies at the step it is told to: the real archive and the real pipelines, over pages of the samples.

Run as a program (a process without threads, which may fork): ``python -m tests.support.deaths FOLDER JSON`` kills a
child at each step the JSON names, looks at what is left, lets a second child finish the job, and prints one line of
JSON for each death. A step is a call by which bytes or names reach the disk: write, fsync, truncate, rename, unlink,
commit of the index. ``power`` deaths also take back some of what was not yet fsynced; ``power:articles`` takes back all
of it in the files of that stream and nothing elsewhere; ``flip`` turns one bit of what the dead run has written.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import sqlite3
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler import cli, portals
from crawler.archive.index.index import Index
from crawler.archive.warc.exchange import Exchange, request_of
from crawler.archive.write.writer import ArchiveWriter
from crawler.assembly import Visit, wanted
from crawler.crawl.frontier.schedule import due
from crawler.pipelines.chain import chain
from crawler.portals import Portal
from crawler.samples import stories
from crawler.samples.sites import make
from crawler.values.urls import article_id
from tests.support import disk

BASE = "http://{}.example"
DIED = 9


class Street:
    """Two sample portals without a socket: enough for new, redirect, copy, refusal, failure, change, gone and back."""

    def __init__(self) -> None:
        self.sites = {name: make(name) for name in ("sample-zhihui", "sample-chengshi")}
        for name, site in self.sites.items():
            site.base = BASE.format(name)
        self.failing: set[str] = set()
        told = {s.key: s for s in stories("sample-zhihui")}
        copies = [s for s in stories("sample-chengshi") if s.copy_of and s.exact][:2]
        others = [s for s in stories("sample-chengshi") if not s.copy_of]
        near = next(s for s in stories("sample-chengshi") if s.copy_of and not s.exact)
        likened = told[(near.copy_of or "").partition("/")[2]]
        first, second = (told[(s.copy_of or "").partition("/")[2]] for s in copies)
        long = next(s for s in told.values() if len(s.pages) > 1)
        moved = next(s for s in told.values() if s.moved)
        zhihui, chengshi = "sample-zhihui", "sample-chengshi"
        # a copy comes right after its original, so that both wait for the same commit
        self.asked = [
            self.address(zhihui, first.path), self.address(zhihui, second.path), self.address(chengshi, copies[0].path),
            self.address(chengshi, others[0].path), self.address(zhihui, long.path),
            self.address(chengshi, copies[1].path), self.address(zhihui, self.sites[zhihui].old_path(moved)),
            self.address(zhihui, likened.path), self.address(chengshi, near.path),
            self.address(zhihui, moved.path), self.address(chengshi, others[1].path),
            self.address(chengshi, others[2].path), self.address(zhihui, self.sites[zhihui].old_path(long)),
        ]  # fmt: skip
        self.asked += [self.address("sample-chengshi", "/zhengce/"), self.address("sample-zhihui", "/nowhere.html")]
        self.down = self.address("sample-chengshi", others[3].path)
        self.asked.append(self.down)
        self.failing.add(self.down)

    @staticmethod
    def address(name: str, path: str) -> str:
        return BASE.format(name) + path

    def portals(self) -> dict[str, Portal]:
        found = {}
        for name in self.sites:
            text = (Path(portals.__file__).parents[1] / "samples" / name / "portal.toml").read_text("utf-8")
            text = text.replace("{base}", BASE.format(name)).replace("{host}", f"{name}.example")
            found[name] = portals.parse(text + '\n[revisit]\nafter = ["1h", "2h", "3h"]\n', name)
        return found

    def live(self) -> None:
        """A day passes: one page is edited, one taken down, one comes up again."""
        first, second = self.asked[0], self.asked[1]
        site = self.sites["sample-zhihui"]
        edited = site.get(urlsplit(first).path)
        site.put(replace(edited, text=edited.text + "\n\n更正:原文一处数字有误,现予更正,特此说明。"))
        site.remove(urlsplit(second).path)
        self.failing.clear()

    def back(self) -> None:
        """What was taken down is put up again."""
        site = self.sites["sample-zhihui"]
        path = urlsplit(self.asked[1]).path
        site.put(next(s for s in stories("sample-zhihui") if s.path == path))

    def ask(self, url: str, now: datetime) -> Exchange | None:
        """The answer at *url* (a redirect is one too); None for no answer."""
        if url in self.failing:
            return None
        parts = urlsplit(url)
        site = self.sites[(parts.hostname or "").removesuffix(".example")]
        page = site.page(parts.path, parts.query)
        headers = (("Content-Type", page.content_type), *page.headers.items())
        sent = request_of(url, "GET", (("Host", parts.netloc),))
        return Exchange.rebuilt(url, now, sent, page.status, headers, page.body)


class Walk:
    """Asks the street for what is new or due, one address after the other, as the spider would."""

    def __init__(self, street: Street, root: Path, now: datetime, commit_every: int = 3) -> None:
        self.street, self.root, self.now, self.commit_every = street, root, now, commit_every
        self.known = street.portals()

    def run(self) -> None:
        archive = ArchiveWriter(self.root)
        process = chain(archive)
        moment = self.now
        for number, url in enumerate(self.street.asked):
            portal = self.known[(urlsplit(url).hostname or "").removesuffix(".example")]
            ident = article_id(url)
            address = archive.index.address(ident)
            if address and not due(address, archive.index.article(ident), portal, self.now):
                continue
            moment += timedelta(milliseconds=7)
            process(self._visit(archive, portal, url, moment))
            if number % self.commit_every == self.commit_every - 1:
                archive.commit(force=True)
        archive.close({"exit_code": 0})

    def _visit(self, archive: ArchiveWriter, portal: Portal, url: str, moment: datetime) -> Visit:
        visit = Visit(portal, asked=url)
        answer = self.street.ask(url, moment)
        if answer is None:
            visit.failure = "timeout"
            return visit
        visit.captures.append(replace(self._capture(archive, answer, moment), role="page", asked=url))
        while (want := wanted(visit)) is not None:
            answer = self.street.ask(want.url, moment)
            assert answer is not None
            visit.captures.append(replace(self._capture(archive, answer, moment), role=want.role, asked=want.url))
        return visit

    def _capture(self, archive: ArchiveWriter, answer: Exchange, moment: datetime) -> Any:
        capture = archive.capture(answer)
        if answer.status == 301:
            target = BASE.format((urlsplit(answer.url).hostname or "").removesuffix(".example"))
            target += dict(answer.headers)["Location"]
            followed = self.street.ask(target, moment)
            assert followed is not None
            return archive.capture(followed)
        return capture


class Reaper:
    """Counts the steps by which something reaches the disk under *root*, and ends the process at one of them."""

    def __init__(self, root: Path, step: int, mode: str) -> None:
        self.root, self.step, self.mode = str(root), step, mode
        self.taken: list[str] = []
        self.synced: dict[str, int] = {}
        self.durable: dict[str, int] = {}  #: sizes at the last commit: what has been promised
        self._os = {name: getattr(os, name) for name in ("write", "fsync", "ftruncate")}

    def arm(self) -> None:
        """From now on every step is counted; what lies on the disk already is durable."""
        root = Path(self.root)
        self.synced = {str(p.relative_to(root)): p.stat().st_size for p in root.rglob("*") if p.is_file()}
        self.durable = dict(self.synced)
        os.write = self._write
        os.fsync = self._fsync  # type: ignore[assignment]
        for name in ("rename", "unlink"):
            setattr(Path, name, self._wrapped(f"{name} ", getattr(Path, name)))
        setattr(Index, "commit", self._wrapped("commit", Index.commit))  # noqa: B010 - mypy forbids the assignment

    def _here(self, fd: int) -> str | None:
        path = str(Path(f"/proc/self/fd/{fd}").readlink())
        inside = path.startswith(self.root) and "/state" not in path and not path.endswith(".lock")
        return path.removeprefix(self.root + "/") if inside else None

    def _due(self, what: str) -> bool:
        self.taken.append(what)
        return len(self.taken) == self.step

    def _die(self) -> None:
        if self.mode.startswith("power"):
            Path(self.root + ".synced").write_text(json.dumps([self.synced, self.durable]))
        os._exit(DIED)

    def _write(self, fd: int, data: Any) -> int:
        path = self._here(fd)
        if path is None:
            return int(self._os["write"](fd, data))
        dies = self._due(f"write {path}")
        if dies and self.mode == "before":
            self._die()
        if dies and self.mode == "half":
            self._os["write"](fd, bytes(data)[: len(data) // 2])
            self._die()
        written = int(self._os["write"](fd, data))
        if dies:
            self._die()
        return written

    def _fsync(self, fd: int) -> None:
        path = self._here(fd)
        dies = path is not None and self._due(f"fsync {path}")
        if dies and self.mode != "after":
            self._die()
        self._os["fsync"](fd)
        if path is not None:
            self.synced[path] = os.fstat(fd).st_size
        if dies:
            self._die()

    def _wrapped(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(this: Any, *values: Any, **named: Any) -> Any:
            shown = str(this) if isinstance(this, Path) else ""
            if shown and not shown.startswith(self.root):
                return original(this, *values, **named)
            dies = self._due(name + shown.removeprefix(self.root + "/"))
            if dies and self.mode != "after":
                self._die()
            result = original(this, *values, **named)
            if name == "commit":
                self.durable = dict(self.synced)
            if name == "rename " and shown.removeprefix(self.root + "/") in self.synced:
                self.synced[str(values[0]).removeprefix(self.root + "/")] = self.synced.pop(
                    shown.removeprefix(self.root + "/")
                )
            if dies:
                self._die()
            return result

        return call


def child(work: Callable[[], None]) -> int:
    """Does *work* in a process of its own and returns its exit code."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:  # the parent sees the code, the reader the traceback
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def lose_power(root: Path, chance: random.Random, only: str) -> dict[str, int]:
    """Takes back a random part of what was never fsynced, and of the index, which promises nothing.

    Returns how much of each file was promised.
    """
    sidecar = Path(f"{root}.synced")
    synced: dict[str, int]
    durable: dict[str, int]
    synced, durable = json.loads(sidecar.read_text())
    sidecar.unlink()
    for file in sorted(root.rglob("*")):
        name = str(file.relative_to(root))
        if not file.is_file() or name.startswith("state") or name == ".lock" or name.endswith(".partial"):
            continue
        sure = synced.get(name, 0)
        if name.startswith(only) and (size := file.stat().st_size) > sure:
            os.truncate(file, sure if only else chance.choice((sure, size, chance.randint(sure, size))))
    lost = chance.choice(("nothing", "wal", "state"))
    if lost == "wal":
        for suffix in ("-wal", "-shm"):
            Path(f"{root}/state/index.sqlite3{suffix}").unlink(missing_ok=True)
    elif lost == "state":
        shutil.rmtree(root / "state", ignore_errors=True)
    return durable


def flip(root: Path, chance: random.Random) -> dict[str, int]:
    """Turns one bit of a line or a WARC record of the only run there is; nothing is promised after that."""
    written = [*root.glob("*/*/*.jsonl"), *root.glob("warc/*/*.warc.gz*")]
    files = [file for file in sorted(written) if file.stat().st_size]
    if not files:
        return {}
    file = chance.choice(files)
    data = bytearray(file.read_bytes())
    bit = chance.randrange(len(data) * 8)
    data[bit // 8] ^= 1 << bit % 8
    file.write_bytes(data)
    return {}


def quietly(*arguments: str) -> tuple[int, str]:
    """The exit code and the words of a command in this process."""
    said = TextIOWrapper(BytesIO(), "utf-8", write_through=True)
    with redirect_stdout(said), redirect_stderr(said):
        code = cli.run(list(arguments))
    said.seek(0)
    return code, said.read()


def tables(root: Path) -> dict[str, list[Any]]:
    """Every row of the index."""
    with sqlite3.connect(root / "state" / "index.sqlite3") as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY 1")]
        found = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in names}
    db.close()
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def truth(root: Path) -> list[tuple[Any, ...]]:
    """What an archive says, whenever it was made: the texts of every article, revision and copy."""
    return sorted(
        (stream, r["id"], r["revision"], r["title"], r["body"], r["published_at"], tuple(r["page_urls"]))
        for stream in ("articles", "revisions", "duplicates")
        for r in disk.records(root, stream)
    )


class Trial:
    """One death and its aftermath; *wrong* collects every broken promise."""

    def __init__(self, folder: Path, *, day: int, expected: list[tuple[Any, ...]], template: Path | None) -> None:
        self.root = folder / "archive"
        self.again = folder / "again"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if template is not None:
            shutil.copytree(template, self.root)
        self.day, self.expected = day, expected
        self.walks = 0
        self.promised: dict[str, int] | None = None  #: None: whatever is there
        self.wrong: list[str] = []

    def work(self, reaper: Reaper | None = None) -> None:
        """The day's walk, in this process; a minute later when it is made again."""
        street, now = street_of_day(self.day)
        now += timedelta(minutes=self.walks)
        if reaper is not None:
            reaper.arm()
        Walk(street, self.root, now).run()

    def die(self, step: int, mode: str, chance: random.Random) -> bool:
        """Lets a child die at *step*; False where it lived to the end."""
        code = child(lambda: self.work(Reaper(self.root, step, mode)))
        self.walks += 1
        if code == DIED and mode.startswith("power"):
            self.promised = lose_power(self.root, chance, mode.partition(":")[2])
        if code == DIED and mode == "flip":
            self.promised = flip(self.root, chance)
        if code not in (0, DIED):
            self.wrong.append(f"the writer failed with {code}")
        return code == DIED

    def aftermath(self) -> None:
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
        code, said = quietly("verify", "--output", str(self.root))
        if code != 0:
            self.wrong.append(f"verify {when}: {code}: {said}")
        if disk.snapshot(self.root) != before:
            self.wrong.append(f"verify {when} wrote")

    def _replays(self) -> None:
        code, said = quietly("replay", str(self.root / "warc"), "--output", str(self.again))
        if code != 0:
            self.wrong.append(f"replay: {code}: {said}")
        for stream in disk.STREAMS:
            if sorted(disk.lines(self.root, stream)) != sorted(disk.lines(self.again, stream)):
                self.wrong.append(f"replay: {stream} differs: {said}")

    def _reindexes(self) -> None:
        lived = tables(self.root)
        code, said = quietly("reindex", "--output", str(self.root))
        if code != 0:
            self.wrong.append(f"reindex: {code}: {said}")
        for name, rows in tables(self.root).items():
            if rows != lived[name]:
                gone, new = [r for r in lived[name] if r not in rows], [r for r in rows if r not in lived[name]]
                self.wrong.append(f"reindex: {name}: {gone} became {new}")


def street_of_day(day: int) -> tuple[Street, datetime]:
    """The street and the time of the *day*-th walk (from 0)."""
    street = Street()
    if day >= 1:
        street.live()
    if day >= 2:
        street.back()
    return street, datetime(2026, 11, 1, 8, tzinfo=UTC) + timedelta(hours=2 * day)


def whole(folder: Path, day: int) -> Path:
    """An archive in which every walk up to *day* ended well."""
    for each in range(day + 1):
        code = child(lambda each=each: Walk(*_swap(street_of_day(each), folder)).run())  # type: ignore[misc]
        assert code == 0
    return folder


def _swap(found: tuple[Street, datetime], folder: Path) -> tuple[Street, Path, datetime]:
    return found[0], folder, found[1]


def steps_of(folder: Path, day: int, template: Path | None) -> list[str]:
    """Every step of an undisturbed walk."""
    trial = Trial(folder, day=day, expected=[], template=template)

    def work() -> None:
        reaper = Reaper(trial.root, 0, "before")
        trial.work(reaper)
        (folder / "steps").write_text(json.dumps(reaper.taken))

    assert child(work) == 0
    found: list[str] = json.loads((folder / "steps").read_text())
    return found


def tell(result: dict[str, Any]) -> None:
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
        trial.aftermath()
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
                tell(one(folder / "trial", day, expected, template, (step, second, mode), steps[step - 1], chance))
    tell({"steps": len(steps)})


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), json.loads(sys.argv[2]))
