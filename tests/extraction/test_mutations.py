"""The golden pages with what portals put around and into an article: the article stays the same."""

from __future__ import annotations

import random

import pytest

from harness import page_mutations as mutations

#: Fields whose only evidence on a page is the name of a class: renamed, they are null, never wrong.
BY_NAME_ALONE = {"source", "view_count"}


@pytest.fixture(scope="module")
def cases() -> list[str]:
    found = mutations.targets()
    assert len(found) >= 40
    return found


@pytest.mark.parametrize("name", mutations.MUTATIONS)
def test_the_article_stays_the_same(name: str, cases: list[str]) -> None:
    offenders = {}
    for case in cases:
        page = mutations.target(case)
        plain = mutations.read(case, mutations.source(page))
        assert plain is not None, case
        mutations.MUTATIONS[name](page, random.Random(case))
        found = mutations.read(case, mutations.source(page))
        differing = sorted(field for field in mutations.KEPT if found is None or found[field] != plain[field])
        if name == "renamed" and found is not None:
            differing = [key for key in differing if key not in BY_NAME_ALONE or found[key] is not None]
        if differing:
            offenders[case] = differing
    assert offenders == {}


def test_text_behind_an_early_end_of_the_document_is_read(cases: list[str]) -> None:
    offenders = []
    for case in cases:
        page = mutations.target(case)
        plain = mutations.read(case, mutations.source(page))
        early = mutations.source(page).replace(b"<body", b"<body><p>\xe9\xa6\x96\xe9\xa1\xb5</p></body></html><div", 1)
        if mutations.read(case, early) != plain:
            offenders.append(case)
    assert offenders == []
