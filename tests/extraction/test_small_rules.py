"""Rules of extraction that few pages ask for, each with a page that does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.article import Refusal
from crawler.extraction import Fields, Page, explain, extract, render, structure
from crawler.extraction.text.insets import inset_links
from harness.extracted import PARAGRAPHS as P
from harness.extracted import TITLE, fields_of, paragraphs

TEXT = paragraphs(P)


def page(inside: str, head: str = "", url: str = "https://n.example/a/71234567.html", title: str = TITLE) -> Page:
    markup = f"<html lang=en><head><title>{title} | Harbour Post</title>{head}</head><body>{inside}</body></html>"
    return Page(markup.encode(), url=url, fetched_at=datetime(2024, 5, 12, tzinfo=UTC), charset="utf-8")


def read(inside: str, head: str = "", url: str = "https://n.example/a/71234567.html", title: str = TITLE) -> Fields:
    return fields_of(page(inside, head, url, title))


def whole(inside: str) -> bool:
    return read(inside).body == "\n\n".join(P)


HEADS = ("A bridge for the ferry landing", "Market hall opens on Sunday", "Drains of the ninth district")


def test_headings_that_are_links_with_a_line_below_are_a_stream_in_no_box_of_their_own() -> None:
    flat = "".join(f"<h3><a href=/s/{n}>{head}</a></h3><p>{P[n]}</p>" for n, head in enumerate(HEADS))
    assert whole(f"<div><h1>{TITLE}</h1><div>{TEXT}</div>{flat}</div>")


def test_headings_that_are_no_links_head_the_sections_of_the_text() -> None:
    flat = "".join(f"<h3>{head}</h3><p>{P[n]} Again.</p>" for n, head in enumerate(HEADS))
    body = read(f"<div><h1>{TITLE}</h1>{TEXT}{flat}</div>").body or ""
    assert all(head in body for head in HEADS)


def test_entries_of_several_shapes_are_no_stream() -> None:
    entries = "".join(
        f"<div class='c{kind}'><h4><a href=/s/{kind}>{head}</a></h4><p>{P[n]} Again.</p></div>"
        for n, (kind, head) in enumerate(zip("abc", HEADS, strict=True))
    )
    assert "Again." in (read(f"<div><h1>{TITLE}</h1>{TEXT}{entries}</div>").body or "")
    numbered = "".join(
        f"<div class='item {n}'><h4><a href=/s/{n}>{head}</a></h4><p>{P[n]}</p></div>" for n, head in enumerate(HEADS)
    )
    assert whole(f"<div><h1>{TITLE}</h1>{TEXT}{numbered}</div>")


@pytest.mark.parametrize(("paragraphs_below", "counted"), [(3, False), (4, True)])
def test_links_between_a_summary_and_most_of_the_text_are_a_box_in_it(paragraphs_below: int, *, counted: bool) -> None:
    entries = "".join(f"<li><a href=/s/{n}>{head}</a></li>" for n, head in enumerate(HEADS))
    summary = f"<div class=sub><h2>{P[0][:97]}.</h2><h4>Related articles</h4><ul>{entries}</ul></div>"
    text = "".join(f"<p>{P[1][:97]}, {n}.</p>" for n in range(paragraphs_below))
    blocks = page(f"<h1>{TITLE}</h1>{summary}<div>{text}</div>").blocks
    assert bool(inset_links(blocks.lines, 0)) is counted


def test_parts_with_linked_headings_and_long_texts_are_no_stream() -> None:
    parts = "".join(
        f"<div class=part><h4><a href=/s/{n}>{head}</a></h4><p>{' '.join(P)}</p><p>{' '.join(P[n:] + P)}</p></div>"
        for n, head in enumerate(HEADS)
    )
    body = read(f"<div><h1>{TITLE}</h1>{TEXT}{parts}</div>").body or ""
    assert body.count(" ".join(P)) >= len(HEADS)


def test_a_stream_beside_the_sections_of_a_text_leaves_them() -> None:
    sections = "".join(f"<h3>{head}</h3><p>{P[n]} Again.</p>" for n, head in enumerate(HEADS))
    flat = "".join(f"<h3><a href=/s/{n}>{head} {n}</a></h3><p>{P[n]} More.</p>" for n, head in enumerate(HEADS))
    body = read(f"<div><h1>{TITLE}</h1><div>{TEXT}{sections}</div>{flat}</div>").body or ""
    assert (body.count("Again."), body.count("More.")) == (len(HEADS), 0)


def test_a_stream_may_have_tools_that_lead_to_other_sites() -> None:
    tools = "".join(f" <a href=https://{site}.example/share>{site}</a>" for site in ("one", "two", "six"))
    entries = "".join(
        f"<div class=item><h4><a href=/s/{n}>{head}</a></h4><div>{tools}</div><p>{P[n]}</p></div>"
        for n, head in enumerate(HEADS)
    )
    assert whole(f"<div><h1>{TITLE}</h1>{TEXT}{entries}</div>")


def test_recommendations_of_other_sites_are_text() -> None:
    entries = "".join(
        f"<li><a href=https://site{n}.example/x>{head} in a guide of its own</a><p>{P[n]} More.</p></li>"
        for n, head in enumerate(HEADS)
    )
    assert "More." in (read(f"<h1>{TITLE}</h1><div>{TEXT}<ul>{entries}</ul></div>").body or "")


def thread(box: str) -> str:
    remarks = "".join(f"<dl><dt>reader{n} 2024-05-11 1{n}:20</dt><dd>{P[n]} I say so.</dd></dl>" for n in range(4))
    return f"<{box}><p>Be fair to each other here.</p>{remarks}</{box}>"


@pytest.mark.parametrize("box", ["div", "section"])
def test_the_rules_for_comments_stand_in_the_box_of_the_thread(box: str) -> None:
    assert whole(f"<div><h1>{TITLE}</h1><div>{TEXT}</div>{thread(box)}</div>")


def test_a_thread_beside_its_headline_and_text_is_no_box_of_all() -> None:
    assert whole(f"<div><div><h1>{TITLE}</h1>{TEXT}{thread('div')}</div></div>")


def test_a_page_that_only_asks_for_a_script_stays_closed() -> None:
    note = "Please switch on JavaScript in your browser. " * 4
    refused = extract([page(f"<h1>{TITLE}</h1><noscript><p>{note}</p></noscript>")])
    assert isinstance(refused, Refusal)
    opened = read(f"<h1>{TITLE}</h1><p>12 May 2024</p><noscript>{TEXT}</noscript>")
    assert opened.body == "\n\n".join(P)


def test_a_stamp_of_a_script_needs_a_name_of_its_own() -> None:
    script = "<script>var x = {%s: '2024-05-10 08:42:11'}</script>"
    lines = f"<h1>{TITLE}</h1>{TEXT}"
    for name, day in (("publishTime", "2024-05-10"), ("datePublished", "2024-05-10"), ("unpublishTime", None)):
        assert read(lines, script % name).published_date == day


def test_a_time_tag_of_another_article_dates_nothing() -> None:
    related = "<aside class=related><a href=/x>Other</a><time datetime='2024-03-01T10:00'>1 March</time></aside>"
    own = "<time datetime='2024-05-10T10:00'>Friday</time>"
    assert read(f"<h1>{TITLE}</h1>{related}<div>{own}</div>{TEXT}").published_date == "2024-05-10"
    assert read(f"<h1>{TITLE}</h1>{related}{TEXT}").published_date is None


def test_a_stamp_in_utc_is_written_on_the_clock_of_the_zone_that_is_shown() -> None:
    head = "<meta property='article:published_time' content='2024-05-10T13:00:20Z'>"
    fields = read(f"<h1>{TITLE}</h1><div>Published May 10, 2024 9:00 am EDT</div>{TEXT}", head)
    assert fields.published_at == "2024-05-10T09:00:20-04:00"


def test_a_count_in_the_page_data_is_that_of_the_object_that_has_the_headline() -> None:
    data = (
        '<script>var list = [{"title": "Other", "view_count": 11}, {"title": "%s", "view_count": 178}];'
        ' var site = {"name": "{", "pages": 3}</script>'
    )
    assert read(f"<h1>{TITLE}</h1>{TEXT}", data % TITLE).view_count == 178
    assert read(f"<h1>{TITLE}</h1>{TEXT}", data % "Else").view_count is None


def test_sources_of_a_picture_element_and_of_no_other_one() -> None:
    picture = "<picture><source srcset='/p/a.jpg 320w, /p/b.jpg 1024w'><img alt=x></picture>"
    assert [image.url for image in read(f"<h1>{TITLE}</h1>{TEXT}<p>{picture}</p>").images] == [
        "https://n.example/p/b.jpg"
    ]
    video = "<div><source srcset='/p/a.jpg 320w, /p/b.jpg 1024w'><img alt=x></div>"
    assert read(f"<h1>{TITLE}</h1>{TEXT}{video}").images == []


def test_emphasis_beside_a_mark_of_its_own_is_left_out() -> None:
    inside = f"<h1>{TITLE}</h1>{TEXT}<p>*<b>lamps</b> and <b>tides</b>_ turn yellow in the harbour, he said.</p>"
    text = structure([page(inside)])
    assert not isinstance(text, Refusal)
    markdown = render(text, "markdown")
    assert "**lamps**" not in markdown
    assert "**tides**" not in markdown


def test_a_site_is_an_article_only_with_a_headline_or_a_day() -> None:
    cards = "".join(f"<p>{paragraph} This is what the harbour stands for today.</p>" for paragraph in P * 3)
    links = "".join(f"<li><a href=/x/{n}>{HEADS[n % 3]}</a></li>" for n in range(9))
    site = extract([page(f"<ul>{links}</ul><div>{cards}</div>", url="https://n.example/", title="Harbour")])
    assert isinstance(site, Refusal)
    assert site.reason == "list"
    dated = f"<h1>{TITLE}</h1><div>12 May 2024</div><div>{cards}</div>"
    assert isinstance(extract([page(dated, url="https://n.example/")]), Fields)


def test_days_of_the_last_century_stand_below_headlines_too() -> None:
    heading = "灯塔守望者的最后一封家书"
    text = "".join(f"<p>那一年的潮水来得早，灯塔上的人写完第{n}页信就去点灯了，没有再回来过。</p>" for n in range(5))
    markup = f"<html><head><title>旧报</title></head><body><p>{heading}</p><div>1998-05-11</div>{text}</body></html>"
    old = Page(markup.encode(), url="https://n.example/1.html", fetched_at=datetime(2024, 5, 12, tzinfo=UTC))
    assert fields_of(old).title == heading


def test_a_name_in_small_letters_is_that_of_an_account() -> None:
    day = "<p>12 May 2024</p>"
    for name, author in (("janedoe", None), ("Cher", "Cher"), ("Jane7", None)):
        assert read(f"<h1>{TITLE}</h1>{day}{TEXT}", f"<meta name=author content='{name}'>").author == author


def test_a_page_that_is_no_article_has_no_explanation() -> None:
    links = "".join(f"<li><a href=/x/{n}>{HEADS[n % 3]}</a></li>" for n in range(40))
    assert isinstance(explain(page(f"<ul>{links}</ul>", url="https://n.example/list/")), Refusal)
    assert not isinstance(explain(page(f"<h1>{TITLE}</h1><p>12 May 2024</p>{TEXT}")), Refusal)
