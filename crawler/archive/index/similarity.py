"""Near copies: which bodies may be one text (MinHash), and how alike two of them are (longest common subsequence).

Signatures: MinHash over character 5-grams (Broder 1997), 128 permutations in 64 bands of 2 rows (Indyk and Motwani
1998). A text with every tenth character changed keeps a Jaccard similarity of .42, one cut to half of .5: both share 4
bands of 64 with a probability above .99. A signature depends on rensa's hash: its version is pinned, and stands in the
WARC.
"""

from __future__ import annotations

import math
from functools import lru_cache

PERMUTATIONS, ROWS, SHINGLE, SEED = 128, 2, 5, 1
SHARED_BANDS = 4  #: fewer are chance: texts of one beat share phrases
MIN_BODY = 100  #: characters; shorter bodies say too little
ALIKE = 0.8  #: from here on two bodies are one text
LONGEST = 50_000  #: characters that are compared; the time grows with the square
_MIX = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio: keeps equal rows of different bands apart
_SIGNED = 1 << 63


@lru_cache(maxsize=16)
def bands(body: str) -> tuple[int, ...]:
    """The 64 band keys of *body*, as signed 64-bit integers; () for a body that is too short."""
    if len(body) < MIN_BODY:
        return ()
    from rensa import RMinHash  # noqa: PLC0415 - who only reads an index pays for neither library

    text = _bare(body)
    sketch = RMinHash(PERMUTATIONS, SEED)
    sketch.update([text[i : i + SHINGLE] for i in range(max(1, len(text) - SHINGLE + 1))])
    rows = sketch.digest()
    return tuple(
        (((rows[i] << 32 | rows[i + 1]) + (i // ROWS) * _MIX) % (1 << 64)) - _SIGNED
        for i in range(0, PERMUTATIONS, ROWS)
    )


def similarity(one: str, other: str, least: float = 0.0) -> float:
    """Length of the longest common subsequence, white space apart, over that of the shorter body, 0 to 1.

    0 where a body is shorter than 100 characters, or the shorter less than a third of the longer. Of a body longer than
    50,000 characters only these are compared. Below *least* the answer is 0: to know that costs half the time.
    """
    if min(len(one), len(other)) < MIN_BODY:
        return 0.0
    short, long = sorted((_bare(one)[:LONGEST], _bare(other)[:LONGEST]), key=len)
    if not short or len(short) * 3 < len(long):
        return 0.0
    from rapidfuzz.distance import LCSseq  # noqa: PLC0415 - as above

    length = LCSseq.similarity(short, long, score_cutoff=math.ceil(least * len(short)))
    return round(float(length) / len(short), 4)


def _bare(body: str) -> str:
    """*body* without white space."""
    return "".join(body.split())
