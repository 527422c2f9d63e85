"""Search finds what a look at every text finds, and nothing else."""

from __future__ import annotations

import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.analysis import folding, full_text, query, sqlite_store
from crawler.analysis.folding import fold, holds, tokens
from crawler.analysis.loose import LooseLines
from crawler.analysis.names import facts
from crawler.analysis.search_index import SearchIndex, made_of, remember
from crawler.analysis.selection import Selection
from crawler.analysis.snapshot import Snapshot
from crawler.archive.read.reader import Reader
from harness.command import citynews
from tests.analysis.conftest import Known, tables

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


def test_random_substrings(known: Known, db: sqlite3.Connection) -> None:
    rng = random.Random(7)
    texts = {url: plain(versions[-1]) for url, versions in known.truth.bodies.items()}
    urls = sorted(texts)
    hits = 0
    for _ in range(300):
        text = texts[rng.choice(urls)]
        at = rng.randrange(len(text))
        term = text[at : at + rng.randrange(1, 9)].strip()
        if not term or '"' in term:
            continue
        wanted = {url for url in urls if brute(texts[url], term)}
        assert found(db, f'body:"{term}"') == wanted, term
        hits += len(wanted)
    assert hits > 900


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
    sql, values = query.numbers(parsed)
    assert {row[0] for row in db.execute(f"SELECT url FROM pages WHERE n IN ({sql})", values)} == wanted


@pytest.mark.parametrize("text", ["", "  ", "(交通", "交通)", "交通 OR", "NOT", "title:", '""', "AND 交通", "-"])
def test_queries_that_are_none(text: str) -> None:
    if text in {"title:", "-"}:
        assert isinstance(query.parse(text), query.Term)  # a word like any other
        return
    with pytest.raises(query.QueryError):
        query.parse(text)


@pytest.mark.parametrize("opening", ["(", "NOT ", "-", "title:", "(NOT title:"])
def test_queries_have_a_bound(db: sqlite3.Connection, opening: str) -> None:
    with pytest.raises(query.QueryError, match="within each other"):
        query.parse(opening * 5000 + "交通")
    for joint in (" ", " OR "):
        with pytest.raises(query.QueryError, match="terms"):
            query.parse(joint.join(["交通"] * (query.MOST_TERMS + 1)))
        assert found(db, joint.join(["交通"] * query.MOST_TERMS)) == found(db, "交通")


@pytest.mark.ci
def test_every_character_is_a_token_that_sqlite_keeps() -> None:
    characters = [chr(n) for n in range(0x20, 0x110000) if not 0xD800 <= n < 0xE000]
    made = {token for character in characters for token in tokens(character).split()}
    ordered = sorted(made)
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE VIRTUAL TABLE s USING fts5(a, content='', tokenize='ascii')")
        db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(s, 'row')")
        db.executemany("INSERT INTO s (rowid, a) VALUES (?, ?)",
                       ((n, " ".join(ordered[n : n + 1000])) for n in range(0, len(ordered), 1000)))  # fmt: skip
        assert {row[0] for row in db.execute("SELECT term FROM v")} == made
    assert len(made) > 150_000


MIXED = st.lists(
    st.one_of(
        st.sampled_from([*"会计，。（）！ \u3000\n、—“A5gé々〇ⅷ①ﬁΣς̸=＝𠀀한ーⅣ", "智慧交通", "5G", "smart city"]),
        st.characters(),
    )
).map("".join)


@given(MIXED)
def test_texts_are_folded_and_cut_by_the_definition(text: str) -> None:
    folded = plain(text)
    assert fold(text) == folded
    cjk = folding._CJK
    pieces = re.findall(f"[{cjk}]+|[^\\W_{cjk}]+", folded)
    wanted = [
        piece[at : at + 2] if re.match(f"[{cjk}]", piece) else piece
        for piece in pieces
        for at in range(len(piece) if re.match(f"[{cjk}]", piece) else 1)
    ]
    assert tokens(text).split() == wanted


def test_words_are_whole_and_chinese_is_not() -> None:
    assert holds(fold("智慧交通AI系统"), "ai")
    assert not holds(fold("fair"), "ai")
    assert holds(fold("fair air"), "ai", prefix=True)
    assert holds(fold("外交通商"), "交通")
    assert not holds(fold("会，计"), "会计")
    assert holds(fold("ＡＩ"), "ai")


@pytest.mark.ci
def test_remove_purges_the_index_and_names_the_rest(known: Known, tmp_path: Path) -> None:
    root, env = Path(shutil.copytree(known.root, tmp_path / "archive")), {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    story = next(s for s in known.truth.seen.values() if s.copy_of is None and len(known.truth.bodies[s.url]) > 1)
    words = known.truth.bodies[story.url][-1][:12].strip("，。 ")
    search = ("search", f'"{words}"', "--output", root, "--count")
    assert citynews(*search, env=env).out == "1\n"
    citynews(*search, "--index", tmp_path / "other.sqlite3", env=env)
    citynews("export", tmp_path / "pages.csv", "--output", root, env=env)
    done = citynews("remove", story.id, "--reason", "asked to", "--output", root, "--json", env=env)
    assert done.summary["index_deleted"] is True
    assert done.summary["made_before"] == [str(tmp_path / "other.sqlite3"), str(tmp_path / "pages.csv")]
    assert f"{tmp_path / 'pages.csv'} was exported earlier and may contain it" in done.out
    left = [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]
    assert not [file for file in left if words.encode() in file.read_bytes()]
    assert citynews(*search, env=env).out == "0\n"
    again = citynews(*search, "--index", tmp_path / "other.sqlite3", env=env)
    assert again.out == "0\n"
    assert "rebuilt: `citynews remove`" in again.err
    assert words.encode() not in (tmp_path / "other.sqlite3").read_bytes()


def test_a_killed_index_goes_on(known: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_store, "STEP", 40)
    monkeypatch.setattr(full_text, "STEP", 40)
    monkeypatch.setattr(full_text, "SAVE", 1)
    whole = SearchIndex(known.root, tmp_path / "whole.sqlite3")
    whole.bring_up()
    wanted = tables(whole.path)
    index, deaths = SearchIndex(known.root, tmp_path / "killed.sqlite3"), 0

    class KilledError(Exception):
        pass

    def dying(at: int) -> Callable[[int, int], None]:
        def told(done: int, total: int) -> None:
            nonlocal at
            at -= 1
            if at == 0:
                raise KilledError

        return told

    while not index.path.exists():
        try:
            index.bring_up(on_progress=dying(4))
        except KilledError:
            deaths += 1
            assert deaths < 200
    assert deaths > 5
    assert tables(index.path) == wanted
    assert not list(tmp_path.glob("killed.sqlite3.building*"))


def test_killed_for_real_it_goes_on(known: Known, tmp_path: Path) -> None:
    index = tmp_path / "index.sqlite3"
    program = "import sys; from crawler.analysis import full_text, sqlite_store\n"
    program += "sqlite_store.STEP, full_text.STEP, full_text.SAVE = 30, 30, 1\n"
    program += "from pathlib import Path; from crawler.analysis.search_index import SearchIndex; import os\n"
    program += "left = int(sys.argv[3])\ndef told(done, total):\n    global left; left -= 1\n"
    program += "    if left == 0: os.kill(os.getpid(), 9)\n"
    program += "index = SearchIndex(Path(sys.argv[1]), Path(sys.argv[2]))\nindex.bring_up(on_progress=told)"
    codes = []
    for left in (1, 3, 9, 1000):
        done = subprocess.run([sys.executable, "-c", program, str(known.root), str(index), str(left)], check=False)
        codes.append(done.returncode)
    assert codes == [-9, -9, -9, 0]
    assert tables(index) == tables(known.index)


def test_single_lines_are_asked_as_the_index_is(known: Known, db: sqlite3.Connection) -> None:
    """What saved queries look at: every page by itself, without an index."""
    records = [dict(record) for record in Reader(known.root).pages(latest=True)]
    asked = [Selection(query=term) for term in ("交通", "title:规划 OR source:网", "smart city -交通", '"5G基站"')]
    asked += [Selection(kind="copy", query="的"), Selection(portals=("afzhan",)), Selection(since="2026-09-10")]
    with LooseLines(records, facts(Snapshot.of(known.root))) as lines:
        for choice in asked:
            condition, values = choice.condition()
            wanted = {url for (url,) in db.execute(f"SELECT p.url FROM pages p WHERE {condition}", values)}
            assert {records[place]["url"] for place in lines.matching(choice)} == wanted, choice


def test_words_within_fields() -> None:
    parsed = query.within(query.parse('交通 -(title:香 OR "a b") e*'), ("title", "source"))
    assert str(query.parse(str(parsed))) == str(parsed)
    assert str(parsed) == (
        '(title:交通 OR source:交通) AND NOT (title:香 OR title:"a b" OR source:"a b") AND (title:e* OR source:e*)'
    )
    for text in ('"-x"', '"title:x"', '"x*"', '"or"'):
        assert query.parse(str(query.parse(text))) == query.parse(text)


def test_a_refresh_does_not_merge_all_segments_of_a_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifteen segments and one more: sixteen merged at once would write the whole index again."""
    monkeypatch.setattr(full_text, "STEP", 10)
    monkeypatch.setattr(full_text, "SAVE", 1)  # a segment for each step
    rng = random.Random(7)
    texts = ["".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(4000)) for _ in range(160)]
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(
        f"{full_text.CREATE_SEARCH}; CREATE TABLE pages (n INTEGER, id, title, source, author);"
        " CREATE TABLE texts (id, body)"
    )
    db.executemany("INSERT INTO pages VALUES (?, ?, '', '', '')", ((n, n) for n in range(1, 151)))
    db.executemany("INSERT INTO texts VALUES (?, ?)", enumerate(texts[:150], 1))
    full_text.index_all(db, lambda done, total: None, resumable=False)
    blocks = "SELECT id, length(block) FROM search_data WHERE id > 10"
    built = dict(db.execute(blocks))
    assert len({ident >> 37 for ident in built}) == 15  # segments
    db.execute("BEGIN")
    rows = ((n, "", tokens(text), "", "") for n, text in enumerate(texts[150:], 151))
    db.executemany("INSERT INTO search (rowid, title, body, source, author) VALUES (?,?,?,?,?)", rows)
    db.execute("COMMIT")
    written = sum(size for ident, size in db.execute(blocks) if ident not in built)
    assert 0 < written < sum(built.values()) / 3
    db.close()


@pytest.mark.parametrize("options", [(b"a\xff",), ("a", "--source", b"\xff"), ("a", "--place", b"\xff")])
def test_what_is_no_utf_8_is_said(known: Known, tmp_path: Path, options: tuple[str | bytes, ...]) -> None:
    arguments = map(os.fsdecode, options)
    done = citynews("search", *arguments, "--output", known.root, "--index", tmp_path / "index.sqlite3", code=2)
    assert "not valid UTF-8" in done.err


def test_an_export_whose_name_is_no_utf_8_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    targets = [tmp_path / os.fsdecode(b"x\xff.csv"), tmp_path / "y.csv"]
    for target in (*targets, *targets):
        target.touch()
        remember("0" * 32, target)
    assert made_of("0" * 32) == targets
