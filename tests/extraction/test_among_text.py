"""Lines among the paragraphs that words or names alone would take for the page's own, and those that are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extraction import Page
from harness.extracted import PARAGRAPHS as P
from harness.extracted import TITLE, fields_of, paragraphs

HALF = paragraphs(P[:2]), paragraphs(P[2:])


def body_of(inside: str, header: str = "May 11, 2024") -> list[str]:
    """The paragraphs of the text of a page that holds *inside* below its headline and its *header* line."""
    markup = (
        f"<html lang=en><head><title>{TITLE} | Harbour Post</title></head><body><h1>{TITLE}</h1><div>{header}</div>"
        f"<div class=con>{inside}</div></body></html>"
    )
    page = Page(markup.encode(), url="https://n.example/a/71.html", fetched_at=datetime(2024, 5, 12, tzinfo=UTC))
    return (fields_of(page).body or "").split("\n\n")


@pytest.mark.parametrize(
    "line",
    [
        "<p>Next time you walk on the mole, look at the floats, and you will see the lamps turn with the tide.</p>",
        "<p>Previous lamps were oil lamps, and nobody lit them when the wind stood in the north-east.</p>",
        "<p>下一个冬天，守灯人要把西边防波堤上的十二盏灯也换成浮灯，图纸已经贴在布告栏里，谁都可以看。</p>",
        "<h2>Next steps</h2>",
    ],
)
def test_a_sentence_or_a_heading_may_begin_like_the_name_of_a_neighbour(line: str) -> None:
    said = line.partition(">")[2].rpartition("<")[0]
    assert body_of(f"{HALF[0]}{line}{HALF[1]}") == [*P[:2], said, *P[2:]]


@pytest.mark.parametrize(
    "line",
    [
        "<p>Next: The market hall opens its doors on Sunday, with a choir and forty stalls of the old square.</p>",
        "<p>Next <a href=/a/72.html>The market hall opens its doors on Sunday, with a choir and forty stalls</a></p>",
        "<p>Next article</p>",
        "<p>下一篇 没有了</p>",
    ],
)
def test_the_name_of_a_neighbour_is_no_text(line: str) -> None:
    assert body_of(f"{HALF[0]}{HALF[1]}{line}") == P


def test_the_name_of_a_column_may_begin_like_that_of_a_neighbour() -> None:
    rows = "".join(f"<tr><td>Lamp {n}</td><td>{n} hours</td></tr>" for n in range(1, 4))
    table = f"<table><tr><th>Lamp</th><th>Previous night</th></tr>{rows}</table>"
    assert "Lamp Previous night" in body_of(f"{HALF[0]}{table}{HALF[1]}")


def test_a_text_goes_on_behind_a_box_of_a_single_link() -> None:
    link = "<h3><a href=/a/72.html>The market hall opens its doors on Sunday</a></h3>"
    box = f"<div class=x7><h4>Read more</h4>{link}</div>"
    assert body_of(f"{paragraphs(P[:3])}{box}{paragraphs(P[3:])}") == P


def test_parts_of_a_text_may_stand_deep_in_boxes_of_their_own() -> None:
    def part(texts: list[str]) -> str:
        return f"<div class=s1><div class=s2><div><div>{paragraphs(texts)}</div></div></div></div>"

    links = "".join(f"<p class=t><a href=/s/{n}>A headline of the harbour, number {n}</a></p>" for n in range(4))
    box = f"<div class=q1><div class=q2><h3>Read more</h3>{links}</div></div>"
    assert body_of(f"{part(P[:2])}{part(P[2:3])}{box}{part(P[3:])}") == P


def test_a_box_named_a_teaser_may_open_the_text() -> None:
    def part(texts: list[str], name: str = "c1") -> str:
        return f"<div class=art-part>{paragraphs(texts).replace('<p', f'<p class={name}')}</div>"

    opening, rest = f"<div class=teaser-content>{part(P[:1])}</div>", f"{part(P[1:3])}{part(P[3:])}"
    assert body_of(f"{opening}{rest}") == P
    other = part(["A new ferry line begins on Monday, and the first crossing of the day is free."], "c2")
    assert body_of(f"<div class=teaser-content>{other}</div>{opening}{rest}") == P


@pytest.mark.parametrize(
    "box",
    [
        "<section id=10-related-lamps-and-other-lights>{}</section>",
        "<div id=how-popular-are-the-new-lamps>{}</div>",
        "<div><h2 class=toc-title>What the keeper says</h2>{}</div>",
        "<div class='contextmenu Body'>{}</div>",
    ],
)
def test_a_part_of_the_text_whose_name_is_made_of_its_words(box: str) -> None:
    body = body_of(f"{HALF[0]}{box.format(HALF[1])}{paragraphs([P[0].replace('twelve', 'thirteen')])}")
    assert all(text in body for text in P)
    assert ("What the keeper says" in body) == ("toc-title" in box)


def test_code_in_a_box_with_a_tool_is_text() -> None:
    code = "<div class=code-toolbar><pre><code>lamps = [tide(n) for n in range(12)]; print(lamps)</code></pre></div>"
    assert body_of(f"{HALF[0]}{code}{HALF[1]}")[2].startswith("lamps = [")


LINKS = ("The eastern mole", "The western mole", "The lightship")
LIST = "<ul>" + "".join(f"<li><a href=/p/{n}>{name}</a></li>" for n, name in enumerate(LINKS)) + "</ul>"


@pytest.mark.parametrize(
    "line",
    [
        "<p>See the plans of all three here:</p>",
        "<p>Here’s what is lit before the winter comes, as the office says:</p>",
    ],
)
def test_a_list_of_links_that_the_text_announces_is_text(line: str) -> None:
    body = body_of(f"{HALF[0]}{line}{LIST}{HALF[1]}")
    assert body == [*P[:2], line[3:-4], *LINKS, *P[2:]]


@pytest.mark.parametrize(
    "line",
    [
        "<p>Related Article(s):</p>",
        "<p>Latest stories:</p>",
        "<h3>Lamps:</h3>",
        "<p>夜航：</p>",
        "<p>The lamps and the tide</p>",
    ],
)
def test_a_list_of_links_that_the_page_announces_is_none(line: str) -> None:
    assert not set(LINKS) & set(body_of(f"{HALF[0]}{line}{LIST}{HALF[1]}"))


BYLINE = "By Jane Roe and John Doe | May 11, 2024"


@pytest.mark.parametrize(
    "profile",
    [
        "<p>Jane Roe is a reporter for the Harbour Post.</p>",
        "<p>Jane (jane@post.example) covers the harbour, the ferry lines and the twelve lamps of the eastern mole.</p>",
        "<h4>About the author</h4><p>Jane Roe</p><p>Harbour desk</p><p>Jane has written for the Post since 2009.</p>",
        "<p>Jane Roe</p><p>Lights and locks</p><p>John Doe</p><p>Chief of the harbour desk</p>",
    ],
)
def test_what_the_end_says_of_its_writers_is_no_text(profile: str) -> None:
    assert body_of(f"{paragraphs(P)}{profile}", BYLINE) == P


@pytest.mark.parametrize(
    "line",
    [
        "<p>Jane Roe walked along the mole, counted the lamps, and one of the twelve was out.</p>",
        "<p>Mary Major is a reporter for the Harbour Post, and was there when the lamps were lit.</p>",
        "<p>Jane Roe is a name that the keeper of the lamps has never heard before, he said.</p>"
        "<p>The twelfth lamp was still out when the last ferry came in, and nobody had counted them since.</p>",
    ],
)
def test_what_a_text_says_of_a_person_is_text(line: str) -> None:
    assert body_of(f"{paragraphs(P)}{line}", BYLINE)[len(P)] == line[3 : line.index("</p>")]


def test_an_appeal_to_follow_the_site_is_no_text() -> None:
    appeal = "<p>Follow the Harbour Post on Instagram, Facebook and YouTube.</p>"
    assert body_of(f"{paragraphs(P)}{appeal}") == P
    assert len(body_of(f"{paragraphs(P)}<p>Follow the mole on foot to its end, where the twelfth lamp hangs.</p>")) == 5


BOX = f"<div><h3>Related articles</h3>{LIST}</div>"


def test_the_text_behind_a_box_may_begin_with_a_heading() -> None:
    assert body_of(f"{paragraphs(P[:3])}{BOX}<h3>The twelfth lamp</h3>{paragraphs(P[3:])}") == [
        *P[:3], "The twelfth lamp", P[3],
    ]  # fmt: skip


def test_the_text_behind_a_box_may_begin_with_a_sentence_that_is_mostly_a_link() -> None:
    said = "In the autumn <a href=/a/3.html>the office of the harbour lit the first of the lamps</a>, and put it out."
    body = body_of(f"{HALF[0]}{BOX}<p>{said}</p>{HALF[1]}")
    assert len(body) == len(P) + 1
    assert body[2].startswith("In the autumn the office")


def test_paragraphs_in_boxes_of_their_own_are_one_text() -> None:
    summary = f"<div class=sum>{paragraphs(P[:1])}{BOX}</div>"
    apart = "".join(f"<div class=part><p>{text} {text}</p></div>" for text in P)
    assert len(body_of(f"{summary}<div class=rest>{apart}</div>")) >= len(P)


@pytest.mark.parametrize("count", ["6", "2 / 14"])
def test_the_number_of_a_picture_beside_it_is_no_text(count: str) -> None:
    picture = f"<figure><img src=/i/1.jpg><div class=n>{count}</div></figure>"
    assert body_of(f"{HALF[0]}{picture}{HALF[1]}") == P
    assert body_of(f"{HALF[0]}<p>{count}</p>{HALF[1]}") == [*P[:2], count, *P[2:]]
    table = f"<figure><table><tr><td>Lamps lit</td><td>{count}</td></tr></table></figure>"
    assert f"Lamps lit {count}" in body_of(f"{HALF[0]}{table}{HALF[1]}")


_POINTS = {
    "一": [
        "一、灯塔的灯由守灯人点，任何人不得自己动手。",
        "二、未经守灯人书面同意，不得转载、复制灯塔的图纸，违者依法追究责任。",
    ],
    "1": [
        "1.灯塔的灯由守灯人点，任何人不得自己动手。",
        "2.未经守灯人书面同意，不得转载、复制灯塔的图纸，违者依法追究责任。",
    ],
    "(1)": ["（1）灯塔的灯由守灯人点。", "（2）欢迎提供线索，举报电话：0571-88886666，对举报人的信息严格保密。"],
}


@pytest.mark.parametrize("points", _POINTS.values(), ids=_POINTS)
def test_a_numbered_point_of_a_statement_is_text_whatever_it_says(points: list[str]) -> None:
    last = "特此声明，从公布之日起施行，守灯人和渡口的人都要照办，不得例外。"
    assert body_of(f"{paragraphs(P)}{paragraphs([*points, last])}") == [*P, *points, last]


@pytest.mark.parametrize(
    "points",
    [
        ["一、灯塔的灯由守灯人点。", "三、未经守灯人书面同意，不得转载、复制灯塔的图纸，违者依法追究责任。"],
        ["一、灯塔的灯由守灯人点。", "2、未经守灯人书面同意，不得转载、复制灯塔的图纸，违者依法追究责任。"],
        ["1.未经授权，不得转载，违者追究责任。", "2.欢迎提供线索，举报电话：0571-88886666。"],
        ["1.灯塔的灯由守灯人点。", "2.未经授权，本平台的图纸不得转载、复制，违者依法追究责任。"],
    ],
    ids=["one-is-missing", "another-style", "the-first-is-a-notice", "of-the-site"],
)
def test_a_numbered_notice_is_no_text(points: list[str]) -> None:
    assert points[1] not in body_of(f"{paragraphs(P)}{paragraphs(points)}")


def test_a_point_of_another_box_does_not_continue_the_numbers() -> None:
    first, second = _POINTS["一"]
    assert second not in body_of(f"{paragraphs(P)}<p>{first}</p><div><p>{second}</p></div>")


def test_the_numbers_of_a_statement_may_go_beyond_ten() -> None:
    points = [f"{n}、第{n}盏灯由守灯人点，任何人不得自己动手。" for n in "一二三四五六七八九十"]
    points += ["十一、灯油由渡口出。", "十二、未经守灯人书面同意，不得转载、复制灯塔的图纸，违者依法追究责任。"]
    assert body_of(f"{paragraphs(P)}{paragraphs(points)}") == [*P, *points]


@pytest.mark.parametrize(
    ("behind", "cut"),
    [
        ("", True),
        ("<p>Lamps of the mole</p>", True),
        ("<p>The lamps burn until the first of May, says the keeper, who counts them every evening.</p>", False),
        ("<p>A line without a stop, longer than any heading of a page is, about lamps on the mole</p>", False),
    ],
)
def test_a_profile_of_the_writer_stands_at_the_end(behind: str, *, cut: bool) -> None:
    profile = "Jane Roe is a reporter for the Harbour Post."
    body = body_of(f"{paragraphs(P)}<p>{profile}</p>{behind}", "By Jane Roe May 11, 2024")
    assert (profile not in body) is cut
