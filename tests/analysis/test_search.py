"""Search finds what a look at every text finds, and nothing else."""

from __future__ import annotations

import random
import re
import sqlite3
import unicodedata

import pytest

from crawler.analysis import query
from crawler.analysis.folding import fold, holds, tokens
from tests.analysis.conftest import Known

CHOSEN = (
    "交通", "数字孪生", "外交", "会计", "香", "人民政府", "5G基站", "基站5G", "5g", "ai", "smart city", "smart", "cit*",
    "c++", "C++：车",
    "strasse", "straße", "2026", "2026年", "２０２６年", "会，计", "e-bus",
    "e-", "。", "，", "（试行）", "网讯", "第7篇", "open data", "g基",
)  # fmt: skip


def plain(text: str) -> str:
    """Folding, written another way."""
    return " ".join(re.split(r"\s+", unicodedata.normalize("NFKC", text).lower().replace("ς", "σ")))


def brute(folded: str, term: str, *, prefix: bool = False) -> bool:
    """The definition, written another way."""
    letters = r"[^\W_\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
    before = f"(?<!{letters})" if re.match(letters, term) else ""
    behind = f"(?!{letters})" if re.search(f"{letters}$", term) and not prefix else ""
    return re.search(before + re.escape(term) + behind, folded) is not None


def found(db: sqlite3.Connection, text: str) -> set[str]:
    sql, values = query.condition(query.parse(text))
    return {row[0] for row in db.execute(f"SELECT p.url FROM pages p WHERE {sql}", values)}


@pytest.mark.parametrize("term", CHOSEN)
def test_chosen_terms(known: Known, db: sqlite3.Connection, term: str) -> None:
    folded, prefix = fold(term.rstrip("*")), term.endswith("*")
    wanted = {
        url for url, story in known.truth.seen.items()
        if any(brute(plain(text), folded, prefix=prefix)
               for text in (known.truth.bodies[url][-1], story.title, story.source or ""))
    }  # fmt: skip
    quoted = f'"{term.rstrip("*")}"' + "*" * prefix
    assert found(db, quoted) == wanted


def test_a_thousand_random_substrings(known: Known, db: sqlite3.Connection) -> None:
    rng = random.Random(7)
    texts = {url: plain(versions[-1]) for url, versions in known.truth.bodies.items()}
    urls = sorted(texts)
    hits = 0
    for _ in range(1000):
        text = texts[rng.choice(urls)]
        at = rng.randrange(len(text))
        term = text[at : at + rng.randrange(1, 9)].strip()
        if not term or '"' in term:
            continue
        wanted = {url for url in urls if brute(texts[url], term)}
        assert found(db, f'body:"{term}"') == wanted, term
        hits += len(wanted)
    assert hits > 3000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("交通 规划", "交通 AND 规划"),
        ("交通 AND 规划 OR 会计", "交通 AND 规划 OR 会计"),
        ("交通 (规划 OR 会计)", "交通 AND (规划 OR 会计)"),
        ("交通 -规划", "交通 AND NOT 规划"),
        ("NOT (香 OR 会计)", "NOT (香 OR 会计)"),
        ("title:交通 body:“open data”", 'title:交通 AND body:"open data"'),
        ("title:(交通 -香)", "title:交通 AND NOT title:香"),
        ("ＳＭＡＲＴ*", "smart*"),
        ("e-bus", "e-bus"),
    ],
)  # fmt: skip
def test_queries_are_read_and_said_in_words(known: Known, db: sqlite3.Connection, text: str, shown: str) -> None:
    parsed = query.parse(text)
    assert str(parsed) == shown
    assert query.parse(shown) == parsed
    wanted = set()
    for url, story in known.truth.seen.items():
        texts = {"title": story.title, "body": known.truth.bodies[url][-1], "source": story.source or "", "author": ""}
        if query.matches(parsed, {name: fold(value) for name, value in texts.items()}):
            wanted.add(url)
    assert found(db, text) == wanted


@pytest.mark.parametrize("text", ["", "  ", "(交通", "交通)", "交通 OR", "NOT", "title:", '""', "AND 交通", "-"])
def test_queries_that_are_none(text: str) -> None:
    if text in {"title:", "-"}:
        assert isinstance(query.parse(text), query.Term)  # a word like any other
        return
    with pytest.raises(query.QueryError):
        query.parse(text)


def test_every_character_is_a_token_that_sqlite_keeps() -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE s USING fts5(a, content='', tokenize='unicode61 remove_diacritics 0')")
    db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(s, 'row')")
    characters = [chr(n) for n in range(0x20, 0x110000) if not 0xD800 <= n < 0xE000]
    made = {token for each in characters for token in tokens(each).split()}
    ordered = sorted(made)
    db.executemany("INSERT INTO s (rowid, a) VALUES (?, ?)",
                   ((n, " ".join(ordered[n : n + 1000])) for n in range(0, len(ordered), 1000)))  # fmt: skip
    assert {row[0] for row in db.execute("SELECT term FROM v")} == made
    assert len(made) > 150_000


def test_words_are_whole_and_chinese_is_not() -> None:
    assert holds(fold("智慧交通AI系统"), "ai")
    assert not holds(fold("fair"), "ai")
    assert holds(fold("fair air"), "ai", prefix=True)
    assert holds(fold("外交通商"), "交通")
    assert not holds(fold("会，计"), "会计")
    assert holds(fold("ＡＩ"), "ai")
