"""`citynews browse` as a process of its own, and what it answers."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from harness.command import start
from harness.waiting import until

Parameters = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (names in lower case) and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


@dataclass(frozen=True, slots=True)
class Site:
    """A running web application."""

    base: str

    def address(self, path: str, parameters: Parameters | None = None) -> str:
        return self.base + path + (f"?{urlencode(parameters)}" if parameters else "")

    def get(
        self,
        path: str,
        parameters: Parameters | None = None,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """What the server answers, whatever its status."""
        request = Request(self.address(path, parameters), method=method, headers=headers or {})
        try:
            with urlopen(request, timeout=60) as answer:
                return Answer(answer.status, _lower(answer.headers), answer.read())
        except HTTPError as error:
            with error:
                return Answer(error.code, _lower(error.headers), error.read())

    def json(self, path: str, parameters: Parameters | None = None) -> Any:
        """The JSON of a page; it must be there."""
        answer = self.get(f"{path}.json", parameters)
        assert answer.status == 200, answer.text
        return json.loads(answer.body)


@contextmanager
def browsing(root: Path, index: Path, *options: str) -> Iterator[Site]:
    """The real command, on a port that is free, with an index of its own; ended by Ctrl-C."""
    process = start("browse", "--output", root, "--port", "0", "--index", index, *options)
    assert process.stderr is not None
    try:
        said = ""
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", said)):
            line = process.stderr.readline().decode()
            assert line, f"browse ended: {said}"
            said += line
        site = Site(found[0])
        until(lambda: site.get("/search.json").status != 503, "the index is there")
        yield site
    finally:
        os.killpg(process.pid, signal.SIGINT)
        _, rest = process.communicate(timeout=120)
        assert b"Traceback" not in rest, rest.decode()
        assert process.returncode == 130, f"exit {process.returncode}: {rest.decode()}"


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
