"""Requests that an inline script makes, read from its text without running it: fetch, axios, jQuery, XMLHttpRequest.

An expression is read as far as it is text: literals, templates, sums, and names, whose values the script may state.
What is not known stays a name. Why no parser of JavaScript: docs/decisions/0066.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import quote

import orjson

_SPACE = re.compile(r"(?:\s|/\*.*?(?:\*/|\Z)|//[^\n]*)*", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:\s*\??\.\s*[A-Za-z_$][\w$]*|\[[\w$]{1,20}\])*")
_NUMBER = re.compile(r"\d{1,12}")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_CALL = re.compile(
    r"(?<![\w$])(?P<callee>(?:[\w$]{1,40}\.){0,4}(?:fetch|axios|ajax|getJSON|get|post|request|open))\s*\("
)
_SEND = re.compile(r"\.send\s*\(")
_NEAR = 1500  #: characters after open() in which send() is looked for
_DEEPEST = 6  #: objects in objects, brackets in brackets
_MOST_ARGUMENTS = 4
_LONGEST_EXPRESSION = 4000  #: characters of one that is not read; behind a longer one nothing is
LONGEST = 200_000  #: characters of a script that are read
MOST_CALLS = 50
_METHOD = re.compile(r"get|post", re.IGNORECASE)
#: Functions whose value is, as text, that of their argument.
_TO_TEXT = frozenset({
    "stringify", "encodeURIComponent", "encodeURI", "String", "Number", "parseInt", "param", "URLSearchParams",
})  # fmt: skip
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Name:
    """A value that the text does not state, under the last part of its name: `row.id` is "id"."""

    name: str


#: A text with names in it; an object.
Text = tuple["str | Name", ...]
Value = Text | dict[str, "Value"] | None


@dataclass(slots=True)
class ScriptCall:
    """What a call asks: texts with names in them."""

    url: Text
    method: str = "GET"
    params: dict[str, Value] = field(default_factory=dict)  #: for the query
    data: Value = None  #: what is sent as it is, or an object
    as_json: bool = False  #: an object is sent as JSON, else as a form
    by_jquery: bool = False


class Script:
    """The text of a page's scripts."""

    def __init__(self, text: str) -> None:
        self._text = text[:LONGEST]

    def requests(self) -> Iterator[ScriptCall]:
        """The calls that ask for something, in their order."""
        for call in islice(_CALL.finditer(self._text), MOST_CALLS):
            arguments = self._arguments(call.end())
            if arguments and (request := self._request(call["callee"], arguments, call.end())) is not None:
                yield request

    def texts(self) -> Iterator[Text]:
        """Every text that the script puts together with a name in it."""
        at = 0
        while (start := re.compile(r"[\"'`]").search(self._text, at)) is not None:
            value, end = self._value(start.start(), 0)
            at = max(end, start.end())
            if isinstance(value, tuple) and any(isinstance(part, Name) for part in value):
                yield value

    def stated(self, name: str) -> str | None:
        """The text or the number that the script gives *name* first; None where it gives none."""
        pattern = rf"(?<![\w$.]){re.escape(name)}\s*[=:]\s*(?=[\"'`\d])"
        for match in re.finditer(pattern, self._text):
            value, _ = self._value(match.end(), _DEEPEST - 1)
            if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
                return "".join(map(str, value))
        return None

    # -- expressions -------------------------------------------------------------------------------------------------

    def _arguments(self, at: int) -> list[Value]:
        """The arguments of a call whose bracket ends before *at*."""
        found: list[Value] = []
        while len(found) < _MOST_ARGUMENTS and (at := self._skip(at)) < len(self._text) and self._text[at] != ")":
            value, end = self._value(at, 0)
            found.append(value)
            at = self._end(end)
            if not self._text.startswith(",", at):
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
            if not self._text.startswith("+", follows) or self._text.startswith("+=", follows):
                return tuple(parts), at
            at = follows + 1

    def _term(self, at: int, depth: int) -> tuple[Value, int]:
        text = self._text
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
        name = _NAME.match(self._text, at)
        if name is None:
            return None, at
        end, last = self._skip(name.end()), re.split(r"[.?\s]+", name[0])[-1]
        if name[0] in {"new", "await", "String"} and not self._text.startswith("(", end):
            return self._term(end, depth)
        if not self._text.startswith("(", end):
            return (Name(last),), end + 2 * self._text.startswith("++", end)
        value, inner = self._value(end + 1, depth + 1)
        end = self._end(inner) + 1
        if last == "URLSearchParams" and isinstance(value, dict):
            return as_form(value), end
        return (value if last in _TO_TEXT else (Name(last),)), end

    def _literal(self, at: int) -> tuple[Text, int]:
        end = self._quoted(at)
        return (_unescaped(self._text[at + 1 : end - 1]),), end

    def _quoted(self, at: int) -> int:
        """Where what begins with the quote at *at* ends."""
        text, end = self._text, at + 1
        stops = {text[at]} if text[at] == "`" else {text[at], "\n"}
        while end < len(text) and text[end] not in stops:
            end += 1 + (text[end] == "\\")
        return end + 1

    def _template(self, at: int, depth: int) -> tuple[Text, int]:
        parts: list[str | Name] = []
        start = end = at + 1
        while end < len(self._text) and self._text[end] != "`":
            if self._text.startswith("${", end):
                value, inner = self._value(end + 2, depth + 1)
                parts += [_unescaped(self._text[start:end]), *(value if isinstance(value, tuple) else (Name(""),))]
                start = end = self._end(inner) + 1
            else:
                end += 1 + (self._text[end] == "\\")
        return (*parts, _unescaped(self._text[start:end])), end + 1

    def _object(self, at: int, depth: int) -> tuple[dict[str, Value], int]:
        found: dict[str, Value] = {}
        at = self._skip(at + 1)
        while at < len(self._text) and self._text[at] != "}":
            key, end = self._term(at, depth + 1)
            if not isinstance(key, tuple) or not key:
                return found, self._end(at) + 1
            name, end = (part.name if isinstance(part := key[0], Name) else part), self._skip(end)
            value: Value = key
            if self._text.startswith(":", end):
                value, end = self._value(end + 1, depth + 1)
            found[name] = value
            at = self._end(end)
            at = self._skip(at + 1) if self._text.startswith(",", at) else at
            if self._text[at : at + 1] in {")", "]", ";"}:
                break
        return found, at + 1

    def _end(self, at: int) -> int:
        """Where the expression that goes on at *at* ends: at a comma or a closing bracket of its own level."""
        level, most = 0, min(len(self._text), at + _LONGEST_EXPRESSION)
        while at < most:
            character = self._text[at]
            if character in "\"'`":
                at = self._quoted(at)
                continue
            if level == 0 and character in ",)}];":
                return at
            level += (character in "([{") - (character in ")]}")
            at += 1
        return max(at, len(self._text))

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    # -- calls -------------------------------------------------------------------------------------------------------

    def _request(self, callee: str, arguments: list[Value], at: int) -> ScriptCall | None:
        verb, by_jquery = callee.rpartition(".")[2], callee.startswith(("$.", "jQuery."))
        first, second = arguments[0], arguments[1] if len(arguments) > 1 else None
        if verb == "open":
            return self._opened(first, second, at)
        options = first if isinstance(first, dict) else second if isinstance(second, dict) else {}
        url = options.get("url") if isinstance(first, dict) else first
        if not isinstance(url, tuple):
            return None
        request = ScriptCall(url, by_jquery=by_jquery, as_json=not by_jquery)
        if verb == "post":
            request.method, request.data = "POST", second
        elif verb in {"get", "getJSON"} and by_jquery:
            request.params = options
        elif verb != "get" or "params" in options:
            self._take_options(request, options)
        return request

    def _take_options(self, request: ScriptCall, options: Mapping[str, Value]) -> None:
        method = plain(options.get("method") or options.get("type"))
        request.method = method.upper() if method and _METHOD.fullmatch(method) else "GET"
        params, data = options.get("params"), options.get("body") or options.get("data")
        request.params = params if isinstance(params, dict) else {}
        if request.method == "POST":
            request.data = data
            headers = options.get("headers")
            kind = plain(options.get("contentType"))
            if isinstance(headers, dict):
                kind = next((plain(v) for name, v in headers.items() if name.lower() == "content-type"), kind)
            request.as_json = "json" in kind if kind else request.as_json
        elif isinstance(data, dict):
            request.params = data

    def _opened(self, method: Value, url: Value, at: int) -> ScriptCall | None:
        verb = plain(method)
        if not isinstance(url, tuple) or not verb or not _METHOD.fullmatch(verb):
            return None
        request = ScriptCall(url, verb.upper())
        if request.method == "POST" and (send := _SEND.search(self._text, at, at + _NEAR)):
            request.data = next(iter(self._arguments(send.end())), None)
            request.as_json = isinstance(request.data, dict)
        return request


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
