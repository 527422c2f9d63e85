"""docs/portals.md from the bundled definitions: each portal, what it is, how sure its definition is, since when.

``make docs`` writes it; a test holds the page and the definitions together.
"""

from __future__ import annotations

import sys
from pathlib import Path

from crawler import portals
from crawler.portals import Portal

PAGE = Path(__file__).parents[1] / "docs" / "portals.md"
_HEAD = """\
# Portals

The portals whose definitions come with citynews. Written by `make docs`. None of them could be checked live from the
machines on which citynews was developed: "confidence" says how reliable the evidence in a definition is (`citynews
portals show NAME`), "as of" when its sources date from. `crawl --all` leaves a portal out until you choose or crawl it
([which portals](configure.md#which-portals)). `citynews portals trial NAME --report FILE` tests a portal live; you can
send its file to a maintainer, who evaluates it with `--from FILE` and takes over the definition with `--write DIR`.

| name | title | place | kind | tags | confidence | as of |
|---|---|---|---|---|---|---|
"""


def catalogue() -> str:
    """The page."""
    known = portals.load().values()
    counts = {level: sum(portal.confidence == level for portal in known) for level in ("high", "medium", "low")}
    summary = ", ".join(f"{count} {level}" for level, count in counts.items())
    return f"{_HEAD}{''.join(map(_row, known))}\n{len(known)} portals: {summary}.\n"


def _row(portal: Portal) -> str:
    cells = (
        f"`{portal.name}`",
        f"[{portal.title}]({portal.home})",
        f"{portal.place.name} ({portal.place.code})" if portal.place else "",
        portal.kind or "",
        ", ".join(portal.tags),
        portal.confidence or "",
        portal.last_seen or "",
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(catalogue(), "utf-8")
    sys.stdout.write(f"{PAGE} written\n")
