"""Scores of an extractor against pages whose truth is known.

Body: multisets of shingles of four tokens (words; single characters of ideographs), the shares of true and false
positives and of false negatives averaged over pages, as in scrapinghub/article-extraction-benchmark. The rest: right or
not.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

Truth = dict[str, Any]
Answer = dict[str, Any]

_IDEOGRAPH = re.compile("[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]")
_WORD = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]|(?:(?![\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af])\w)+")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_CLOCK = re.compile(r"(\d{1,2})\s*[:：时]\s*(\d{2})(?:\s*[:：分]\s*(\d{2}))?")


def squash(text: object) -> str:
    """Letters and digits of *text*, folded."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", str(text or "")).lower())


def _shingles(text: str, words: bool) -> Counter[tuple[str, ...]]:
    folded = unicodedata.normalize("NFKC", text).lower()
    tokens = re.findall(r"\w+", folded) if words else _WORD.findall(folded)
    return Counter(tuple(tokens[i : i + 4]) for i in range(max(1, len(tokens) - 3))) if tokens else Counter()


def _moment(text: object) -> tuple[str | None, tuple[int, int, int | None] | None]:
    folded = unicodedata.normalize("NFKC", str(text or ""))
    match = _DAY.search(folded)
    if match is None:
        return None, None
    day = "{:04}-{:02}-{:02}".format(*map(int, match.groups()))
    clock = _CLOCK.search(folded[match.end() :])
    return day, (int(clock[1]), int(clock[2]), int(clock[3]) if clock[3] else None) if clock else None


def _same_instant(one: object, other: object) -> bool:
    try:
        first, second = (datetime.fromisoformat(str(text)) for text in (one, other))
    except ValueError:
        return False
    return bool(first.tzinfo and second.tzinfo) and abs((first - second).total_seconds()) < 60


def _score_body(truth: Truth, answer: Answer, into: dict[str, list[float]]) -> None:
    body, words = answer.get("body") or "", truth["lang"] not in ("zh", "ja")
    title = answer.get("title") or ""
    start = squash(title)[:12]
    headed = truth["dataset"].startswith("daniel") and start and squash(truth["body"]).startswith(start)
    if headed and not squash(body).startswith(start):  # the truth of this set begins with the headline
        body = f"{title}\n{body}"
    wanted, got = _shingles(truth["body"], words), _shingles(body, words)
    if not wanted:
        return
    hit = (wanted & got).total()
    union = got.total() + wanted.total() - hit
    into["tp"].append(hit / union)
    into["fp"].append((got.total() - hit) / union)
    into["fn"].append((wanted.total() - hit) / union)
    into["complete"].append(hit / wanted.total() >= 0.995)


def _score_date(truth: Truth, answer: Answer, into: dict[str, list[float]], manual: bool) -> None:
    stated = answer.get("published_at") or answer.get("date")
    (day, clock), (found, time) = _moment(truth["date"]), _moment(stated)
    into["date"].append(day is not None and (day == found or _same_instant(truth["date"], stated)))
    if clock and manual:
        into["minute"].append(day == found and time is not None and time[:2] == clock[:2])
        if clock[2] is not None:
            into["second"].append(day == found and time == clock)


def _score_links(truth: Truth, answer: Answer, into: dict[str, list[float]]) -> None:
    every = answer.get("related_links") or []
    base = truth.get("url") or "http://example.com/"
    wanted = [
        {urljoin(base, link.get("url") or ""), link.get("url"), squash(link.get("text"))} for link in truth["related"]
    ]
    related = [link for link in every if link.get("kind") in (None, "related")]
    for name, links in (("related", related), ("links", every)):  # the second: neighbours too, as this truth has it
        found = {key for link in links for key in (link.get("url"), squash(link.get("title"))) if key}
        hits = sum(bool(keys & found) for keys in wanted)
        into[f"{name}_recall"].append(hits / len(wanted))
        into[f"{name}_precision"].append(hits / max(1, len(links)))


def _score_page(truth: Truth, answer: Answer, into: dict[str, list[float]]) -> None:
    manual = str(truth.get("truth", "")).startswith("manual") or truth.get("truth_meta") == "manual"
    if truth.get("body"):
        _score_body(truth, answer, into)
    if truth.get("title"):
        into["title"].append(squash(truth["title"]) == squash(answer.get("title")))
    if truth.get("date"):
        _score_date(truth, answer, into, manual)
    if truth.get("source"):
        into["source"].append(squash(truth["source"]) == squash(answer.get("source")))
    if truth.get("author") and (manual or truth["lang"] == "en"):
        into["author"].append(squash(truth["author"]) == squash(answer.get("author")))
    if truth.get("views") is not None:
        into["views"].append(answer.get("view_count") == truth["views"])
    elif truth.get("views_absent"):
        into["views_invented"].append(answer.get("view_count") is not None)
    if truth.get("related"):
        _score_links(truth, answer, into)


def score(truths: Iterable[Truth], answers: dict[tuple[str, str], Answer]) -> dict[str, float]:
    """Every measure that a page has truth for, and "pages", "ms" (mean CPU a page), "failed" (exceptions)."""
    into: dict[str, list[float]] = defaultdict(list)
    failed = 0
    pages: Sequence[Truth] = list(truths)
    for truth in pages:
        answer = answers[truth["dataset"], truth["id"]]
        failed += bool(answer.get("error"))
        into["ms"].append(answer["ms"])
        _score_page(truth, answer, into)
    measures = {name: sum(values) / len(values) for name, values in into.items()}
    if "tp" in measures:
        hit, wrong, missed = (measures.pop(name) for name in ("tp", "fp", "fn"))
        measures["body"] = 2 * hit / (2 * hit + wrong + missed) if hit else 0.0
    return {"pages": len(pages), "failed": failed} | measures
