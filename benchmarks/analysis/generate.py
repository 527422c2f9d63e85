"""An archive of many articles, written as runs would have written it, without crawling: lines and run files only.

Twelve months, forty portals; bodies of about 1,000 characters; one page in ten is a copy, one article in thirty has a
later version, three visits a page, five links a page.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from crawler.archive.records.jsonl import KEYS, SCHEMAS, Json, encode
from crawler.archive.runs import run_file
from crawler.archive.storage.layout import Paths, Stream, stream_path
from crawler.article import EXTRACTED, body_hash, content_hash, isoformat
from crawler.values.urls import article_id

PORTALS = [f"portal-{number:02}" for number in range(40)]
BEGIN = datetime(2025, 11, 1, 1, tzinfo=UTC)
DAYS = 360
_RNG = random.Random(5)
_COMMON = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过"
_WORDS = ["".join(chr(_RNG.randrange(0x4E00, 0x9000)) for _ in range(2)) for _ in range(6000)]
_KNOWN = ["交通", "城市", "外交", "会计", "人民政府", "数字孪生", "智慧城市", "车路协同", "5G", "AI"]
_SOURCES = [None, "新华社", "人民日报", "本网", "本站原创", *(f"{chr(0x4E00 + n)}城日报" for n in range(200))]


def sentence(rng: random.Random) -> str:
    """Some words, and a full stop."""
    words = rng.choices(_WORDS, k=rng.randrange(6, 14))
    words = [word + rng.choice(_COMMON) for word in words]
    if rng.random() < 0.06:  # a word of _KNOWN in one page of six
        words.insert(1, rng.choice(_KNOWN))
    return "，".join(("".join(words[: len(words) // 2]), "".join(words[len(words) // 2 :]))) + "。"


def generate(root: Path, count: int) -> None:
    """*count* pages into the archive *root*, a run for every three days."""
    rng = random.Random(11)
    writing = _Writing(rng, [sentence(rng) for _ in range(20_000)])
    ends: defaultdict[str, int] = defaultdict(int)
    head, days = run_file.NO_RUN, range(0, DAYS, 3)
    for writing.step, day in enumerate(days):
        first, last = count * writing.step // len(days), count * (writing.step + 1) // len(days)
        head = _run(root, writing, BEGIN + timedelta(days=day), range(first, last), ends, head)


def add_a_day(root: Path, count: int = 1000) -> None:
    """A further run of *count* pages, with the visits of these."""
    paths, rng = Paths(root), random.Random(12)
    head = run_file.head(paths)
    writing = _Writing(rng, [sentence(rng) for _ in range(2_000)], step=DAYS + head.number)
    ends = defaultdict(int, {paths.relative(file): file.stat().st_size for file in paths.stream_files()})
    numbers = range(100_000_000 + head.number * count, 100_000_000 + (head.number + 1) * count)
    _run(root, writing, BEGIN + timedelta(days=DAYS + head.number), numbers, ends, head)


def _run(
    root: Path,
    writing: _Writing,
    moment: datetime,
    numbers: range,
    ends: defaultdict[str, int],
    head: run_file.ChainHead,
) -> run_file.ChainHead:
    """One run with the pages *numbers*."""
    writing.run = f"{moment:%Y%m%dT%H%M%SZ}-{writing.step:06x}"
    for path, line in writing.later.pop(writing.step, []):
        writing.out[path].append(line)
    for number in numbers:
        _page(writing, number, moment + timedelta(seconds=number - numbers.start))
    files = [_append(root, path, lines, ends) for path, lines in sorted(writing.out.items())]
    writing.out.clear()
    before = {"run": head.run, "sha256": head.sha256} if head.run else None
    start = run_file.RunStart(writing.run, head.number + 1, "crawl", isoformat(moment), before)
    stats = {"outcomes": {"new": len(numbers)}, "requests": 3 * len(numbers)}
    return run_file.finish(Paths(root), start, files, {"exit_code": 0, "portals": {PORTALS[0]: stats}})


def _append(root: Path, path: str, lines: list[bytes], ends: dict[str, int]) -> dict[str, Any]:
    data = b"".join(lines)
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as end:
        end.write(data)
    start, ends[path] = ends[path], ends[path] + len(data)
    return {"path": path, "start": start, "end": ends[path], "sha256": sha256(data).hexdigest()}


@dataclass(slots=True)
class _Writing:
    """What is under way: lines of this run, and those that later runs will write."""

    rng: random.Random
    sentences: list[str]
    step: int = 0
    run: str = ""
    out: defaultdict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    later: defaultdict[int, list[tuple[str, bytes]]] = field(default_factory=lambda: defaultdict(list))
    made: list[Json] = field(default_factory=list)  #: the last articles, to be copied

    def put(self, stream: Stream, record: Json, after: int = 0) -> None:
        """Adds the line of *record*; *after*: how many runs from now."""
        path = stream_path(
            stream, record["portal"], record["observed_at" if stream == "observations" else "fetched_at"]
        )
        line = encode({key: record.get(key) for key in KEYS[stream]})
        if after:
            self.later[self.step + after].append((path, line))
        else:
            self.out[path].append(line)


def _page(writing: _Writing, number: int, moment: datetime) -> None:
    rng = writing.rng
    portal = rng.choice(PORTALS)
    original = rng.choice(writing.made[-5000:]) if writing.made and rng.random() < 0.1 else None
    sentences = writing.sentences
    body = "\n\n".join("".join(rng.sample(sentences, 5)) for _ in range(6)) + str(number)
    body = original["body"] if original else body
    record = _article(rng, number, portal, moment, writing.run)
    record |= {
        "title": f"{rng.choice(sentences)[:24]}{number}", "body": body, "body_hash": body_hash(body),
        "content_hash": content_hash(record["title"], body),
        "related_links": [
            {"url": _url(portal, n), "title": "相关", "kind": "related"}
            for n in rng.sample(range(max(number, 6) + 500), 5)
        ],
    }  # fmt: skip
    if original:
        of = {name: original[name] for name in ("id", "portal", "url")}
        copied = {"schema": SCHEMAS["duplicates"], "match": "exact", "similarity": 1.0, "duplicate_of": of}
        writing.put("duplicates", record | copied | {"direction": rng.choice(["copy", "origin", None])})
    else:
        writing.made.append({name: record[name] for name in ("id", "portal", "url", "body")})
        del writing.made[:-6000]
        writing.put("articles", record)
    for after in (0, 1, 2):
        seen = {
            "observed_at": isoformat(moment + timedelta(days=3 * after)),
            "outcome": "unchanged" if after else "new",
        }
        counted = {"view_count": record["view_count"] + after * 50, "status": 200, "schema": SCHEMAS["observations"]}
        writing.put("observations", record | seen | counted, after)
    if not original and number % 30 == 7:
        later = isoformat(moment + timedelta(days=3))
        again = {"schema": SCHEMAS["revisions"], "revision": 2, "body": f"{body}\n\n更正。", "fetched_at": later}
        again |= {"changed_fields": ["body"], "previous_hash": record["content_hash"]}
        writing.put("revisions", record | again, 1)


def _url(portal: str, number: int) -> str:
    return f"https://www.{portal}.example/news/{number % 997}/{number}.html"


def _article(rng: random.Random, number: int, portal: str, moment: datetime, run: str) -> Json:
    """All of an article but its text."""
    url, fetched = _url(portal, number), isoformat(moment)
    local = moment + timedelta(hours=8) - timedelta(hours=rng.randrange(30))
    record_id = f"<urn:uuid:{number:032x}>"
    return {
        "schema": SCHEMAS["articles"], "id": article_id(url), "portal": portal, "url": url, "canonical_url": url,
        "title": "", "source": rng.choice(_SOURCES), "author": None if rng.random() < 0.5 else "王小明",
        "editor": "李四",
        "published_at": f"{local:%Y-%m-%dT%H:%M:%S}+08:00", "published_date": f"{local:%Y-%m-%d}",
        "published_raw": f"{local:%Y-%m-%d %H:%M}", "published_precision": "second", "view_count": rng.randrange(2000),
        "language": "zh", "section": ["首页", "新闻"], "tags": ["智慧"], "images": [], "attachments": [],
        "page_urls": [url], "incomplete": [], "fetched_at": fetched, "revision": 1, "run": run,
        "captures": [{"role": "page", "url": url, "record_id": record_id, "fetched_at": fetched}],
        "warc": {"file": f"{moment:%Y-%m}/{run}-00000.warc.gz", "offset": number * 6000, "length": 6000,
                 "record_id": record_id, "payload_digest": "sha256:" + sha256(url.encode()).hexdigest()},
        "extracted_by": dict.fromkeys(EXTRACTED, "generic"),
    }  # fmt: skip


def size(root: Path) -> int:
    """Bytes of lines under *root*."""
    return sum(file.stat().st_size for file in root.glob("*/*/*.jsonl"))
