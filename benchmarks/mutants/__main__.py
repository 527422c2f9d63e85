"""Faults put into the logic of extraction on purpose: whether a fast test notices them.

    python -m benchmarks.mutants [--sample N] [--seed N] [--only PATH] [--thresholds]

A mutant is one comparison negated, one ``and`` for ``or``, one ``not`` left out or one value returned as None, in
``crawler/extraction`` or ``crawler/values``; ``--thresholds`` doubles every number that a module keeps under a name
instead. Each one lives in a fork of this process, which has everything imported: the code of the function is replaced,
and the tests that call it run until the first that fails. Prints every survivor; exits 1 where fewer than 95 % are
noticed, or where a threshold is that no test pins and that is no limit against hostile pages.
"""

from __future__ import annotations

import argparse
import functools
import gc
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from types import FrameType

import pytest

from benchmarks.mutants.faults import PROJECT, Mutant, faults, sources, thresholds

#: The fast tests, those that most often notice a fault first. What takes seconds a test (megabytes, other processes) is
#: left out.
TESTS = (
    "tests/extraction/test_text.py",
    "tests/extraction/test_fields.py",
    "tests/values",
    "tests/extraction/test_pages.py",
    "tests/extraction",
)
OPTIONS = (
    "-x", "-q", "-n0", "-p", "no:cacheprovider", "-m", "not ci", "--ignore=tests/extraction/test_fuzz.py",
    "--deselect=tests/extraction/test_api.py::test_the_same_bytes_give_the_same_fields_in_any_process",
)  # fmt: skip
_CODE = str(PROJECT / "crawler")
_NO_TESTS = 5  #: what pytest ends with where no test is chosen
WANTED = 0.95  #: share of mutants that the tests notice
PATIENCE = 120  #: seconds until a mutant counts as noticed: it runs for ever


class Watch:
    """What every test calls, and how long it takes: a plugin of pytest for the run without a fault."""

    def __init__(self) -> None:
        self.calls: dict[tuple[str, int], set[str]] = {}  #: (file, first line) of a function -> the tests that call it
        self.seconds: dict[str, float] = {}
        self._test = ""

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        self._test, began = item.nodeid, time.process_time()
        sys.setprofile(self._note)
        yield
        sys.setprofile(None)
        self.seconds[item.nodeid] = time.process_time() - began

    def _note(self, frame: FrameType, event: str, _value: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(_CODE):
            code = frame.f_code
            self.calls.setdefault((code.co_filename, code.co_firstlineno), set()).add(self._test)


class Chosen:
    """Runs the tests that call a function, the quick ones first: a plugin of pytest for a run with a fault."""

    def __init__(self, watch: Watch, function: tuple[str, int] | None) -> None:
        self._watch, self._wanted = watch, watch.calls.get(function) if function else None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self._wanted is not None:
            items[:] = [item for item in items if item.nodeid in self._wanted]
        items.sort(key=lambda item: self._watch.seconds.get(item.nodeid, 0.0))


def noticed(mutant: Mutant, watch: Watch) -> bool:
    """Whether a test fails in a fork of this process that has *mutant* in it, or does not end."""
    child = os.fork()
    if child == 0:
        _run(mutant, watch)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status not in (0, _NO_TESTS << 8)
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _run(mutant: Mutant, watch: Watch) -> None:
    """Runs the tests with *mutant* in this process and ends it: with 0 where they pass."""
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    code = 1
    try:
        mutant.apply()
        code = int(pytest.main([*OPTIONS, *TESTS], plugins=[Chosen(watch, mutant.function)]))
    finally:
        os._exit(code)


def _clean_run() -> Watch:
    """Runs all tests once, which imports what the forks need, and forgets what functions have remembered since."""
    watch = Watch()
    if code := pytest.main([*OPTIONS, *TESTS], plugins=[watch]):
        raise SystemExit(f"the tests fail without a fault: {code}")
    for held in gc.get_objects():
        if isinstance(held, functools._lru_cache_wrapper):
            held.cache_clear()
    return watch


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=60, help="mutants, by chance")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="a part of the path of the files that are looked at")
    parser.add_argument("--thresholds", action="store_true", help="double every threshold instead")
    options = parser.parse_args(arguments)
    os.chdir(PROJECT)
    os.nice(15)
    make = thresholds if options.thresholds else faults
    mutants = [m for path, module in sources() if options.only in str(path) for m in make(path, module)]
    if not options.thresholds:
        chance = random.Random(options.seed)
        mutants = chance.sample(mutants, min(options.sample, len(mutants)))
    watch, survivors = _clean_run(), []
    for mutant in mutants:
        if not noticed(mutant, watch):
            survivors.append(mutant)
            print(f"{'limit' if mutant.limit else 'survives'}: {mutant.where}: {mutant.change}", flush=True)
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} noticed")
    if options.thresholds:
        return 1 if any(not mutant.limit for mutant in survivors) else 0
    return 0 if len(survivors) <= (1 - WANTED) * len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
