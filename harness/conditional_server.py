"""A scripted server with validators: it answers 304 to who has seen the page as it is."""

from __future__ import annotations

import hashlib
from email.utils import formatdate

from harness.scripted import Answer, Headers, Scripted


class Changing(Scripted):
    """Every page has an ETag and a Last-Modified, or those of *validators* that a test leaves it."""

    validators: tuple[str, ...] = ("ETag", "Last-Modified")

    def __init__(self) -> None:
        super().__init__()
        self.unchanged: list[str] = []  #: paths that were answered with 304

    def answer(self, path: str, headers: Headers) -> Answer:
        found = super().answer(path, headers)
        if found.status != 200 or callable(found.body):
            return found
        state = hashlib.sha256(found.body).digest()
        moment = 1_700_000_000 + int.from_bytes(state[:3])
        values = {"ETag": f'"{state.hex()[:16]}"', "Last-Modified": formatdate(moment, usegmt=True)}
        held = {name: values[name] for name in self.validators}
        asked = {"ETag": headers.get("If-None-Match"), "Last-Modified": headers.get("If-Modified-Since")}
        first = next(iter(held), None)
        if first and asked[first] == held[first]:
            self.unchanged.append(path)
            return Answer(b"", 304, held)
        return Answer(found.body, 200, found.headers | held, found.wait)
