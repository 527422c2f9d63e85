"""A feed of matches (RFC 4287)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from xml.etree import ElementTree

from crawler.archive.records.jsonl import Json

_NAMESPACE = "http://www.w3.org/2005/Atom"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NEVER = "1970-01-01T00:00:00Z"


def feed(archive: str, name: str, title: str, updated: str | None, entries: Sequence[Json]) -> bytes:
    """The feed of the query *name* of *archive*. An entry keeps its id for ever, so that readers show it once."""
    ElementTree.register_namespace("", _NAMESPACE)
    root = ElementTree.Element(_tag("feed"))
    _add(root, "id", _urn(archive, name))
    _add(root, "title", f"citynews: {title}")
    _add(root, "updated", updated or _NEVER)
    _add(_add(root, "author"), "name", "citynews")
    for entry in entries:
        _entry(root, archive, entry)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, "utf-8", xml_declaration=True)) + b"\n"


def _entry(root: ElementTree.Element, archive: str, entry: Json) -> None:
    element = _add(root, "entry")
    _add(element, "id", _urn(archive, entry["id"]))
    _add(element, "title", entry["title"] or entry["url"])
    _add(element, "updated", entry["fetched_at"])
    if entry["published_at"]:
        _add(element, "published", entry["published_at"])
    _add(_add(element, "author"), "name", entry["author"] or entry["source"] or entry["portal_title"])
    _add(element, "link", href=entry["url"])
    _add(element, "category", term=entry["portal"], label=entry["portal_title"])
    _add(element, "summary", entry["passage"])


def _urn(*parts: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_OID, "/".join(("citynews", *parts))).urn


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    legal = {key: _ILLEGAL.sub("\ufffd", value) for key, value in attributes.items()}
    element = ElementTree.SubElement(parent, _tag(name), legal)
    if text is not None:
        element.text = _ILLEGAL.sub("\ufffd", text)
    return element


def _tag(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"
