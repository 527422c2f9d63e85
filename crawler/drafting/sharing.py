"""Definitions and captures as they may be handed on: without what their owner would not show to strangers."""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import tomli_w

from crawler.archive.warc.http import parse_head, split
from crawler.archive.warc.record import Record, digest, pack
from crawler.article import parse_moment
from crawler.portals import Portal, parse
from crawler.values import address_lists
from crawler.values.coding import CodingError, decode

#: Headers that say how a site is asked and nothing of who asks.
_HARMLESS = frozenset({
    "accept", "accept-language", "cache-control", "content-type", "origin", "referer", "x-requested-with",
})  # fmt: skip
_USER = re.compile(r"(?<=://)[^/?#@\s]*@")
_KEPT = (
    "WARC-IP-Address", "WARC-Truncated", "WARC-Profile", "WARC-Refers-To", "WARC-Refers-To-Target-URI",
    "WARC-Refers-To-Date",
)  # fmt: skip
_SHORTEST = 6  #: characters; what is shorter stands in any page
_CODED = re.compile(rb"(?im)^(?:content-encoding|transfer-encoding|content-length)[ \t]*:[^\n]*\n")
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


def secrets(portals: Iterable[Portal], contact: str) -> set[bytes]:
    """What requests say of who sends them, in the forms in which pages may repeat it."""
    sent_by = {contact}
    for portal in portals:
        sent = [*portal.request.headers.items(), *(pair for api in portal.discover.api for pair in api.headers.items())]
        sent_by |= {portal.request.user_agent_suffix, *(value for name, value in sent if name.lower() not in _HARMLESS)}
    shown = {form for text in sent_by for form in (text, html.escape(text), quote(text, safe=""))}
    return {form.encode() for form in shown if len(form) >= _SHORTEST}


def masked(record: Record, secret: Collection[bytes]) -> bytes | None:
    """*record*, an answer, as a member in which each *secret* that it repeats is x-ed out; None where there is none.

    Raises DamagedError for an answer without an HTTP head.
    """
    if not record.block:  # a revisit that says "not modified"
        return None
    head, body = split(record.block)
    coding = next((value for name, value in parse_head(head)[1] if name.lower() == "content-encoding"), None)
    try:
        payload = decode(body, coding)
    except CodingError:
        payload, coding = body, None
    if not any(text in head or text in payload for text in secret):
        return None
    head = _CODED.sub(b"", head) if coding else head
    for text in sorted(secret, key=len, reverse=True):
        head, payload = (part.replace(text, b"x" * len(text)) for part in (head, payload))
    kept = [(name, record.fields[name.lower()]) for name in _KEPT if name.lower() in record.fields]
    return pack(
        record.kind, head, payload, record_id=record.record_id, date=parse_moment(record.fields["warc-date"]),
        content_type=record.fields.get("content-type"), target=record.target, payload_digest=digest(payload),
        extra=tuple(kept),
    )  # fmt: skip


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
