"""Labels: each is there in both languages, with the same parts, and each that is asked for is there."""

from __future__ import annotations

import re
import string
from pathlib import Path

import crawler.analysis
from crawler.analysis.browse.columns import FACETS
from crawler.analysis.browse.state import COUNTS, SORTS
from crawler.analysis.query import FIELDS
from crawler.analysis.web.labels import LABELS

PACKAGE = Path(crawler.analysis.__file__).parent
_ASKED = re.compile(r"""\b(?:t|label|source\.label)\(\s*["'](\w+)["']\s*[,)]""")
_CHECKS = re.compile(r"\"(check_\w+)\"")


def parts(text: str) -> set[str]:
    """The names that are filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same() -> None:
    assert [key for key, (chinese, english) in LABELS.items() if not chinese or not english] == []
    assert [key for key, (chinese, english) in LABELS.items() if parts(chinese) != parts(english)] == []
    chinese = re.compile("[\u4e00-\u9fff]")
    assert [key for key, (_, english) in LABELS.items() if chinese.search(english) and "hint" not in key] == [
        "other_language"
    ]


def test_what_is_asked_for_is_there() -> None:
    texts = [path.read_text("utf-8") for suffix in ("*.py", "*.html") for path in PACKAGE.rglob(suffix)]
    asked = {key for text in texts for pattern in (_ASKED, _CHECKS) for key in pattern.findall(text)}
    made = {f"{kind}_{name}" for kind, names in (
        ("facet", FACETS), ("sort", SORTS), ("count", COUNTS), ("found", COUNTS), ("field", ("", *FIELDS)),
        ("by", ("day", "week", "month")),
    ) for name in names}  # fmt: skip
    assert len(asked) > 100
    assert (asked | made) - LABELS.keys() == set()
