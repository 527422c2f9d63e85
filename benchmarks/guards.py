"""The table of guards: each attack of harness/attacks.py against the real command, next to a good portal.

`python -m benchmarks.guards` prints it and, with `--write`, puts it into docs/guards.md.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from harness.attacks import ATTACKS, Attack
from harness.command import CITYNEWS, citynews, start
from harness.rebinding import COMMAND
from harness.scripted import Scripted

PAGE = Path(__file__).parents[1] / "docs" / "guards.md"
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
        command = COMMAND if attack.names else CITYNEWS
        began = time.monotonic()
        with start(
            *arguments, env={"REBIND": json.dumps(attack.names)}, command=command
        ) as process:  # closes its pipes
            assert process.stdout is not None
            said = process.stdout.read()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        citynews("verify", "--output", folder / "archive")
        asked = {each.headers.get("Host") for each in hostile.asked}
        assert asked <= {hostile.host}, f"{attack.name}: reached as {asked}"

        portals = json.loads(said.splitlines()[-1])["portals"]
        for portal in ("neighbour",) if attack.stops else ("neighbour", "hostile"):
            found = portals[portal]["outcomes"]  # the good article of one is worded like that of the other
            assert found.get("new", 0) + found.get("duplicate", 0) >= 1, f"{attack.name}: {portals[portal]}"
        return _told(portals["hostile"]), used.ru_maxrss / 1024, seconds


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
