"""The parts of a portal definition that are compiled once and used often: selectors, patterns, durations."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from lxml import etree
from lxml.cssselect import CSSSelector
from pydantic import BeforeValidator, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
#: A nested quantifier such as (a+)+ or (a|b*)*: it can take time exponential in the length of a hostile address.
_NESTED_QUANTIFIER = re.compile(r"\((?:[^()\\]|\\.)*[+*]\)\s*[+*{]")


class Selector:
    """A CSS selector, or an XPath after ``xpath:``; ``::text`` and ``::attr(name)`` end a CSS one as in Scrapy."""

    __slots__ = ("_xpath", "source")
    _PSEUDO = re.compile(r"^(?P<css>.*?)::(?:(?P<text>text)|attr\((?P<attr>[\w:-]+)\))$", re.DOTALL)

    def __init__(self, source: str) -> None:
        self.source = source
        if source.startswith("xpath:"):
            path = source.removeprefix("xpath:").strip()
        elif match := self._PSEUDO.match(source):
            tail = "/text()" if match["text"] else f"/@{match['attr']}"
            path = CSSSelector(match["css"].strip() or "*").path + tail
        else:
            path = CSSSelector(source).path
        self._xpath = etree.XPath(path)
        self._xpath(etree.fromstring("<html/>"))  # an unknown function or prefix shows itself only when it is called

    def select(self, tree: Any) -> list[Any]:
        """Elements and strings that match in *tree*, in document order."""
        found = self._xpath(tree)
        return found if isinstance(found, list) else [str(found)]

    @property
    def path(self) -> str:
        """The XPath that it is."""
        return str(self._xpath.path)

    def __repr__(self) -> str:
        return f"Selector({self.source!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _compile_selector, serialization=core_schema.plain_serializer_function_ser_schema(lambda s: s.source)
        )


def _compile_selector(value: object) -> Selector:
    if isinstance(value, Selector):
        return value
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a selector is a CSS string, or an XPath after 'xpath:'")
    try:
        return Selector(value)
    except (etree.XPathError, SyntaxError, ValueError) as error:  # cssselect's errors are SyntaxErrors
        raise ValueError(f"bad selector {value!r}: {error}") from error


def _compile_pattern(value: object) -> re.Pattern[str]:
    if isinstance(value, re.Pattern):
        return value
    if not isinstance(value, str) or not value:
        raise ValueError("a pattern is a regular expression in a string")
    if _NESTED_QUANTIFIER.search(value):
        raise ValueError(f"pattern {value!r} has nested quantifiers, which can take forever on a hostile address")
    try:
        return re.compile(value)
    except re.error as error:
        raise ValueError(f"bad regular expression {value!r}: {error}") from error


def read_duration(value: object) -> timedelta:
    """A duration out of text such as 90m, 12h or 3d. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise ValueError(f"a duration is a number and one of s, m, h, d, w (as in '7d'), not {value!r}")
    return timedelta(seconds=float(match[1]) * _SECONDS[match[2]])


Pattern = Annotated[re.Pattern[str], BeforeValidator(_compile_pattern)]
Duration = Annotated[timedelta, BeforeValidator(read_duration)]
