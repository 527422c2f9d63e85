"""The file of a local copy that names its store: what cannot be read of it is named, with the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.command import citynews


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"store": "/somewhere"}'])
@pytest.mark.parametrize("command", ["push", "pull"])
def test_one_that_cannot_be_read_is_4_and_says_what_to_do(tmp_path: Path, content: bytes, command: str) -> None:
    root = tmp_path / "archive"
    root.mkdir()
    home = root / ".store.json"
    home.write_bytes(content)
    (tmp_path / "store").mkdir()
    done = citynews(command, "--store", tmp_path / "store", "--output", root, code=None)
    assert (done.code, done.err.splitlines()[-1]) == (
        4,
        f"citynews: {home}: cannot be read; delete it, then pull again",
    )
    assert home.read_bytes() == content
