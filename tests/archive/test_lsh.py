"""The tables of band keys: what is found does not depend on how many there are, or on the order of insertion."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from crawler.archive.index import lsh
from crawler.archive.index.lsh import MOST_OF_A_KEY, BandTable
from crawler.archive.storage.sqlite import Database
from harness.command import CHECKOUT
from harness.lsh_bodies import rows


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that are full after a few bodies, so that a few hundred go through all of them."""
    monkeypatch.setattr(lsh, "YOUNG", 32)
    monkeypatch.setattr(lsh, "RATIO", 2)


@contextmanager
def filled(path: Path, inserted: list[tuple[list[int], int]]) -> Iterator[BandTable]:
    with closing(Database(path, lsh.TABLES)) as database:
        found = BandTable(database)
        for number, (keys, doc) in enumerate(inserted):
            found.insert(keys, doc)
            if number % 50 == 0:
                found.settle()
        yield found


@pytest.mark.usefixtures("small")
def test_every_order_finds_the_same(tmp_path: Path) -> None:
    inserted = rows(300)
    truth: dict[int, set[int]] = {}
    for keys, doc in inserted:
        for key in keys:
            truth.setdefault(key, set()).add(doc)
    expected = {key: sorted(docs)[:MOST_OF_A_KEY] for key, docs in truth.items()}
    keys = sorted(truth)
    with filled(tmp_path / "one", inserted) as found:
        names = ["near_young", *(f"near_{level}" for level in range(lsh.LEVELS))]
        held = [found._db.one(f"SELECT count(*) FROM {name}")[0] for name in names]
        assert sum(count > 0 for count in held) >= 3, held
        assert held[1] == 0  # which is only there to be merged
        assert found.holders(keys) == expected
        assert found.holders([123456]) == {}
    with filled(tmp_path / "two", [*inserted[::-1], *inserted[:20]]) as backward:
        assert backward.holders(keys) == expected


@pytest.mark.usefixtures("small")
def test_who_opens_the_tables_again_finds_the_same(tmp_path: Path) -> None:
    inserted = rows(100)
    keys = range(-200, 1000)
    with filled(tmp_path / "one", inserted) as found:
        found._db.commit()
        expected = found.holders(keys)
    with closing(Database(tmp_path / "one", lsh.TABLES)) as database:
        assert BandTable(database).holders(keys) == expected


@pytest.mark.usefixtures("small")
def test_a_merge_that_is_rolled_back_has_not_been(tmp_path: Path) -> None:
    inserted = rows(40)
    with filled(tmp_path / "one", inserted[:15]) as found:
        found._db.commit()
        before = found.holders(range(-200, 1000))
        for keys, doc in inserted[15:]:
            found.insert(keys, doc)
        assert found.holders(range(-200, 1000)) != before
        found._db.rollback()
        again = BandTable(found._db)
        assert again.holders(range(-200, 1000)) == before


#: Merges 2,000 bodies in the database it is given, and is killed at the step it is given, if the merge gets that far.
_DYING = """
import os, signal, sys
from pathlib import Path
from crawler.archive.index import lsh
from crawler.archive.index.lsh import BandTable
from crawler.archive.storage.sqlite import Database
from harness.lsh_bodies import rows
lsh.YOUNG = 1024
database = Database(Path(sys.argv[1]), lsh.TABLES)
found, steps = BandTable(database), iter(range(int(sys.argv[2])))
lsh.PATIENCE = 10**6
for keys, doc in rows(2000):
    found.insert(keys, doc)
database.commit()
database._db.set_progress_handler(lambda: next(steps, None) is None and os.kill(os.getpid(), signal.SIGKILL), 500)
found.settle()
database.commit()
database._db.set_progress_handler(None, 0)
print(*[database.one(f"SELECT count(*) FROM near_{level}")[0] for level in range(lsh.LEVELS)])
"""


@pytest.mark.ci
def test_who_is_killed_in_the_middle_of_a_merge_has_not_merged(tmp_path: Path) -> None:
    """At several places of it: what is found is the same, and the next one merges."""
    truth: dict[int, set[int]] = {}
    for keys, doc in rows(2000):
        for key in keys:
            truth.setdefault(key, set()).add(doc)
    expected = {key: sorted(docs)[:MOST_OF_A_KEY] for key, docs in truth.items()}
    ends = []
    for steps in (1, 30, 100, 300, 100_000):
        path = tmp_path / str(steps)
        command = [sys.executable, "-c", _DYING, str(path), str(steps)]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        ends.append(done.returncode)
        with closing(Database(path, lsh.TABLES)) as database:
            assert database.sound()
            found = BandTable(database)
            assert found.holders(sorted(truth)) == expected
            young = database.one("SELECT count(*) FROM near_young")[0]
            assert (young == 0) == (done.returncode == 0), done.stderr
    assert ends == [-signal.SIGKILL] * 4 + [0]
