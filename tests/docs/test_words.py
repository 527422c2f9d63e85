"""Plain words: no metaphors for parts of the program, no turns of phrase that a reader has to learn.

Looked for in the package (code, comments, messages), in the documentation and in what tests and benchmarks share. A
word of another meaning is allowed where it is listed, with its reason.
"""

from __future__ import annotations

import functools
import re

import pytest

from tests.docs.pages import PAGES, ROOT

_UNITS = "run|visit|second|portal|page|line|file|field|record|request|month|article|answer|address|site|core|task|host"
_COUNTED = (
    "once twice one lines? articles pages requests bytes seconds files members? keys? classe?s? times tasks? records?"
    " characters sentences? processe?s? queues? rows?"
)
#: Words that do not return -> what to write instead.
BANNED = {
    r"\b(?:house|kitchen|scullery|front door|street|town|nursery)s?\b": "package, layer, module; sample sites",
    r"\brooms?\b": "package; free space",
    r"\b(?:anew|afresh)\b": "again; rebuild",
    r"\btold\b(?! apart)": "reported, stated, called with",
    r"\bparted\b": "separated",
    r"\baside\b": "moved to; apart from",
    r"\b(?:mend|mended|mends|mending)\b": "repair, correct",
    r"\bmade again\b": "rebuilt, replayed",
    r"\baftermath\b": "what follows",
    r"\bis no (?:size|number|time|day|period|date|address|selector|duration)\b": "is not a size (expected e.g. 500M)",
    rf"\b(?:{'|'.join(_COUNTED.split())}) an? (?:{_UNITS})\b"
    r"(?! (?:of|that|is|was|which|names?|prints|says|may|saw))": "per",
}
#: What has another meaning, or cannot be changed; taken out of a line before it is looked at.
ALLOWED = re.compile(
    r"""["'`]aside["'`]"""  # a key of run files, plans and reports
    r"|--anew|\banew(?=:| and|\[)"  # an option of merge, and its parameter
    r"|</?aside\b|\baside (?:div|class)"  # HTML
    r"|[Ss]treet lamps?|[Ss]treet lighting|Streets?\b|street \{each\}"  # invented articles
)
FILES = [
    *sorted(ROOT.glob("crawler/**/*.py")),
    *sorted(ROOT.glob("harness/**/*.py")),
    *sorted(ROOT.glob("crawler/**/*.md")),
    *(page for page in PAGES if "decisions" not in page.parts),
]


@functools.cache
def lines() -> list[tuple[str, int, str]]:
    """(path, number, text) of every line that is looked at, without what is allowed."""
    return [
        (str(file.relative_to(ROOT)), number, ALLOWED.sub("", line).strip())
        for file in FILES
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
    ]


@pytest.mark.parametrize("word", BANNED, ids=BANNED.values())
def test_plain_words(word: str) -> None:
    banned = re.compile(word)
    offenders = [f"{path}:{number}: {line}" for path, number, line in lines() if banned.search(line)]
    assert offenders == [], f"write instead: {BANNED[word]}"
