"""Peak memory of verify over archives of different sizes: pages of 38 KB that do not compress, with their decisions."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from crawler.archive import Archive, Verdict
from crawler.values.urls import article_id
from tests.support.deaths import Street

PAGE = 38_000  #: bytes
_CHILD = (
    "import sys; from crawler.cli import run; import resource; code = run(sys.argv[1:]);"
    "print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
)


def fill(root: Path, size: int) -> int:
    """An archive of about *size* bytes of WARC; returns how many visits it holds."""
    archive, street = Archive(root), Street()
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    answer = street.ask(street.asked[0], moment)
    assert answer is not None
    count = max(1, size // PAGE)
    for number in range(count):
        at = moment + timedelta(milliseconds=number)
        url = f"http://sample-zhihui.example/news/{number}.html"
        capture = archive.capture(replace(answer, url=url, payload=os.urandom(PAGE), started_at=at))
        verdict = Verdict("sample-zhihui", article_id(url), url, url, at, "refused", status=200, reason="list")
        verdict.captures = [capture]
        archive.decide(verdict)
        archive.commit()
    archive.close({"exit_code": 0})
    return count


def main() -> None:
    """Prints a line for each size, and how the largest compares with the smallest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, nargs="+", default=[10, 300])
    peaks = []
    for mib in parser.parse_args().mib:
        with tempfile.TemporaryDirectory() as room:
            visits = fill(Path(room) / "archive", mib << 20)
            command = [sys.executable, "-c", _CHILD, "verify", "--output", f"{room}/archive", "--quiet"]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            code, peak = map(int, done.stdout.split()[-2:])
        assert code == 0, "the archive is not whole"
        peaks.append(peak)
        print(f"verify {mib} MiB, {visits} visits: peak {peak >> 10} MiB", flush=True)
    print(f"ratio {max(peaks) / peaks[0]:.2f}")


if __name__ == "__main__":
    main()
