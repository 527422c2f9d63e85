"""Rules of values that pages seldom ask for: languages, zones of clocks, ends of bodies, lists of addresses."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import brotli
import pytest

from crawler.values import address_lists, coding, urls
from crawler.values.bylines import byline_at_end
from crawler.values.header import read_header
from crawler.values.language import language_of
from crawler.values.page_series import follows
from crawler.values.statuses import is_ban, is_transient
from crawler.values.times import first_moment

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("潮位过了警戒线，灯就由绿转黄。", None, "zh"),
        ("The lamps turn yellow with the tide.", "en-GB", "en-GB"),
        ("The lamps turn yellow with the tide, says 周.", None, "en"),
        ("潮位过了警戒线后灯由绿转黄再转红了 금강대교 the lamps of the mole turn red", None, "zh"),
        ("潮位が上がるとランプが黄色になります。", None, "ja"),
        ("조수가 오르면 등이 노랗게 변한다.", None, "ko"),
        ("2024 / 05 / 11", "zh-CN", None),
    ],
)
def test_languages(text: str, declared: str | None, language: str | None) -> None:
    assert language_of(text, declared) == language


@pytest.mark.parametrize(
    ("text", "offset"),
    [("2024-05-11 10:00 +08:00", 480), ("2024-05-11 10:00 -05:00", -300), ("2024-05-11 10:00 GMT+1", 60),
     ("2024-05-11 10:00 GMT-3", -180), ("2024-05-11T10:00:00Z", 0)],
)  # fmt: skip
def test_the_offset_of_a_clock_has_a_sign(text: str, offset: int) -> None:
    moment = first_moment(text, NOW)
    assert moment is not None
    assert moment.offset == offset


def test_a_span_of_months_holds_no_day() -> None:
    assert first_moment("2020.08-2024.05", NOW) is None
    moment = first_moment("2019-10-0912:41:07", NOW)
    assert moment is not None
    assert (moment.raw, moment.hour) == ("2019-10-0912:41:07", 12)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_an_empty_body_is_whole_in_every_coding(name: str) -> None:
    assert coding.decode(b"", name) == b""
    assert not coding.is_cut(b"", name, short=False)


@pytest.mark.parametrize("name", ["gzip", "br"])
def test_a_body_whose_end_is_missing_is_cut(name: str) -> None:
    body = b"".join(b"<p>lamp %d</p>" % number for number in range(400))
    packed = gzip.compress(body) if name == "gzip" else brotli.compress(body)
    assert not coding.is_cut(packed, name, short=False)
    assert coding.is_cut(packed[:-9], name, short=False)


def test_backslashes_are_slashes_in_a_path_and_no_others() -> None:
    assert urls.clean("https://n.example\\a\\b.html?ref=c\\d") == urls.clean("https://n.example/a/b.html?ref=c\\d")
    assert urls.clean("https://n.example\\a\\") == "https://n.example/a/"
    assert urls.clean("https://n.example/a?ref=c\\d") != urls.clean("https://n.example/a?ref=c/d")


def test_a_query_of_another_encoding_is_escaped_in_it() -> None:
    assert urls.clean("https://n.example/s?w=潮", charset="gb18030") == "https://n.example/s?w=%B3%B1"
    assert urls.clean("https://n.example/s?w=tide", charset="gb18030") == "https://n.example/s?w=tide"
    assert urls.clean("https://n.example/s?w=潮") == "https://n.example/s?w=%E6%BD%AE"


@pytest.mark.parametrize(
    ("url", "home"),
    [
        ("/", True), ("https://n.example", True), ("https://n.example/index.html", True), ("./", False), ("", False),
        ("#top", False), ("?id=7", False), ("/a/7.html", False), ("https://n.example/?id=7", False),
        ("https://[n.example/", False),
    ],
)  # fmt: skip
def test_the_address_of_a_home_page(url: str, home: bool) -> None:
    assert urls.is_home(url) is home


def test_lists_of_addresses_in_any_form() -> None:
    one, other = "https://n.example/a;b|c", "https://n.example/d"
    assert list(address_lists.addresses(f"{one}\n{other}\n{one}".encode())) == ["https://n.example/a;b%7Cc", other]
    assert list(address_lists.addresses(f"名称;地址\n灯;{other}".encode())) == [other]
    assert list(address_lists.addresses(f"灯|{other}".encode())) == [other]
    assert list(address_lists.addresses(f"{other}\n灯".encode("gb18030"))) == [other]
    assert list(address_lists.addresses(other.encode("utf-16"))) == [other]
    assert list(address_lists.addresses(b"\xef\xbb\xbf" + other.encode())) == [other]
    assert list(address_lists.addresses(b'["https:\\/\\/n.example\\/d"]')) == [other]
    assert address_lists.is_feed(b"<rss version='2.0'>")
    assert not address_lists.is_feed(b"https://n.example/")
    assert address_lists.is_page(b"<!doctype html><html>")
    assert not address_lists.is_page(b"https://n.example/")
    assert address_lists.is_file("file:list.txt")
    assert not address_lists.is_file(other)
    assert str(address_lists.path_of("file:///tmp/a%20b.txt")) == "/tmp/a b.txt"
    assert str(address_lists.path_of("file:a.txt")) == "a.txt"


def test_more_addresses_than_a_list_may_have_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_lists, "MOST", 2)
    with pytest.raises(ValueError, match="more than 2"):
        list(address_lists.addresses(b"https://n.example/1\nhttps://n.example/2\nhttps://n.example/3"))


def test_which_statuses_say_nothing_about_the_address() -> None:
    transient = {status for status in range(100, 600) if is_transient(status)}
    assert transient == {408, 425, 429, *range(500, 600)}
    assert {status for status in range(400, 500) if is_ban(status)} == {*range(400, 500)} - transient - {404, 410}


@pytest.mark.parametrize(
    ("clock", "hour"),
    [("12:30 am", 0), ("9:30 am", 9), ("12:30 pm", 12), ("上午12:30", 0), ("凌晨12:30", 0), ("中午1:30", 13),
     ("中午12:30", 12), ("下午1:30", 13)],
)  # fmt: skip
def test_halves_of_the_day(clock: str, hour: int) -> None:
    moment = first_moment(f"2024-05-11 {clock}", NOW)
    assert moment is not None
    assert (moment.hour, moment.minute) == (hour, 30)


@pytest.mark.parametrize("inner", ["文/王小明", "文：王小明", "作者：王小明", "王小明", "本报记者 王小明"])
def test_who_is_named_in_brackets_behind_the_last_sentence(inner: str) -> None:
    byline = byline_at_end(f"灯由绿转黄，堤上的人听见三声短鸣。（{inner}）")
    assert byline is not None
    assert byline.author == "王小明"


@pytest.mark.parametrize(
    ("here", "there", "next_page"),
    [("?id=7", "?id=7&page=1", True), ("?id=7", "?id=7&page=2", True), ("?id=7", "?id=7&page=5", False),
     ("?id=7&page=3", "?id=7&page=1", False), ("?id=7&page=1", "?id=7&page=2", True), ("?id=7", "?id=8", False)],
)  # fmt: skip
def test_the_next_page_by_its_query(here: str, there: str, *, next_page: bool) -> None:
    assert follows(f"https://n.example/a{here}", f"https://n.example/a{there}") is next_page


@pytest.mark.parametrize(
    ("text", "views"),
    [
        ("阅读178次", 178),
        ("2024-05-11 08:42:10 阅读178次", 178),
        ("粉丝：88 阅读178次", None),
        ("178次阅读 全文(33)", None),
    ],
)
def test_the_counts_of_an_account_are_not_those_of_an_article(text: str, views: int | None) -> None:
    assert read_header(text, NOW).views == views
