"""Near copies: which bodies may be one text (MinHash), and how alike two of them are (longest common subsequence).

Signatures: MinHash over character 5-grams (Broder 1997), 128 permutations in 64 bands of 2 rows (Indyk and Motwani
1998). A text with every tenth character changed keeps a Jaccard similarity of .42, one cut to half of .5: both share 4
bands of 64 with a probability above .99. A signature depends on rensa's hash: its version is pinned, and stands in the
WARC.
"""

from __future__ import annotations

import math
import re
import struct
from functools import cached_property

PERMUTATIONS, ROWS, SHINGLE, SEED = 128, 2, 5, 1
SHARED_BANDS = 4  #: fewer are chance: texts of one beat share phrases
MIN_BODY = 100  #: characters; shorter bodies say too little
ALIKE = 0.8  #: from here on two bodies are one text
LONGEST = 50_000  #: characters that are compared; the time grows with the square
_MIX = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio: keeps equal rows of different bands apart
_SIGNED = 1 << 63
_KEPT = 32  #: bodies whose keys are remembered
_CLASSES = (
    8  #: more are cheaper and say less: 4 classes cost 50 us and say .43 where the truth is .33, 16 cost 18 and .58
)
#: Characters of one or of three bytes each in UTF-8; shorter runs do not pay.
_EVEN_RUN = re.compile("[\0-\x7f]{20,}|[\u0800-\uffff]{20,}")
_OTHERS = [bytes(byte for byte in range(256) if byte % _CLASSES != rest) for rest in range(_CLASSES)]


_known: dict[str, tuple[int, ...]] = {}  # of the bodies that were last looked at, which are looked at again


def bands(body: str) -> tuple[int, ...]:
    """The 64 band keys of *body*, as signed 64-bit integers; () for a body that is too short."""
    if len(body) < MIN_BODY:
        return ()
    if (keys := _known.get(body)) is None:
        keys = _bands(body)
        remember(body, keys)
    return keys


def remember(body: str | None, keys: tuple[int, ...]) -> None:
    """Takes over the band keys *keys* of *body*, which another process worked out."""
    if not body or not keys:
        return
    while len(_known) >= _KEPT:
        del _known[next(iter(_known))]
    _known[body] = keys


def _bands(body: str) -> tuple[int, ...]:
    from rensa import RMinHash  # noqa: PLC0415 - who only reads an index pays for neither library

    sketch = RMinHash(PERMUTATIONS, SEED)
    sketch.update(_shingles(_bare(body)))
    rows = sketch.digest()
    return tuple(
        (((rows[i] << 32 | rows[i + 1]) + (i // ROWS) * _MIX) % (1 << 64)) - _SIGNED
        for i in range(0, PERMUTATIONS, ROWS)
    )


def _shingles(text: str) -> list[str | bytes]:
    """Every five characters of *text* in a row, in any order; all of it where it has fewer.

    Of a run of characters that take as many bytes each in UTF-8 they are cut out of its bytes, all that begin at every
    fifth character at once: a quarter of the time that a slice for each takes.
    """
    found: list[str | bytes] = []
    done = 0
    for run in _EVEN_RUN.finditer(text):
        begin, end = run.span()
        found += [text[at : at + SHINGLE] for at in range(done, begin)]
        data = run[0].encode()
        width = len(data) // (end - begin)
        for shift in range(SHINGLE):
            count = (end - begin - shift) // SHINGLE
            found += struct.unpack_from(f"{SHINGLE * width}s" * count, data, shift * width)
        done = end - SHINGLE + 1
    found += [text[at : at + SHINGLE] for at in range(done, len(text) - SHINGLE + 1)]
    return found or [text]


class ComparableText:
    """A body made ready to be compared with others.

    *bare*: its characters without white space, the first 50,000. *by_class*: the low bytes of these by class, made when
    they are first asked for.
    """

    def __init__(self, body: str) -> None:
        self.bare = _bare(body)[:LONGEST]
        self.says_enough = len(body) >= MIN_BODY

    @cached_property
    def by_class(self) -> list[bytes]:
        low = self.bare.encode("utf-16-le", "surrogatepass")[::2]
        return [low.translate(None, others) for others in _OTHERS]

    def similarity(self, other: ComparableText, least: float = 0.0) -> float:
        """Length of the longest common subsequence, white space apart, over that of the shorter body, 0 to 1.

        0 where a body is shorter than 100 characters, or the shorter less than a third of the longer. Of a body longer
        than 50,000 characters only these are compared. Below *least* the answer is 0: to know that costs a tenth.
        """
        if not self.says_enough or not other.says_enough:
            return 0.0
        short, long = sorted((self, other), key=lambda text: len(text.bare))
        if not short.bare or len(short.bare) * 3 < len(long.bare):
            return 0.0
        enough = math.ceil(least * len(short.bare))
        if least and most_common(short, long, enough) < enough:
            return 0.0
        return round(_common(short.bare, long.bare, enough) / len(short.bare), 4)


def most_common(one: ComparableText, other: ComparableText, enough: int = 0) -> int:
    """A length that the longest common subsequence of two texts does not exceed, for an eighth of its cost.

    What a common subsequence has of one class of characters is a common subsequence of what both texts have of that
    class, whatever the classes are. To look at the low byte of a character alone makes more equal, none unequal. The
    classes are gone through until it is clear that they add up to less than *enough*.
    """
    pairs = list(zip(one.by_class, other.by_class, strict=True))
    most = sum(min(len(first), len(second)) for first, second in pairs)
    for first, second in pairs:
        if most < enough:
            break
        most -= min(len(first), len(second)) - _common(first, second)
    return most


def similarity(one: str, other: str, least: float = 0.0) -> float:
    """The similarity of two bodies, see :meth:`ComparableText.similarity`."""
    return ComparableText(one).similarity(ComparableText(other), least)


def _common(one: str | bytes, other: str | bytes, least: int = 0) -> int:
    """The length of the longest common subsequence; 0 where it is less than *least*."""
    from rapidfuzz.distance import LCSseq  # noqa: PLC0415 - as above

    return int(LCSseq.similarity(one, other, score_cutoff=least))


def _bare(body: str) -> str:
    """*body* without white space."""
    return "".join(body.split())
