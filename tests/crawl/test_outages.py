"""What a site answers for all its addresses costs none of them: bans, walls, outages with status 200, redirects."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import HtmlResponse

from crawler.crawl.downloader.throttle import UNREAD
from crawler.crawl.spiders.diagnose import without_links
from crawler.crawl.suspicion import face_of
from crawler.extraction.page import requisites
from harness import disk
from harness.command import Done, citynews
from harness.scripted import Answer, Scripted, page, story

COUNT = 12
FOLDER = "/a/2026/0304/"  # a day that stands in an outage too
PATHS = [f"{FOLDER}{number}" for number in range(COUNT)]
LOGIN = (
    b"<html><head><title>Sign in</title></head><body><h1>Sign in</h1><form><input name=u><input type=password></form>"
    b"</body></html>"
)
CHALLENGE = b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
DOWN = (
    b"<html><head><title>System maintenance</title></head><body><h1>System maintenance</h1><p>Dear readers, this site "
    b"is being upgraded and cannot be reached for a while. We apologise for the inconvenience and thank you for your "
    b"patience; everything will be back soon.</p></body></html>"
)
OUTAGES: dict[str, tuple[Answer, str]] = {
    **{str(status): (Answer(b"<html>no</html>", status), "ban") for status in (401, 403, 405, 412, 418, 444, 451)},
    "challenge": (Answer(CHALLENGE), "ban"),
    "login": (Answer(LOGIN), "ban"),
    "maintenance": (Answer(DOWN), "wall"),
    "one article": (Answer(page("The story of the day", story("the day"))), "wall"),
    "empty": (Answer(b"<html><body></body></html>"), "wall"),
    "home": (Answer(b"", 302, {"Location": "/"}), "outage"),
    "another host": (Answer(b"", 302, {"Location": "http://login.invalid/"}), "outage"),
}  # fmt: skip
QUICK = {"403", "login", "maintenance", "home"}  #: one of each way in which they are noticed


def crawl(server: Scripted, tmp_path: Path, *more: object, days: float = 0, code: int | None = 0) -> Done:
    definition = server.definition(tmp_path, more="[revisit]\nafter = ['2d']\n")
    command = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive"]
    return citynews(*command, "--allow-host", server.host, "--json", *more, code=code, later=timedelta(days=days))


def articles(server: Scripted, paths: list[str] = PATHS) -> None:
    server.listing(*PATHS)
    for path in paths:
        server.article(path)


def out(server: Scripted, kind: str, paths: list[str] = PATHS) -> None:
    for path in paths:
        server.pages[path] = OUTAGES[kind][0]


def on_day(html: bytes, at: str) -> bytes:
    return html.replace(b"2026-03-04 05:06", at.encode())


def archived(tmp_path: Path) -> set[str]:
    return {FOLDER + str(r["url"]).rpartition("/")[2] for r in disk.records(tmp_path / "archive", "articles")}


def last(tmp_path: Path) -> dict[str, Any]:
    stats: dict[str, Any] = disk.runs(tmp_path / "archive")[-1]["portals"]["scripted"]
    return stats


@pytest.mark.ci
@pytest.mark.parametrize("kind", sorted(OUTAGES))
def test_twelve_days_of_it_cost_no_article(server: Scripted, tmp_path: Path, kind: str) -> None:
    articles(server)
    out(server, kind)
    for day in range(12):
        before = len(server.asked)
        done = crawl(server, tmp_path, days=day, code=3)
        asked = [path for path in server.paths()[before:] if path.startswith("/a/")]
        # the next address is asked for while a redirect is followed, or another host looked up, which takes longer
        most = {"another host": COUNT, "home": COUNT - 1}.get(kind, 9)
        assert len(asked) <= most, "a handful, and what was on its way"
        assert "stay due" in done.err
    assert archived(tmp_path) == set()
    assert last(tmp_path)["ban"]["kind"] == OUTAGES[kind][1]
    articles(server)
    crawl(server, tmp_path, days=12)
    assert archived(tmp_path) == set(PATHS)
    citynews("verify", "--output", tmp_path / "archive")
    again = tmp_path / "again"
    citynews("replay", tmp_path / "archive" / "warc", "--output", again)
    assert disk.all_lines(again) == disk.all_lines(tmp_path / "archive")


@pytest.mark.parametrize(
    "kind",
    [kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.ci) for kind in sorted(OUTAGES)],
)
def test_an_outage_while_articles_are_due_makes_no_version_of_them(server: Scripted, tmp_path: Path, kind: str) -> None:
    articles(server)
    crawl(server, tmp_path)
    out(server, kind)
    crawl(server, tmp_path, days=3, code=3)
    assert disk.records(tmp_path / "archive", "revisions") == []
    articles(server)
    crawl(server, tmp_path, days=4)
    outcomes = [r["outcome"] for r in disk.records(tmp_path / "archive", "observations")]
    assert outcomes.count("unchanged") + outcomes.count("not-modified") == COUNT


def test_every_address_sent_to_a_page_of_its_own_is_an_outage(server: Scripted, tmp_path: Path) -> None:
    articles(server)
    for number, path in enumerate(PATHS):
        server.pages[path] = Answer(b"", 302, {"Location": f"/error/{number}"})
        server.pages[f"/error/{number}"] = Answer(b"<html><h1>Error</h1><p>Something went wrong</p></html>")
    done = crawl(server, tmp_path, code=3)
    assert "the site shows no article under any address" in done.err
    assert len([path for path in server.paths() if path.startswith("/a/")]) < COUNT
    articles(server)
    crawl(server, tmp_path)
    assert archived(tmp_path) == set(PATHS), "they were due at once"


@pytest.mark.parametrize("status", [404, 204])
def test_a_site_on_which_no_new_address_is_there_loses_none_of_them(
    server: Scripted, tmp_path: Path, status: int
) -> None:
    """For nine days: a lone address would not be asked for again after the third."""
    articles(server)
    for path in PATHS:
        server.pages[path] = Answer(b"", status)
    for day in (0, 1.1, 8.2, 9):
        assert f"http-{status}" in crawl(server, tmp_path, days=day, code=3).err
    articles(server, PATHS[:-1])
    crawl(server, tmp_path, days=10)
    assert archived(tmp_path) == set(PATHS[:-1]), "one that is still not there is a lone one"
    server.article(PATHS[-1])
    crawl(server, tmp_path, days=10.5)
    assert PATHS[-1] not in archived(tmp_path)


def test_a_notice_with_a_date_and_a_token_of_its_own_each_time_is_an_outage(server: Scripted, tmp_path: Path) -> None:
    """From the first answer on, whether it is dated by a day or by the moment of each answer."""
    articles(server)
    for day, dated in enumerate(("2026-03-04 09:00", None)):
        for number, path in enumerate(PATHS):
            text = (
                f"The site is under repair until further notice, case {number}f3a, and we thank you for your patience."
            )
            at = dated or f"{datetime.now(UTC) + timedelta(days=day, seconds=number):%Y-%m-%d %H:%M:%S}"
            server.pages[path] = Answer(on_day(page("The site is being repaired", f"{text}\n\n{text}"), at))
        crawl(server, tmp_path, days=day, code=3)
        assert archived(tmp_path) == set()


def test_archived_pages_that_are_all_absent_are_gone_only_after_several_visits(
    server: Scripted, tmp_path: Path
) -> None:
    articles(server)
    crawl(server, tmp_path)
    for path in PATHS:
        server.pages[path] = Answer(b"", 404)
    for day in (3, 3.1, 3.2):
        done = crawl(server, tmp_path, days=day, code=3)
        assert "(http-404)" in done.err
        assert "stay due" in done.err
    assert last(tmp_path)["ban"]["absent"]["runs"] == 3
    articles(server)
    crawl(server, tmp_path, days=4)
    outcomes = {r["outcome"] for r in disk.records(tmp_path / "archive", "observations")}
    assert outcomes <= {"new", "unchanged", "not-modified"}, "it was an outage"
    for path in PATHS:
        server.pages[path] = Answer(b"", 410)
    arguments: list[object] = []
    for day in (40, 41, 42):
        definition = server.definition(tmp_path, more="[revisit]\nafter = ['2d', '30d']\n")
        arguments = ["--portals", definition, "--output", tmp_path / "archive", "--allow-host", server.host]
        citynews("crawl", "scripted", *arguments, code=3, later=timedelta(days=day))
    gone = [r for r in disk.records(tmp_path / "archive", "observations") if r["outcome"] == "gone"]
    assert len(gone) == COUNT, "it lasted"


def test_another_type_of_content_under_all_addresses_for_weeks_costs_no_article(
    server: Scripted, tmp_path: Path
) -> None:
    articles(server)
    for path in PATHS:
        server.pages[path] = Answer(b"%PDF-1.4", headers={"Content-Type": "application/pdf"})
    for day in (0, 1.1, 8.2, 15, 22):
        assert "not-html" in crawl(server, tmp_path, days=day, code=3).err
    articles(server)
    crawl(server, tmp_path, days=23)
    assert archived(tmp_path) == set(PATHS)


@pytest.mark.parametrize(
    "kind", ["500", "hangs up", *(pytest.param(kind, marks=pytest.mark.ci) for kind in ("circle", "to itself"))]
)
def test_a_site_that_breaks_down_is_left_alone_after_a_handful(server: Scripted, tmp_path: Path, kind: str) -> None:
    """In the middle of a run, too; on no day an address is given up, and the days after go on with others."""
    articles(server)
    good, bad = PATHS[:3], PATHS[3:]
    for path in bad:
        server.pages[path] = {
            "500": Answer(b"", 500),
            "hangs up": Answer(lambda _connection: None),
            "circle": Answer(b"", 302, {"Location": f"/round?{path}"}),
            "to itself": Answer(b"", 302, {"Location": path}),
        }[kind]
        server.pages[f"/round?{path}"] = Answer(b"", 302, {"Location": path})
    seen: set[str] = set()
    for day in range(12):
        before = len(server.asked)
        done = crawl(server, tmp_path, days=day, code=3)
        asked = [path for path in server.paths()[before:] if path.startswith(("/a/", "/round")) and path not in good]
        seen.update(asked)
        # a circle is three requests; of what failed before, some may be dead as long as others are answered
        most = 9 if kind in {"500", "hangs up"} and day < 2 else 20
        assert len(asked) <= most, "a handful, and what was on its way"
        assert "stay due" in done.err
    assert seen >= set(bad)
    articles(server)
    crawl(server, tmp_path, days=12)
    assert archived(tmp_path) == set(PATHS)


def test_single_addresses_that_fail_among_others_are_no_outage(server: Scripted, tmp_path: Path) -> None:
    """Even if they come in a row, from the second run on: they are asked after all others."""
    articles(server)
    for path in PATHS[4:9]:
        server.pages[path] = Answer(b"", 500)
    crawl(server, tmp_path, "-s", "RETRY_TIMES=0", code=3)
    assert archived(tmp_path) == set(PATHS[:4])
    for day in range(1, 13):
        server.listing(*PATHS, f"/a/of-day-{day}")
        today = f"{datetime.now(UTC) + timedelta(days=day):%Y-%m-%d %H:%M}"
        server.pages[f"/a/of-day-{day}"] = Answer(on_day(page(f"Story of {day}", story(f"day {day}")), today))
        crawl(server, tmp_path, "-s", "RETRY_TIMES=0", days=day)
    assert archived(tmp_path) >= set(PATHS[:4] + PATHS[9:])


@pytest.mark.ci
def test_a_lone_403_is_asked_again_after_a_day_a_week_a_month_and_each_quarter(
    server: Scripted, tmp_path: Path
) -> None:
    articles(server)
    server.pages[PATHS[5]] = Answer(b"<html>no</html>", 403)
    asked = []
    for day in (0, 0.5, 1.1, 5, 8.2, 30, 38.3, 100, 129.5, 200, 220.6):
        before = len(server.asked)
        crawl(server, tmp_path, days=day)
        asked.append(PATHS[5] in server.paths()[before:])
    assert asked == [True, False, True, False, True, False, True, False, True, False, True]
    before = len(server.asked)
    crawl(server, tmp_path, "--retry-refused", days=221)
    assert PATHS[5] in server.paths()[before:]


@pytest.mark.parametrize("kind", ["maintenance", "login", "403"])
def test_a_lone_one_among_articles_is_no_article_and_no_version(server: Scripted, tmp_path: Path, kind: str) -> None:
    articles(server)
    out(server, kind, PATHS[4:5])
    crawl(server, tmp_path)
    assert archived(tmp_path) == set(PATHS) - {PATHS[4]}
    server.article(PATHS[4])
    out(server, kind, PATHS[7:8])
    crawl(server, tmp_path, days=3)
    assert archived(tmp_path) == set(PATHS)
    assert not list(disk.records(tmp_path / "archive", "revisions"))
    (refused,) = [r for r in disk.records(tmp_path / "archive", "observations") if r["url"].endswith("/7")][1:]
    assert refused["outcome"] == "refused"


def test_a_page_that_says_the_same_for_weeks_is_an_article(server: Scripted, tmp_path: Path) -> None:
    articles(server)
    server.pages[PATHS[4]] = Answer(
        page("A note", "Short and without a day.").replace(b"2026-03-04 05:06 Source: The Lamp", b"")
    )
    for day in (0, 1.1, 8.2):
        crawl(server, tmp_path, days=day)
        assert PATHS[4] not in archived(tmp_path)
    crawl(server, tmp_path, days=38.3)
    assert PATHS[4] in archived(tmp_path)


def test_an_article_that_was_taken_down_by_a_redirect_home_is_gone(server: Scripted, tmp_path: Path) -> None:
    articles(server)
    crawl(server, tmp_path)
    out(server, "home", PATHS[3:5])
    crawl(server, tmp_path, days=3)
    gone = [r for r in disk.records(tmp_path / "archive", "observations") if r["outcome"] == "gone"]
    told = {(str(r["url"]).removeprefix(server.base), r["reason"]) for r in gone}
    assert told == {(PATHS[3], "redirect"), (PATHS[4], "redirect")}


@pytest.mark.parametrize(
    ("jobs", "most"),
    [
        ((), 17),
        # pages that wait for a process that extracts are asked for by then
        pytest.param(("--jobs", 2, "-s", "CITYNEWS_JOBS_SHARE=0"), 17 + UNREAD, marks=pytest.mark.ci),
    ],
)
def test_a_wall_in_the_middle_of_a_run_ends_it(
    server: Scripted, tmp_path: Path, jobs: tuple[object, ...], most: int
) -> None:
    paths = [f"/a/{number}" for number in range(60)]
    server.listing(*paths)
    for path in paths[:10]:
        server.article(path)
    out(server, "challenge", paths[10:])
    crawl(server, tmp_path, *jobs, code=3)
    assert len([path for path in server.paths() if path.startswith("/a/")]) <= most
    assert len(archived(tmp_path)) == 10


def test_a_story_under_three_addresses_of_one_list_is_archived_with_its_copies(
    server: Scripted, tmp_path: Path
) -> None:
    articles(server)
    for path in PATHS[3:5]:
        server.pages[path] = server.pages[PATHS[2]]
    crawl(server, tmp_path)
    assert len(archived(tmp_path)) == COUNT - 2
    assert len(disk.records(tmp_path / "archive", "duplicates")) == 2


HOSTILE = {
    "tags": "<" * 1_000_000,
    "scripts": "<script " * 200_000,
    "styles": "<style>" * 200_000,
    "hexadecimal": "a" * 1_000_000,
    "slashes": "/" * 1_000_000,
    "frames": "<iframe src" * 100_000,
    "sources": "<iframe " + "src " * 200_000,
    "refreshes": "<meta http-equiv" * 100_000,
    "blocks": "<div id" * 150_000,
    "comments": "/*" * 500_000,
    "addresses": "url(" * 250_000,
    "imports": "@import " * 100_000,
}


@pytest.mark.parametrize("shape", sorted(HOSTILE))
def test_a_hostile_page_takes_linear_time(shape: str) -> None:
    """A search that begins again at every character needs minutes for these."""
    text = HOSTILE[shape]
    started = time.process_time()
    face_of(text)
    without_links(HtmlResponse("http://example.org/", body=text.encode(), encoding="utf-8"))
    requisites.of_style(text, "http://example.org/a.css")
    assert time.process_time() - started < 20


def test_a_face_is_what_a_page_says_but_for_numbers() -> None:
    html = "<script>var a = '<';</script><p>Error 5f3 of /node/12 <b>at</b> 10:02, cafe2 café</p><style>p {"
    assert face_of(html) == "Error of at :, café"
