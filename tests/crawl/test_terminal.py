"""What a person sees on a terminal while a crawl runs."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from harness.command import CITYNEWS
from harness.scripted import Answer, Scripted

COLUMNS = ("portal", "pages", "new", "known", "failed", "pages/s", "time left")


def on_a_terminal(arguments: list[object]) -> tuple[int, str]:
    """Exit code of ``citynews`` with *arguments*, and all that it wrote to the terminal that is its stderr."""
    ours, theirs = pty.openpty()
    env = os.environ | {"TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    command = [*CITYNEWS, *map(str, arguments)]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs, env=env) as process:
        os.close(theirs)
        seen = b""
        try:
            while chunk := os.read(ours, 65536):
                seen += chunk
        except OSError:  # how Linux says that the other end is closed
            pass
    os.close(ours)
    return process.returncode, seen.decode("utf-8")


@pytest.mark.ci
def test_a_live_table_on_a_terminal(server: Scripted, tmp_path: Path) -> None:
    """Pages, new, known and failed ones, the rate, the time left, for each portal; it ends with what was done."""
    server.listing("/a/1", "/a/2", "/a/3", "/a/4", "/a/5")
    for number in (1, 2, 3):
        server.article(f"/a/{number}")
    server.pages["/a/3"].wait = 1.6  # three times as long as a picture stands
    server.pages["/a/4"] = Answer(b"", 500)
    server.pages["/a/5"] = Answer(lambda out: out.write(b"no answer of HTTP\r\n\r\n"))
    definition = server.definition(tmp_path, more="[politeness]\ndelay = 0.01\n")
    arguments: list[object] = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive"]
    code, seen = on_a_terminal([*arguments, "--allow-host", server.host, "-s", "RETRY_TIMES=0"])
    assert code == 0, seen
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    header = re.compile(r" +".join(COLUMNS))
    assert header.search(plain), plain
    rows = re.findall(r"scripted +(\d+) +(\d+) +(\d+) +(\d+) +([\d.]+) +(\d+:\d\d|done)", plain)
    assert any(row[5] != "done" for row in rows), "the time left, while there is something left"
    assert rows[-1][:4] == ("7", "3", "0", "2")
    assert "\x1b[?25h" in seen[seen.rindex("\x1b[?25l") :], "the cursor is given back"
    assert "scripted: 7 requests" in plain
