"""Renders a structured text in the requested format."""

from __future__ import annotations

from crawler.extraction.formats import html, markdown
from crawler.extraction.formats.model import Form, Structured


def render(text: Structured, form: Form, *, title: bool = True) -> str:
    """*text* as plain text (what records have as ``body``), CommonMark (tables as GitHub has them) or HTML.

    With *title*, Markdown and HTML begin with the headline; a line break ends neither.
    """
    if form == "markdown":
        return markdown.write(text, title=title)
    if form == "html":
        return html.write(text, title=title)
    return text.plain
