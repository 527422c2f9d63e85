"""Every value parser takes any string: the right type or nothing comes out, never an exception."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.values import (
    bylines,
    counts,
    encoding,
    header,
    labels,
    language,
    media,
    moments,
    months,
    persons,
    pieces,
    stamps,
    surnames,
    text,
    times,
    urls,
    zones,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 20, 0, tzinfo=SHANGHAI)
#: Any text at all, and text made of what header lines are made of.
_PIECES = (
    "2024 05 5 11 8 42 32 40172 : ： - / . 年 月 日 来源 來源 发布时间 时间 作者 编辑 责任编辑 阅读 浏览次数 次 万 "
    ", · | 【 】 "
    "( ) \u3000 \xa0 \n By Posted on Nov 9, 2021 PM EST Z +08:00 ago hours 昨天 小时前 民國 110 二〇 十 views 1.2K "
    "国家数据局 新华网 Updated T ， ～ … \u0301 \u0338 Ａ ㈱ ℃ "
    "\x1f 记者 王小明 文｜ （ ） 成文日期 20240511 CST and 、 Jane Doe"
)
PIECES = st.sampled_from(_PIECES.split(" "))
ANY = st.one_of(
    st.text(max_size=300), st.lists(PIECES, max_size=40).map("".join), st.lists(PIECES, max_size=30).map(" ".join)
)
FORBIDDEN = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029"}


def clean(value: str | None) -> bool:
    """Whether a value may stand in a record."""
    return value is None or not (FORBIDDEN & set(value) or any("\ud800" <= c <= "\udfff" for c in value))


@given(ANY)
def test_text_is_clean_and_stable(given_text: str) -> None:
    for tidy in (text.paragraph, text.line):
        once = tidy(given_text)
        assert clean(once)
        assert unicodedata.is_normalized("NFC", once)
        assert tidy(once) == once


@given(st.text(alphabet=st.characters(), max_size=100))
def test_text_takes_surrogates(given_text: str) -> None:
    assert clean(text.line(given_text))
    assert clean(text.paragraph(given_text))
    folded = unicodedata.normalize("NFKC", given_text)
    assert text.nfkc(given_text) == folded
    assert text.squash(given_text) == "".join(character for character in folded.lower() if character.isalnum())
    assert text.optional_line(given_text) != ""


_MARKED = "，。、：；！？（）《》’“”…—· \u3000\xa0\naΣσİßﬁ①㈱℃中文１_>=\u0301\u0338\u1100\u1161\u11a8"


@given(st.text(alphabet=_MARKED, max_size=12))
def test_letters_and_short_values_are_those_of_the_definition(given_text: str) -> None:
    folded = unicodedata.normalize("NFKC", given_text)
    assert text.squash(given_text) == "".join(character for character in folded.lower() if character.isalnum())
    assert text.line(given_text) == " ".join(text.paragraph(given_text).split())


_CJK = "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]"


@given(st.text(alphabet=st.one_of(st.characters(), st.from_regex(_CJK, fullmatch=True)), max_size=60))
@example(
    "\u303f\u3040\u30ff\u3100\u33ff\u3400\u4dbf\u4dc0\u4e00\u9fff\ua000\uabff\uac00\ud7af\ud7b0\ud800\udfff\uf8ff\uf900\ufaff\ufb00\U00020000"
)
def test_ideographs_are_counted_as_the_blocks_of_unicode_say(given_text: str) -> None:
    assert text.cjk_length(given_text) == len(re.findall(_CJK, given_text))
    assert text.in_rows(given_text, bytes(range(0x4E, 0xA0))) == len(re.findall("[\u4e00-\u9fff]", given_text))


@given(st.text(alphabet=" \t\n\r\f\v\x85\u2028\u2029\xa0\u3000a中", max_size=20))
def test_white_space_is_collapsed_as_html_does(given_text: str) -> None:
    parts = re.split("[ \t\n\r\f\v\x85\u2028\u2029]+", given_text)
    assert text.COLLAPSE.sub(" ", given_text) == " ".join(parts)


@given(ANY)
def test_moments_are_in_order_and_say_when(given_text: str) -> None:
    folded = unicodedata.normalize("NFKC", given_text)
    end = 0
    for moment in times.find_moments(given_text, NOW):
        assert end <= moment.end <= len(folded)
        end = moment.end
        assert 1900 <= moment.day.year <= 2100
        parsed = datetime.fromisoformat(moment.isoformat(SHANGHAI))
        assert parsed.tzinfo is not None
        assert moment.precision in ("day", "minute", "second")
        if moment.precision == "day":
            assert (parsed.hour, parsed.minute, parsed.second) == (0, 0, 0)


@given(ANY)
def test_every_form_of_a_moment_begins_where_one_is_looked_for(given_text: str) -> None:
    folded = pieces.folded(given_text)
    begins = {match.start() for at in range(len(folded)) if (match := times._BEGINS.match(folded, at))}
    for at in range(len(folded)):
        assert at in begins or times._FORMS.match(folded, at) is None


@given(ANY)
def test_a_text_without_a_colon_has_labels_at_boundaries_alone(given_text: str) -> None:
    lowered = given_text.replace(":", "|").replace("：", " ").lower()
    everywhere = [match.span() for match in labels._LABEL.finditer(lowered)]
    assert [match.span() for match in labels._BARE_LABEL.finditer(lowered)] == everywhere


_OF_HREFS = (
    "a index.html t2026_1.htm . .. ... .x a. / // ./ ../ ? # : \\ % %2e %2E%2e ~u x=1 & ; (S(a)) 中 @ ! http: https: "
    "http://a.cn/ HTTPS://B.cn javascript: utm_source=1 a..b"
)
_HREFS = st.lists(st.sampled_from(_OF_HREFS.split()) | st.characters(), max_size=8).map("".join)


@given(_HREFS, _HREFS.map("http://a.cn/x/".__add__) | st.just("https://a.cn/x/y/z.html") | _HREFS)
def test_a_plain_address_is_resolved_as_any_other_is(href: str, base: str) -> None:
    assert urls.clean(href, base) == urls._resolved(href, base, "utf-8")


@given(ANY)
def test_stamps(given_text: str) -> None:
    moment = stamps.read_stamp(given_text, NOW)
    assert moment is None or isinstance(moment, moments.Moment)
    day = stamps.date_in_path(given_text)
    assert day is None or isinstance(day, moments.Moment)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)), st.sampled_from(["/", "-", "."]))  # noqa: DTZ001
def test_a_printed_moment_is_read_back(when: datetime, separator: str) -> None:
    printed = (
        f"{when.year}{separator}{when.month}{separator}{when.day} {when.hour}:{when.minute:02}:{when.second:02}40172"
    )
    found = header.read_header(printed, NOW)
    assert found.published is not None
    assert found.published.isoformat(SHANGHAI)[:19] == when.replace(microsecond=0).isoformat()
    assert found.views == 40172


@given(ANY)
def test_headers(given_text: str) -> None:
    found = header.read_header(given_text, NOW)
    assert found.views is None or (isinstance(found.views, int) and 0 <= found.views <= 10**11)
    for value in (found.source, found.author, found.editor, found.views_raw):
        assert value is None or (value and clean(value) and len(value) <= 300)
    for moment in (found.published, found.modified):
        assert moment is None or clean(moment.raw)
    assert found.published is None or found.weight in (0, 1, 2)


@given(ANY)
def test_bylines(given_text: str) -> None:
    for reader in (bylines.read_byline, bylines.byline_in_lead, bylines.byline_at_end):
        found = reader(given_text)
        for name in (found.author, found.medium) if found else ():
            assert name is None or (name and clean(name) and len(name) <= 100)
        if found is not None and reader is bylines.read_byline:
            assert bylines.may_sign(pieces.folded(given_text)), "the quick look passes what the slow one reads"


@given(st.lists(st.tuples(st.one_of(st.text(max_size=20), PIECES), st.booleans()), max_size=12))
def test_pieces_keep_their_text(parts: list[tuple[str, bool]]) -> None:
    found = pieces.printed(parts)
    assert unicodedata.is_normalized("NFKC", found)
    assert not found.startswith(pieces.BREAK)
    assert pieces.BREAK * 2 not in found
    assert _letters(found) == _letters("".join(part for part, _ in parts))


def _letters(printed: str) -> list[str]:
    """Letters and digits, whatever marks combine with them: two pieces combine or not as their elements part."""
    return [letter for letter in unicodedata.normalize("NFKD", printed) if letter.isalnum()]


@given(st.text(max_size=12))
@example("A\rA")
@example("Jane\x1cRoe")
def test_what_looks_like_a_person_is_one_as_a_value(name: str) -> None:
    if surnames.like_person(name) and name.isascii():
        assert not surnames.like_publisher(name)
    if surnames.like_person(name):
        assert len(name) >= 2
        assert clean(name)


@given(ANY, st.integers(min_value=0, max_value=300))
def test_compact_stamps(given_text: str, position: int) -> None:
    moment = stamps.compact_stamp(given_text, position, NOW)
    assert moment is None or position <= moment.start < moment.end <= len(given_text)


@given(
    st.dates(min_value=datetime(1995, 1, 1).date(), max_value=datetime(2026, 11, 1).date()),  # noqa: DTZ001
    st.sampled_from(
        ["{d:02}.{m:02}.{y:02}", "{y:02}-{m:02}-{d:02}", "{m:02}/{d:02}/{y:02}", "{d}/{m}/{Y}", "{m}/{d}/{Y}"]
    ),
)
def test_an_ambiguous_day_is_among_what_its_form_may_mean(day: date, form: str) -> None:
    printed = form.format(d=day.day, m=day.month, y=day.year % 100, Y=day.year)
    found = times.first_moment(printed, NOW)
    assert found is not None
    assert day in {found.day, *found.others}


@given(ANY)
def test_counts(given_text: str) -> None:
    count = counts.parse_count(given_text)
    assert count is None or 0 <= count <= 10**11


@pytest.mark.parametrize(
    ("printed", "count"),
    [
        ("40172", 40172),
        ("1,791", 1791),
        ("1.2万", 12000),
        ("3亿", 300_000_000),
        ("1.2K", 1200),
        ("12w+", 120_000),
        ("２３", 23),
        ("1.5", None),
        ("", None),
        ("约3", None),
        ("1-2", None),
        ("12次", 12),
        ("99999999999999", None),
    ],
)
def test_printed_counts(printed: str, count: int | None) -> None:
    assert counts.parse_count(printed) == count


@given(ANY)
def test_names_labels_language(given_text: str) -> None:
    for reader in (media.stated_name, persons.person_name, media.media_name):
        value = reader(given_text)
        assert value is None or (value.strip() == value and clean(value))
    for label in labels.find_labels(given_text):
        assert 0 <= label.start < label.end <= len(given_text)
        assert label.field
    assert months.month_number(given_text) in {None, *range(1, 13)}
    tag = language.language_of(given_text, given_text)
    assert tag is None or tag.isascii()
    zone = zones.named_zone(given_text, SHANGHAI)
    assert zone is None or zone.utcoffset(datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)) is not None


@given(
    st.binary(max_size=2000),
    st.sampled_from([None, "utf-8", "gb2312", "big5", "x-nonsense", "utf-16", "base64", "rot13", "unicode_escape"]),
)
def test_any_bytes_decode(body: bytes, charset: str | None) -> None:
    decoded, name = encoding.decode(body, charset)
    assert isinstance(decoded, str)
    assert name


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5"])
@pytest.mark.parametrize("label", [None, "utf-8", "gb2312", "big5", "iso-8859-1"])
def test_chinese_is_read_whatever_the_label_says(codec: str, label: str | None) -> None:
    """Sound bytes give no U+FFFD, and the right characters where the label is right, missing or impossible."""
    said = (
        "我們的城市數據平臺已經上線，市民可以在網上辦理業務。"
        if codec == "big5"
        else "我们的城市数据平台已经上线，市民可以在网上办理业务，时间是二十四小时。"
    )
    page = f"<html><head><title>{said}</title></head><body><p>{said * 4}</p></body></html>".encode(codec)
    decoded, _ = encoding.decode(page, label)
    possible = {"gb2312": codec != "big5", "big5": codec == "big5"}.get(label or "", True)
    if possible:
        assert said in decoded
        assert "\ufffd" not in decoded


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=400))
def test_the_word_of_the_portal_holds_but_for_what_proves_to_be_utf8(said: str) -> None:
    """Text in GBK is never taken for UTF-8; UTF-8 is, once it is more than a few words."""
    page = f"<html><head><title>{said}</title></head><body><p>{said}</p></body></html>"
    assert encoding.decode(page.encode("gb18030"), None, "gb2312") == (page, "gb18030")
    decoded, name = encoding.decode(page.encode("utf-8"), None, "gb18030")
    if len(said) >= 10:
        assert (decoded, name) == (page, "utf-8")
    assert encoding.decode("<p>联通</p>".encode("gb18030"), None, "gb18030") == ("<p>联通</p>", "gb18030")
    assert encoding.decode(page.encode("utf-8") + b"\xff", None, "gb18030")[1] == "gb18030", "damaged: no proof"


HOSTILE = {
    "digits": "1" * 1_000_000,
    "dates": "2024-05-11 " * 90_000,
    "half dates": "2024-" * 200_000,
    "labels": "来源：" * 300_000,
    "spaces": " " * 1_000_000,
    "full width": "２" * 300_000,
    "brackets": "(" * 1_000_000,
    "words": "By " * 300_000,
    "colons": ":" * 1_000_000,
    "months": "Nov " * 250_000,
}


@pytest.mark.parametrize("shape", sorted(HOSTILE))
def test_a_hostile_megabyte_takes_linear_time(shape: str) -> None:
    """A parser that is not linear needs minutes for these."""
    hostile = HOSTILE[shape]
    started = datetime.now(UTC)
    header.read_header(hostile, NOW)
    counts.parse_count(hostile)
    stamps.read_stamp(hostile, NOW)
    stamps.date_in_path(hostile)
    media.stated_name(hostile[:2000])
    language.language_of(hostile, hostile)
    text.paragraph(hostile)
    text.line(hostile)
    next(times.find_moments(hostile[:200_000], NOW), None)
    assert (datetime.now(UTC) - started).total_seconds() < 10


@given(st.from_regex(urls.CANONICAL, fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_canonical_addresses_are_their_own_identity(url: str) -> None:
    assert urls.identity(url) == url
    assert urls.identity(f"{url}#part") == url  # by the rules
