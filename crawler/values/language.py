"""Which language a text is in, as a BCP 47 tag: by its script, and by the page's own word where that is plausible."""

from __future__ import annotations

import re

from crawler.values.text import in_rows

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}\Z")
_LETTERS = re.compile(r"[^\W\d_]+")
_HAN_ROWS = bytes(range(0x4E, 0xA0))
_KANA = re.compile("[\u3040-\u30ff]+")
_HANGUL = re.compile("[\uac00-\ud7af]+")
_OTHERS = re.compile("[\u3040-\u30ff\uac00-\ud7af]")  #: kana and hangul
_TRADITIONAL = re.compile(
    "[這為個國來時們對會發動過說產種後學經進電現實體機點從業應開還關與數無題設統軍門結問際灣東車長書馬]+"
)
_SIMPLIFIED = re.compile(
    "[这为个国来时们对会发动过说产种后学经进电现实体机点从业应开还关与数无题设统军门结问际湾东车长书马]+"
)


def language_of(text: str, declared: str | None = None) -> str | None:
    """The language of *text*; *declared* (from the page) counts where the script agrees. None for no letters."""
    sample = text[:2000]
    tag = _normal(declared)
    han = 0 if sample.isascii() else in_rows(sample, _HAN_ROWS)
    others = not sample.isascii() and _OTHERS.search(sample) is not None
    kana, hangul = (_count(_KANA, sample), _count(_HANGUL, sample)) if others else (0, 0)
    chinese = not kana and not hangul and han > len(sample) * 0.2  # whatever the rest of it is
    if not _LETTERS.search(sample):
        return None
    letters = _count(_LETTERS, sample) if (han or kana or hangul) and not chinese else han
    if kana > letters * 0.1:
        return "ja"
    if hangul > letters * 0.2:
        return "ko"
    if han > letters * 0.2:
        return tag if tag and tag.startswith("zh") else _chinese(sample)
    if tag and not tag.startswith(("zh", "ja", "ko")):
        return tag
    return "en" if sample.isascii() or len(sample.encode("ascii", "ignore")) > 0.97 * len(sample) else None


def _count(runs: re.Pattern[str], sample: str) -> int:
    """How many characters of *sample* stand in *runs*."""
    return len("".join(runs.findall(sample))) if runs.search(sample) else 0


def _chinese(sample: str) -> str:
    traditional = _count(_TRADITIONAL, sample)
    return "zh-Hant" if traditional and traditional > _count(_SIMPLIFIED, sample) else "zh"


def _normal(tag: str | None) -> str | None:
    if not tag or not _TAG.match(tag.strip()):
        return None
    first, *rest = tag.strip().replace("_", "-").split("-")
    return "-".join(
        [
            first.lower(),
            *(part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower() for part in rest),
        ]
    )
