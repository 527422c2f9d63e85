"""Which lines of the container are the article: without its header line, related blocks, share bars and editor's "
"notes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.extraction.page.blocks import Line, Node
from crawler.extraction.page.hints import Hint
from crawler.extraction.page.phrases import BRACKETED, END, MORE, NEIGHBOUR, NOTE, SHORT, is_legal
from crawler.values.bylines import BYLINE
from crawler.values.text import cjk_length, squash

_DROPPED = (
    Hint.COMMENT | Hint.SHARE | Hint.RELATED | Hint.RANKING | Hint.CRUMB | Hint.CHROME | Hint.NOISE | Hint.CAPTION
)
_FILE = re.compile(r"^附件|\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|wps)\W?$", re.IGNORECASE)
_HEADING = 60  #: units
_PICTURE = ("图片来源", "圖片來源")
_HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
_LIST_TAGS = frozenset(("li", "dd", "dt", "td"))


def body_lines(container: Node, lines: Sequence[Line], title: str | None, header: set[int]) -> list[Line]:
    """The lines of *lines* (all below *container*) that are the article's text; *header* are the indexes of its
    header lines."""
    outer = container.hint
    columns = {id(line.node.parent) for line in lines if line.prose and line.node.tag == "p"}
    last = max((line.index for line in lines if line.prose), default=0)
    kept = [
        line
        for line in lines
        if line.index not in header
        and (not _foreign(line, outer) or (_among(line, columns, outer) and line.index < last))
    ]
    kept = _without_head(kept, title, outer)
    kept = _without_copies(kept)
    kept = _without_tail(kept, lines)
    return _without_end([line for line in kept if not _note(line)])


_STANDFIRST = 60  #: units of prose


def standfirst(between: Sequence[Line], container: Node, header: set[int], known: str) -> list[Line]:
    """The lines of *between*, which stand below the headline and above the text, outside its *container*, that are
    a summary of it and do not repeat what is *known* (squashed: headline and text). Chinese portals set it apart;
    English ones put adverts and captions there."""
    return [
        line
        for line in between
        if line.prose >= _STANDFIRST
        and line.index not in header
        and not line.node.hint & (_DROPPED | Hint.HIDDEN)
        and line.node.tag != "center"
        and cjk_length(line.text) * 2 > len(line.text)
        and not line.node.within(container)
        and squash(line.text)[:20] not in known
    ]


def _foreign(line: Line, outer: int) -> bool:
    """Whether *line* stands in a part of the container that is not the article's, or is a list entry that is a link."""
    if line.node.hint & ~outer & _DROPPED or (line.opening and line.opening.own_hint & _DROPPED & ~outer):
        return True
    if line.linked < 0.5 or _FILE.search(line.text):
        return False
    return line.linked > 0.8 if line.node.tag not in _LIST_TAGS else line.units < 200


def _among(line: Line, columns: set[int], outer: int) -> bool:
    """Whether a paragraph that is a link stands among the paragraphs of the text."""
    node = line.node
    return line.linked >= 0.5 and node.tag == "p" and id(node.parent) in columns and not node.hint & ~outer & _DROPPED


def _without_head(lines: list[Line], title: str | None, outer: int) -> list[Line]:
    """Without the headline, what stands above it, and names and tools between it and the text."""
    wanted = squash(title) if title else ""
    for position, line in enumerate(lines[:12]):
        if wanted and squash(line.text) == wanted:
            lines = lines[position + 1 :]
            break
    start = next((i for i, line in enumerate(lines[:8]) if line.prose or line.units > 200), 0)
    return [line for line in lines[:start] if not line.node.hint & ~outer & Hint.META or line.units > SHORT] + lines[
        start:
    ]


def _without_copies(lines: list[Line]) -> list[Line]:
    """Without a second copy of the text (a page for telephones beside the one for screens)."""
    seen: dict[str, int] = {}
    for position, line in enumerate(lines):
        if line.prose < 60:
            continue
        first = seen.setdefault(line.text, position)
        if first != position:
            again = sum(other.prose for other in lines[position:] if other.text in seen and seen[other.text] < position)
            if again > 0.7 * sum(other.prose for other in lines[position:]) and again > 0.6 * sum(
                other.prose for other in lines[first:position]
            ):
                return lines[:position]
            break
    return _unrepeated(lines)


def _unrepeated(lines: list[Line]) -> list[Line]:
    """Without captions and headings that stood directly before; a paragraph that its page repeats is kept."""
    return [
        line for i, line in enumerate(lines) if not i or line.prose or line.text != lines[i - 1].text or line.units < 20
    ]


def _without_tail(lines: list[Line], everything: Sequence[Line]) -> list[Line]:
    """Up to the first line that ends an article, if little prose follows it, or only links with teasers do."""
    total = sum(line.prose for line in lines)
    passed = 0.0
    columns: set[int] = set()
    openers = [line.index for line in everything if _heads_more(line) and _opens_links(line, everything)]
    for position, line in enumerate(lines):
        if position and passed >= 60:
            rest = total - passed - line.prose
            if _ends(line) and passed > 0.4 * total and rest < max(0.25 * total, 60.0):
                return lines[:position]
            opens = (_ends(line) and _opens_links(line, everything)) or any(
                lines[position - 1].index < opener <= line.index for opener in openers
            )
            if opens and not _goes_on(lines[position:], columns):
                return lines[:position]
        passed += line.prose
        if line.prose:
            columns.add(id(line.node.parent))
    return lines


def _goes_on(behind: Sequence[Line], columns: set[int]) -> bool:
    """Whether the text goes on where it stood before."""
    rest = sum(line.prose for line in behind)
    return sum(line.prose for line in behind if id(line.node.parent) in columns) > 0.5 * rest


def _opens_links(heading: Line, everything: Sequence[Line]) -> bool:
    """Whether what follows a short *heading* is links to other articles, each with its teaser."""
    if heading.units > _HEADING or heading.prose:
        return False
    behind = [line for line in everything if line.index > heading.index]
    return len(behind) >= 6 and sum(line.linked > 0.5 for line in behind) >= 0.3 * len(behind)


def _heads_more(line: Line) -> bool:
    return line.node.tag in _HEADINGS and line.units <= _HEADING and bool(MORE.match(line.text))


def _ends(line: Line) -> bool:
    if line.units <= SHORT and END.match(line.text):
        return True
    return line.legal


def _without_end(lines: list[Line]) -> list[Line]:
    """Without what announces something that is not text behind the last paragraph: links, and words that end in a
    colon."""
    while len(lines) > 1 and not (last := lines[-1]).prose and last.units <= SHORT and not _FILE.search(last.text):
        links = last.linked >= 0.4 and last.node.tag != "p"
        if not links and (last.node.tag == "li" or not last.text.endswith((":", "："))):
            break
        lines = lines[:-1]
    return lines


def _note(line: Line) -> bool:
    if line.text.startswith(_PICTURE):  # its caption, which may add that the picture is not to be reprinted
        return False
    if line.units <= 2 * SHORT and (NEIGHBOUR.match(line.text) or line.legal):
        return True
    if line.units > 2 * SHORT:
        return is_legal(line.text[:60]) and not line.text[:1].isalpha()
    return bool(BRACKETED.match(line.text) or BYLINE.match(line.text)) or (
        line.units <= SHORT and bool(NOTE.match(line.text) or END.match(line.text))
    )
