"""Names of months in the languages that the portals and their sources are written in."""

from __future__ import annotations

import unicodedata

_NAMES = (
    "january jan januar janvier janv enero ene gennaio gen janeiro januari stycznia янв января ocak jänner "
    "tammikuuta ianuarie janar",
    "february feb februar fevrier fevr febrero febbraio fevereiro fev februari lutego фев февраля subat helmikuuta "
    "februarie shkurt",
    "march mar marz mars marzo marco maart marca мар марта mart maaliskuuta martie",
    "april apr avril avr abril abr aprile kwietnia апр апреля nisan huhtikuuta aprilie prill",
    "may mai mayo maggio mag maio mei maja мая mayis toukokuuta maj",
    "june jun juni juin junio giugno giu junho czerwca июн июня haziran kesakuuta iunie qershor",
    "july jul juli juillet juil julio luglio lug julho lipca июл июля temmuz heinakuuta iulie korrik",
    "august aug aout agosto ago augustus sierpnia авг августа agustos elokuuta gusht",
    "september sept sep septembre septiembre settembre set setembro wrzesnia сен сентября eylul syyskuuta "
    "septembrie shtator",
    "october oct oktober okt octobre octubre ottobre ott outubro out pazdziernika окт октября ekim lokakuuta "
    "octombrie tetor",
    "november nov novembre noviembre novembro listopada ноя ноября kasim marraskuuta noiembrie nentor",
    "december dec dezember dez decembre diciembre dic dicembre dezembro december grudnia дек декабря aralik "
    "joulukuuta decembrie dhjetor",
)


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.lower().replace("ı", "i").replace("ł", "l"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_MONTHS = {_plain(name): number for number, names in enumerate(_NAMES, 1) for name in names.split()}


def month_number(name: str) -> int | None:
    """1 to 12 for a month's name or abbreviation, whatever its case and accents; else None."""
    return _MONTHS.get(_plain(name).rstrip("."))
