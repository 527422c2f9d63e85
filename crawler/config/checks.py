"""Checks of single values, from citynews.toml or from an environment variable."""

from __future__ import annotations

import json
import shlex
from urllib.parse import urlsplit

from crawler.values.hours import Hours
from crawler.values.sizes import size


def hours(text: str) -> str:
    """Hours of the day. Raises ValueError."""
    Hours.of(text)
    return text


def sizes(text: str) -> str:
    """A size with K, M, G or T. Raises ValueError."""
    size(text or "0")
    return text


def address(text: str) -> str:
    """An http(s) address, or nothing. Raises ValueError."""
    if text and urlsplit(text).scheme not in {"http", "https"}:
        raise ValueError(f"{text!r} is not an http(s) address")
    return text


def proxy_address(text: str) -> str:
    """The address of a proxy, or nothing. Raises ValueError."""
    try:
        parts = urlsplit(text)
        right = not text or (parts.scheme == "http" and parts.hostname and parts.port and parts.path in {"", "/"})
    except ValueError:
        right = False
    if not right:  # the address may hold a password: it is not repeated
        raise ValueError("not a proxy URL (expected http://[user:password@]host:port)")
    return text


def template(text: str) -> str:
    """JSON with {text} in it, or nothing. Raises ValueError."""
    try:
        if text and "{text}" not in json.dumps(json.loads(text)):
            raise ValueError("has no {text}, the place for the message")
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error}") from error
    return text


def words(text: str) -> str:
    """Words as a shell splits them. Raises ValueError."""
    shlex.split(text)
    return text
