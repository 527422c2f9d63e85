"""The full-text index of the SQLite store: an FTS5 table over the folded texts of the latest versions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crawler.analysis.folding import tokens
from crawler.analysis.snapshot import OnProgress

STEP = 500  #: pages that are read at a time
SAVE = 20_000_000  #: characters between two commits of a first indexing: some seconds of work
SEARCHED = ("title", "body", "source", "author")  #: columns of the index

CREATE_SEARCH = (
    f"CREATE VIRTUAL TABLE search USING fts5({', '.join(SEARCHED)}, content='',"
    " tokenize='ascii')"  # what `tokens` makes is folded already
)
#: A first indexing collects more in memory before it writes a segment, and merges segments sixteen at a time alone.
_BUILDING = {"hashsize": 64 << 20, "automerge": 0, "crisismerge": 16}
#: Afterwards segments are merged little by little: sixteen at once took a refresh a minute.
_AFTERWARDS = {"automerge": 4, "crisismerge": 64}
_INSERT = f"INSERT INTO search (rowid, {', '.join(SEARCHED)}) VALUES (?,?,?,?,?)"
_TEXT = "p.title, t.body, p.source, p.author"
_PAGES_BEHIND = f"SELECT p.n, {_TEXT} FROM pages p JOIN texts t ON t.id = p.id WHERE p.n > ? ORDER BY p.n LIMIT ?"
#: The texts in the index whose pages have another version in ``heads``. CROSS JOIN: else SQLite reads all pages.
OUTDATED = (
    f"SELECT p.id, p.n, {_TEXT} FROM heads h CROSS JOIN pages p ON p.id = h.id AND p.revision <> h.revision"
    " CROSS JOIN versions t ON t.id = p.id AND t.revision = p.revision"
)


def index_all(db: sqlite3.Connection, on_progress: OnProgress, *, resumable: bool) -> None:
    """Indexes the texts of all pages; *resumable*: from where the table ``progress`` says that it was cut short."""
    total = db.execute("SELECT count(*) FROM pages").fetchone()[0]
    done = 0
    if resumable:
        done = db.execute("SELECT coalesce(max(reached), 0) FROM progress WHERE path = 'search'").fetchone()[0]
    _configure(db, _BUILDING)
    (cache,) = db.execute("PRAGMA cache_size").fetchone()
    db.execute("PRAGMA cache_size = -8192")  # pages are read in order, and what is written is not read again
    unsaved = 0
    db.execute("BEGIN")
    while pages := db.execute(_PAGES_BEHIND, (done, STEP)).fetchall():
        db.executemany(_INSERT, _folded(pages))
        done = pages[-1][0]
        unsaved += sum(len(text or "") for _, *texts in pages for text in texts)
        if unsaved >= SAVE:
            if resumable:
                db.execute("INSERT OR REPLACE INTO progress VALUES ('search', ?)", (done,))
            db.execute("COMMIT")
            db.execute("BEGIN")
            unsaved = 0
        on_progress(done, total)
    db.execute("COMMIT")
    db.execute(f"PRAGMA cache_size = {cache}")
    _configure(db, _AFTERWARDS)


def _configure(db: sqlite3.Connection, settings: Mapping[str, int]) -> None:
    """Changes settings of the FTS5 table, which it keeps."""
    db.executemany("INSERT INTO search (search, rank) VALUES (?,?)", settings.items())


def outdated_texts(db: sqlite3.Connection) -> dict[str, tuple[Any, ...]]:
    """Id -> (n, the texts in the index), of the pages whose latest version is another one from now on."""
    return {ident: tuple(rest) for ident, *rest in db.execute(OUTDATED)}


def index_new(db: sqlite3.Connection, outdated: Mapping[str, tuple[Any, ...]]) -> None:
    """Takes the *outdated* texts out of the index, and adds those of the versions in ``new_heads``."""
    db.executemany(f"INSERT INTO search (search, rowid, {', '.join(SEARCHED)}) VALUES ('delete', ?,?,?,?,?)",
                   _folded(outdated.values()))  # fmt: skip
    rows = db.execute(
        f"SELECT p.id, p.n, {_TEXT} FROM pages p JOIN texts t ON t.id = p.id"
        " WHERE p.id IN (SELECT n.id FROM new_heads n JOIN heads h ON h.id = n.id AND h.revision = n.revision)"
    )
    db.executemany(_INSERT, _folded(rest for _, *rest in rows))


def _folded(rows: Iterable[Iterable[Any]]) -> Iterator[tuple[Any, ...]]:
    for n, *texts in rows:
        yield (n, *map(tokens, texts))
