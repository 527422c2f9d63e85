"""Bytes to text: what the portal says, what the page says, and whether that is plausible.

A label is believed only if the bytes bear it out: pages that call themselves utf-8 and are GBK are common, so are pages
without any label. Candidates are tried in order of trust and judged by how many characters they could not decode, and,
between multibyte encodings that both decode, by how common the resulting characters are.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

#: In lower case: a pattern that ignores case tries every place, this one those that have a "<".
_META = re.compile(
    rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})"
)
#: Encodings of pages; Python's own ("unicode_escape") and utf-7, which hides markup, are none.
_OF_TEXT = re.compile(
    r"x-|gb|hz|big5|utf-?(?!-?7)|unicode$|iso|latin|cp\d|windows|us-ascii|ascii|euc|shift|sjis|ks_c|koi8|mac|tis|ibm\d|csb|cs|l\d|johab|ms"
)
_ODD = re.compile(r"[^\x00-\x7f]+")
_UNLIKELY = re.compile("[\x80-\x9f\ue000-\uf8ff]+")
#: The same and U+FFFD in UTF-8, in which the search for a byte takes a hundredth of the time.
_UNLIKELY_BYTES = tuple(map(re.compile, (b"\xee", b"\xef[\x80-\xa3]", b"\xc2[\x80-\x9f]", b"\xef\xbf\xbd")))
_WIDE = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
#: Characters of three bytes in a page that is UTF-8 throughout. Text in GBK or Big5 is never that by chance, but for a
#: word or two: "联通" in GBK is valid UTF-8.
_PROOF = 20
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
#: A label names less than the bytes hold: the superset reads both (WHATWG Encoding Standard).
_SUPERSET = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "gb-2312": "gb18030",
    "hz-gb-2312": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "utf8": "utf-8",
    "unicode": "utf-8",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
}
#: Very frequent in Chinese prose, simplified and traditional; rare where one encoding is read as another.
_FREQUENT = re.compile(
    "[，。、；：“”！？（）《》·—…　"
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严這為個國來時們對會發動過說產種後學經進電現實體機點從業應開還關與數無題設統軍門結問際]+"
)


def decode(body: bytes, charset: str | None = None, trusted: str | None = None) -> tuple[str, str]:
    """*body* as text and the encoding it was read in.

    *trusted* is the portal's own word and beats everything but a byte order mark, and bytes that prove to be UTF-8: of
    a portal in GBK one channel often is. *charset* is that of the HTTP header. Bytes that fit nothing become U+FFFD.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace"), name
    if trusted and (known := codec(trusted)):
        proved = known != "utf-8" and len(_WIDE.findall(body)) >= _PROOF
        if proved and (text := _strict(body, "utf-8")) is not None:
            return text, "utf-8"
        return body.decode(known, "replace"), known
    named = _named(body, charset)
    first = next(named, "utf-8")
    if (first == "utf-8" or body.isascii()) and (text := _strict(body, "utf-8")) is not None:
        return text, "utf-8"
    labels = [*_named(body, charset)]
    best: tuple[tuple[float, int], str, str] | None = None
    for candidate in _candidates(body, labels):
        if best is None or candidate[0] < best[0]:
            best = candidate
        if not best[0][0]:  # nothing is better than sound
            break
    assert best is not None  # utf-8 reads anything
    return best[1], best[2]


def _named(body: bytes, charset: str | None) -> Iterator[str]:
    """The encodings that header and page name, in order of trust; most pages are read once the first one is known."""
    if charset and (known := codec(charset)):
        yield known
    for match in islice(_META.finditer(body[:8192].lower()), 2):
        if known := codec((match[1] or match[2]).decode("ascii", "ignore")):
            yield known


@lru_cache(maxsize=256)
def codec(label: str) -> str | None:
    """The name in Python of the encoding that the bytes of a page with *label* are in; None for no encoding of text."""
    name = label.strip().lower()
    if not _OF_TEXT.match(name):
        return None
    try:
        return _SUPERSET.get(name) or _SUPERSET.get(codecs.lookup(name).name, codecs.lookup(name).name)
    except (LookupError, ValueError):
        return None


def _strict(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except ValueError:
        return None


def _candidates(body: bytes, labels: list[str]) -> Iterator[tuple[tuple[float, int], str, str]]:
    """((badness, order of trust), text, encoding) of every encoding that may be meant."""
    names = list(dict.fromkeys([*labels, "utf-8", "gb18030", "big5hkscs"]))
    if not labels:
        names.append("cp1252")
    for order, name in enumerate(names):
        try:
            text = body.decode(name, "replace")
        except (LookupError, ValueError, TypeError):  # a codec of bytes to bytes, or one that rejects "replace"
            continue
        yield (_badness(text, name, labelled=order < len(labels)), order), text, name


def _broken(text: str) -> bool:
    """Whether *text* holds a character that could not be decoded, or that no prose uses."""
    raw = text.encode("utf-8", "replace")
    return any(pattern.search(raw) for pattern in _UNLIKELY_BYTES)


def _badness(text: str, name: str, *, labelled: bool) -> float:
    """Lower is better: undecodable characters weigh most, then characters that no prose uses.

    A sound label is believed without looking at them, unless it names an encoding that decodes anything.
    """
    if labelled and name != "cp1252" and not _broken(text):
        return 0.0
    odd = "".join(_ODD.findall(text))
    if not odd:
        return 0.0
    broken = odd.count("\ufffd") + len("".join(_UNLIKELY.findall(odd)))
    if name == "cp1252" or not labelled:
        letters = odd[:20_000]
        rare = 1 - len("".join(_FREQUENT.findall(letters))) / len(letters)
    else:
        rare = 0.0
    return broken / len(odd) * 20 + rare * 0.5
