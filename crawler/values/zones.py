"""Time zones as pages abbreviate them, and the offset of a zone at an instant."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_FIXED = {
    "utc": 0,
    "gmt": 0,
    "z": 0,
    "wet": 0,
    "bst": 60,
    "west": 60,
    "cet": 60,
    "cest": 120,
    "eet": 120,
    "eest": 180,
    "msk": 180,
    "sast": 120,
    "est": -300,
    "edt": -240,
    "cdt": -300,
    "mst": -420,
    "mdt": -360,
    "pst": -480,
    "pdt": -420,
    "akst": -540,
    "akdt": -480,
    "hst": -600,
    "jst": 540,
    "kst": 540,
    "hkt": 480,
    "sgt": 480,
    "myt": 480,
    "pht": 480,
    "ict": 420,
    "wib": 420,
    "aest": 600,
    "aedt": 660,
    "acst": 570,
    "awst": 480,
    "nzst": 720,
    "nzdt": 780,
    "pkt": 300,
    "wat": 60,
    "eat": 180,
    "北京时间": 480,
}
#: Abbreviations whose offset depends on the season.
_SEASONAL = {"et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles"}
#: Abbreviations that several zones share: offset in minutes, and the prefix of the portal's zone that changes it.
_SHARED = {"cst": (-360, "Asia/", 480), "ist": (330, "Europe/", 60)}
_CITIES = {"paris": "Europe/Paris", "london": "Europe/London", "berlin": "Europe/Berlin", "beijing": "Asia/Shanghai"}


def zone_of(name: str) -> tzinfo:
    """The IANA zone *name*; raises ZoneInfoNotFoundError (a KeyError) for a name the database does not have."""
    return ZoneInfo(name)


def named_zone(abbreviation: str, home: tzinfo) -> tzinfo | None:
    """The zone that *abbreviation* means on a page whose own zone is *home*; None for one that is not known."""
    key = abbreviation.strip(" ().").lower()
    if key in _SEASONAL or key in _CITIES:
        return ZoneInfo(_SEASONAL.get(key) or _CITIES[key])
    if key in _SHARED:
        usual, prefix, there = _SHARED[key]
        return timezone(timedelta(minutes=there if str(home).startswith(prefix) else usual))
    return timezone(timedelta(minutes=_FIXED[key])) if key in _FIXED else None


def localise(moment: datetime, zone: tzinfo) -> datetime:
    """Naive *moment* as wall clock time of *zone*, with the fixed offset that holds there at that instant."""
    aware = moment.replace(tzinfo=zone)
    return moment.replace(tzinfo=timezone(aware.utcoffset() or timedelta()))
