"""Which lines of the container are the article: without its header line, related blocks, share bars and notes.

What is left out is proposed as a :class:`Cut` with the signs that speak for it; one function accepts. Nothing that
reads like the text goes on a single sign: a phrase alone never ends a text, nor does a name, nor a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from crawler.extraction.page.hints import Hint
from crawler.extraction.page.lines import Line, Node
from crawler.extraction.page.phrases import (
    BRACKETED,
    END,
    MORE,
    NEIGHBOUR,
    NEIGHBOUR_FIRST,
    NOTE,
    SHORT,
    WORD,
    appeals,
    is_legal,
    speaks,
)
from crawler.extraction.page.repetitions import Kind
from crawler.extraction.text.cuts import HEADING, HEADINGS, Cut, accept, continues, copies, mentions, tails
from crawler.extraction.text.foreign import DROPPED, FILE, LIST_TAGS, foreign
from crawler.extraction.text.insets import further_links
from crawler.extraction.text.paragraphs import row_of
from crawler.values.bylines import BYLINE
from crawler.values.labels import is_label
from crawler.values.text import cjk_length, squash

_PARTS = 3  #: lines of a headline behind its first
_REST = 3  #: units of what a header line leaves behind: a mark, a counting word
#: "[1] [2] [下一页]", "« 1 2 3 Next »".
_PAGE_BAR = re.compile(
    r"(?:[\[【(<«‹\s\u3000]{0,4}(?:\d{1,3}|[上下首末尾前后第]一?[页頁]|prev(?:ious)?|next|last|first|\.{3}|…|[<>«»‹›])"
    r"[\]】)>»›\s\u3000|]{0,4}){2,40}",
    re.IGNORECASE,
)
_PARAGRAPH = 100.0  #: units of prose
_SENTENCE = re.compile(r"[,，、].*[。.！？!?][”\"）)]?$")
_PICTURE = ("图片来源", "圖片來源")
_SOME = 0.3  #: share of a line that is links
_COLONS = (":", "：")
_FOLLOW = ("Follow ", "FOLLOW ")  #: addresses readers without a word for them
#: Words for a neighbour that may begin a heading or a name of a column as well: "Next steps", "下一个十年".
_ALSO_PROSE = re.compile(r"next|prev(?:ious)?|[上下]一个", re.IGNORECASE)
_CELLS = frozenset(("td", "th"))
_NEIGHBOURS, _SLASHES = frozenset(NEIGHBOUR_FIRST), "/／╱"


def body_lines(
    container: Node,
    lines: Sequence[Line],
    title: str | None,
    header: set[int],
    title_at: int | None = None,
    url: str = "",
) -> list[Line]:
    """The lines of *lines* (all below *container*) that are the article's text.

    *header* are the indexes of its header lines, *title_at* that of the headline, *url* is that of the page.
    """
    outer = container.hint
    text = [line for line in lines if line.prose and not line.kind & Kind.OTHERS]
    columns = {id(line.node.parent) for line in text}
    dropped = header | foreign(lines, outer, text, url)
    dropped |= _values_of(lines, dropped)
    kept = [line for line in lines if line.index not in dropped]
    kept = _without_head(kept, title, title_at, outer)
    kept = _captions_once(kept, title)
    kept = _made(kept, copies(kept))
    kept = _unrepeated(kept)
    kept = _made(kept, tails(kept, lines, columns))
    further = {line.index for line in further_links(lines) if not FILE.search(line.text)}
    of_nothing = _headings_of_nothing(lines, dropped | further) | further
    kept = [line for line in kept if line.index not in of_nothing]
    last = max((line.index for line in kept if line.prose), default=0)
    notes = {line.index for line in kept if _note(line, columns, last) and not continues(line, kept)}
    if notes:
        notes -= _sentences_between(kept, notes)
    return _without_end([line for line in kept if line.index not in notes])


def _values_of(lines: Sequence[Line], dropped: set[int]) -> set[int]:
    """The values of labels that are *dropped*: in boxes of their own, or all that stands in the row of a table."""
    short = [line for line in lines if line.units <= HEADING and not line.prose]
    boxed = {
        value.index
        for label, value in pairwise(lines)
        if label.index in dropped and label.text.endswith((":", "：")) and value.node.within(label.node)
    }
    rows = {row_of(line) for line in short if line.index in dropped and is_label(line.text)} - {None}
    return {line.index for line in short if line.index in boxed or (rows and row_of(line) in rows)}


def _sentences_between(kept: Sequence[Line], notes: set[int]) -> set[int]:
    """Those of *notes* that are sentences between two paragraphs of the text, in the same box and of the same tag.

    A text may begin a sentence with the words of a notice.
    """
    texts = [line for line in kept if line.prose >= _PARAGRAPH and line.index not in notes and not line.legal]
    between = set()
    for line in kept:
        if line.index not in notes or not _SENTENCE.search(line.text) or speaks(line.text):
            continue
        beside = [other for other in texts if other.node.parent is line.node.parent and other.node.tag == line.node.tag]
        if beside and beside[0].index < line.index < beside[-1].index:
            between.add(line.index)
    return between


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
        and not line.node.hint & (DROPPED | Hint.HIDDEN)
        and line.node.tag != "center"
        and cjk_length(line.text) * 2 > len(line.text)
        and not line.node.within(container)
        and squash(line.text)[:20] not in known
    ]


def _made(lines: list[Line], cuts: Iterator[Cut]) -> list[Line]:
    """*lines* without the first of *cuts* that is accepted."""
    cut = next((cut for cut in cuts if accept(lines, cut)), None)
    return lines if cut is None else lines[: cut.first] + lines[cut.last :]


def _headings_of_nothing(lines: Sequence[Line], dropped: set[int]) -> set[int]:
    """Short lines that announce what is not of the article, of which nothing is left but they.

    A related box inside the text, by its words; teasers and comments, by their tags.
    """
    headings = set()
    for line, following in pairwise(lines):
        if line.units > HEADING or line.prose or following.index not in dropped:
            continue
        announces = following.linked > 0.5 and (END.match(line.text) or MORE.match(line.text))
        if announces or (line.node.tag in HEADINGS and following.kind & Kind.OTHERS):
            headings.add(line.index)
    return headings


def _without_head(lines: list[Line], title: str | None, title_at: int | None, outer: int) -> list[Line]:
    """Without the headline, what stands above it, and names and tools between it and the text."""
    if title_at is not None:
        lines = [line for line in lines if line.index > title_at]
    wanted = squash(title) if title else ""
    while lines and title_at is not None and lines[0].index <= title_at + _PARTS and _ends(wanted, lines[0].text):
        lines = lines[1:]  # of the headline itself
    start = next((i for i, line in enumerate(lines) if line.prose and squash(line.text) != wanted), 0)
    for position in reversed(range(start)):
        if wanted and squash(lines[position].text) == wanted:  # said once more above the text
            lines = lines[position + 1 :]
            break
    start = next((i for i, line in enumerate(lines[:8]) if line.prose or line.units > 200), 0)
    head = [line for line in lines[:start] if not line.node.hint & ~outer & Hint.META or line.units > SHORT]
    return [line for line in head if line.units > _REST and not _leads_away(line)] + lines[start:]


def _ends(headline: str, text: str) -> bool:
    """Whether *text* is the end of the squashed *headline*."""
    mine = squash(text)
    return bool(mine) and headline.endswith(mine)


def _leads_away(line: Line) -> bool:
    """Whether *line* is nothing but a link, and none to a file of the article."""
    return line.linked > 0.8 and not FILE.search(line.text)


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


def _without_end(lines: list[Line]) -> list[Line]:
    """Without what announces something that is not text behind the last paragraph.

    Links, and words that end in a colon.
    """
    while len(lines) > 1 and not (last := lines[-1]).prose and last.units <= SHORT and not FILE.search(last.text):
        links = last.linked >= 0.4 and last.node.tag != "p"
        if not links and (last.node.tag == "li" or not last.text.endswith((":", "："))):
            break
        lines = lines[:-1]
    return lines


def _note(line: Line, columns: set[int], last: int) -> bool:
    """Whether *line* is a note on the page or the article: an editor, a tool, a legal notice."""
    if line.text.startswith(_PICTURE):  # its caption, which may add that the picture is not to be reprinted
        return False
    if line.legal and mentions(line, columns, last):
        return False
    if line.units > 2 * SHORT:
        return line.legal and is_legal(line.text[:60]) and not line.text[:1].isalpha()
    if _names_neighbour(line) or line.legal or _tool(line):
        return True
    if line.node.tag not in LIST_TAGS and appeals(line.text) and (speaks(line.text) or line.text.startswith(_FOLLOW)):
        return True
    return _signed(line.text) or (line.units <= SHORT and bool(NOTE.match(line.text) or END.match(line.text)))


def _signed(text: str) -> bool:
    """Whether *text* is a note in brackets on who edited the article, or a byline between slashes."""
    if (text[0] in "（(【[" or "编辑" in text) and BRACKETED.match(text):
        return True
    return any(slash in text for slash in _SLASHES) and BYLINE.match(text) is not None


def _names_neighbour(line: Line) -> bool:
    """Whether *line* names the article before or behind this one; a sentence may begin with the same word."""
    # a pattern costs more than a glance at what all that it fits begins with
    named = NEIGHBOUR.match(line.text) if not _NEIGHBOURS.isdisjoint(line.text[:4]) else None
    if named is None or line.linked > _SOME or named[0].rstrip().endswith(_COLONS):
        return named is not None
    return not line.prose and (named.end() == len(line.text) or not _ALSO_PROSE.fullmatch(named[0].strip()))


def _tool(line: Line) -> bool:
    """Whether *line* leads to other pages of the article, or is a word of the page's own."""
    if (line.linked > 0.5 or "页" in line.text) and _PAGE_BAR.fullmatch(line.text):
        return True
    return line.node.tag not in _CELLS and bool(WORD.fullmatch(line.text))
