"""Which lines of the container are the article: without its header line, related blocks, share bars and notes.

What is left out is proposed as a :class:`Cut` with the signs that speak for it; one function accepts. Nothing that
reads like the text goes on a single sign: a phrase alone never ends a text, nor does a name, nor a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from crawler.extraction.page.blocks import Line, Node
from crawler.extraction.page.hints import Hint
from crawler.extraction.page.phrases import BRACKETED, END, MORE, NEIGHBOUR, NOTE, SHORT, is_legal, is_notice
from crawler.extraction.page.repetitions import Kind, is_datum
from crawler.values.bylines import BYLINE
from crawler.values.text import cjk_length, squash

_DROPPED = (
    Hint.COMMENT | Hint.SHARE | Hint.RELATED | Hint.RANKING | Hint.CRUMB | Hint.CHROME | Hint.NOISE | Hint.CAPTION
)
#: Names of tools and frames: they say how a box is laid out, not that its sentences are another's.
_FRAMES = Hint.SHARE | Hint.CHROME | Hint.CRUMB
_FILE = re.compile(r"^附件|\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|wps)\W?$", re.IGNORECASE)
_HEADING = 60  #: units
_REST = 3  #: units of what a header line leaves behind: a mark, a counting word
#: A notice in words of its own that calls itself one.
_DISCLAIMER = re.compile(r"^\W{0,4}[\w—]{0,8}(?:声明|聲明|提示|disclaimer|notice)\s?[:：]", re.IGNORECASE)
_NOTICE = 400  #: units
_PICTURE = ("图片来源", "圖片來源")
_HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
_LIST_TAGS = frozenset(("li", "dd", "dt", "td"))
#: What set these: the development corpus, both languages. A tail that is cut has at most a quarter of the prose, and
#: what follows a heading of related articles may hold as much text of its own as a notice has.
_SMALL, _PASSED, _OWN = 0.25, 0.4, 0.3
_COPIED, _COVERED = 0.7, 0.6  #: shares of a second copy: of what follows it, of what stands before it
_LEAST = 60.0  #: units of prose: a sentence


class Sign:
    """What speaks for a cut."""

    PHRASE = 1  #: it reads like the end of an article
    LINKS = 2  #: what is cut are links and their teasers
    PLACE = 4  #: little stands there, behind most of the text
    COPY = 8  #: the text stood before
    HEADLINE = 16  #: it stands above the headline


@dataclass(frozen=True, slots=True)
class Cut:
    """Lines *first* to *last* (positions, the last one excluded) and the signs that they are no text."""

    first: int
    last: int
    signs: int


def accept(lines: Sequence[Line], cut: Cut) -> bool:
    """Whether *cut* is made: two signs, or one that cannot deceive, or nothing that reads like the text goes."""
    if cut.signs & (Sign.COPY | Sign.HEADLINE):
        return True
    if not any(line.prose for line in lines[cut.first : cut.last]):
        return bool(cut.signs)
    return cut.signs.bit_count() >= 2


def body_lines(
    container: Node, lines: Sequence[Line], title: str | None, header: set[int], title_at: int | None = None
) -> list[Line]:
    """The lines of *lines* (all below *container*) that are the article's text.

    *header* are the indexes of its header lines, *title_at* that of the headline.
    """
    outer = container.hint
    text = [line for line in lines if line.prose and not line.kind & Kind.OTHERS]
    columns = {id(line.node.parent) for line in text}
    last = text[-1].index if text else 0
    dropped = {
        line.index
        for line in lines
        if line.index in header
        or (_foreign(line, outer, bool(text)) and not (line.index < last and _among(line, columns, outer)))
    }
    kept = [line for line in lines if line.index not in dropped]
    kept = _without_head(kept, title, title_at, outer)
    kept = _captions_once(kept, title)
    kept = _made(kept, _copies(kept))
    kept = _unrepeated(kept)
    kept = _made(kept, _tails(kept, lines, columns))
    of_nothing = _headings_of_nothing(lines, dropped)
    kept = [line for line in kept if line.index not in of_nothing]
    last = max((line.index for line in kept if line.prose), default=0)
    return _without_end([line for line in kept if not _note(line, columns, last)])


_STANDFIRST = 60  #: units of prose


def standfirst(between: Sequence[Line], container: Node, header: set[int], known: str) -> list[Line]:
    """The lines of *between*, below the headline and above the text's *container*, that are a summary of it.

    They do not repeat what is *known* (squashed: headline and text). Chinese portals set a summary apart; English ones
    put adverts and captions there.
    """
    return [
        line
        for line in between
        if line.prose >= _STANDFIRST
        and line.index not in header
        and not line.kind
        and not line.node.hint & (_DROPPED | Hint.HIDDEN)
        and line.node.tag != "center"
        and cjk_length(line.text) * 2 > len(line.text)
        and not line.node.within(container)
        and squash(line.text)[:20] not in known
    ]


def _made(lines: list[Line], cuts: Iterator[Cut]) -> list[Line]:
    """*lines* without the first of *cuts* that is accepted."""
    cut = next((cut for cut in cuts if accept(lines, cut)), None)
    return lines if cut is None else lines[: cut.first] + lines[cut.last :]


def _foreign(line: Line, outer: int, has_text: bool) -> bool:
    """Whether *line* stands in a part of the container that is not the article's, or is a list entry that is a link."""
    if line.kind & Kind.OTHERS and has_text:
        return True
    if line.kind == Kind.RECORDS and (line.linked or is_datum(line.text)):
        return True
    named = line.node.hint | (line.opening.own_hint if line.opening else 0)
    if named & ~outer & _DROPPED:
        return True
    if line.linked < 0.5 or _FILE.search(line.text):
        return False
    return line.linked > 0.8 if line.node.tag not in _LIST_TAGS else line.units < 200


def _among(line: Line, columns: set[int], outer: int) -> bool:
    """Whether a paragraph that is a link, or prose in a box that is named after a tool, stands among the text."""
    node = line.node
    named = node.hint & ~outer & _DROPPED
    if line.linked >= 0.5:
        return node.tag == "p" and id(node.parent) in columns and not named
    return bool(line.prose) and not line.kind and not named & ~_FRAMES and node.parent is not None and _quoted(node)


def _quoted(node: Node) -> bool:
    """Whether *node* lies in a quotation."""
    above: Node | None = node
    while above is not None and above.tag != "blockquote":
        above = above.parent
    return above is not None


def _headings_of_nothing(lines: Sequence[Line], dropped: set[int]) -> set[int]:
    """Short lines that announce other articles, of which nothing is left but they: a related box inside the text."""
    headings = set()
    for line, following in pairwise(lines):
        announces = line.units <= _HEADING and not line.prose and (END.match(line.text) or MORE.match(line.text))
        if announces and following.index in dropped and following.linked > 0.5:
            headings.add(line.index)
    return headings


def _without_head(lines: list[Line], title: str | None, title_at: int | None, outer: int) -> list[Line]:
    """Without the headline, what stands above it, and names and tools between it and the text."""
    if title_at is not None:
        lines = [line for line in lines if line.index > title_at]
    wanted = squash(title) if title else ""
    start = next((i for i, line in enumerate(lines) if line.prose), 0)
    for position in reversed(range(start)):
        if wanted and squash(lines[position].text) == wanted:  # said once more above the text
            lines = lines[position + 1 :]
            break
    start = next((i for i, line in enumerate(lines[:8]) if line.prose or line.units > 200), 0)
    head = [line for line in lines[:start] if not line.node.hint & ~outer & Hint.META or line.units > SHORT]
    return [line for line in head if line.units > _REST] + lines[start:]


def _captions_once(lines: list[Line], title: str | None) -> list[Line]:
    """Each caption of a list of records once, and none that is the headline."""
    seen = {squash(title or "")}
    kept = []
    for line in lines:
        if line.kind == Kind.RECORDS:
            if (text := squash(line.text)) in seen:
                continue
            seen.add(text)
        kept.append(line)
    return kept


def _copies(lines: Sequence[Line]) -> Iterator[Cut]:
    """A second copy of the text (a page for telephones next to the one for screens)."""
    seen: dict[str, int] = {}
    for position, line in enumerate(lines):
        if line.prose < _LEAST:
            continue
        first = seen.setdefault(line.text, position)
        if first != position:
            rest = sum(other.prose for other in lines[position:])
            again = sum(other.prose for other in lines[position:] if seen.get(other.text, position) < position)
            if again > _COPIED * rest and again > _COVERED * sum(other.prose for other in lines[first:position]):
                yield Cut(position, len(lines), Sign.COPY)


def _unrepeated(lines: list[Line]) -> list[Line]:
    """Without what stood directly before.

    Captions and headings, and a paragraph in a box of its own (the one for another screen); one that the text itself
    repeats is kept.
    """
    return [
        line
        for i, line in enumerate(lines)
        if not i
        or line.text != lines[i - 1].text
        or line.units < 20
        or (line.prose and line.node.parent is lines[i - 1].node.parent)
    ]


def _tails(lines: Sequence[Line], everything: Sequence[Line], columns: set[int]) -> Iterator[Cut]:
    """Where the article may end: at a phrase that ends articles, at a heading of further ones; and what follows."""
    total = sum(line.prose for line in lines)
    passed = 0.0
    before: set[int] = set()  # what holds the paragraphs so far
    last = max((line.index for line in lines if line.prose), default=0)
    openers = [line.index for line in everything if _heads_more(line)]
    behind: list[float] = []  # what stands behind each line, where that is asked for
    for position, line in enumerate(lines):
        if position and passed >= _LEAST:
            ends = _ends(line, columns, last)
            if ends or any(lines[position - 1].index < opener <= line.index for opener in openers):
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
        if line.linked > 0.5 or line.kind:
            before = None
        elif line.prose and not line.legal:
            if id(line.node.parent) in columns:
                total += line.prose
            elif before is not None and before.node.parent is line.node.parent:
                total += line.prose + (before.prose if total == 0.0 else 0.0)
            before = line
    return total


def _opens_links(heading: Line, everything: Sequence[Line]) -> bool:
    """Whether what follows a short *heading* is links to other articles, each with its teaser."""
    if heading.units > _HEADING or heading.prose:
        return False
    behind = [line for line in everything if line.index > heading.index]
    return len(behind) >= 6 and sum(line.linked > 0.5 or bool(line.kind) for line in behind) >= 0.3 * len(behind)


def _heads_more(line: Line) -> bool:
    return line.node.tag in _HEADINGS and line.units <= _HEADING and bool(MORE.match(line.text))


def _ends(line: Line, columns: set[int], last: int) -> bool:
    if line.units <= SHORT and END.match(line.text):
        return True
    return (line.legal and not _mentions(line, columns, last)) or (
        line.units <= _NOTICE and bool(_DISCLAIMER.match(line.text))
    )


def _mentions(line: Line, columns: set[int], last: int) -> bool:
    """Whether a *line* that reads like a legal notice is a sentence of the text about such things.

    It stands among others of the text and speaks for nobody.
    """
    return line.index < last and id(line.node.parent) in columns and not is_notice(line.text)


def _without_end(lines: list[Line]) -> list[Line]:
    """Without what announces something that is not text behind the last paragraph.

    Links, and words that end in a colon.
    """
    while len(lines) > 1 and not (last := lines[-1]).prose and last.units <= SHORT and not _FILE.search(last.text):
        links = last.linked >= 0.4 and last.node.tag != "p"
        if not links and (last.node.tag == "li" or not last.text.endswith((":", "："))):
            break
        lines = lines[:-1]
    return lines


def _note(line: Line, columns: set[int], last: int) -> bool:
    """Whether *line* is a note on the page or the article: an editor, a tool, a legal notice."""
    if line.text.startswith(_PICTURE):  # its caption, which may add that the picture is not to be reprinted
        return False
    if line.legal and _mentions(line, columns, last):
        return False
    if line.units <= 2 * SHORT and (NEIGHBOUR.match(line.text) or line.legal):
        return True
    if line.units > 2 * SHORT:
        return is_legal(line.text[:60]) and not line.text[:1].isalpha()
    return bool(BRACKETED.match(line.text) or BYLINE.match(line.text)) or (
        line.units <= SHORT and bool(NOTE.match(line.text) or END.match(line.text))
    )
