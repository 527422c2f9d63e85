"""Words that titles of one period have more often than those of another.

rjieba proposes the words; how many titles hold one is counted as search counts it (``folding.holds``), so that each
number is that of the hits it leads to. Copies are no titles of their own: articles alone are counted.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import rjieba

from crawler.analysis.folding import fold, holds
from crawler.analysis.report import queries
from crawler.analysis.report.section import Cell, ReportSection, ReportTable
from crawler.analysis.report.source import ReportSource

FLOOR = 3  #: titles that must hold a word, in both periods together
SHOWN = 25  #: words of each period
EXAMPLES = 3
_OFTEN = 1_000_000  #: so frequent is a word that is never cut
_PROPOSED = 400  #: words whose titles are counted, of each period
_WORD = re.compile(r"[^\W\d_]{2,}")
_DATE = re.compile(r"[〇零一二三四五六七八九十百千两\d]+(?:年|月|日|号|点|时|分)?")


@dataclass(frozen=True, slots=True)
class ComparedPeriods:
    """Two periods, each from a first day to a last."""

    earlier: tuple[str, str]
    later: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Title:
    id: str
    text: str
    folded: str


def words(source: ReportSource, periods: ComparedPeriods, own: Sequence[str]) -> ReportSection:
    """The section of words; *own*: words that are never cut."""
    titles = [_titles(source, period) for period in (periods.earlier, periods.later)]
    section = ReportSection("words", [
        source.label("words_periods", earlier=" – ".join(periods.earlier), later=" – ".join(periods.later),
                     n_earlier=len(titles[0]), n_later=len(titles[1])),
        source.label("words_rule", floor=FLOOR),
    ])  # fmt: skip
    counts = _counted(titles, own)
    scores = _scores(counts, (len(titles[0]), len(titles[1])))
    sql = queries.TITLES
    for place, key, period, sign in (
        (1, "words_later", periods.later, 1), (0, "words_earlier", periods.earlier, -1),
    ):  # fmt: skip
        ranked = sorted((word for word in scores if sign * scores[word] > 0), key=lambda w: (-sign * scores[w], w))
        rows = [_row(source, word, counts[word], scores[word], periods, titles[place]) for word in ranked[:SHOWN]]
        headings = ["word", "in_later", "in_earlier", "log_odds", *(f"title {n}" for n in range(1, EXAMPLES + 1))]
        table = ReportTable(
            key.replace("_", "-"), headings, rows, sql, source.label(key), max(0, len(ranked) - SHOWN), period
        )
        section.tables.append(table)
    return section


def own_words(text: str) -> list[str]:
    """The words of a list: one per line; what stands behind # is a remark."""
    found = (line.split("#", 1)[0].strip() for line in text.removeprefix("\ufeff").splitlines())
    return [word for word in found if word]


def _listed(name: str) -> list[str]:
    return own_words((resources.files("crawler.analysis.report") / name).read_text("utf-8"))


def _titles(source: ReportSource, period: tuple[str, str]) -> list[_Title]:
    found = source.rows(queries.TITLES, period)
    return [_Title(ident, title, fold(title)) for ident, title, _ in found]


def _counted(titles: Sequence[Sequence[_Title]], own: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Word -> how many titles of either period hold it."""
    cutter = rjieba.Jieba()
    for term in (*_listed("terms.txt"), *own):
        cutter.add_word(fold(term), _OFTEN, None)
    stop = frozenset(_listed("stop_words.txt"))
    proposed: list[Counter[str]] = []
    for period in titles:
        counter: Counter[str] = Counter()
        for title in period:
            counter.update({word for word in cutter.cut(title.folded) if _is_word(word) and word not in stop} | {
                fold(term) for term in own if holds(title.folded, fold(term))
            })  # fmt: skip
        proposed.append(counter)
    sizes = (len(titles[0]), len(titles[1]))
    rough = _scores({w: (proposed[0][w], proposed[1][w]) for w in proposed[0].keys() | proposed[1].keys()}, sizes)
    ranked = sorted(rough, key=lambda word: (rough[word], word))
    candidates = dict.fromkeys((*ranked[:_PROPOSED], *ranked[-_PROPOSED:]))
    before, after = ("\n".join(title.folded for title in period) for period in titles)
    return {word: (_lines_with(before, word), _lines_with(after, word)) for word in candidates}


def _lines_with(lines: str, word: str) -> int:
    """How many of *lines* hold *word*; a search in all of them at once takes a tenth of the time."""
    count, at = 0, lines.find(word)
    while at >= 0:
        begin, end = lines.rfind("\n", 0, at) + 1, lines.find("\n", at)
        end = len(lines) if end < 0 else end
        count += holds(lines[begin:end], word)
        at = lines.find(word, end)
    return count


def _is_word(word: str) -> bool:
    return _WORD.fullmatch(word) is not None and _DATE.fullmatch(word) is None


def _scores(counts: dict[str, tuple[int, int]], sizes: tuple[int, int]) -> dict[str, float]:
    """Word -> log-odds, later against earlier period, in standard deviations; 0.5 is added to each count."""
    scores = {}
    for word, (before, after) in counts.items():
        if before + after < FLOOR:
            continue
        odds = [(count + 0.5) / (size - count + 0.5) for count, size in zip((before, after), sizes, strict=True)]
        deviation = math.sqrt(1 / (before + 0.5) + 1 / (after + 0.5))
        scores[word] = round(math.log(odds[1] / odds[0]) / deviation, 3)
    return scores


def _row(
    source: ReportSource,
    word: str,
    counts: tuple[int, int],
    score: float,
    periods: ComparedPeriods,
    titles: Sequence[_Title],
) -> list[Cell]:
    examples = [title for title in titles if holds(title.folded, word)][:EXAMPLES]
    links = [Cell(title.text, source.at(f"/a/{title.id}")) for title in examples]

    def count(number: int, period: tuple[str, str]) -> Cell:
        quoted = f'title:"{word}"'
        asked = f"({source.choice.query}) {quoted}" if source.choice.query else quoted
        return source.count(number, q=asked, since=period[0], until=period[1], kind="article")

    return [
        Cell(word), count(counts[1], periods.later), count(counts[0], periods.earlier), Cell(score), *links,
        *(Cell(None) for _ in range(EXAMPLES - len(links))),
    ]  # fmt: skip
