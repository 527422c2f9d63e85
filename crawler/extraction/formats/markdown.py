"""A structured text as CommonMark with GitHub tables: a parser reads back what was written.

Characters that would mean something are escaped; emphasis whose marks a parser would not take for marks (beside Chinese
punctuation, mostly) is left out, since the text is worth more than its look.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby

from crawler.extraction.formats.model import Block, Group, Span, Structured

_SPECIAL = re.compile(r"[\\`*_\[\]<>&~|]|!$")  # a mark before a link makes it a picture
#: What means something at the beginning of a line alone.
_OPENING = re.compile(r"(?=[#+=-])|(?P<number>\d{1,9})(?=[.)](?:\s|$))")
#: Marks at the end of a heading that would close it.
_CLOSING = re.compile(r"(?:^|(?<=\s))(?=#+\s*$)")
_BACKSLASH = r"\\"
_RUNS = re.compile(r"`+")
_NO_CODE = re.compile(r"[`|\n]")  #: what code in a line cannot hold everywhere
_UNSAFE = str.maketrans({" ": "%20", "(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "\\": "%5C", "|": "%7C"})


def write(text: Structured, *, title: bool) -> str:
    """*text* as CommonMark."""
    head = [f"# {_escaped(text.title)}"] if title and text.title else []
    return "\n\n".join([*head, *_blocks(text.children)])


def _blocks(nodes: Iterable[Block | Group]) -> list[str]:
    written: list[str] = []
    before: Block | Group | None = None
    for node in nodes:
        if _runs_into(before, node):
            written.append("<!-- -->")  # two lists of one kind would be one
        written.append(_group(node) if isinstance(node, Group) else _block(node))
        before = node
    return [part for part in written if part.strip()]


def _runs_into(one: Block | Group | None, other: Block | Group) -> bool:
    if not isinstance(one, Group) or not isinstance(other, Group) or one.kind != other.kind:
        return False
    return one.kind == "quote" or (one.kind == "list" and one.ordered == other.ordered)


def _group(group: Group) -> str:
    if group.kind == "quote":
        return _indented("\n\n".join(_blocks(group.children)), "> ", "> ")
    if group.kind == "item":
        return "\n\n".join(_blocks(group.children))
    items = []
    for number, item in enumerate(group.children, group.start):
        mark = f"{number}. " if group.ordered else "- "
        inside = _group(item) if isinstance(item, Group) and item.kind == "item" else "\n\n".join(_blocks([item]))
        items.append(_indented(inside or "", mark, " " * len(mark)))
    return "\n".join(items)


def _indented(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    return "\n".join(
        f"{first if not number else rest}{line}".rstrip() if line or rest.strip() or not number else ""
        for number, line in enumerate(lines)
    )


def _block(block: Block) -> str:
    if block.kind == "table":
        return _table(block.rows)
    if block.kind == "code":
        longest = max((len(run) for run in _RUNS.findall(block.text)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"{fence}\n{block.text}\n{fence}"
    if block.kind == "image":
        return f"![{_escaped(block.text)}]({block.url.translate(_UNSAFE)})"
    text = _inline(block.spans)
    if block.kind == "heading":
        return f"{'#' * block.level} {_CLOSING.sub(_BACKSLASH, text)}"
    return _OPENING.sub(_guarded, text, count=1) if _OPENING.match(text) else text


def _guarded(match: re.Match[str]) -> str:
    return f"{match['number']}\\" if match["number"] else "\\"


def _table(rows: Sequence[Sequence[Sequence[Span]]]) -> str:
    width = max(len(row) for row in rows)
    written = [f"| {' | '.join([*(_inline(cell) for cell in row), *[''] * (width - len(row))])} |" for row in rows]
    return "\n".join([written[0], f"|{' --- |' * width}", *written[1:]])


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split("\n")))


def _inline(spans: Sequence[Span]) -> str:
    """*spans* in one line, those of one link in one."""
    written, at = "", 0
    for href, run in groupby(spans, key=lambda span: span.href):
        inside = list(run)
        at += len(inside)
        after = None if href or at == len(spans) else spans[at]
        text = "" if href is None else "["
        for n, span in enumerate(inside):
            following = inside[n + 1] if n + 1 < len(inside) else after
            text += _span(span, (written + text)[-1:], following)
        written += f"{text}]({href.translate(_UNSAFE)})" if href else text
    return written


def _span(span: Span, before: str, following: Span | None) -> str:
    code = (
        span.code
        and not _NO_CODE.search(span.text)
        and before != "`"
        and not (following is not None and following.code)
    )
    text = f"`{span.text}`" if code else _escaped(span.text)
    after = "" if following is None else "[" if following.href and not span.href else following.text[:1]
    if following is not None and (following.strong or following.emphasis or following.code):
        return text
    for used, mark in ((span.emphasis, "*"), (span.strong, "**")):
        if used and _marks(text, before, after):
            text = f"{mark}{text}{mark}"
    return text


def _marks(text: str, before: str, after: str) -> bool:
    """Whether marks around *text* open and close emphasis there (CommonMark 0.31, 6.2)."""
    if not text or text[0].isspace() or text[-1].isspace():
        return False
    opens = not _is_punctuation(text[0]) or not before or before.isspace() or _is_punctuation(before)
    closes = not _is_punctuation(text[-1]) or not after or after.isspace() or _is_punctuation(after)
    return opens and closes and not (before in ("*", "_") or after in ("*", "_"))


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"
