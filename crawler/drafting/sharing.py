"""A portal definition as it may be handed on: without what its owner would not show to strangers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

import tomli_w

from crawler.portals import Portal, parse
from crawler.values import address_lists

#: Headers that say how a site is asked and nothing of who asks.
_HARMLESS = frozenset({
    "accept", "accept-language", "cache-control", "content-type", "origin", "referer", "x-requested-with",
})  # fmt: skip
_USER = re.compile(r"(?<=://)[^/?#@\s]*@")
_ADDRESSES = ("pages", "feeds", "sitemaps", "urls", "examples")


def shareable(portal: Portal) -> tuple[str, list[str]]:
    """(the TOML of *portal* without private values, the keys that are left out or shortened).

    Private are headers but the usual ones, what is added to the User-Agent, the folder of a local list, and a user or
    password in an address. A definition without any is its own text, comments included; else comments go too.
    """
    keys = tomllib.loads(portal.text)
    private = list(_strip(keys))
    return (tomli_w.dumps(keys) if private else portal.text), private


def local_name(url: str) -> str:
    """The local list *url* without its folder."""
    return f"file:{PurePath(address_lists.path_of(url)).name}"


def same(one: Portal, other: Portal) -> bool:
    """Whether two definitions ask and read alike, what is private apart."""
    return parse(shareable(one)[0], one.name).rules == parse(shareable(other)[0], other.name).rules


def _strip(keys: dict[str, Any]) -> Iterator[str]:
    """Takes what is private out of *keys*; yields its keys."""
    request, discover = keys.get("request", {}), keys["discover"]
    if request.pop("user_agent_suffix", ""):
        yield "request.user_agent_suffix"
    yield from _strip_headers(request.get("headers", {}), "request.headers")
    if not any(request.values()):
        keys.pop("request", None)
    for api in discover.get("api", []):
        yield from _strip_headers(api.get("headers", {}), "discover.api.headers")
        yield from _strip_user(api, "url", "discover.api.url")
    yield from _strip_user(keys, "home", "home")
    for key in _ADDRESSES:
        places: list[str] = discover.get(key, [])
        for number, place in enumerate(places):
            public = local_name(place) if address_lists.is_file(place) else _USER.sub("", place)
            if public != place:
                places[number] = public
                yield f"discover.{key}"


def _strip_headers(headers: dict[str, str], key: str) -> Iterator[str]:
    for name in [name for name in headers if name.lower() not in _HARMLESS]:
        del headers[name]
        yield f"{key}.{name}"


def _strip_user(table: dict[str, Any], name: str, key: str) -> Iterator[str]:
    if (public := _USER.sub("", table[name])) != table[name]:
        table[name] = public
        yield key
