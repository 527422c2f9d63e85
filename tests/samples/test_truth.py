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


def _text(tree: HtmlElement, portal: str) -> str:
    """The text of the article element, captions and boxes that push themselves in taken out."""
    (element,) = tree.xpath(_BODY[portal])
    for other in element.xpath(_NO_TEXT):
        other.drop_tree()
    return squash(element.text_content())


@pytest.mark.parametrize("name", NAMES)
def test_body_is_the_text_of_its_pages(samples: Samples, name: str) -> None:
    wrong = []
    for story in stories(name):
        pages = [ask(samples.base[name], path) for path in story.pages]
        served = all(page.status == 200 for page in pages)
        if not served or "".join(_text(page.tree, name) for page in pages) != squash(story.body):
            wrong.append(story.path)
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_page_states_the_fields(samples: Samples, name: str) -> None:
    absent = {story.path: _not_stated(samples, story) for story in stories(name)}
    assert {path: values for path, values in absent.items() if values} == {}


def _not_stated(samples: Samples, story: Story) -> list[object]:
    """What *story* says and its page does not show."""
    page = ask(samples.base[story.portal], story.path)
    shown = squash(page.tree.text_content())
    authors = (story.author or "").split(", ")
    stated = (story.title, story.source, story.editor, *authors, *story.tags, *story.section)
    absent: list[object] = [value for value in stated if squash(value or "") not in shown]
    hrefs = {(a.get("href"), a.text_content()) for a in page.tree.iter("a")}
    absent += [link for link in story.links if (link.url, link.title) not in hrefs]
    sources = {img.get("src") for img in page.tree.iter("img")}
    captions = {caption.text for caption in page.tree.iter("figcaption")} | {None}
    return absent + [i for i in story.images if i.url not in sources or i.caption not in captions]


@pytest.mark.parametrize("name", NAMES)
def test_stories_are_as_varied_as_those_of_real_portals(name: str) -> None:
    all_stories = stories(name)
    assert len(all_stories) >= 40
    assert len({s.path for s in all_stories}) == len({s.title for s in all_stories}) == len(all_stories)
    assert [s.at for s in all_stories] == sorted(s.at for s in all_stories)
    for field in ("source", "author", "views"):
        stated = [getattr(s, field) is not None for s in all_stories]
        assert any(stated), field
        assert not all(stated), field
    assert any("\n" not in s.body and len(s.body) < 120 for s in all_stories)  # an article of one sentence
    assert any(s.body.count("\n\n") >= 6 for s in all_stories)
    assert any(s.images for s in all_stories)
    assert any(s.moved for s in all_stories)
    assert any(link.url.startswith("http") for s in all_stories for link in s.links)


@pytest.mark.parametrize("name", NAMES)
def test_bodies_are_plain_text(name: str) -> None:
    for story in stories(name):
        assert story.body == unicodedata.normalize("NFC", story.body)
        for paragraph in story.body.split("\n\n"):
            assert paragraph == paragraph.strip() != "", story.path
            assert not any(mark in paragraph for mark in ("\n", "**", "](", "| ")), story.path


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


def test_stories_are_the_same_each_time() -> None:
    for name in NAMES:
        assert stories(name) == stories(name)
