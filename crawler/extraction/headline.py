"""The lines around the headline that state time, source, author and views, read together."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.extraction.blocks import Line
from crawler.extraction.hints import Hint
from crawler.extraction.page import Page
from crawler.values.header import Header, read_header

_REACH = 12  #: lines above the text that may belong to the header
_LONGEST = 400  #: units of a header line
_PROSE = re.compile(r"[。！？；].*[^。！？）)”]|，.*，|[a-z]{2}\. [A-Z].*\.")
_ELSEWHERE = Hint.COMMENT | Hint.RELATED | Hint.RANKING


def find_header(page: Page, title_at: int | None, body: Sequence[Line], header: set[int]) -> Header:
    """What the header lines state; the index of every line that was one is added to *header*."""
    lines = page.blocks.lines
    first = body[0].index if body else len(lines)
    begin = title_at if title_at is not None and title_at < first + 8 else max(0, first - _REACH)
    merged = Header()
    candidates = [*lines[begin : min(begin + 40, first + 3)]]
    if title_at is not None and title_at < first:
        candidates += reversed(lines[max(0, title_at - 4) : title_at])
    candidates += [line for line in body[-6:]] + lines[body[-1].index + 1 : body[-1].index + 8] if body else []
    for line in candidates:
        if line.units > _LONGEST or line.node.hidden or line.node.hint & _ELSEWHERE or _PROSE.search(line.text):
            continue
        found = read_header(line.text, page.now)
        if found and _merge(merged, found, late=body != [] and line.index > body[0].index + 1):
            header.add(line.index)
    return merged


def _merge(merged: Header, found: Header, *, late: bool) -> bool:
    """Adds to *merged* what *found* knows better; below the text (*late*) only what is labelled. Whether it was of use."""
    used = False
    if found.published and (not late or found.labelled) and _better(found, merged):
        merged.published, merged.labelled, used = found.published, found.labelled, True
    if found.modified and merged.modified is None:
        merged.modified, used = found.modified, True
    if found.source and merged.source is None and (not late or found.source_labelled):
        merged.source, merged.source_labelled, used = found.source, found.source_labelled, True
    merged.source_stated |= found.source_stated
    if found.author and merged.author is None:
        merged.author, used = found.author, True
    if found.editor and merged.editor is None:
        merged.editor, used = found.editor, True
    if found.views is not None and merged.views is None:
        merged.views, merged.views_raw, used = found.views, found.views_raw, True
    merged.views_stated |= found.views_stated
    return used


def _better(found: Header, merged: Header) -> bool:
    if merged.published is None:
        return True
    return found.labelled and not merged.labelled
