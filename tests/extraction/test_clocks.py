"""Whose clock a page shows: timestamps in UTC next to the time that readers see, and dates of changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extraction import Fields, Page, extract

_TEXT = "".join(
    f"<p>The council of Riverside said on day {day} of the trial that the new traffic lights save nine minutes on the "
    f"way to work, and that the second district follows in the autumn.</p>"
    for day in range(1, 6)
)


def read(
    below: str, published: str, modified: str = "", *, head: str = "", url: str = "https://www.example.com/lights"
) -> Fields:
    """The fields of an English page with *below* under its headline and stamps in its metadata, *head* among them."""
    head += f'<meta property="article:published_time" content="{published}">'
    if modified:
        head += f'<meta property="article:modified_time" content="{modified}">'
    page = (
        f"<html><head><title>Riverside trials its lights | Riverside News</title>{head}</head><body>"
        f"<h1>Riverside trials its lights</h1>{below}<div class='article-body'>{_TEXT}</div></body></html>"
    )
    fetched = datetime(2024, 6, 1, tzinfo=UTC)
    found = extract([Page(page.encode(), url=url, fetched_at=fetched)])
    assert isinstance(found, Fields)
    return found


@pytest.mark.parametrize(
    ("shown", "stamp", "expected"),
    [
        ("Published May 8, 2024, 10:28 p.m. EDT", "2024-05-09T02:28:35Z", "2024-05-08T22:28:35-04:00"),
        ("May 8, 2024 at 7:28 p.m.", "2024-05-09T02:28:35Z", "2024-05-08T19:28:35-07:00"),
        ("May 8, 2024 at 8:58 a.m.", "2024-05-08T03:28:35Z", "2024-05-08T08:58:35+05:30"),
        ("May 8, 2024 at 7:31 p.m.", "2024-05-09T02:28:35Z", "2024-05-08T19:31:00+00:00"),
    ],
    ids=["named-zone", "zone-by-difference", "half-hour", "another-event"],
)
def test_a_stamp_is_written_on_the_clock_that_readers_see(shown: str, stamp: str, expected: str) -> None:
    assert read(f"<p class='date'>{shown}</p>", stamp).published_at == expected


@pytest.mark.parametrize(
    ("published", "url", "expected"),
    [
        ("2023-04-12T18:33:59+02:00", "https://www.example.com/lights", "2024-05-19T00:00:00+00:00"),
        ("2023-04-12T18:33:59+02:00", "https://www.example.com/2023/04/lights", "2023-04-12T18:33:59+02:00"),
        ("2023-04-12T18:33:59+02:00", "https://www.example.com/lights-110423-7", "2023-04-12T18:33:59+02:00"),
        ("2024-05-12T18:33:59+02:00", "https://www.example.com/lights", "2024-05-12T18:33:59+02:00"),
        ("2024-05-11T18:33:59+02:00", "https://www.example.com/lights", "2024-05-19T00:00:00+00:00"),
    ],
    ids=["published-again", "address-names-the-month", "address-names-the-day-before", "corrected", "a-week-later"],
)
def test_an_unlabelled_date_that_is_that_of_a_change(published: str, url: str, expected: str) -> None:
    found = read("<p class='date'>19 May 2024</p>", published, "2024-05-19T15:24:33+02:00", url=url)
    assert found.published_at == expected


def stamp(kind: str, published: str) -> str:
    """A description of the page or of its article in JSON-LD."""
    return f'<script type="application/ld+json">{{"@type": "{kind}", "datePublished": "{published}"}}</script>'


@pytest.mark.parametrize(
    ("head", "published", "expected"),
    [
        (stamp("NewsArticle", "2024-05-09T02:28:35Z"), "2024-05-08T22:28:35-04:00", "2024-05-08T22:28:35-04:00"),
        (stamp("NewsArticle", "2024-05-09T02:28:35Z"), "2024-05-08 22:28:35", "2024-05-08T22:28:35-04:00"),
        (stamp("NewsArticle", "2024-05-09T02:28:35Z"), "2024-05-08T21:15:00-04:00", "2024-05-09T02:28:35+00:00"),
        (stamp("NewsArticle", "2024-05-09T02:28:35Z"), "2024-05-09", "2024-05-09T02:28:35+00:00"),
        (stamp("NewsArticle", "2024-05-09"), "2024-05-09T10:12:00+02:00", "2024-05-09T10:12:00+02:00"),
        (stamp("NewsArticle", "2024-05-09T00:00:00Z"), "2024-05-09T10:12:00+02:00", "2024-05-09T10:12:00+02:00"),
        (stamp("NewsArticle", "2024-05-09"), "2024-05-11T10:12:00+02:00", "2024-05-09T00:00:00+00:00"),
        (
            stamp("NewsArticle", "2024-05-09") + stamp("WebPage", "2024-05-09T10:12:00+02:00"),
            "",
            "2024-05-09T10:12:00+02:00",
        ),
    ],
    ids=["own-offset", "no-offset", "another-moment", "day-behind", "finer", "midnight", "another-day", "of-the-page"],
)
def test_of_several_stamps_the_one_on_a_clock_of_its_own_or_the_finer(head: str, published: str, expected: str) -> None:
    assert read("", published, head=head).published_at == expected


@pytest.mark.parametrize(
    ("below", "day"),
    [
        ("<p>Published 3 weeks ago</p><p>May 8, 2024</p>", "2024-05-08"),
        ("<p>3 weeks ago</p><p>May 8, 2024</p>", "2024-05-08"),
        ("<p>3 hours ago</p><p>May 8, 2024</p>", "2024-05-31"),
    ],
)
def test_a_day_beside_the_weeks_since_then(below: str, day: str) -> None:
    assert read(below, "").published_date == day


def test_one_instant_on_two_clocks_is_no_change() -> None:
    found = read("", "2024-05-08T22:28:35-04:00", "2024-05-09T02:28:35Z")
    assert (found.published_at, found.modified_at) == ("2024-05-08T22:28:35-04:00", None)


def test_a_day_that_the_stamp_falls_on_nowhere_is_another_event() -> None:
    found = read("<p class='date'>May 10, 2024</p>", "2024-05-11T16:10:50+00:00")
    assert found.published_date == "2024-05-11"


@pytest.mark.parametrize(
    "above",
    [
        "<figure><figcaption>The mayor, left, speaks to commuters beside the new traffic lights of Riverside on "
        "March 29, 2023. (Photo by J. Doe)</figcaption></figure>",
        "<div>FILE PHOTO: The mayor of Riverside speaks to commuters beside the new traffic lights in the city, where "
        "they were first tried.</div>",
    ],
    ids=["figcaption", "plain-block"],
)
def test_a_date_below_the_picture_is_read_and_one_in_its_caption_is_not(above: str) -> None:
    found = read(f"{above}<p>May 18, 2024</p>", "")
    assert found.published_date == "2024-05-18"


#: Between the headline and the text: a summary, a picture and what it shows, tools.
_SUMMARY = "<h2>The council of Riverside says that its new traffic lights save nine minutes on the way to work.</h2>"
_PICTURE = (
    "<figure><figcaption>The mayor, left, speaks to commuters beside the new traffic lights of Riverside on Monday. "
    "(Photo by J. Doe)</figcaption></figure>"
)
_TOOLS = "<ul><li>fb</li><li>tw</li><li>mail</li><li>print</li></ul>"


@pytest.mark.parametrize(
    "below",
    [
        f"{_SUMMARY}<div>By Jane Roe</div><div>May 18 2024, 9:54 a.m.</div><div>Donate</div>{_PICTURE}",
        f"{_SUMMARY}<h4>By Jane Roe</h4>{_TOOLS * 2}<section>May 18, 2024</section>{_PICTURE}",
        f"{_TOOLS * 8}{_PICTURE}<div>By Jane Roe - Riverside News - Saturday, May 18, 2024</div>",
    ],
    ids=["picture", "tools", "far"],
)
def test_a_day_directly_above_the_paragraphs_is_read_whatever_stands_above_the_line(below: str) -> None:
    found = read(below, "")
    assert (found.published_date, found.author) == ("2024-05-18", "Jane Roe")


def test_a_day_above_the_paragraphs_in_a_line_that_says_more_is_none() -> None:
    below = f"{_SUMMARY}{_TOOLS * 2}<div>Open house in the town hall on May 18, 2024, at nine</div>{_PICTURE}"
    assert read(below, "").published_at is None


@pytest.mark.parametrize(
    ("changed", "day"),
    [("12 May 2024", "2024-05-12"), ("14 May 2024", "2024-05-13"), ("2 May 2023", "2024-05-13")],
    ids=["before", "behind", "long-before"],
)
def test_a_text_was_there_on_the_day_of_its_change(changed: str, day: str) -> None:
    found = read(f"<p>Page updated: {changed}</p>", "2024-05-13T09:21:40+01:00")
    assert found.published_date == day


def test_the_only_day_of_a_page_is_that_of_its_last_change_below_the_text() -> None:
    page = (
        f"<html><head><title>Riverside trials its lights</title></head><body><h1>Riverside trials its lights</h1>"
        f"<div class=article-body>{_TEXT}<p>Last updated: May 13, 2024</p></div></body></html>"
    )
    found = extract([Page(page.encode(), url="https://www.example.com/a", fetched_at=datetime(2024, 6, 1, tzinfo=UTC))])
    assert isinstance(found, Fields)
    assert (found.published_date, found.extracted_by["published_at"]) == ("2024-05-13", "label")
