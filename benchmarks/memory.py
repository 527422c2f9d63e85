"""Peak memory of what reads a whole archive, over archives of different sizes.

Each page is a page of the sample portal with a text of its own and 38 KB of pictures that do not compress, so that an
archive of 1 GiB holds some 27,000 articles. Memory is that of the command and of all processes it starts.

    python -m benchmarks.memory --mib 10 1024 [--keep FOLDER] [--only verify pack]
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))
from crawler.archive.warc.exchange import Exchange, request_of
from crawler.archive.write.writer import ArchiveWriter
from crawler.assembly import Visit, prepare_process
from crawler.pipelines.chain import chain
from crawler.samples.story import Story
from harness.socketless_sites import SocketlessSites

PAGE = 38_000  #: bytes that do not compress
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
_RUN = "import sys; from crawler.cli import run; sys.exit(run(sys.argv[1:]))"
_READ = "import sys; from crawler import archive; n = sum(1 for _ in archive.open(sys.argv[1]).articles(latest=True))"
_SIGNS = [chr(code) for code in range(0x4E00, 0x5E00)]


def fill(root: Path, size: int) -> int:
    """An archive of about *size* bytes of WARC; returns how many articles it holds."""
    prepare_process()
    archive, sites, chance = ArchiveWriter(root), SocketlessSites(), random.Random(7)
    process, portal = chain(archive), sites.portals()["sample-zhihui"]
    site = sites.sites["sample-zhihui"]
    model = site.get(urlsplit(sites.asked[0]).path)
    count = max(1, size // (PAGE * 4 // 3 + 4_000) * 4 // 3)
    for number in range(count):
        at = BEGUN + timedelta(seconds=number)
        url, html = f"http://sample-zhihui.example/news/t1/{9_000_000 + number}.html", _page(site, model, chance)
        headers = (("Content-Type", "text/html; charset=utf-8"),)
        asked = request_of(url, "GET", (("Host", "sample-zhihui.example"),))
        capture = archive.capture(Exchange.rebuilt(url, at, asked, 200, headers, html))
        process(Visit(portal, asked=url, captures=[replace(capture, role="page", asked=url)]))
        archive.commit()
    archive.close({"exit_code": 0})
    return count


def _page(site: object, model: Story, chance: random.Random) -> bytes:
    """A page as the portal makes it, of another article each time."""
    text = "\n\n".join("".join(chance.choices(_SIGNS, k=80)) + "。" for _ in range(6))
    story = replace(model, text=text, title="".join(chance.choices(_SIGNS, k=14)))
    page = site.article(story, 0)  # type: ignore[attr-defined] # of a class that the support module keeps to itself
    data = page if isinstance(page, bytes) else page.encode()
    return data.replace(
        b"</body>", b'<img src="data:image/png;base64,' + base64.b64encode(os.urandom(PAGE)) + b'"></body>'
    )


def commands(root: Path, folder_of_size: Path) -> Iterator[tuple[str, list[str]]]:
    """Name and arguments of Python for each; those that change the archive come last."""
    where = ["--output", str(root), "--quiet"]
    yield "verify", ["-c", _RUN, "verify", *where]
    yield "replay", ["-c", _RUN, "replay", str(root / "warc"), "--output", str(folder_of_size / "replayed"), "--quiet"]
    yield "pack", ["-c", _RUN, "pack", "-o", str(folder_of_size / "packed.wacz"), *where]
    yield "reader", ["-c", _READ, str(root)]
    yield "reindex", ["-c", _RUN, "reindex", *where]
    yield "seal", ["-c", _RUN, "seal", *where]
    yield "repair", ["-c", _RUN, "repair", *where]


def measure(arguments: list[str]) -> tuple[int, int, float]:
    """Exit code, peak memory (KiB) of all processes together, CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(_peak(pid) for pid in _family(process.pid)))
        time.sleep(0.05)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return process.returncode, peak, spent


def _family(pid: int) -> list[int]:
    found = [pid]
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += _family(int(child))
    return found


def _peak(pid: int) -> int:
    """The most that process *pid* has held until now, KiB."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def damage(root: Path) -> None:
    """One bit in the middle of a WARC file and of a file of lines, so that repair has something to do."""
    for pattern in ("warc/*/*.warc.gz", "observations/*/*.jsonl*"):
        path = min(root.glob(pattern))
        with path.open("r+b") as file:
            middle = path.stat().st_size // 2
            file.seek(middle)
            (byte,) = file.read(1)
            file.seek(middle)
            file.write(bytes([byte ^ 1]))


def main() -> None:
    """Prints a line for each command and size, and how the largest compares with the smallest."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mib", type=int, nargs="+", default=[10, 1024])
    parser.add_argument("--keep", type=Path, help="folder for the archives, which stay and are used again")
    parser.add_argument("--only", nargs="+", help="these commands")
    asked = parser.parse_args()
    peaks: dict[str, list[int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for mib in asked.mib:
            folder_of_size = Path(folder) / str(mib)
            folder_of_size.mkdir()
            kept = (asked.keep or folder_of_size) / f"archive-{mib}"
            if not kept.is_dir():
                print(f"{mib} MiB: {fill(kept, mib << 20)} articles", flush=True)
            root = folder_of_size / "archive"
            shutil.copytree(kept, root)
            for name, arguments in commands(root, folder_of_size):
                if asked.only and name not in asked.only:
                    continue
                if name == "repair":
                    damage(root)
                code, peak, spent = measure(arguments)
                peaks.setdefault(name, []).append(peak)
                print(f"{name} {mib} MiB: exit {code}, peak {peak >> 10} MiB, {spent:.0f} s CPU", flush=True)
            shutil.rmtree(folder_of_size)
    for name, found in peaks.items():
        print(f"{name}: ratio {max(found) / found[0]:.2f}")


if __name__ == "__main__":
    main()
