"""Which lines below the text's container stand in a part of it that is not the article's.

By what the part is called, by the repetition that it is, or as links; but not what stands among the text: a paragraph
or a heading that is a link, the name that an entry of a list is about.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile
from urllib.parse import urlsplit

from crawler.extraction.page.hints import Hint
from crawler.extraction.page.lines import Line, Node
from crawler.extraction.page.phrases import END
from crawler.extraction.page.repetitions import Kind, is_datum
from crawler.extraction.text.cuts import HEADINGS
from crawler.values.text import cjk_length, squash

DROPPED = Hint.COMMENT | Hint.SHARE | Hint.RELATED | Hint.RANKING | Hint.CRUMB | Hint.CHROME | Hint.NOISE | Hint.CAPTION
FILE = re.compile(r"^附件|\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|wps)\W?$", re.IGNORECASE)
LIST_TAGS = frozenset(("li", "dd", "dt", "td"))
#: Names of tools and frames: they say how a box is laid out, not that its sentences are another's.
_FRAMES = Hint.SHARE | Hint.CHROME | Hint.CRUMB
#: Links of a list in one line at least, their units on average at most; letters beside them.
_LISTED, _ENTRY, _WORDS = 4, 30.0, 24
_NUMBERED = re.compile(r"\W?\d{1,2}\s?[.)、:：]\s*\w")
_COLONS = (":", "：")
#: Words of the page's own before links to other pages.
_OF_PAGES = re.compile(
    r"\b(?:related|read|more|also|latest|popular|recommended|posts?|articles?|stories|coverage|news|share|bookmark|"
    r"follow|on the net|links?|tags?|topics?|comments?|filed|categor(?:y|ies))\b",
    re.IGNORECASE,
)
_COUNT = 9  #: characters
_OF_PICTURES = re.compile(r"\d{1,3}(?:\s?/\s?\d{1,3})?")  #: which picture of how many, beside it
_ENTRY_SAYS = 40  #: units of text beside the link of an entry


def foreign(lines: Sequence[Line], outer: int, text: Sequence[Line], url: str) -> set[int]:
    """The indexes of those of *lines* that are not the article's.

    *outer*: what the container hints at; *text*: the lines of prose among *lines*; *url*: that of the page.
    """
    columns = {id(line.node.parent) for line in text}
    last = text[-1].index if text else 0
    dropped = {
        line.index
        for line in lines
        if _foreign(line, outer, bool(text)) and not (line.index < last and _among(line, columns, outer, url))
    }
    dropped -= _entries(lines, dropped, outer) | _like_the_text(text, dropped)
    return dropped - _introduced([line for line in lines if line.index < last], dropped, columns, outer)


def _introduced(lines: Sequence[Line], dropped: set[int], columns: set[int], outer: int) -> set[int]:
    """Those of *dropped* that are entries of a list of links that the text announces: "See all videos of the series:".

    Not what the page's own words announce ("Read more:"), nor a single link.
    """
    entries: set[int] = set()
    for at, line in enumerate(lines):
        if (
            line.text[-1:] not in _COLONS
            or line.index in dropped
            or line.linked >= 0.5
            or not _announces(line, columns)
        ):
            continue
        listed = takewhile(lambda entry: _around(entry.node, "li") is not None, lines[at + 1 :])
        links = [entry.index for entry in listed if not (entry.kind or entry.node.hint & ~outer & DROPPED)]
        if len(links) > 1:
            entries.update(links)
    return entries


def _announces(line: Line, columns: set[int]) -> bool:
    """Whether *line*, which ends in a colon, is of the text: a sentence, or a few words of no page's own."""
    if id(line.node.parent) not in columns or line.node.tag in HEADINGS or line.kind or END.match(line.text):
        return False
    return bool(line.prose) or (not cjk_length(line.text) and not _OF_PAGES.search(line.text))


def _like_the_text(text: Sequence[Line], dropped: set[int]) -> set[int]:
    """Those of *dropped* that are paragraphs named like others of the text, above the last of these.

    They stand in a box that is named after something else: a "teaser" that opens the text, and more of it behind.
    """
    if not any(line.index in dropped and not line.kind for line in text):
        return set()
    own = [line for line in text if line.index not in dropped]
    counted = Counter(shape for line in own if (shape := _named_shape(line)) is not None)
    shapes = {shape for shape, count in counted.items() if count > 1}
    last = own[-1].index if own else 0
    return {
        line.index
        for line in text
        if line.index in dropped and line.index < last and not line.kind and _named_shape(line) in shapes
    }


def _named_shape(line: Line) -> tuple[str, ...] | None:
    """The tag of a paragraph and the classes of it and of its box; None where either has none."""
    above = line.node.parent
    names = line.node.element.get("class"), above.element.get("class") if above is not None else None
    return (line.node.tag, *[name for name in names if name]) if all(names) else None


def _foreign(line: Line, outer: int, has_text: bool) -> bool:
    """Whether *line* stands in a part of the container that is not the article's, or is a list entry that is a link."""
    if line.kind & Kind.OTHERS and has_text:
        return True
    if (line.kind == Kind.RECORDS and (line.linked or is_datum(line.text))) or _numbers_picture(line):
        return True
    named = line.node.hint | (line.opening.own_hint if line.opening else 0)
    if line.node.tag == "pre":
        named &= ~Hint.SHARE  # code stands in a box with a tool that copies it
    if named & ~outer & DROPPED:
        return True
    if line.linked < 0.5 or FILE.search(line.text):
        return False
    if line.node.tag in LIST_TAGS:
        return line.units < 200
    return line.linked > 0.8 or _lists_links(line)


def _among(line: Line, columns: set[int], outer: int, url: str) -> bool:
    """Whether a line stands among the text.

    A paragraph that is a link, a heading that links what its section is about (on another site, or by its number one of
    a row), prose in a box that is named after a tool.
    """
    node = line.node
    named = node.hint & ~outer & DROPPED
    if line.linked >= 0.5:
        heads = node.tag in HEADINGS and not line.kind and not _around(node, "li")
        tagged = node.tag == "p" or (heads and (_leads_off(line, url) or bool(_NUMBERED.match(line.text))))
        return tagged and id(node.parent) in columns and not named and not _lists_links(line)
    return bool(line.prose) and not line.kind and not named & ~_FRAMES and _around(node, "blockquote") is not None


def _leads_off(line: Line, url: str) -> bool:
    """Whether the link of *line* leads to another site than that of the page at *url*."""
    try:
        hosts = [urlsplit(address).hostname or "" for address in (line.link.get("href") or "", url)]
    except ValueError:
        return False
    return all(hosts) and hosts[0].split(".")[-2:] != hosts[1].split(".")[-2:]


def _entries(lines: Sequence[Line], dropped: set[int], outer: int) -> set[int]:
    """Those of *dropped* that are links to what an entry is about: the name in an address list, a table's cell.

    An entry of a list says more than its link; a table of data has headings of its own.
    """
    links = [
        line
        for line in lines
        if line.index in dropped and line.node.tag in LIST_TAGS and line.linked >= 0.5 and not line.kind
        and not line.node.hint & ~outer & DROPPED
    ]  # fmt: skip
    if not links:
        return set()
    said = {id(line.node): 0 for line in links}
    for line in lines:
        if id(line.node) in said and line.linked < 0.5 and not is_datum(line.text):
            said[id(line.node)] += line.units
    tables = {id(_around(line.node, "table")) for line in lines if line.node.tag == "th"}
    return {
        line.index
        for line in links
        if (id(_around(line.node, "table")) in tables if line.node.tag == "td" else said[id(line.node)] >= _ENTRY_SAYS)
    }


def _numbers_picture(line: Line) -> bool:
    """Whether *line* is a number in a figure, and in no table or code that this shows."""
    if len(line.text) > _COUNT or not _OF_PICTURES.fullmatch(line.text):
        return False
    node = line.node
    return _around(node, "figure") is not None and _around(node, "table") is None and node.tag not in ("pre", "code")


def _around(node: Node, tag: str) -> Node | None:
    """The innermost *tag* that *node* is or lies in."""
    above: Node | None = node
    while above is not None and above.tag != tag:
        above = above.parent
    return above


def _lists_links(line: Line) -> bool:
    """Whether *line* is many short links, what separates them and a word before: tags, pages, places to share."""
    if len(line.pieces) < _LISTED or "。" in line.text or line.text.endswith("."):
        return False
    links = [len(text.encode("utf-8", "replace")) for text, _, link in line.pieces if link is not None and text.strip()]
    free = squash("".join([text for text, _, link in line.pieces if link is None]))
    return len(links) >= _LISTED and sum(links) <= _ENTRY * len(links) and len(free) <= _WORDS
