"""What the samples say about themselves is what they serve: to the sentence, for every article."""

from __future__ import annotations

import unicodedata

import pytest
from lxml.html import HtmlElement

from crawler.article import body_hash
from crawler.samples import NAMES, Samples, Story, stories

from .client import ask, squash

_BODY = {
    "sample-zhihui": "//div[@id='newsContent']",
    "sample-chengshi": "//td[@class='content']",
    "sample-metro": "//div[@class='article-body'] | //div[@id='story']",
}
_NO_TEXT = ".//figcaption | .//aside | ./h1 | ./p[@class='dateline']"
STORIES = [pytest.param(s, id=f"{s.portal}/{s.key}") for name in NAMES for s in stories(name)]


def _text(tree: HtmlElement, portal: str) -> str:
    """The text of the article element, captions and boxes that push themselves in taken out."""
    (element,) = tree.xpath(_BODY[portal])
    for other in element.xpath(_NO_TEXT):
        other.drop_tree()
    return squash(element.text_content())


@pytest.mark.parametrize("story", STORIES)
def test_body_is_the_text_of_its_pages(samples: Samples, story: Story) -> None:
    pages = [ask(samples.base[story.portal], path) for path in story.pages]
    assert [page.status for page in pages] == [200] * len(pages)
    assert "".join(_text(page.tree, story.portal) for page in pages) == squash(story.body)


@pytest.mark.parametrize("story", STORIES)
def test_page_states_the_fields(samples: Samples, story: Story) -> None:
    page = ask(samples.base[story.portal], story.path)
    shown = squash(page.tree.text_content())
    authors = (story.author or "").split(", ")
    for stated in (story.title, story.source, story.editor, *authors, *story.tags, *story.section):
        assert squash(stated or "") in shown
    hrefs = {(a.get("href"), a.text_content()) for a in page.tree.iter("a")}
    assert {(link.url, link.title) for link in story.links} <= hrefs
    assert {image.url for image in story.images} <= {img.get("src") for img in page.tree.iter("img")}
    assert {image.caption for image in story.images} - {None} <= {c.text for c in page.tree.iter("figcaption")}


@pytest.mark.parametrize("name", NAMES)
def test_stories_are_as_rich_as_the_street(name: str) -> None:
    told = stories(name)
    assert len(told) >= 40
    assert len({s.path for s in told}) == len({s.title for s in told}) == len(told)
    assert [s.at for s in told] == sorted(s.at for s in told)
    for field in ("source", "author", "views"):
        stated = [getattr(s, field) is not None for s in told]
        assert any(stated), field
        assert not all(stated), field
    assert any("\n" not in s.body and len(s.body) < 120 for s in told)  # an article of one sentence
    assert any(s.body.count("\n\n") >= 6 for s in told)
    assert any(s.images for s in told)
    assert any(s.moved for s in told)
    assert any(link.url.startswith("http") for s in told for link in s.links)


@pytest.mark.parametrize("story", STORIES)
def test_bodies_are_plain_text(story: Story) -> None:
    assert story.body == unicodedata.normalize("NFC", story.body)
    for paragraph in story.body.split("\n\n"):
        assert paragraph == paragraph.strip() != ""
        assert not any(mark in paragraph for mark in ("\n", "**", "](", "| "))


def test_same_story_on_two_portals() -> None:
    bodies = {body_hash(s.body): s for s in stories("sample-zhihui")}
    copies = [s for s in stories("sample-chengshi") if s.copy_of and s.exact]
    assert len(copies) >= 2
    for copy in copies:
        original = bodies[body_hash(copy.body)]
        assert copy.copy_of == f"{original.portal}/{original.key}"
        assert copy.title != original.title
        assert len(copy.body) >= 100
    (near,) = (s for s in stories("sample-chengshi") if s.copy_of and not s.exact)
    assert body_hash(near.body) not in bodies


def test_times_are_cut_to_what_is_printed() -> None:
    by_precision = {s.precision: s for name in NAMES for s in stories(name)}
    assert set(by_precision) == {"second", "minute", "day"}
    assert by_precision["day"].published_at.endswith(("T00:00:00-05:00", "T00:00:00+08:00", "T00:00:00-04:00"))
    assert by_precision["minute"].published_at[16:19] == ":00"


def test_numbers_that_are_rounded() -> None:
    views = {s.views: s.view_count for s in stories("sample-metro")}
    assert (views["1.2K"], views["11.3K"], views["3,105"], views[None]) == (1200, 11300, 3105, None)


def test_two_makings_are_equal() -> None:
    for name in NAMES:
        assert stories(name) == stories(name)
