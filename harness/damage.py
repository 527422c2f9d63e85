"""Ways to damage an archive behind its back, each at a place that chance chooses."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

#: What holds the archive; state/ and the lock are not part of it.
FILES = ("*/*/*.jsonl*", "warc/*/*.warc.gz", "warc/*/*.cdxj", "runs/*.json")


def pick(root: Path, chance: random.Random, patterns: tuple[str, ...] = FILES) -> Path:
    """A file that is not empty; every kind is as likely as the others."""
    kinds = [[f for f in sorted(root.glob(pattern)) if f.stat().st_size] for pattern in patterns]
    return chance.choice(chance.choice([kind for kind in kinds if kind]))


def flip(root: Path, chance: random.Random) -> str:
    """One bit."""
    file = pick(root, chance)
    data = bytearray(file.read_bytes())
    bit = chance.randrange(len(data) * 8)
    data[bit // 8] ^= 1 << bit % 8
    file.write_bytes(data)
    return f"bit {bit % 8} of byte {bit // 8} of {len(data)} in {file.relative_to(root)}"


def cut(root: Path, chance: random.Random) -> str:
    """The end of a file."""
    file = pick(root, chance)
    size = file.stat().st_size
    kept = chance.choice((size - 1, 0, chance.randrange(size)))
    file.write_bytes(file.read_bytes()[:kept])
    return f"{file.relative_to(root)} cut to {kept} of {size} bytes"


def grow(root: Path, chance: random.Random) -> str:
    """Bytes at the end of a file: its own, a line feed, or zeros."""
    file = pick(root, chance)
    data = file.read_bytes()
    file.write_bytes(data + chance.choice((b"\n", b"\0" * 512, data[-100:], data)))
    return f"{file.relative_to(root)} grew from {len(data)} bytes"


def hole(root: Path, chance: random.Random) -> str:
    """A range of bytes in the middle that is gone, or has become zeros."""
    file = pick(root, chance)
    data = file.read_bytes()
    begin = chance.randrange(len(data))
    end = min(len(data), begin + chance.choice((1, 7, 512)))
    zeros = b"" if chance.random() < 0.5 else b"\0" * (end - begin)
    if data[begin:end] == zeros:
        zeros = b""
    file.write_bytes(data[:begin] + zeros + data[end:])
    return f"bytes {begin} to {end} of {file.relative_to(root)} became {len(zeros)} zeros"


def _lines(root: Path, chance: random.Random) -> tuple[Path, list[bytes]]:
    file = pick(root, chance, ("*/*/*.jsonl", "warc/*/*.cdxj"))
    return file, file.read_bytes().splitlines(keepends=True)


def lose_line(root: Path, chance: random.Random) -> str:
    """A whole line that is gone."""
    file, lines = _lines(root, chance)
    number = chance.randrange(len(lines))
    file.write_bytes(b"".join(lines[:number] + lines[number + 1 :]))
    return f"line {number} of {file.relative_to(root)} is gone"


def double_line(root: Path, chance: random.Random) -> str:
    """A whole line that stands twice."""
    file, lines = _lines(root, chance)
    number = chance.randrange(len(lines))
    file.write_bytes(b"".join([*lines[: number + 1], lines[number], *lines[number + 1 :]]))
    return f"line {number} of {file.relative_to(root)} stands twice"


def swap_lines(root: Path, chance: random.Random) -> str:
    """Two lines that changed places."""
    file, lines = _lines(root, chance)
    while len(lines) < 2:
        file, lines = _lines(root, chance)
    one, other = chance.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    file.write_bytes(b"".join(lines))
    return f"lines {one} and {other} of {file.relative_to(root)} changed places"


def lose_file(root: Path, chance: random.Random) -> str:
    """A whole file."""
    file = pick(root, chance)
    file.unlink()
    return f"{file.relative_to(root)} is gone"


def swap_files(root: Path, chance: random.Random) -> str:
    """Two files of a kind under each other's names."""
    pattern = chance.choice(("articles/*/*.jsonl*", "observations/*/*.jsonl*", "warc/*/*.warc.gz", "runs/*.json"))
    one, other = chance.sample(sorted(root.glob(pattern)), 2)
    data = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(data)
    return f"{one.relative_to(root)} and {other.relative_to(root)} changed places"


def stray(root: Path, chance: random.Random) -> str:
    """A file that no run has written."""
    file = pick(root, chance)
    other = file.with_name(chance.choice((f"copy-{file.name}", f"{file.name}~", "1999-01.jsonl", "0.json")))
    other.write_bytes(file.read_bytes())
    return f"{other.relative_to(root)} has appeared"


KINDS: tuple[Callable[[Path, random.Random], str], ...] = (
    flip, flip, flip, flip, cut, grow, hole, lose_line, double_line, swap_lines, lose_file, swap_files,
)  # fmt: skip
