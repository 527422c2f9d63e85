"""Candidates for cuts in a text: second copies of it, and what follows where it may end.

Each cut is proposed with the signs that speak for it; one function accepts. Nothing that reads like the text goes on a
single sign: a phrase alone never ends a text, nor does a name, nor a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from crawler.extraction.page.lines import Line
from crawler.extraction.page.phrases import END, MORE, SHORT, is_notice
from crawler.extraction.page.repetitions import Kind
from crawler.extraction.text.insets import Place, Shapes, is_inset, place_of, shapes_of

HEADING = 60  #: units of a heading
#: A notice in words of its own that calls itself one.
_DISCLAIMER = re.compile(r"^\W{0,4}[\w—]{0,8}(?:声明|聲明|提示|disclaimer|notice)\s?[:：]", re.IGNORECASE)
_NOTICE = 400  #: units
HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
#: What set these: the development corpus, both languages. A tail that is cut has at most a quarter of the prose, and
#: what follows a heading of related articles may hold as much text of its own as a notice has.
_SMALL, _PASSED, _OWN = 0.25, 0.4, 0.3
_COPIED, _COVERED = 0.7, 0.6  #: shares of a second copy: of what follows it, of what stands before it
_WHOLLY = 0.95  #: the first of these where both stand in one box
_LEAST = 60.0  #: units of prose: a sentence
_MOST = 50  #: places that are looked at, of each kind of cut; each costs a walk over the page


class Sign:
    """What speaks for a cut."""

    PHRASE = 1  #: it reads like the end of an article
    LINKS = 2  #: what is cut are links and their teasers
    PLACE = 4  #: little stands there, behind most of the text
    COPY = 8  #: the text stood before


@dataclass(frozen=True, slots=True)
class Cut:
    """Lines *first* to *last* (positions, the last one excluded) and the signs that they are no text."""

    first: int
    last: int
    signs: int


def accept(lines: Sequence[Line], cut: Cut) -> bool:
    """Whether *cut* is made: two signs, or one that cannot deceive, or nothing that reads like the text goes."""
    if cut.signs & Sign.COPY:
        return True
    if not any(line.prose for line in lines[cut.first : cut.last]):
        return bool(cut.signs)
    return cut.signs.bit_count() >= 2


def copies(lines: Sequence[Line]) -> Iterator[Cut]:
    """A second copy of the text (a page for telephones next to the one for screens).

    It stands in a box of its own, or adds hardly anything: sections of one text may repeat many of its sentences.
    """
    seen: dict[str, int] = {}
    for position, first in islice(_repeated(lines, seen), _MOST):
        rest = sum(other.prose for other in lines[position:])
        again = sum(other.prose for other in lines[position:] if seen.get(other.text, position) < position)
        share = _COPIED if lines[position].node.parent is not lines[first].node.parent else _WHOLLY
        if again > share * rest and again > _COVERED * sum(other.prose for other in lines[first:position]):
            yield Cut(position, len(lines), Sign.COPY)


def _repeated(lines: Sequence[Line], seen: dict[str, int]) -> Iterator[tuple[int, int]]:
    """(where a sentence stands again, where it stood first); *seen*: the sentences so far."""
    for position, line in enumerate(lines):
        if line.prose >= _LEAST and (first := seen.setdefault(line.text, position)) != position:
            yield position, first


def tails(lines: Sequence[Line], everything: Sequence[Line], columns: set[int]) -> Iterator[Cut]:
    """Where the article may end: at a phrase that ends articles, at a heading of further ones; and what follows."""
    total = sum(line.prose for line in lines)
    passed = 0.0
    before: set[int] = set()  # what holds the paragraphs so far
    places: set[Place] = set()
    shapes: Shapes = set()  # how they stand there
    last = max((line.index for line in lines if line.prose), default=0)
    openers = [*islice((line.index for line in everything if _heads_more(line)), _MOST)]
    tried = 0
    behind: list[float] = []  # what stands behind each line, where that is asked for
    for position, line in enumerate(lines):
        if position and passed >= _LEAST:
            ends = _ends(line, columns, last) and not continues(line, lines)
            opens = any(lines[position - 1].index < opener <= line.index for opener in openers)
            tried += ends or opens
            if tried > _MOST:
                return
            if (ends or opens) and not _inside(line, everything, shapes | shapes_of(*place_of(lines[position - 1]))):
                behind = behind or _prose_behind(lines)
                rest = behind[position]
                signs = Sign.PHRASE
                if ends and passed > _PASSED * total and rest < max(_SMALL * total, _LEAST):
                    signs |= Sign.PLACE
                if _opens_links(line, everything) and _coherent(everything, line.index, before) < _OWN * passed:
                    signs |= Sign.LINKS
                yield Cut(position, len(lines), signs)
        passed += line.prose
        if line.prose:
            before.add(id(line.node.parent))
            if (place := place_of(line)) not in places:
                places.add(place)
                shapes |= shapes_of(*place)


def _inside(heading: Line, everything: Sequence[Line], shapes: Shapes) -> bool:
    return is_inset(heading, (line for line in everything if line.index > heading.index), shapes)


def _prose_behind(lines: Sequence[Line]) -> list[float]:
    """Units of prose behind each of *lines*; notices that say so are none, whatever language they go on in."""
    texts = [line.prose if line.prose and not _DISCLAIMER.match(line.text) else 0.0 for line in lines]
    return [*accumulate(reversed([*texts[1:], 0.0]))][::-1]


def _coherent(everything: Sequence[Line], start: int, columns: set[int]) -> float:
    """Units of prose from line *start* on, in paragraphs that follow each other without a link between them.

    Or that stand in one of *columns*, as those before did.
    """
    total, before = 0.0, None
    for line in everything:
        if line.index < start:
            continue
        if line.linked > 0.5 or line.kind & Kind.OTHERS:
            before = None
        elif line.prose and not line.legal:
            if id(line.node.parent) in columns:
                total += line.prose
            elif before is not None and not shapes_of(*place_of(before)).isdisjoint(shapes_of(*place_of(line))):
                total += line.prose + (before.prose if total == 0.0 else 0.0)
            before = line
    return total


def _opens_links(heading: Line, everything: Sequence[Line]) -> bool:
    """Whether what follows a short *heading* is links to other articles, each with its teaser."""
    if heading.units > HEADING or heading.prose:
        return False
    behind = [line for line in everything if line.index > heading.index]
    return len(behind) >= 6 and sum(line.linked > 0.5 or bool(line.kind & Kind.OTHERS) for line in behind) >= 0.3 * len(
        behind
    )


def _heads_more(line: Line) -> bool:
    return line.node.tag in HEADINGS and line.units <= HEADING and bool(MORE.match(line.text))


def _ends(line: Line, columns: set[int], last: int) -> bool:
    if line.units <= SHORT and END.match(line.text):
        return True
    return (line.legal and not mentions(line, columns, last)) or (
        line.units <= _NOTICE and bool(_DISCLAIMER.match(line.text))
    )


def mentions(line: Line, columns: set[int], last: int) -> bool:
    """Whether a *line* that reads like a legal notice is a sentence of the text about such things.

    It stands among others of the text and speaks for nobody.
    """
    return line.index < last and id(line.node.parent) in columns and not is_notice(line.text)


#: "四、", "（3）", "2." at the beginning of a paragraph.
_ORDINAL = re.compile(r"([(（【第]?)(?:(\d{1,2})|([一二三四五六七八九十]{1,3}))(\s?[、.．:：)）】条條])")
_OF_SITE = re.compile(r"本(?:[网網站报報刊]|平[台臺])|\b(?:this|our) (?:web)?site\b", re.IGNORECASE)
_HAN = "一二三四五六七八九十"


def _ordinal(text: str) -> tuple[str, int] | None:
    """How a paragraph is numbered (the marks around the number, and whose digits), and its number."""
    match = _ORDINAL.match(text)
    if match is None:
        return None
    if match[2]:
        return f"{match[1]}0{match[4].strip()}", int(match[2])
    tens, ten, ones = match[3].rpartition("十")
    number = (_HAN.find(tens) + 1 if tens else 1) * 10 if ten else 0
    return f"{match[1]}一{match[4].strip()}", number + (_HAN.find(ones) + 1 if ones else 0)


def continues(line: Line, lines: Sequence[Line]) -> bool:
    """Whether *line* is the next of numbered paragraphs in its box, the first of which is no notice.

    A statement says in its fourth point what notices say, too; one that names the site speaks for it.
    """
    own = _ordinal(line.text)
    if own is None or _OF_SITE.search(line.text):
        return False
    style, wanted = own[0], own[1] - 1
    for earlier in reversed(lines):
        if earlier.index < line.index and earlier.node.parent is line.node.parent:
            if _ordinal(earlier.text) != (style, wanted):
                continue
            if wanted == 1:
                return not earlier.legal
            wanted -= 1
    return False


#: What a profile says of a writer: "Jane Doe is a reporter ...", "Jane (jane@n.example) covers ...".
_WRITER = re.compile(
    r"\s(?:\([^()]{1,60}\)\s)?(?:is (?:an?|the|adjunct|currently|also)\b|covers\b|co-?writes\b|"
    r"writes (?:about|for|on)\b|works (?:as|at|for)\b|serves as\b|"
    r"reports (?:on|for)\b|started\b|joined\b|has (?:written|been|worked|covered)\b)"
)
_OF_WRITER = re.compile(r"(?:about |meet )?the (?:author|writer)s?\W*$", re.IGNORECASE)
_PROFILE = 6  #: lines of a profile at most


def without_profile(lines: list[Line], names: Sequence[str]) -> list[Line]:
    """*lines* without what the last of them say about the writers, whose *names* the header line has."""
    known = [*names, *(name.split()[0] for name in names if " " in name)]
    start = len(lines)
    for position in range(len(lines) - 1, max(0, len(lines) - 1 - _PROFILE), -1):
        line = lines[position]
        name = next((name for name in known if line.text.startswith(name)), None)
        if name is not None and (line.text == name or _WRITER.match(line.text, len(name))):
            start = position
        elif line.prose or line.units > HEADING:
            break
    if start == len(lines) or not any(line.prose for line in lines[:start]):
        return lines
    return lines[: start - 1] if _OF_WRITER.fullmatch(lines[start - 1].text) else lines[:start]
