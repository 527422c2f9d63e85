"""When the article was published and changed: the most exact of what the reading, its metadata and its address say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from urllib.parse import urlsplit

from crawler.extraction.page.hints import Hint
from crawler.extraction.page.metadata import Described, MetaTags
from crawler.extraction.text.reading import Reading
from crawler.values.header import Header
from crawler.values.moments import Moment, from_datetime
from crawler.values.stamps import date_in_path, read_stamp

_ELSEWHERE = Hint.COMMENT | Hint.RELATED | Hint.RANKING | Hint.CHROME
#: The moment of publication in a page's own script: a string or seconds since 1970.
_IN_SCRIPT = re.compile(
    r"(?i)\b(?:publish(?:ed)?_?(?:at|on|time|date)?|pub_?(?:time|date)|datePublished|create_?time|ct)[\"']?\s{0,3}[:=]"
    r"\s{0,3}[\"'](\d{4}-\d\d?-\d\d?[T ]?[\d:.Z+-]{0,20}|\d{10}(?:\d{3})?)[\"']"
)
_NOTED = re.compile(r"<date>(\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?)")
_EXACTNESS = {"day": 0, "minute": 1, "second": 2}


def find_published(reading: Reading, said: Described, meta: MetaTags, header: Header) -> tuple[Moment | None, str]:
    """The moment of publication and how it was found: stated by the page's metadata, shown in its header line, else in
    a <time>, a script or the address."""
    stated = [(moment, "json-ld") for moment in _stamps(reading, [said.published])]
    stated += [(moment, "meta") for moment in _stamps(reading, [value for _, value in meta.dates])]
    stated += [(moment, "template") for moment in _stamps(reading, [_of_newspaper(reading.page.text)])]
    shown = header.published
    seen = shown is not None and shown is not header.modified
    if shown and shown.yearless and not stated and (moment := _in_script(reading)) and _same_day(moment, shown):
        return moment, "template"
    if seen and shown and (found := _shown_or_stated(shown, stated, header, reading)):
        return found
    if stated:
        return _of_address(reading, stated[0][0]) or stated[0]
    return _elsewhere(reading, shown)


def _of_address(reading: Reading, stated: Moment) -> tuple[Moment, str] | None:
    """The day that the address names, where it lies days before the *stated* one: the address is made when a text is
    published, metadata are written anew when a site moves."""
    named = date_in_path(urlsplit(reading.page.url).path)
    if named and named.day + timedelta(days=1) < stated.at(reading.zone).date():
        return named, "generic"
    return None


def _tagged(shown: Moment, reading: Reading) -> bool:
    """Whether a <time> of the page holds what is *shown* and nothing else: its author names it a time."""
    return any((element.text or "").strip() == shown.raw for element in reading.elements("time"))


def _elsewhere(reading: Reading, shown: Moment | None) -> tuple[Moment | None, str]:
    """What a <time>, the header line, a script or the address says, in this order."""
    if (shown is None or shown.relative) and (moment := _in_time_tag(reading)):
        return moment, "generic"
    if shown:
        return shown, "label"
    if moment := _in_script(reading):
        return moment, "template"
    return date_in_path(urlsplit(reading.page.url).path), "generic"


def _shown_or_stated(
    shown: Moment, stated: list[tuple[Moment, str]], header: Header, reading: Reading
) -> tuple[Moment, str] | None:
    """What readers see, unless the metadata say the same more exactly; None where they differ and it is vague."""
    if stated and (shown.relative or shown.yearless):
        return stated[0]
    for moment, origin in stated:
        if same := _more_exactly(moment, shown, reading):
            return same, origin
    if _shows_change(shown, stated, header, reading):
        return stated[0]
    vague = not header.labelled and shown.hour is None and not _tagged(shown, reading)
    if vague and stated and not any(_close(moment, shown) for moment, _ in stated):
        return None
    if shown.relative and not stated and (tagged := _in_time_tag(reading)):
        return tagged, "generic"
    return shown, "label" if header.labelled else "generic"


def _more_exactly(stated: Moment, shown: Moment, reading: Reading) -> Moment | None:
    """*stated* on the clock that readers see, where it says the same as what is *shown*, and says more."""
    if _finer(stated, shown, reading):
        return stated if _reads(stated, shown) else _local(stated, shown, reading)
    return _on_clock(stated, shown)


def _in_script(reading: Reading) -> Moment | None:
    """The moment of publication in the page's own script."""
    match = _IN_SCRIPT.search(reading.page.text)
    return _stamp(match[1], reading) if match else None


def _of_newspaper(text: str) -> str | None:
    """The moment of publication as a newspaper's editorial system (翔宇) notes it in a comment of every page."""
    start = text.find("<!--enpproperty")
    match = _NOTED.search(text, start, start + 2000) if start >= 0 else None
    return match[1] if match else None


def _stamp(value: str, reading: Reading) -> Moment | None:
    """What *value* names, on the page's own clock where it counts seconds since 1970: such a number has no offset."""
    moment = read_stamp(value, reading.now)
    if moment is None or not moment.raw.isdigit() or moment.offset != 0:
        return moment
    return replace(from_datetime(moment.at(UTC).astimezone(reading.zone), moment.raw), raw=moment.raw)


def _same_day(one: Moment, other: Moment) -> bool:
    return (one.day.month, one.day.day) == (other.day.month, other.day.day)


def _in_time_tag(reading: Reading) -> Moment | None:
    """The first <time datetime> outside related blocks and comments."""
    for element in reading.elements("time"):
        value = element.get("datetime") or ""
        if value and not reading.blocks.node(element).hint & _ELSEWHERE and (moment := _stamp(value, reading)):
            return moment
    return None


def find_modified(reading: Reading, said: Described, meta: MetaTags, header: Header) -> tuple[Moment | None, str]:
    """The moment of the last change and how it was found."""
    for value, origin in (
        (said.modified, "json-ld"),
        (meta.first("article:modified_time", "og:updated_time", "datemodified"), "meta"),
    ):
        if value and (moment := _stamp(value, reading)):
            return moment, origin
    return header.modified, "label"


def _stamps(reading: Reading, values: list[str | None]) -> list[Moment]:
    moments = (moment for value in values if value and (moment := _stamp(value, reading)))
    return [
        moment
        for moment in moments
        if moment and moment.at(reading.zone).date() <= reading.now.date().replace(year=reading.now.year + 1)
    ]


def _reads(stated: Moment, shown: Moment) -> bool:
    """Whether *stated*, read in its own offset, is what the page shows."""
    return stated.day == shown.day and (
        shown.hour is None or (stated.hour, stated.minute) == (shown.hour, shown.minute)
    )


def _shows_change(shown: Moment, stated: list[tuple[Moment, str]], header: Header, reading: Reading) -> bool:
    """Whether the unlabelled date that readers see is that of a change: the metadata name it so, and an earlier one
    of publication."""
    if header.labelled or shown.hour is not None or not stated:
        return False
    changed, _ = find_modified(reading, reading.page.said, reading.page.meta, header)
    first = stated[0][0].at(reading.zone).date()
    return changed is not None and changed.at(reading.zone).date() == shown.day and first < shown.day


def _on_clock(stated: Moment, shown: Moment) -> Moment | None:
    """*stated* (in UTC) on the clock that readers see, where that clock names no zone but differs from UTC by whole
    half hours and agrees in the rest: the page has told its offset."""
    if stated.offset != 0 or stated.hour is None or shown.hour is None or shown.zone or shown.offset is not None:
        return None
    there = stated.at(UTC)
    apart = shown.at(UTC) - there.replace(second=shown.second or 0)
    minutes = int(apart.total_seconds()) // 60
    if not minutes or minutes % 30 or apart.total_seconds() % 60 or not -12 * 60 <= minutes <= 14 * 60:
        return None
    local = there.astimezone(timezone(timedelta(minutes=minutes)))
    return replace(from_datetime(local, stated.raw, stated.precision), raw=stated.raw)


def _local(moment: Moment, shown: Moment, reading: Reading) -> Moment:
    """A stamp that a machine wrote in UTC, on the clock that the page shows beside it; others as they are."""
    if moment.offset != 0 or moment.hour is None:
        return moment
    zone = shown.at(reading.zone).tzinfo or reading.zone
    there = moment.at(reading.zone).astimezone(zone)
    return replace(from_datetime(there, moment.raw, moment.precision), raw=moment.raw)


def _finer(stated: Moment, shown: Moment, reading: Reading) -> bool:
    """Whether *stated* says the same as *shown*, more exactly."""
    if _EXACTNESS[stated.precision] <= _EXACTNESS[shown.precision]:
        return False
    one, two = stated.at(reading.zone), shown.at(reading.zone)
    if shown.hour is None:
        return one.date() == two.date() and _at_midnight(stated) is False
    return abs((one - two).total_seconds()) < 60


def _at_midnight(moment: Moment) -> bool:
    """Whether the time is one that stands for none."""
    return moment.hour == 0 and moment.minute == 0 and not moment.second


def _close(stated: Moment, shown: Moment) -> bool:
    """Whether *stated* falls on the day that is *shown* in some zone of the world."""
    there = stated.at(UTC)
    if stated.hour is None:
        return abs(there.date() - shown.day) <= timedelta(days=1)
    return (there - timedelta(hours=12)).date() <= shown.day <= (there + timedelta(hours=14)).date()
