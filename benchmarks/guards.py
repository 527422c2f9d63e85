"""The table of guards: each attack of harness/attacks.py against the real command, next to a good portal.

`python -m benchmarks.guards` prints it and, with `--write`, puts it into docs/guards.md.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from harness.attacks import ATTACKS, Attack
from harness.command import CITYNEWS, citynews, finish, start
from harness.rebinding import COMMAND
from harness.scripted import Scripted

PAGE = Path(__file__).parents[1] / "docs" / "guards.md"
#: Runs a command and writes its peak of memory. A process begins with the peak of the one that started it, which here
#: may have run anything before; this one is small.
_MEASURED = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w", encoding="ascii") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""
_MARK = "<!-- the table of `make bench-guards` -->\n"


def run(attack: Attack) -> tuple[str, float, float]:
    """(outcome, peak memory in MB, seconds) of a crawl of a hostile and a good portal; the archive must be whole."""
    with Scripted() as hostile, Scripted() as good, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hostile.article("/a/good")
        hostile.listing("/a/good", *attack.serve(hostile))
        discover = f'pages = ["{hostile.base}/"]\n{attack.where.format(base=hostile.base)}'
        good.listing("/a/neighbour")
        good.article("/a/neighbour")
        arguments: list[object] = ["crawl", "hostile", "neighbour", "--output", folder / "archive", "--json", "--quiet"]
        arguments += ["-s", "RETRY_TIMES=0", "-s", "DOWNLOAD_TIMEOUT=8"]
        arguments += ["--portals", hostile.definition(folder, "hostile", discover=discover)]
        arguments += ["--portals", good.definition(folder, "neighbour")]
        for host in (hostile.host, good.host):
            arguments += ["--allow-host", host]
        for host in attack.names:
            arguments += ["--allow-host", f"{host}:1", "-s", "DNSCACHE_ENABLED=False"]
        command = [sys.executable, "-c", _MEASURED, folder / "peak", *(COMMAND if attack.names else CITYNEWS)]
        began = time.monotonic()
        done = finish(start(*arguments, env={"REBIND": json.dumps(attack.names)}, command=[*map(str, command)]))
        seconds = time.monotonic() - began
        memory = int((folder / "peak").read_text("ascii")) / 1024
        citynews("verify", "--output", folder / "archive")
        asked = {request.headers.get("Host") for request in hostile.asked}
        assert asked <= {hostile.host}, f"{attack.name}: reached as {asked}"

        portals = done.summary["portals"]
        for portal in ("neighbour",) if attack.stops else ("neighbour", "hostile"):
            found = portals[portal]["outcomes"]  # the good article of one is worded like that of the other
            assert found.get("new", 0) + found.get("duplicate", 0) >= 1, f"{attack.name}: {portals[portal]}"
        return _told(portals["hostile"]), memory, seconds


def _told(stats: dict[str, Any]) -> str:
    parts = [f"{count} {name}" for name, count in stats["outcomes"].items()]
    for kind in ("failures", "drops", "limits"):
        parts += [f"{name} {count}" for name, count in stats[kind].items()]
    return ", ".join(dict.fromkeys(parts))


def main() -> None:
    rows = ["| attack | outcome | peak MB | seconds |", "|---|---|---|---|"]
    for attack in ATTACKS:
        outcome, memory, seconds = run(attack)
        rows.append(f"| {attack.name} | {outcome} | {memory:.0f} | {seconds:.1f} |")
        print(rows[-1], flush=True)
    if "--write" in sys.argv:
        text = PAGE.read_text("utf-8").partition(_MARK)[0]
        PAGE.write_text(f"{text}{_MARK}\n" + "\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    main()
