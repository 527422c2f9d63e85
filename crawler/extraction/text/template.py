"""A learned template: the few elements of a page that contain its fields, read instead of the whole page.

Where a template holds, the lines of its places stand for the page, and every question is asked of them: the values are
those that generic extraction finds, for a fraction of the work. It is checked on each page (:func:`place`,
:func:`holds`); where it fails, the whole page is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crawler.extraction.page.blocks import Blocks
from crawler.extraction.page.trust import judge_hints, trust_container, trust_headline
from crawler.extraction.result import Fields
from crawler.extraction.text.body import Body
from crawler.portals import Template
from crawler.portals.rules import Selector

#: Fields that one place gives together.
_TOGETHER = {
    "published_at": ("published_at", "published_date", "published_raw", "published_precision"),
    "view_count": ("view_count", "view_count_raw"),
    "source": ("source", "source_url"),
    "body": ("body", "images"),
}
_SHOWN = frozenset({"generic", "label"})  #: origins of what is read off the page's text
_LONGEST_TITLE = 300


@dataclass(slots=True)
class Part:
    """What a template selects of a page, in the form in which extraction asks for the whole of it."""

    template: Template
    blocks: Blocks
    body: Body
    title_at: int
    places: list[Any]  #: the elements, the outermost ones


def place(root: Any, template: Template) -> Part | None:
    """The places of *template* on the page *root*; None where title or text do not stand where they should."""
    bodies, titles = _elements(template.body, root), _elements(template.title, root)
    if len(bodies) != 1 or not titles:
        return None
    places = _outermost(_elements(template.everywhere, root))
    blocks = Blocks(root, places)
    judge_hints(blocks)
    inside = set(titles[0].iter("*"))
    title_at = next((line.index for line in blocks.lines if any(e in inside for _, e, _ in line.pieces)), None)
    if title_at is None or not 2 <= len(blocks.lines[title_at].text) <= _LONGEST_TITLE:
        return None
    node = blocks.node(bodies[0])
    trust_headline(blocks, title_at)
    trust_container(blocks, node)
    lines = [line for line in blocks.lines if not line.node.hidden and line.node.within(node)]
    return Part(template, blocks, Body(node, lines), title_at, places) if lines else None


def holds(part: Part, fields: Fields) -> bool:
    """Whether *fields*, read from *part*, are all that the template promises."""
    if any(getattr(fields, name) in (None, []) for name in part.template.always):
        return False
    return len(fields.body or "") >= max(1, part.template.shortest)


def sign(part: Part, fields: Fields) -> None:
    """Notes which values of *fields* the places of the template gave."""
    for name in part.template.places:
        for field in _TOGETHER.get(name, (name,)):
            if fields.extracted_by.get(field) in _SHOWN:
                fields.extracted_by[field] = "template"


def _elements(selector: Selector, root: Any) -> list[Any]:
    return [element for element in selector.select(root) if not isinstance(element, str)]


def _outermost(elements: list[Any]) -> list[Any]:
    """Those of *elements* that lie in no other one."""
    chosen = set(elements)
    return [element for element in elements if not any(above in chosen for above in element.iterancestors())]
