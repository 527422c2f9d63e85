"""An archive of many articles, written as runs would have written it, without crawling: lines and run files only.

Twelve months, forty portals; bodies of about 1,000 characters; one page in ten is a copy, one article in thirty has a
later version, three visits a page, five links a page.
"""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from crawler.archive.records.jsonl import KEYS, SCHEMAS, encode

from crawler.archive.runs import run_file
from crawler.archive.storage.layout import Paths, stream_path
from crawler.article import EXTRACTED, body_hash, content_hash, isoformat
from crawler.values.urls import article_id

PORTALS = [f"portal-{number:02}" for number in range(40)]
BEGIN = datetime(2025, 11, 1, 1, tzinfo=UTC)
DAYS = 360
_RNG = random.Random(5)
_COMMON = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
_WORDS = ["".join(chr(_RNG.randrange(0x4E00, 0x9000)) for _ in range(2)) for _ in range(6000)]
_KNOWN = ["交通", "城市", "外交", "会计", "人民政府", "数字孪生", "智慧城市", "车路协同", "5G", "AI"]
_SOURCES = [None, "新华社", "人民日报", "本网", "本站原创", *(f"{chr(0x4E00 + n)}城日报" for n in range(200))]


def sentence(rng: random.Random) -> str:
    """Some words, and a full stop."""
    words = rng.choices(_WORDS, k=rng.randrange(6, 14))
    words = [word + rng.choice(_COMMON) for word in words]
    if rng.random() < 0.25:
        words.insert(1, rng.choice(_KNOWN))
    return "，".join(("".join(words[: len(words) // 2]), "".join(words[len(words) // 2 :]))) + "。"


def generate(root: Path, count: int) -> None:
    """*count* pages into the archive *root*, a run for every three days."""
    rng = random.Random(11)
    sentences = [sentence(rng) for _ in range(20_000)]
    paths = Paths(root)
    head = run_file.NO_RUN
    ends: defaultdict[str, int] = defaultdict(int)
    made: list[dict[str, Any]] = []
    later: defaultdict[int, list[tuple[str, bytes]]] = defaultdict(list)
    days = range(0, DAYS, 3)
    for step, day in enumerate(days):
        moment = BEGIN + timedelta(days=day)
        run = f"{moment:%Y%m%dT%H%M%SZ}-{step:06x}"
        out: defaultdict[str, list[bytes]] = defaultdict(list)
        for path, line in later.pop(step, []):
            out[path].append(line)
        first, last = count * step // len(days), count * (step + 1) // len(days)
        for number in range(first, last):
            _page(rng, number, step, moment + timedelta(seconds=number - first), run, sentences, made, out, later)
        files = [_append(root, path, lines, ends) for path, lines in sorted(out.items())]
        start = run_file.Start(run, head.number + 1, "crawl", isoformat(moment),
                               {"run": head.run, "sha256": head.sha256} if head.run else None)  # fmt: skip
        stats = {"outcomes": {"new": last - first}, "requests": 3 * (last - first)}
        portals = dict.fromkeys(PORTALS, {"outcomes": {}, "requests": 0}) | {PORTALS[0]: stats}
        head = run_file.finish(paths, start, files, {"exit_code": 0, "portals": portals})


def _append(root: Path, path: str, lines: list[bytes], ends: dict[str, int]) -> dict[str, Any]:
    data = b"".join(lines)
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as end:
        end.write(data)
    start, ends[path] = ends[path], ends[path] + len(data)
    return {"path": path, "start": start, "end": ends[path], "sha256": sha256(data).hexdigest()}


def _page(
    rng: random.Random, number: int, step: int, moment: datetime, run: str, sentences: list[str],
    made: list[dict[str, Any]], out: dict[str, list[bytes]], later: dict[int, list[tuple[str, bytes]]],
) -> None:  # fmt: skip
    portal = rng.choice(PORTALS)
    url = f"https://www.{portal}.example/news/{number % 997}/{number}.html"
    original = rng.choice(made[-5000:]) if made and rng.random() < 0.1 else None
    body = (
        original["body"] if original else "\n\n".join("".join(rng.sample(sentences, 5)) for _ in range(6)) + str(number)
    )
    title = f"{rng.choice(sentences)[:24]}{number}"
    local = moment + timedelta(hours=8) - timedelta(hours=rng.randrange(30))
    links = [
        f"https://www.{portal}.example/news/{n % 997}/{n}.html" for n in rng.sample(range(max(number, 6) + 500), 5)
    ]
    record = {
        "schema": SCHEMAS["articles"], "id": article_id(url), "portal": portal, "url": url, "canonical_url": url,
        "title": title, "source": rng.choice(_SOURCES), "author": None if rng.random() < 0.5 else "王小明", "editor": "李四",
        "published_at": f"{local:%Y-%m-%dT%H:%M:%S}+08:00", "published_date": f"{local:%Y-%m-%d}",
        "published_raw": f"{local:%Y-%m-%d %H:%M}", "published_precision": "second", "view_count": rng.randrange(2000),
        "body": body, "language": "zh", "section": ["首页", "新闻"], "tags": ["智慧"], "images": [], "attachments": [],
        "related_links": [{"url": each, "title": "相关", "kind": "related"} for each in links], "page_urls": [url],
        "incomplete": [], "fetched_at": isoformat(moment), "revision": 1, "body_hash": body_hash(body),
        "content_hash": content_hash(title, body), "run": run, "captures": [],
        "warc": {"file": f"{moment:%Y-%m}/{run}-00000.warc.gz", "offset": number * 6000, "length": 6000,
                 "record_id": f"<urn:uuid:{number:032x}>", "payload_digest": "sha256:" + sha256(url.encode()).hexdigest()},
        "extracted_by": dict.fromkeys(EXTRACTED, "generic"),
    }  # fmt: skip
    record["captures"] = [
        {"role": "page", "url": url, "record_id": record["warc"]["record_id"], "fetched_at": record["fetched_at"]}
    ]
    stream = "articles"
    if original:
        stream = "duplicates"
        record |= {"schema": SCHEMAS["duplicates"], "match": "exact", "similarity": 1.0, "direction": rng.choice(["copy", "origin", None]),
                   "duplicate_of": {name: original[name] for name in ("id", "portal", "url")}}  # fmt: skip
    else:
        made.append({name: record[name] for name in ("id", "portal", "url", "body")})
        del made[:-6000]
    out[stream_path(stream, portal, record["fetched_at"])].append(_line(stream, record))
    for after in (0, 1, 2):
        at = moment + timedelta(days=3 * after)
        visit = {"schema": SCHEMAS["observations"], "id": record["id"], "portal": portal, "url": url, "status": 200,
                 "observed_at": isoformat(at), "outcome": "unchanged" if after else "new", "run": run, "revision": 1,
                 "view_count": record["view_count"] + after * 50, "warc": record["warc"]}  # fmt: skip
        _later(out, later, step, after, "observations", portal, visit)
    if not original and number % 30 == 7:
        again = record | {"schema": SCHEMAS["revisions"], "revision": 2, "body": body + "\n\n更正。", "changed_fields": ["body"],
                          "previous_hash": record["content_hash"], "fetched_at": isoformat(moment + timedelta(days=3))}  # fmt: skip
        _later(out, later, step, 1, "revisions", portal, again)


def _later(
    out: dict[str, list[bytes]], later: dict[int, list[tuple[str, bytes]]], step: int, after: int, stream: Any, portal: str,
    record: dict[str, Any],
) -> None:  # fmt: skip
    path = stream_path(stream, portal, record["observed_at" if stream == "observations" else "fetched_at"])
    line = _line(stream, record)
    if after:
        later[step + after].append((path, line))
    else:
        out[path].append(line)


def _line(stream: Any, record: dict[str, Any]) -> bytes:
    return encode({key: record.get(key) for key in KEYS[stream]})


def size(root: Path) -> int:
    """Bytes of lines under *root*."""
    return sum(file.stat().st_size for file in root.glob("*/*/*.jsonl"))
