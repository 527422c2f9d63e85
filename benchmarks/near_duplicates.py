"""Documents a second through the index of near copies: signature, look-up, comparison of texts, insertion.

    python benchmarks/near_duplicates.py [--count 20000] [--every 20000] [--archived 1000000]

The documents are put together from the sentences of the sample portals: distinct texts of one beat that share phrases,
more so than real ones.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from crawler.archive.index import lsh, similarity
from crawler.archive.index.index import Index
from crawler.article import body_hash, content_hash
from crawler.samples import NAMES, stories

URL = "http://bench.invalid/{}.html"


def document(number: int, sentences: list[str], chance: random.Random) -> dict[str, object]:
    """An article record, as far as the index looks at one."""
    body = "。".join(chance.sample(sentences, 20)) + f"。编号{number}。"
    url = URL.format(number)
    return {
        "id": f"{chance.getrandbits(128):032x}", "portal": "bench", "url": url, "canonical_url": url, "body": body,
        "fetched_at": "2026-01-01T00:00:00.000000Z", "revision": 1, "page_urls": [url],
        "body_hash": body_hash(body), "content_hash": content_hash(None, body),
    }  # fmt: skip


def fill(index: Index, count: int) -> None:
    """Random band keys of *count* articles, in the first table with space for them: as merges leave them."""
    total = count * similarity.PERMUTATIONS // similarity.ROWS
    level = next(n for n in range(1, lsh.LEVELS) if total <= lsh.YOUNG * lsh.RATIO**n or n == lsh.LEVELS - 1)
    step = (1 << 64) // max(total, 1)
    low, chance = -(1 << 63), random.Random(11).getrandbits
    begun = time.perf_counter()
    query = f"INSERT INTO near_{level} VALUES (?,?)"
    for start in range(0, total, 1 << 20):
        numbers = range(start, min(total, start + (1 << 20)))
        index.database.do_many(query, [(low + n * step + chance(8), chance(62)) for n in numbers])
    if total:
        index.database.do("INSERT INTO near_rows VALUES (?,?)", (level, total))
        index.commit()
        print(f"{count} articles are there, {total} keys, in {time.perf_counter() - begun:.0f} s")


def main() -> None:
    """Prints documents a second, every so many documents."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--every", type=int, default=5_000)
    parser.add_argument("--archived", type=int, default=0, help="so many articles are there already, with random keys")
    options = parser.parse_args()
    sentences = [
        s
        for name in NAMES
        for story in stories(name)
        for s in story.body.replace("\n\n", "。").split("。")
        if len(s) > 11
    ]
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder) / "index.sqlite3")
        fill(index, options.archived)
        bodies: dict[str, str] = {}
        candidates = 0
        spent = 0.0
        for number in range(1, options.count + 1):
            record = document(number, sentences, chance)
            body, ident = str(record["body"]), str(record["id"])
            begun = time.perf_counter()
            for known in index.alike(body, besides=ident):
                candidates += 1
                similarity.similarity(body, bodies[known.id], similarity.ALIKE)
            index.apply("articles", record, "articles/bench/2026-01.jsonl", number, 1)
            spent += time.perf_counter() - begun
            bodies[ident] = body
            if number % 500 == 0:
                index.commit()
            if number % options.every == 0:
                rate = options.every / spent
                print(f"{number} documents: {rate:.0f} a second, {candidates / options.every:.2f} candidates each")
                candidates, spent = 0, 0.0
        index.close()


if __name__ == "__main__":
    main()
