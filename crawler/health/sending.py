"""How messages are sent to the operator: a POST of JSON, a command that gets it on its standard input.

Group robots answer 200 whatever happens; what their body says decides.
"""

from __future__ import annotations

import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

PATIENCE = 20.0  #: seconds for each of the two
_LONGEST_ANSWER = 65536
#: Characters that would ring or mark something up where a text is shown: ``<!channel>``, ``<at user_id="all">``.
_MARKUP = str.maketrans("<>", "＜＞")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
#: Where a robot's answer says that it took a message: WeCom and DingTalk, Feishu (old and new), with what is well.
_CODES = {"errcode": {0}, "StatusCode": {0}, "code": {0, 200}}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect turns a POST into a GET, of a login page perhaps: it is an answer like any other."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def post(address: str, body: bytes, headers: dict[str, str] | None = None) -> str | None:
    """Posts the JSON *body* to *address*; why it did not arrive, or None."""
    request = urllib.request.Request(  # noqa: S310 - http and https only, see config
        address, body, {"Content-Type": "application/json", "User-Agent": "citynews"} | (headers or {})
    )
    try:
        with _OPENER.open(request, timeout=PATIENCE) as answer:
            return _refusal(answer.read(_LONGEST_ANSWER))
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}"
    except (OSError, ValueError, urllib.error.URLError) as error:
        return str(getattr(error, "reason", None) or error)


def _refusal(answer: bytes) -> str | None:
    """What the *answer* of a robot says against the message; None where it says nothing."""
    try:
        said = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(said, dict):
        return None
    for key, well in _CODES.items():
        if isinstance(code := said.get(key), int) and code not in well:
            return f"{key} {code}: {str(said.get('errmsg') or said.get('msg') or said.get('StatusMessage'))[:200]}"
    return None


def start(command: Sequence[str], body: bytes) -> str | None:
    """Starts *command*, without a shell, with *body* on its standard input; why it failed, or None."""
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command, no shell
            list(command), input=body, timeout=PATIENCE, check=False, stdout=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return f"exit {done.returncode}" if done.returncode else None


def named(command: Sequence[str]) -> str:
    """How *command* is named in a log: its arguments may hold secrets."""
    return Path(command[0]).name


def place(address: str) -> str:
    """The *address* of a webhook in a log: its path and parameters are a secret."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname}"


def harmless(text: str) -> str:
    """*text*, which may come from the web, for a place that gives some characters a meaning."""
    return _CONTROLS.sub("\ufffd", text).translate(_MARKUP)


def filled(template: str, text: str) -> bytes:
    """The JSON *template* with *text*, made harmless, for {text} in every string of it."""
    text = harmless(text)

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [fill(item) for item in value]
        return value.replace("{text}", text) if isinstance(value, str) else value

    return orjson.dumps(fill(orjson.loads(template)))
