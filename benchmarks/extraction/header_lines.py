"""Reads header lines whose values are known: every value must be right or null, none wrong.

    python -m benchmarks.extraction.header_lines FILE

FILE holds JSON lines {"line", "timestamp", "source", "author", "editor", "views"}; an absent value is null. A timestamp
counts as far as the truth is exact. Prints what is wrong and a table; exits 1 where anything is.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from crawler.values.header import read_header
from crawler.values.header_fields import Header

_HOME = ZoneInfo("Asia/Shanghai")
_NOW = datetime(2026, 11, 23, 20, 0, tzinfo=_HOME)  #: no line is younger; what names no year is completed from here
_FIELDS = ("timestamp", "source", "author", "editor", "views")


def _values(header: Header) -> dict[str, object]:
    moment = f"{header.published.at(_HOME):%Y-%m-%d %H:%M:%S}" if header.published else None
    return {
        "timestamp": moment,
        "source": header.source,
        "author": header.author,
        "editor": header.editor,
        "views": header.views,
    }


def _judge(field: str, wanted: object, found: object) -> str:
    if found is None:
        return "right" if wanted is None else "null"
    same = str(found).startswith(str(wanted)) if field == "timestamp" and wanted else found == wanted
    return "right" if same else "wrong"


def main() -> int:
    judged: Counter[tuple[str, str]] = Counter()
    for line in filter(None, Path(sys.argv[1]).read_text("utf-8").split("\n")):
        truth = json.loads(line)
        for field, found in _values(read_header(truth["line"], _NOW)).items():
            verdict = _judge(field, truth.get(field), found)
            judged[field, verdict] += 1
            if verdict == "wrong":
                print(f"wrong {field}: {found!r}, not {truth.get(field)!r}, in {truth['line']!r}")
    for field in _FIELDS:
        print(f"{field:10}", *(f"{verdict} {judged[field, verdict]}" for verdict in ("right", "null", "wrong")))
    return 1 if any(verdict == "wrong" for _, verdict in judged) else 0


if __name__ == "__main__":
    sys.exit(main())
