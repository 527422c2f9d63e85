"""Boxes of further articles inside a text: a heading that says so, links, and then the text again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice, pairwise, starmap, takewhile

from crawler.extraction.page.lines import Line, Node
from crawler.extraction.page.phrases import END, SHORT
from crawler.extraction.page.repetitions import Kind

_LINKS = 2  #: of a box, at least
_SUMMARY = 0.2  #: share of the prose below the headline that stands above the box, at most
_MOST = 50  #: headings of boxes that are looked at; each costs a walk over the page
_SECTIONS = frozenset(("h3", "h4", "h5", "h6"))  #: headings of parts of a text: they may stand between box and text
_LINKED = 0.5  #: share of a line that is links: it leads elsewhere
_WHOLLY = 0.8  #: share of a sentence that may be

_DEPTH = 9  #: names of a paragraph and of four boxes around it

Shapes = set[tuple[object, ...]]
Place = tuple[str, Node | None]


def place_of(line: Line) -> Place:
    """Where *line* stands: the lines of one place, such as the paragraphs of a text, have the same shapes."""
    return line.node.tag, line.node.parent


def shapes_of(tag: str, above: Node | None) -> Shapes:
    """How lines of the place (*tag*, *above*) stand on the page.

    That is their tag and what holds it, alone or in boxes of its own like those beside it.
    """
    shapes: Shapes = set()
    names: tuple[object, ...] = (tag,)
    while above is not None and len(names) <= _DEPTH:
        shapes.add((*names, id(above)))
        names = (*names, above.tag, above.element.get("class"))
        above = above.parent
    return shapes


def is_inset(heading: Line, following: Iterable[Line], shapes: Shapes) -> bool:
    """Whether the text goes on behind the links that *heading* opens: they are a box inside it, not its end.

    *following* are the lines behind it. Nothing in the box stands as the text does, whose shapes were *shapes* so far,
    and what comes next does.
    """
    box = heading.node
    while box.parent is not None and box.parent.first >= heading.index:
        box = box.parent
    links = 0
    apart: dict[Place, bool] = {}  # the entries of a list stand alike

    def stands_apart(line: Line) -> bool:
        place = place_of(line)
        if place not in apart:
            apart[place] = shapes.isdisjoint(shapes_of(*place))
        return apart[place]

    for line in following:
        if line.linked > _LINKED:
            links += links < _LINKS and stands_apart(line)
        elif not stands_apart(line) or _nested(line, shapes):
            least = 1 if line.prose and not heading.legal else _LINKS
            return links >= least and not line.legal and not line.kind & Kind.OTHERS
        elif not line.node.within(box) and (line.node.tag not in _SECTIONS or heads_links(line)):
            return False
    return False


def _nested(line: Line, shapes: Shapes) -> bool:
    """Whether *line* is a paragraph in a box of its own, where the text so far had none."""
    above = line.node.parent
    return bool(line.prose) and above is not None and (line.node.tag, id(above.parent)) in shapes


def inset_links(lines: Sequence[Line], title_at: int | None) -> set[int]:
    """The indexes of the links of such boxes, and of one between the headline, or a summary below it, and the text."""
    links: set[int] = set()
    begins = len(lines) if title_at is None else title_at
    total = sum([line.prose for line in lines if line.index > begins])
    heads = (
        at for at, line in enumerate(lines[:-1]) if line.linked <= _LINKED < lines[at + 1].linked and heads_links(line)
    )
    for at in islice(heads, _MOST):
        heading = lines[at]
        before = [line for line in lines[:at] if line.prose]
        early = heading.index > begins and sum(x.prose for x in before if x.index > begins) < _SUMMARY * total
        shapes = set[tuple[object, ...]]().union(*starmap(shapes_of, {*map(place_of, before), place_of(lines[at - 1])}))
        if early or is_inset(heading, lines[at + 1 :], shapes):
            links.update(line.index for line in takewhile(lambda line: line.linked > _LINKED, lines[at + 1 :]))
    return links


def further_links(lines: Sequence[Line]) -> list[Line]:
    """The lines that are links to further articles, below a heading of such or behind its words on one line."""
    links: list[Line] = []
    opened = False
    for before, line in pairwise(lines):
        said = line.linked < _WHOLLY and line.node.tag == "p" and line.sentence and not END.match(line.text)
        if line.linked <= _LINKED or said:
            opened = False
            continue
        opened = opened or (before.linked <= _LINKED and heads_links(before))
        if opened or END.match(line.text):
            links.append(line)
    return links


def heads_links(line: Line) -> bool:
    """Whether a short line reads like the heading of links to further articles."""
    return line.units <= SHORT and not line.prose and bool(END.match(line.text))
