"""What extraction reads on one page that a test writes."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.extraction import Fields, Page, extract

#: An article that hardly any rule has something to say about: its headline and its paragraphs.
TITLE = "Harbour lamps now follow the tide"
PARAGRAPHS = [
    "The twelve lamps on the eastern mole were lit last night for the first time, and turned yellow with the tide.",
    "Each of them hangs on a float from an old lightship, without a cable, on a panel as large as a hand.",
    "The keeper said that he used to read the water by the weed on the steps, and once ran barefoot to the bell.",
    "The office wants to light the western mole before winter, and has pinned the plans to its notice board.",
]


def paragraphs(texts: Iterable[str]) -> str:
    """The markup of *texts*, a paragraph each."""
    return "".join(f"<p>{text}</p>" for text in texts)


def fields_of(page: Page) -> Fields:
    """The fields of *page*, which must be an article."""
    found = extract([page])
    assert isinstance(found, Fields), found
    return found
