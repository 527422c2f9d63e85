"""The text with its structure: what stands in it, and what a CommonMark parser and a browser make of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html
from markdown_it import MarkdownIt
from markdown_it.token import Token

from crawler.article import Refusal
from crawler.extraction import Page, Structured, render, structure
from crawler.extraction.formats import Block, Group, Span
from crawler.values.text import squash
from harness.golden_pages import CASES, read

PARSER = MarkdownIt("commonmark").enable("table")
NOW = datetime(2024, 5, 12, tzinfo=UTC)
TITLE = "How the river was measured in a single winter"
FIRST = "The river is measured every morning at seven, and the figures are read aloud in the square by the mayor."
LAST = "Nobody had counted the days of ice before that winter, said the engineer who wrote the list by hand at night."
ALLOWED = {
    "article", "h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "blockquote", "pre", "code", "table", "thead",
    "tbody", "tr", "th", "td", "a", "strong", "em",
}  # fmt: skip
SHAPE = {
    "heading_open", "fence", "table_open", "blockquote_open", "list_item_open", "ordered_list_open", "bullet_list_open",
}  # fmt: skip


def text(inside: str) -> Structured:
    page = (
        f"<html><head><meta charset=utf-8><title>{TITLE}</title></head><body><h1>{TITLE}</h1><div>May 11, 2024</div>"
        f"<div class=content><p>{FIRST}</p>{inside}<p>{LAST}</p></div></body></html>"
    )
    found = structure([Page(page.encode(), url="https://news.example/a/1.html", fetched_at=NOW)])
    assert not isinstance(found, Refusal)
    return found


def middle(form: str, inside: str) -> str:
    """What *inside*, between two paragraphs of a text, becomes in *form*."""
    whole = render(text(inside), "markdown" if form == "markdown" else "html", title=False)
    return whole.partition(FIRST)[2].rpartition(LAST)[0].removeprefix("</p>").removesuffix("<p>").strip()


@pytest.mark.parametrize(
    ("inside", "markdown", "html"),
    [
        ("<h2>The gauge</h2>", "## The gauge", "<h2>The gauge</h2>"),
        ("<h2>1 ##</h2>", "## 1 \\##", "<h2>1 ##</h2>"),
        ("<h3><b>Three</b></h3>", "### **Three**", "<h3><strong>Three</strong></h3>"),
        ("<ul><li>one<li>two</ul>", "- one\n- two", "<ul>\n<li><p>one</p></li>\n<li><p>two</p></li>\n</ul>"),
        ("<ol start=3><li>one<li>two</ol>", "3. one\n4. two",
         '<ol start="3">\n<li><p>one</p></li>\n<li><p>two</p></li>\n</ol>'),
        ("<ul><li>one<ul><li>inner</ul><li>two</ul>", "- one\n\n  - inner\n- two",
         "<ul>\n<li><p>one</p>\n<ul>\n<li><p>inner</p></li>\n</ul></li>\n<li><p>two</p></li>\n</ul>"),
        ("<blockquote><p>Never again.<p>She meant it.</blockquote>", "> Never again.\n>\n> She meant it.",
         "<blockquote>\n<p>Never again.</p>\n<p>She meant it.</p>\n</blockquote>"),
        ("<p>Use <b><code>a</code></b><code>b</code>.</p>", "Use a`b`.",
         "<p>Use <strong><code>a</code></strong><code>b</code>.</p>"),
        ("<pre>a = 1\nb = `2`</pre>", "```\na = 1\nb = `2`\n```", "<pre><code>a = 1\nb = `2`</code></pre>"),
        ("<table><tr><th>year<th>height<tr><td>1901<td>4 | 5</table>",
         "| year | height |\n| --- | --- |\n| 1901 | 4 \\| 5 |",
         "<table>\n<thead><tr><th>year</th><th>height</th></tr></thead>\n<tbody>\n"
         "<tr><td>1901</td><td>4 | 5</td></tr>\n</tbody>\n</table>"),
        ('<p>See <a href="/b?x=1&amp;y=(2)">the <i>gauge</i></a> now.</p>',
         "See [the *gauge*](https://news.example/b?x=1&y=%282%29) now.",
         '<p>See <a href="https://news.example/b?x=1&amp;y=(2)">the <em>gauge</em></a> now.</p>'),
        ('<p>Not <a href="javascript:alert(1)">this</a>.</p>', "Not this.", "<p>Not this.</p>"),
        ("<p>1. A *star* and a_b_c &lt;b&gt; # no</p>", "1\\. A \\*star\\* and a\\_b\\_c \\<b\\> # no",
         "<p>1. A *star* and a_b_c &lt;b&gt; # no</p>"),
        ("<p># no heading</p>", "\\# no heading", "<p># no heading</p>"),
        ('<figure><img src="/i/g.jpg" width=800><figcaption>The gauge</figcaption></figure>',
         "![The gauge](https://news.example/i/g.jpg)",
         '<figure><img src="https://news.example/i/g.jpg" alt="The gauge"><figcaption>The gauge</figcaption></figure>'),
    ],
)  # fmt: skip
def test_what_stands_in_a_text(inside: str, markdown: str, html: str) -> None:
    assert middle("markdown", inside) == markdown
    assert middle("html", inside) == html


@pytest.mark.parametrize("case", CASES)
def test_no_form_loses_or_adds_a_word(case: str) -> None:
    page, _ = read(case)
    found = structure([page])
    if isinstance(found, Refusal):
        return
    wanted = squash(found.plain)
    assert squash("".join(words(PARSER.parse(render(found, "markdown", title=False))))) == wanted
    tree: Any = lxml_html.fromstring(render(found, "html"))
    for apart in tree.xpath("//h1 | //figure"):
        apart.drop_tree()
    assert squash(tree.text_content()) == wanted
    assert {element.tag for element in tree.iter()} <= ALLOWED
    assert all(set(element.attrib) <= {"href", "start"} for element in tree.iter())
    assert render(found, "text") == found.plain


def words(tokens: list[Token]) -> list[str]:
    """The texts of parsed Markdown, pictures apart."""
    found = []
    for token in tokens:
        if token.type == "inline":
            shown = [part for part in token.children or [] if part.type in {"text", "code_inline"}]
            found.append("".join(part.content for part in shown))
        elif token.type == "fence":
            found.append(token.content)
        assert token.type != "html_block" or token.content.strip() == "<!-- -->"
    return found


#: Characters that mean something to Markdown or HTML, among those that do not.
LINE = (
    st.text(st.sampled_from("ab中，。 *_`#+-=>|~[]()<>!&\\.:1\"'"), min_size=1, max_size=30).map(str.strip).filter(bool)
)
SPAN = st.builds(
    Span, LINE, st.sampled_from([None, None, "https://e.cn/a_(b)?c=*d*"]), st.booleans(), st.booleans(), st.booleans()
)
SPANS = st.lists(SPAN, min_size=1, max_size=4).map(tuple)
LEAF = st.one_of(
    st.builds(Block, st.just("paragraph"), SPANS),
    st.builds(Block, st.just("heading"), SPANS, st.integers(2, 6)),
    st.builds(Block, st.just("code"), LINE.map(lambda line: (Span(line),))),
    st.lists(st.lists(SPANS, min_size=2, max_size=2), min_size=2, max_size=3).map(
        lambda rows: Block("table", rows=tuple(map(tuple, rows)))
    ),
)
NODE = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.builds(Group, st.just("quote"), st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(
            Group,
            st.just("list"),
            st.lists(
                st.builds(Group, st.just("item"), st.lists(inner, min_size=1, max_size=2).map(tuple)),
                min_size=1,
                max_size=3,
            ).map(tuple),
            st.booleans(),
        ),
    ),
    max_leaves=8,
)


def texts(node: Block | Group) -> list[str]:
    if isinstance(node, Group):
        return [text for child in node.children for text in texts(child)]
    cells = [cell for row in node.rows for cell in row] or [node.spans]
    return ["".join(span.text for span in cell) for cell in cells]


def kinds(node: Block | Group) -> list[str]:
    """What opens in the order of the text, as markdown-it names it."""
    if isinstance(node, Group):
        name = {"quote": "blockquote", "item": "list_item"}.get(
            node.kind, f"{'ordered' if node.ordered else 'bullet'}_list"
        )
        return [f"{name}_open", *(kind for child in node.children for kind in kinds(child))]
    return {"code": ["fence"], "table": ["table_open"]}.get(node.kind, [f"{node.kind}_open"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(NODE, min_size=1, max_size=4))
def test_markdown_survives_a_parser(nodes: list[Block | Group]) -> None:
    written = render(Structured(None, tuple(nodes), ""), "markdown")
    tokens = PARSER.parse(written)
    wanted = [line for node in nodes for line in texts(node)]
    plain = [re.sub(r"\s+", " ", text).strip() for text in words(tokens)]
    assert plain == [re.sub(r"\s+", " ", text).strip() for text in wanted], written
    found = [token.type for token in tokens if token.type in SHAPE]
    assert found == [kind for node in nodes for kind in kinds(node) if kind in SHAPE], written


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(NODE, min_size=1, max_size=4))
def test_html_is_clean(nodes: list[Block | Group]) -> None:
    tree: Any = lxml_html.fromstring(render(Structured("<script>", tuple(nodes), ""), "html"))
    assert {element.tag for element in tree.iter()} <= ALLOWED
    for element in tree.iter():
        assert set(element.attrib) <= {"href", "start"}
    wanted = squash("<script>" + "".join(line for node in nodes for line in texts(node)))
    assert squash(tree.text_content()) == wanted
