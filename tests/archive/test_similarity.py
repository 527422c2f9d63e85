"""Near copies are found although edited, shortened or scattered with changes; what only shares a beat is not."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import LCSseq

from crawler.archive.index import similarity
from crawler.samples import NAMES, stories

BODIES = [story.body for name in NAMES for story in stories(name) if len(story.body) >= 200]
#: What a story is put together from when thousands are needed: sentences of one beat.
SENTENCES = [s for body in BODIES for s in body.replace("\n\n", "。").split("。") if 12 <= len(s) <= 80]


def scattered(text: str, chance: random.Random) -> str:
    """Every tenth character another one."""
    return "".join(chance.choice(BODIES[0]) if chance.random() < 0.1 else c for c in text)


def block(text: str, chance: random.Random) -> str:
    """A tenth of the text replaced at one place."""
    size = len(text) // 10
    at = chance.randrange(len(text) - size)
    return text[:at] + "".join(chance.choice(BODIES[1]) for _ in range(size)) + text[at + size :]


def half(text: str, chance: random.Random) -> str:
    """Half the text cut away."""
    size = len(text) // 2
    at = chance.choice([0, len(text) - size])
    return text[at : at + size]


def found(one: str, other: str) -> bool:
    """Whether *other* would be found as a near copy of *one*."""
    shared = set(similarity.bands(one)) & set(similarity.bands(other))
    return len(shared) >= similarity.SHARED_BANDS and similarity.similarity(one, other) >= similarity.ALIKE


_ALPHABETS = ("ab1 .", "中文，“é", "é·а", "😀a中", "中")
_SCRIPTS = st.one_of(*(st.text(alphabet, min_size=1, max_size=50) for alphabet in _ALPHABETS))


@given(st.lists(_SCRIPTS, max_size=8).map("".join))
def test_shingles_are_every_five_characters_in_a_row(text: str) -> None:
    """Whichever scripts follow each other: signatures of archived texts depend on it."""
    plain = [text[at : at + 5] for at in range(max(1, len(text) - 4))]
    found = [shingle if isinstance(shingle, str) else shingle.decode() for shingle in similarity._shingles(text)]
    assert sorted(found) == sorted(plain)


@pytest.mark.parametrize(("edit", "least"), [(block, 0.99), (scattered, 0.95), (half, 0.95)])
def test_edited_copies_are_found(edit: Callable[[str, random.Random], str], least: float) -> None:
    chance = random.Random(20240511)
    edited = [(body, edit(body, chance)) for body in BODIES]
    judged = [found(body, copy) for body, copy in edited if len(copy) >= similarity.MIN_BODY]
    assert len(judged) > 80
    assert sum(judged) / len(judged) >= least


def test_only_the_planted_copies_among_the_samples_are_pairs() -> None:
    """The samples hold three exact copies, one near copy and one pair of notices that are alike."""
    bodies = [story.body for name in NAMES for story in stories(name)]
    assert sum(found(one, other) for one, other in combinations(bodies, 2)) == 5


def _distinct(count: int) -> list[str]:
    chance = random.Random(7)
    return ["。".join(chance.sample(SENTENCES, 14)) + f"。编号{n}。" for n in range(count)]


def _false_pairs(count: int) -> list[tuple[str, str]]:
    """The pairs found among *count* texts that share sentences but are none of each other's copies."""
    texts = _distinct(count)
    holders: dict[int, list[int]] = {}
    shared: dict[tuple[int, int], int] = {}
    for n, text in enumerate(texts):
        for key in similarity.bands(text):
            for other in holders.setdefault(key, []):
                shared[other, n] = shared.get((other, n), 0) + 1
            holders[key].append(n)
    likely = [pair for pair, bands in shared.items() if bands >= similarity.SHARED_BANDS]
    return [(texts[a], texts[b]) for a, b in likely if similarity.similarity(texts[a], texts[b]) >= similarity.ALIKE]


def test_texts_of_one_beat_are_no_copies() -> None:
    assert _false_pairs(600) == []


@pytest.mark.ci
def test_twenty_thousand_texts_of_one_beat_are_no_copies() -> None:
    assert _false_pairs(20_000) == []


@given(st.text(max_size=400), st.text(max_size=400))
def test_similarity_is_a_share_whatever_the_texts(one: str, other: str) -> None:
    share = similarity.similarity(one, other)
    assert 0.0 <= share <= 1.0
    assert share == similarity.similarity(other, one)
    assert len(similarity.bands(one)) in {0, 64}


MIXED = st.text("甲乙丙丁ab戊己 庚\U00020021\ud812", min_size=100, max_size=300)


@given(MIXED, st.data())
def test_what_is_rejected_early_is_below(one: str, data: st.DataObject) -> None:
    """The bound is one: cheap and strict. So what it rejects, the comparison would have rejected."""
    other = data.draw(
        st.text("甲乙丙丁ab戊己 庚\U00020021\ud812", min_size=100, max_size=300) | st.just(one[20:] + one[:20])
    )
    first, second = similarity.ComparableText(one), similarity.ComparableText(other)
    exact = LCSseq.similarity(first.bare, second.bare)
    assert similarity.most_common(first, second) >= exact
    share = first.similarity(second)
    for least in (0.3, similarity.ALIKE, 0.95):
        assert first.similarity(second, least) in ({share} if share > least else {0.0, share})


def test_bulletins_are_rejected_for_a_fraction_of_a_comparison() -> None:
    """What the bound is for: texts of one kind that share half their paragraphs."""
    chance = random.Random(5)

    def paragraphs(count: int) -> list[str]:
        return ["。".join(chance.sample(SENTENCES, 3)) for _ in range(count)]

    common = paragraphs(20)
    bulletins = [
        similarity.ComparableText("\n\n".join([*chance.sample(common, 10), *paragraphs(10)])) for _ in range(12)
    ]
    pairs = list(combinations(bulletins, 2))
    shorter = [min(len(one.bare), len(other.bare)) for one, other in pairs]
    early = [similarity.most_common(*pair) < similarity.ALIKE * size for pair, size in zip(pairs, shorter, strict=True)]
    assert sum(early) > 0.9 * len(pairs)


def test_white_space_does_not_count() -> None:
    body = BODIES[0]
    assert similarity.similarity(body, body.replace("。", "。\n\n")) == 1.0
    assert similarity.bands(body) == similarity.bands(body.replace("。", "。 "))


def test_a_short_body_and_one_of_another_size_are_never_alike() -> None:
    assert similarity.similarity("甲" * 99, "甲" * 99) == 0.0
    assert similarity.similarity("甲" * 100, "甲" * 301) == 0.0
    assert similarity.similarity("甲" * 100, "甲" * 300) == 1.0
