"""What `pip install citynews` brings: small enough for a machine that only crawls."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
MOST = 150_000_000  #: bytes, of the files themselves


def closure(name: str) -> set[str]:
    """The distributions that *name* needs without extras, those included that these need."""
    found: set[str] = set()
    left = [(name, frozenset[str]())]
    while left:
        owner, extras = left.pop()
        for text in distribution(owner).requires or []:
            need = Requirement(text)
            key = canonicalize_name(need.name)
            wanted = any(need.marker.evaluate({"extra": extra}) for extra in (extras or {""})) if need.marker else True
            if wanted and key not in found:
                found.add(key)
                left.append((key, frozenset(need.extras)))
    return found


def size(name: str) -> int:
    """Bytes of the installed files of the distribution *name*; of citynews, which may be editable, of its folder."""
    if name == "citynews":
        files = (path for path in (ROOT / "crawler").rglob("*") if path.is_file())
        return sum(path.stat().st_size for path in files if path.suffix != ".pyc")  # some are of other Pythons
    found = distribution(name)
    paths = [Path(str(found.locate_file(file))) for file in found.files or []]
    return sum(path.stat().st_size for path in paths if path.is_file())


def test_the_core_stays_below_150_mb() -> None:
    sizes = {name: size(name) for name in closure("citynews") | {"citynews"}}
    largest = sorted(sizes.items(), key=lambda pair: -pair[1])[:8]
    assert sum(sizes.values()) < MOST, f"{sum(sizes.values()) / 1e6:.0f} MB; the largest: {largest}"


def test_no_extra_is_part_of_the_core() -> None:
    core = closure("citynews")
    for extra in ("duckdb", "polars", "pandas", "playwright", "obstore", "distributed", "zstandard"):
        assert extra not in core
