"""Runs one extractor over a corpus in this process and prints one JSON line a page: its answer and the CPU it took.

    python run.py CORPUS ours|PEER

A file of its own, so that peers can run it in an environment without this project.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_WARM = 5  #: pages extracted before the clock starts


def truths(corpus: Path) -> Iterator[dict[str, Any]]:
    """Every page of *corpus* (DATASET/truth.jsonl and DATASET/ID.html.gz), with the path of its HTML."""
    for lines in sorted(corpus.glob("*/truth.jsonl")):
        for line in filter(None, lines.read_text("utf-8").split("\n")):
            truth = json.loads(line)
            yield truth | {"path": lines.parent / f"{truth['id']}.html.gz"}


def main() -> None:
    corpus, name = Path(sys.argv[1]), sys.argv[2]
    if name == "ours":
        sys.path.insert(0, str(Path(__file__).parents[2]))
        extract: Callable[[bytes, str], dict[str, Any]] = import_module("benchmarks.extraction.adapter").ours
        version = metadata.version("lxml")
    else:
        sys.path.insert(0, str(Path(__file__).parent))
        extract, version = import_module("peers").PEERS[name], metadata.version(name)
        if name == "newspaper4k":  # it reads Chinese with a tokeniser that does not come with it
            version += f" with jieba {metadata.version('jieba')}" if find_spec("jieba") else " without jieba"
    pages = list(truths(corpus))
    for page in pages[:_WARM]:
        _answer(extract, page)
    print(json.dumps({"extractor": name, "version": version, "python": sys.version.split()[0]}))
    for page in pages:
        print(json.dumps(_answer(extract, page), ensure_ascii=False, default=str))


def _answer(extract: Callable[[bytes, str], dict[str, Any]], page: dict[str, Any]) -> dict[str, Any]:
    html = gzip.decompress(page["path"].read_bytes())
    started = time.process_time()
    try:
        answer, error = extract(html, page.get("url") or ""), None
    except Exception as problem:  # noqa: BLE001 - a peer may raise anything: that is part of what is measured
        answer, error = {}, f"{type(problem).__name__}: {problem}"
    spent = (time.process_time() - started) * 1000
    return {**answer, "dataset": page["dataset"], "id": page["id"], "ms": round(spent, 3), "error": error}


if __name__ == "__main__":
    main()
