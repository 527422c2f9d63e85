"""Faults put into the logic of extraction on purpose: whether a fast test notices them.

    python -m benchmarks.mutants [--sample N] [--seed N] [--only FILE:LINE] [--thresholds]

A mutant is one comparison negated, one ``and`` for ``or``, one ``not`` left out or one value returned as None, in
``crawler/extraction`` or ``crawler/values``; ``--thresholds`` doubles every number that a module keeps under a name
instead. Each one lives in a fork of this process, which has collected the tests: the code of the function is replaced,
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
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
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
    "-x", "-q", "-s", "-n0", "-W", "ignore", "-p", "no:cacheprovider", "-m", "not ci",
    "--ignore=tests/extraction/test_fuzz.py",
    "--deselect=tests/extraction/test_api.py::test_the_same_bytes_give_the_same_fields_in_any_process",
)  # fmt: skip
_CODE = str(PROJECT / "crawler")
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


class Session:
    """The tests, collected once: run without a fault, then in forks that have one. A plugin of pytest."""

    def __init__(self, judge: Callable[[Session], None]) -> None:
        self.watch, self._judge = Watch(), judge
        self._session: pytest.Session

    def pytest_collection(self) -> None:
        """Hypothesis draws the same values every time, and shrinks none; pytest must have imported it first."""
        from hypothesis import Phase, settings  # noqa: PLC0415 - pytest rewrites plugins that it imports first

        settings.register_profile(
            "mutants", derandomize=True, database=None, phases=[Phase.explicit, Phase.generate], deadline=None
        )
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._session = session
        session.config.pluginmanager.register(self.watch)
        if not self._passes(session.items):
            raise session.Failed("the tests fail without a fault")
        session.config.pluginmanager.unregister(self.watch)
        forget()
        self._judge(self)
        return True

    def notices(self, mutant: Mutant) -> bool:
        """Whether a test fails in a fork of this process that has *mutant* in it, or does not end."""
        child = os.fork()
        if child == 0:
            self._run(mutant)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return status != 0
            time.sleep(0.02)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return True

    def _run(self, mutant: Mutant) -> None:
        """Runs the tests that call what is wrong, the quick ones first, and ends this process: with 0 if they pass."""
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        code = 1
        try:
            mutant.apply()
            calling = self.watch.calls.get(mutant.function, set()) if mutant.function else self.watch.seconds
            items = [item for item in self._session.items if item.nodeid in calling]
            items.sort(key=lambda item: self.watch.seconds[item.nodeid])
            code = 0 if self._passes(items) else 1
        finally:
            os._exit(code)

    def _passes(self, items: Sequence[pytest.Item]) -> bool:
        for item, following in zip_longest(items, items[1:]):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._session.testsfailed:
                return False
        return True


def forget() -> None:
    """Empties every cache of a function: what it remembers hides what is wrong with it."""
    for held in gc.get_objects():
        if isinstance(held, functools._lru_cache_wrapper):
            held.cache_clear()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=60, help="mutants, by chance")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", help="a part of FILE:LINE of what is looked at; may repeat")
    parser.add_argument("--thresholds", action="store_true", help="double every threshold instead")
    options = parser.parse_args(arguments)
    os.chdir(PROJECT)
    os.nice(15)
    make = thresholds if options.thresholds else faults
    mutants = [m for path, module in sources() for m in make(path, module)]
    if options.only:
        mutants = [m for m in mutants if any(part in m.where for part in options.only)]
    if not options.thresholds:
        chance = random.Random(options.seed)
        mutants = chance.sample(mutants, min(options.sample, len(mutants)))
    survivors: list[Mutant] = []

    def judge(session: Session) -> None:
        for mutant in mutants:
            if not session.notices(mutant):
                survivors.append(mutant)
                print(f"{'limit' if mutant.limit else 'survives'}: {mutant.where}: {mutant.change}", flush=True)

    if code := pytest.main([*OPTIONS, *TESTS], plugins=[Session(judge)]):
        return int(code)
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} noticed")
    if options.thresholds:
        return 1 if any(not mutant.limit for mutant in survivors) else 0
    return 0 if len(survivors) <= (1 - WANTED) * len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
