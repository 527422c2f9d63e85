"""Requests that an inline script makes, read from its text without running it: fetch, axios, jQuery, XMLHttpRequest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from crawler.drafting.javascript import Script, Text, Value, plain

_CALL = re.compile(
    r"(?<![\w$])(?P<callee>(?:[\w$]{1,40}\.){0,4}(?:fetch|axios|ajax|getJSON|get|post|request|open))\s*\("
)
_SEND = re.compile(r"\.send\s*\(")
_NEAR = 1500  #: characters after open() in which send() is looked for
_METHOD = re.compile(r"get|post", re.IGNORECASE)
MOST_CALLS = 50
FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class ScriptCall:
    """What a call asks: texts with names in them."""

    url: Text
    method: str = "GET"
    params: dict[str, Value] = field(default_factory=dict)  #: for the query
    data: Value = None  #: what is sent as it is, or an object
    as_json: bool = False  #: an object is sent as JSON, else as a form
    by_jquery: bool = False


def calls(script: Script) -> Iterator[ScriptCall]:
    """The calls in *script* that ask for something, in their order."""
    for match in islice(_CALL.finditer(script.text), MOST_CALLS):
        arguments = script.arguments(match.end())
        if arguments and (call := _call(script, match["callee"], arguments, match.end())) is not None:
            yield call


def _call(script: Script, callee: str, arguments: list[Value], at: int) -> ScriptCall | None:
    verb, by_jquery = callee.rpartition(".")[2], callee.startswith(("$.", "jQuery."))
    first, second = arguments[0], arguments[1] if len(arguments) > 1 else None
    if verb == "open":
        return _opened(script, first, second, at)
    options = first if isinstance(first, dict) else second if isinstance(second, dict) else {}
    url = options.get("url") if isinstance(first, dict) else first
    if not isinstance(url, tuple):
        return None
    call = ScriptCall(url, by_jquery=by_jquery, as_json=not by_jquery)
    if verb == "post":
        call.method, call.data = "POST", second
    elif verb in {"get", "getJSON"} and by_jquery:
        call.params = options
    elif verb != "get" or "params" in options:
        _take_options(call, options)
    return call


def _take_options(call: ScriptCall, options: Mapping[str, Value]) -> None:
    method = plain(options.get("method") or options.get("type"))
    call.method = method.upper() if method and _METHOD.fullmatch(method) else "GET"
    params, data = options.get("params"), options.get("body") or options.get("data")
    call.params = params if isinstance(params, dict) else {}
    if call.method == "POST":
        call.data = data
        headers = options.get("headers")
        kind = plain(options.get("contentType"))
        if isinstance(headers, dict):
            kind = next((plain(v) for name, v in headers.items() if name.lower() == "content-type"), kind)
        call.as_json = "json" in kind if kind else call.as_json
    elif isinstance(data, dict):
        call.params = data


def _opened(script: Script, method: Value, url: Value, at: int) -> ScriptCall | None:
    verb = plain(method)
    if not isinstance(url, tuple) or not verb or not _METHOD.fullmatch(verb):
        return None
    call = ScriptCall(url, verb.upper())
    if call.method == "POST" and (send := _SEND.search(script.text, at, at + _NEAR)):
        call.data = next(iter(script.arguments(send.end())), None)
        call.as_json = isinstance(call.data, dict)
    return call
