"""When the article was published and changed: the most precise of header line, metadata and URL."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlsplit

from crawler.extraction.fields.agreement import EXACTNESS, close, more_exactly, on_own_clock
from crawler.extraction.fields.header_merge import HeaderLines
from crawler.extraction.fields.stamped import in_script, in_time_tag, of_newspaper, on_page_clock, stamp, stamps
from crawler.extraction.text.reading import Reading
from crawler.values.header_fields import Header
from crawler.values.moments import Moment
from crawler.values.stamps import date_in_path

_YEAR_LAST = re.compile(r"(?:19|20)\d\d$|(?:19|20)\d\d\D")
_SOON = timedelta(days=7)


def find_published(reading: Reading, lines: HeaderLines) -> tuple[Moment | None, str]:
    """The moment of publication and how it was found.

    Stated by the page's metadata, shown in its header line, else in a <time>, a script or the address.
    """
    page, header = reading.page, lines.header
    stated = [(moment, "json-ld") for moment in stamps(reading, [page.said.published])]
    stated += [(moment, "meta") for moment in stamps(reading, [value for _, value in page.meta.dates])]
    stated += [(moment, "json-ld") for moment in stamps(reading, [page.said.page_published])]
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
        first = on_own_clock(stated, reading)
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
    agreed = any(more_exactly(moment, shown, reading) for moment, _ in stated)
    if not agreed and _shows_change(shown, stated, header, reading):
        first = stated[0][0].at(reading.zone).date()
        published_again = shown.day - first > _SOON and not _address_confirms(first, reading)
        return (shown, "generic") if published_again else stated[0]
    vague = not header.labelled and (lines.among or (shown.hour is None and not _tagged(shown, reading)))
    if not agreed and vague and stated and not any(close(moment, shown) for moment, _ in stated):
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
    agreeing = [(same, origin) for moment, origin in exact if (same := more_exactly(moment, shown[0], reading))]
    coarse = not exact and shown[0].precision != "second"
    if coarse and (script := in_script(reading)) and (same := more_exactly(script, shown[0], reading)):
        agreeing.append((same, "template"))
    return max(agreeing, key=lambda dated: (EXACTNESS[dated[0].precision], dated[0].offset is not None), default=shown)


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


def _shows_change(shown: Moment, stated: list[tuple[Moment, str]], header: Header, reading: Reading) -> bool:
    """Whether the unlabelled date that readers see is that of a change.

    The metadata name it so, and an earlier one of publication.
    """
    if header.labelled or shown.hour is not None or not stated:
        return False
    changed, _ = find_modified(reading, header)
    first = stated[0][0].at(reading.zone).date()
    return changed is not None and changed.at(reading.zone).date() == shown.day and first < shown.day


def _address_confirms(day: date, reading: Reading) -> bool:
    """Whether the address has the digits of the month of *day*, or its own: /2017/04/, -120417-, 20170412."""
    path = urlsplit(reading.page.url).path
    forms = ("%Y/%m", "%Y-%m", "%Y%m", "%d%m%y", "%y%m%d")
    days = (day, day - timedelta(days=1))  # written the day before
    return any(one.strftime(form) in path for one in days for form in forms)
