"""From lines of text to a structured text: the element of a line determines its kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.extraction.fields.images import pictures
from crawler.extraction.formats.model import Block, Group, GroupKind, Span, Structured
from crawler.extraction.page.lines import Line, Node
from crawler.extraction.text.paragraphs import row_of
from crawler.extraction.text.reading import Reading
from crawler.values.text import paragraph

_LEVELS = {"h1": 2, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}  # the headline is the one heading of level 1
_STRONG = frozenset(("b", "strong"))
_EMPHASIS = frozenset(("i", "em", "cite", "dfn", "var"))
_CODE = frozenset(("code", "kbd", "samp", "tt"))
_LISTS = frozenset(("ul", "ol"))
_DEEPEST = 40  #: elements around a line that are looked at


@dataclass(slots=True)
class _Open:
    """A group that is being filled."""

    kind: GroupKind
    element: Any
    ordered: bool = False
    start: int = 1
    children: list[Block | Group] = field(default_factory=list)


def structured(title: str | None, pages: Sequence[tuple[Reading, Sequence[Line]]], plain: str) -> Structured:
    """The structured text of an article: *pages* are its readings with the lines of the text on each."""
    root = _Open("quote", None)
    for reading, lines in pages:
        stack = [root]
        for place, block in _blocks(reading, lines):
            _close(stack, place)
            stack += place[len(stack) - 1 :]
            stack[-1].children.append(block)
        _close(stack, [])
    return Structured(title, tuple(root.children), plain)


def _close(stack: list[_Open], place: Sequence[_Open]) -> None:
    """Closes the groups of *stack* that *place* is not in."""
    common = 0
    while common < len(place) and common + 1 < len(stack) and stack[common + 1].element is place[common].element:
        common += 1
    while len(stack) > common + 1:
        done = stack.pop()
        stack[-1].children.append(Group(done.kind, tuple(done.children), done.ordered, done.start))


def _blocks(reading: Reading, lines: Sequence[Line]) -> Iterator[tuple[list[_Open], Block]]:
    """(the groups that it stands in, block) of *lines* and of the pictures between them, in order."""
    shown = _pictures(reading, lines)
    position, count = 0, len(lines)
    while position < count:
        for picture in shown.pop(position, ()):
            yield [], picture
        line = lines[position]
        table = _table(line)
        if table is None:
            yield _place(line), _block(reading, line)
            position += 1
            continue
        end = position
        while end < count and _table(lines[end]) is table:
            end += 1
        yield _place(line, above=table), _rows(reading, lines[position:end])
        position = end
    for pictures_left in shown.values():
        for picture in pictures_left:
            yield [], picture


def _pictures(reading: Reading, lines: Sequence[Line]) -> dict[int, list[Block]]:
    """Position of a line -> the pictures that stand before it."""
    container = reading.body.node
    if container is None or not lines:
        return {}
    order = {element: number for number, element in enumerate(container.element.iter())}
    starts = [order.get(line.pieces[0][1], order.get(line.node.element, -1)) for line in lines]
    images: dict[int, list[Block]] = {}
    for element, image in pictures(reading, container):
        at = next((n for n, start in enumerate(starts) if start > order.get(element, -1)), len(lines))
        caption = (Span(image.caption),) if image.caption else ()
        images.setdefault(at, []).append(Block("image", caption, url=image.url))
    return images


def _place(line: Line, above: Node | None = None) -> list[_Open]:
    """The quotations, lists and items that *line*, or the table *above* it, stands in, the outermost first."""
    around: list[_Open] = []
    node: Node | None = above or line.node
    for _ in range(_DEEPEST):
        if node is None:
            break
        tag = node.tag
        if tag == "blockquote":
            around.append(_Open("quote", node.element))
        elif tag == "li":
            around.append(_Open("item", _entry(line, node)))
            if node.parent is None or node.parent.tag not in _LISTS:  # no list around it
                around.append(_Open("list", node.parent.element if node.parent else None))
        elif tag in _LISTS and around and around[-1].kind == "item":
            around.append(_Open("list", node.element, tag == "ol", _start(node.element)))
        node = node.parent
    return around[::-1]


def _entry(line: Line, node: Node) -> Any:
    """The element of the item *node* that *line* stands in: the entries of a list of links share a node."""
    holder = line.link.getparent() if node is line.node and line.linked else None
    return holder if holder is not None and holder.tag == node.tag else node.element


def _start(element: Any) -> int:
    start = (element.get("start") or "").strip()
    return int(start) if start.isdigit() and len(start) < 9 else 1


def _block(reading: Reading, line: Line) -> Block:
    tags = [line.node.tag, line.node.parent.tag if line.node.parent else ""]
    if "pre" in tags:
        return Block("code", (Span(line.text),))
    level = next((_LEVELS[tag] for tag in tags if tag in _LEVELS), 0)
    spans = _spans(reading, line)
    if level:
        return Block("heading", spans, level)
    return Block("caption" if "figcaption" in tags else "paragraph", spans)


def _spans(reading: Reading, line: Line) -> tuple[Span, ...]:
    """The pieces of *line* as runs of one look; white space as the line has it."""
    spans: list[Span] = []
    rest = line.text
    for text, element, link in line.pieces:
        piece = paragraph(text)
        shown = rest[: len(rest) - len(rest.lstrip())] if not piece else ""
        if piece:
            at = rest.find(piece)
            if at < 0:  # white space between its words was collapsed across pieces
                return (Span(line.text),)
            shown = rest[: at + len(piece)]
        rest = rest[len(shown) :]
        if shown:
            spans += _styled(reading, shown, element, link, line.node.element)
    if rest.strip():
        spans.append(Span(rest))
    for n in range(1, len(spans) - 1):
        if spans[n].text.isspace() and spans[n - 1].href == spans[n + 1].href:
            spans[n] = Span(spans[n].text, spans[n - 1].href)  # within the link
    return tuple(_merged(spans))


def _styled(reading: Reading, text: str, element: Any, link: Any, block: Any) -> list[Span]:
    tags = set()
    for _ in range(_DEEPEST):
        if element is None or element is block:
            break
        tags.add(element.tag)
        element = element.getparent()
    href = reading.page.resolve(link.get("href")) if link is not None else None
    span = Span(text.strip(), href, bool(tags & _STRONG), bool(tags & _EMPHASIS), bool(tags & _CODE))
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return [part for part in (Span(before), span, Span(after)) if part.text]


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """*spans*, those of one look that follow each other as one."""
    held: Span | None = None
    for span in spans:
        if held is not None and _look(held) == _look(span):
            held = Span(held.text + span.text, *_look(held))
            continue
        if held is not None:
            yield held
        held = span
    if held is not None:
        yield held


def _look(span: Span) -> tuple[str | None, bool, bool, bool]:
    return span.href, span.strong, span.emphasis, span.code


def _table(line: Line) -> Node | None:
    """The table of data that *line* is in."""
    node = row_of(line)
    while node is not None and node.tag != "table":
        node = node.parent
    return node


def _rows(reading: Reading, lines: Sequence[Line]) -> Block:
    rows: list[list[tuple[Span, ...]]] = []
    row: Node | None = None
    cell: Node | None = None
    for line in lines:
        here = line.node if line.node.tag in ("td", "th") else line.node.parent
        if row_of(line) is not row or not rows:
            rows.append([])
            row, cell = row_of(line), None
        if here is cell and rows[-1]:
            rows[-1][-1] = (*rows[-1][-1], Span(" "), *_spans(reading, line))
        else:
            rows[-1].append(_spans(reading, line))
        cell = here
    return Block("table", rows=tuple(tuple(cells) for cells in rows))
