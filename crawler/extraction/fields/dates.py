"""When the article was published and changed: the most precise of header line, metadata and URL."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, timedelta, timezone
from urllib.parse import urlsplit

from crawler.extraction.fields.header_merge import HeaderLines
from crawler.extraction.fields.stamped import in_script, in_time_tag, of_newspaper, on_page_clock, stamp, stamps
from crawler.extraction.text.reading import Reading
from crawler.values.header_fields import Header
from crawler.values.moments import Moment, from_datetime
from crawler.values.stamps import date_in_path

_YEAR_LAST = re.compile(r"(?:19|20)\d\d$|(?:19|20)\d\d\D")
_SOON = timedelta(days=7)
_EXACTNESS = {"day": 0, "minute": 1, "second": 2}


def find_published(reading: Reading, lines: HeaderLines) -> tuple[Moment | None, str]:
    """The moment of publication and how it was found.

    Stated by the page's metadata, shown in its header line, else in a <time>, a script or the address.
    """
    page, header = reading.page, lines.header
    stated = [(moment, "json-ld") for moment in stamps(reading, [page.said.published])]
    stated += [(moment, "meta") for moment in stamps(reading, [value for _, value in page.meta.dates])]
    stated += [(moment, "template") for moment in stamps(reading, [of_newspaper(page)])]
    own = on_page_clock(lines.stamp, reading) if lines.stamp else None
    shown = header.published if header.published != header.modified else None
    if shown and (shown.relative or shown.yearless):
        if dated := _completed(shown, own, stated, reading):
            return dated
        return shown, "label" if header.labelled else "generic"
    if shown:
        shown = _settled(shown, [own, *(moment for moment, _ in stated), header.modified], reading)
        if dated := _shown_or_stated(shown, stated, lines, reading):
            exact = [*stated, (own, "generic")] if own else stated
            return _most_exact(dated, exact, reading)
    if stated:
        first = stated[0]
        return _changed_before(header.modified, first[0], reading) or _of_address(reading, first[0]) or first
    moment, origin = _elsewhere(reading, shown or header.published)
    return (moment, origin) if moment or not header.modified else (header.modified, "label")


def _completed(
    shown: Moment, own: Moment | None, stated: list[tuple[Moment, str]], reading: Reading
) -> tuple[Moment, str] | None:
    """What the rest of the page says of a moment that is shown without its year, or as "3 hours ago"."""
    if stated:
        return stated[0]
    if own and own.hour is not None:
        return own, "generic"
    script = in_script(reading)
    if script and (_same_day(script, shown) if shown.yearless else script.at(reading.zone) <= reading.now):
        return script, "template"
    named = date_in_path(urlsplit(reading.page.url).path) if shown.yearless else None
    if named and (near := _near(shown, named)) is not shown:
        return near, "label"
    if shown.relative and (tagged := in_time_tag(reading)):
        return tagged, "generic"
    return None


def _near(shown: Moment, named: Moment) -> Moment:
    """*shown* in the year of the day that the address names, where that is the day or one soon before or after it."""
    try:
        day = shown.day.replace(year=named.day.year)
    except ValueError:  # 29 February
        return shown
    return replace(shown, day=day, yearless=False) if abs(day - named.day) <= _SOON else shown


def _settled(shown: Moment, stated: list[Moment | None], reading: Reading) -> Moment:
    """*shown*, where its form may mean several days ("03.11.25", "10/11/2022"), as one of them.

    The one that the rest of the page names; else as it is usual where the page comes from.
    """
    if not shown.others:
        return shown
    named = [*stated, in_script(reading), date_in_path(urlsplit(reading.page.url).path), in_time_tag(reading)]
    for moment in named:
        for day in (shown.day, *shown.others):
            if moment and day in {moment.day, moment.at(reading.zone).date()}:
                return replace(shown, day=day, others=())
    return replace(shown, day=_usual(shown, reading), others=())


def _usual(shown: Moment, reading: Reading) -> date:
    """The day that a form means where nothing settles it.

    Years of two digits come first in Chinese alone, and the month comes before the day in American English.
    """
    american = (reading.page.root.get("lang") or "").lower().startswith("en-us")
    if _YEAR_LAST.search(shown.raw):
        return shown.others[-1] if american and "/" in shown.raw else shown.day
    return shown.day if reading.chinese else shown.others[-1 if american and "/" in shown.raw else 0]


def _changed_before(shown: Moment | None, stated: Moment, reading: Reading) -> tuple[Moment, str] | None:
    """The day that is *shown* as that of a change, where it lies before that of publication as *stated*.

    The text was there then: what is stated is a later write of the page.
    """
    if shown is None or shown.others or shown.relative or shown.yearless:
        return None
    later = stated.at(reading.zone).date() - shown.day
    return (shown, "label") if timedelta(0) < later <= _SOON else None


def _of_address(reading: Reading, stated: Moment) -> tuple[Moment, str] | None:
    """The day that the address names, where it lies days before the *stated* one.

    The address is made when a text is published, metadata are written again when a site moves.
    """
    named = date_in_path(urlsplit(reading.page.url).path)
    if named and named.day + timedelta(days=1) < stated.at(reading.zone).date():
        return named, "generic"
    return None


def _tagged(shown: Moment, reading: Reading) -> bool:
    """Whether a <time> of the page holds what is *shown* and nothing else: its author names it a time."""
    return any((element.text or "").strip() == shown.raw for element in reading.elements("time"))


def _elsewhere(reading: Reading, shown: Moment | None) -> tuple[Moment | None, str]:
    """What a <time>, the header line, a script or the address says, in this order."""
    if (shown is None or shown.relative) and (moment := in_time_tag(reading)):
        return moment, "generic"
    if shown:
        return (shown, "label") if shown.relative else _most_exact((shown, "label"), [], reading)
    if script := in_script(reading):
        return script, "template"
    return date_in_path(urlsplit(reading.page.url).path), "generic"


def _shown_or_stated(
    shown: Moment, stated: list[tuple[Moment, str]], lines: HeaderLines, reading: Reading
) -> tuple[Moment, str] | None:
    """What readers see; None where what is *stated* differs and what they see is vague, or the day of a change."""
    header = lines.header
    agreed = any(_more_exactly(moment, shown, reading) for moment, _ in stated)
    if not agreed and _shows_change(shown, stated, header, reading):
        return stated[0]
    vague = not header.labelled and (lines.among or (shown.hour is None and not _tagged(shown, reading)))
    if not agreed and vague and stated and not any(_close(moment, shown) for moment, _ in stated):
        return None
    if not agreed and not header.labelled and stated and _outvoted(shown, stated[0][0], reading):
        return None
    return shown, "label" if header.labelled else "generic"


def _outvoted(shown: Moment, stated: Moment, reading: Reading) -> bool:
    """Whether metadata and address name one day, and what is *shown* is far from it (the visit, perhaps)."""
    named = date_in_path(urlsplit(reading.page.url).path)
    if named is None or abs(named.day - stated.at(reading.zone).date()) > timedelta(days=1):
        return False
    return abs(shown.day - named.day) > _SOON


def _most_exact(shown: tuple[Moment, str], exact: list[tuple[Moment, str]], reading: Reading) -> tuple[Moment, str]:
    """*shown*, or what of *exact* and the page's script says the same most exactly: with second and offset."""
    agreeing = [(same, origin) for moment, origin in exact if (same := _more_exactly(moment, shown[0], reading))]
    coarse = not exact and shown[0].precision != "second"
    if coarse and (script := in_script(reading)) and (same := _more_exactly(script, shown[0], reading)):
        agreeing.append((same, "template"))
    return max(agreeing, key=lambda dated: (_EXACTNESS[dated[0].precision], dated[0].offset is not None), default=shown)


def _more_exactly(stated: Moment, shown: Moment, reading: Reading) -> Moment | None:
    """*stated* on the clock that readers see, where it says the same as what is *shown*, and says more."""
    if _finer(stated, shown, reading):
        return stated if _reads(stated, shown) else _local(stated, shown, reading)
    if stated.offset and _says_zone(stated, shown):
        return stated
    return _on_clock(stated, shown)


def _says_zone(stated: Moment, shown: Moment) -> bool:
    """Whether *stated* adds to what is *shown* the offset that its clock has."""
    unzoned = shown.hour is not None and shown.offset is None and shown.zone is None
    return unzoned and _reads(stated, shown) and _EXACTNESS[stated.precision] >= _EXACTNESS[shown.precision]


def _same_day(one: Moment, other: Moment) -> bool:
    return (one.day.month, one.day.day) == (other.day.month, other.day.day)


def find_modified(reading: Reading, header: Header) -> tuple[Moment | None, str]:
    """The moment of the last change and how it was found."""
    for value, origin in (
        (reading.page.said.modified, "json-ld"),
        (reading.page.meta.first("article:modified_time", "og:updated_time", "datemodified"), "meta"),
    ):
        if value and (moment := stamp(value, reading)):
            return moment, origin
    return header.modified, "label"


def _reads(stated: Moment, shown: Moment) -> bool:
    """Whether *stated*, read in its own offset, is what the page shows."""
    return stated.day == shown.day and (
        shown.hour is None or (stated.hour, stated.minute) == (shown.hour, shown.minute)
    )


def _shows_change(shown: Moment, stated: list[tuple[Moment, str]], header: Header, reading: Reading) -> bool:
    """Whether the unlabelled date that readers see is that of a change.

    The metadata name it so, and an earlier one of publication.
    """
    if header.labelled or shown.hour is not None or not stated:
        return False
    changed, _ = find_modified(reading, header)
    first = stated[0][0].at(reading.zone).date()
    return changed is not None and changed.at(reading.zone).date() == shown.day and first < shown.day


def _on_clock(stated: Moment, shown: Moment) -> Moment | None:
    """*stated* (in UTC) on the clock that readers see; None where the two do not agree.

    They agree where that clock names no zone, differs from UTC by whole half hours and is equal in the rest: the page
    states its offset.
    """
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
    """A stamp that a machine wrote in UTC, on the clock that the page shows next to it; others as they are."""
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
        there = one.astimezone(reading.zone).date()
        return shown.day in {there, stated.day} and not _at_midnight(stated)
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
