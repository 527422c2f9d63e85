"""Expressions of an inline script, read from its text without running it.

An expression is read as far as it is text: literals, templates, sums, and names, whose values the script may state.
What is not known stays a name. Why no parser of JavaScript: docs/decisions/0066.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import orjson

_SPACE = re.compile(r"(?:\s|/\*.*?(?:\*/|\Z)|//[^\n]*)*", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:\s*\??\.\s*[A-Za-z_$][\w$]*|\[[\w$]{1,20}\])*")
_NUMBER = re.compile(r"\d{1,12}")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_DEEPEST = 6  #: objects in objects, brackets in brackets
_MOST_ARGUMENTS = 4
_LONGEST_EXPRESSION = 4000  #: characters of one that is not read; behind a longer one nothing is
LONGEST = 200_000  #: characters of a script that are read
#: Functions whose value is, as text, that of their argument.
_TO_TEXT = frozenset({
    "stringify", "encodeURIComponent", "encodeURI", "String", "Number", "parseInt", "param", "URLSearchParams",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """A value that the text does not state, under the last part of its name: `row.id` is "id"."""

    name: str


#: A text with names in it; an object.
Text = tuple["str | Name", ...]
Value = Text | dict[str, "Value"] | None


class Script:
    """The text of a page's scripts."""

    def __init__(self, text: str) -> None:
        self.text = text[:LONGEST]

    def texts(self) -> Iterator[Text]:
        """Every text that the script puts together with a name in it."""
        at = 0
        while (start := re.compile(r"[\"'`]").search(self.text, at)) is not None:
            value, end = self._value(start.start(), 0)
            at = max(end, start.end())
            if isinstance(value, tuple) and any(isinstance(part, Name) for part in value):
                yield value

    def stated(self, name: str) -> str | None:
        """The text or the number that the script gives *name* first; None where it gives none."""
        pattern = rf"(?<![\w$.]){re.escape(name)}\s*[=:]\s*(?=[\"'`\d])"
        for match in re.finditer(pattern, self.text):
            value, _ = self._value(match.end(), _DEEPEST - 1)
            if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
                return "".join(map(str, value))
        return None

    def arguments(self, at: int) -> list[Value]:
        """The arguments of a call whose bracket ends before *at*."""
        found: list[Value] = []
        while len(found) < _MOST_ARGUMENTS and (at := self._skip(at)) < len(self.text) and self.text[at] != ")":
            value, end = self._value(at, 0)
            found.append(value)
            at = self._end(end)
            if not self.text.startswith(",", at):
                break
            at += 1
        return found

    def _value(self, at: int, depth: int) -> tuple[Value, int]:
        """The value of the expression at *at*, and where what was read of it ends."""
        parts: list[str | Name] = []
        while True:
            value, at = self._term(self._skip(at), depth)
            if not isinstance(value, tuple):
                return (value if not parts else (*parts, Name("")), at)
            parts += value
            follows = self._skip(at)
            if not self.text.startswith("+", follows) or self.text.startswith("+=", follows):
                return tuple(parts), at
            at = follows + 1

    def _term(self, at: int, depth: int) -> tuple[Value, int]:
        text = self.text
        if at >= len(text) or depth > _DEEPEST:
            return None, at
        if text[at] in "\"'":
            return self._literal(at)
        if text[at] in "`{":
            return self._template(at, depth) if text[at] == "`" else self._object(at, depth)
        if text[at] == "(":
            value, end = self._value(at + 1, depth + 1)
            return value, self._end(end) + 1
        if number := _NUMBER.match(text, at):
            return (number[0],), number.end()
        return self._named(at, depth)

    def _named(self, at: int, depth: int) -> tuple[Value, int]:
        """A name, or a call: of what turns a value into text it is that value."""
        name = _NAME.match(self.text, at)
        if name is None:
            return None, at
        end, last = self._skip(name.end()), re.split(r"[.?\s]+", name[0])[-1]
        if name[0] in {"new", "await", "String"} and not self.text.startswith("(", end):
            return self._term(end, depth)
        if not self.text.startswith("(", end):
            return (Name(last),), end + 2 * self.text.startswith("++", end)
        value, inner = self._value(end + 1, depth + 1)
        end = self._end(inner) + 1
        if last == "URLSearchParams" and isinstance(value, dict):
            return as_form(value), end
        return (value if last in _TO_TEXT else (Name(last),)), end

    def _literal(self, at: int) -> tuple[Text, int]:
        end = self._quoted(at)
        return (_unescaped(self.text[at + 1 : end - 1]),), end

    def _quoted(self, at: int) -> int:
        """Where what begins with the quote at *at* ends."""
        text, end = self.text, at + 1
        stops = {text[at]} if text[at] == "`" else {text[at], "\n"}
        while end < len(text) and text[end] not in stops:
            end += 1 + (text[end] == "\\")
        return end + 1

    def _template(self, at: int, depth: int) -> tuple[Text, int]:
        parts: list[str | Name] = []
        start = end = at + 1
        while end < len(self.text) and self.text[end] != "`":
            if self.text.startswith("${", end):
                value, inner = self._value(end + 2, depth + 1)
                parts += [_unescaped(self.text[start:end]), *(value if isinstance(value, tuple) else (Name(""),))]
                start = end = self._end(inner) + 1
            else:
                end += 1 + (self.text[end] == "\\")
        return (*parts, _unescaped(self.text[start:end])), end + 1

    def _object(self, at: int, depth: int) -> tuple[dict[str, Value], int]:
        found: dict[str, Value] = {}
        at = self._skip(at + 1)
        while at < len(self.text) and self.text[at] != "}":
            key, end = self._term(at, depth + 1)
            if not isinstance(key, tuple) or not key:
                return found, self._end(at) + 1
            name, end = (part.name if isinstance(part := key[0], Name) else part), self._skip(end)
            value: Value = key
            if self.text.startswith(":", end):
                value, end = self._value(end + 1, depth + 1)
            found[name] = value
            at = self._end(end)
            at = self._skip(at + 1) if self.text.startswith(",", at) else at
            if self.text[at : at + 1] in {")", "]", ";"}:
                break
        return found, at + 1

    def _end(self, at: int) -> int:
        """Where the expression that goes on at *at* ends: at a comma or a closing bracket of its own level."""
        level, most = 0, min(len(self.text), at + _LONGEST_EXPRESSION)
        while at < most:
            character = self.text[at]
            if character in "\"'`":
                at = self._quoted(at)
                continue
            if level == 0 and character in ",)}];":
                return at
            level += (character in "([{") - (character in ")]}")
            at += 1
        return max(at, len(self.text))

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at


def plain(value: Value) -> str | None:
    """*value* where it is a text without names."""
    if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
        return "".join(map(str, value))
    return None


def as_form(values: Mapping[str, Value]) -> Text:
    """The fields of *values* as a query or a form has them."""
    found: list[str | Name] = []
    for name, value in values.items():
        if isinstance(value, tuple):
            found.append(f"{'&' if found else ''}{quote(name, safe='')}=")
            found += [quote(part, safe="") if isinstance(part, str) else part for part in value]
    return tuple(found)


def as_json(values: Mapping[str, Value]) -> Text:
    """*values* as JSON; numbers and names stand without quotes."""
    found: list[str | Name] = ["{"]
    for name, value in values.items():
        found.append(f"{', ' if len(found) > 1 else ''}{orjson.dumps(name).decode()}: ")
        if isinstance(value, dict):
            found += as_json(value)
        elif isinstance(value, tuple):
            stated = plain(value)
            number = stated is not None and stated.isdecimal()
            found += [orjson.dumps(stated).decode()] if stated is not None and not number else value
        else:
            found.append("null")
    return (*found, "}")


def _unescaped(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPED.get(code, code)

    return _ESCAPE.sub(character, text) if "\\" in text else text
