"""A structured text as HTML: a few elements, no attributes but URLs, everything escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from crawler.extraction.formats.model import Block, Group, Span, Structured


def write(text: Structured, *, title: bool) -> str:
    """*text* as an <article>."""
    head = [f"<h1>{escape(text.title)}</h1>"] if title and text.title else []
    return "\n".join(["<article>", *head, *map(_node, text.children), "</article>"])


def _node(node: Block | Group) -> str:
    return _group(node) if isinstance(node, Group) else _block(node)


def _group(group: Group) -> str:
    inside = "\n".join(map(_node, group.children))
    if group.kind == "quote":
        return f"<blockquote>\n{inside}\n</blockquote>"
    if group.kind == "item":
        return f"<li>{inside}</li>"
    if not group.ordered:
        return f"<ul>\n{inside}\n</ul>"
    start = f' start="{group.start}"' if group.start != 1 else ""
    return f"<ol{start}>\n{inside}\n</ol>"


def _block(block: Block) -> str:
    if block.kind == "table":
        return _table(block.rows)
    inside = _inline(block.spans)
    if block.kind == "image":
        caption = f"<figcaption>{inside}</figcaption>" if inside else ""
        return f'<figure><img src="{escape(block.url)}" alt="{escape(block.text)}">{caption}</figure>'
    if block.kind == "heading":
        return f"<h{block.level}>{inside}</h{block.level}>"
    if block.kind == "code":
        return f"<pre><code>{escape(block.text)}</code></pre>"
    return f"<p>{inside}</p>"


def _table(rows: Sequence[Sequence[Sequence[Span]]]) -> str:
    def row(cells: Iterable[Sequence[Span]], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{_inline(cell)}</{tag}>' for cell in cells)}</tr>"

    head, *body = rows
    lines = ["<table>", f"<thead>{row(head, 'th')}</thead>", "<tbody>", *(row(cells, "td") for cells in body)]
    return "\n".join([*lines, "</tbody>", "</table>"])


def _inline(spans: Iterable[Span]) -> str:
    """*spans*, those of one link in one element."""
    written = []
    for href, run in groupby(spans, key=lambda span: span.href):
        text = "".join(map(_span, run))
        written.append(f'<a href="{escape(href)}">{text}</a>' if href else text)
    return "".join(written)


def _span(span: Span) -> str:
    text = escape(span.text)
    for used, tag in ((span.code, "code"), (span.emphasis, "em"), (span.strong, "strong")):
        if used:
            text = f"<{tag}>{text}</{tag}>"
    return text
