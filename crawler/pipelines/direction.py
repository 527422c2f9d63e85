"""Which of two copies was first: by the source that each states, otherwise by the times of publication."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from urllib.parse import urlsplit

from crawler.archive.records.jsonl import Json
from crawler.portals import Portal
from crawler.values.urls import in_domains, site_of


def direction(record: Json, archived: Json, portal: Portal) -> str | None:
    """Whether *record*, of *portal*, is the "copy" of *archived*, or its "origin"; None where nothing tells.

    A page names its source by a link (``source_url``) to the other's site, or by the title of
    the other's portal (``source``), of which only that of *portal* is known here: a replay must come to the same.
    """
    if record["portal"] != archived["portal"]:
        here, there = _site(record["url"]), _site(archived["url"])
        taken = here != there and there is not None and _site(record["source_url"]) == there
        given = _names(archived, portal)
        if taken != given:
            return "copy" if taken else "origin"
    return _by_time(record, archived)


def _names(archived: Json, portal: Portal) -> bool:
    """Whether *archived* says that its text comes from *portal*."""
    link, domains = archived["source_url"], portal.domains
    if link is not None and in_domains(link, domains) and not in_domains(archived["url"], domains):
        return True
    return archived["source"] is not None and _plain(archived["source"]) == _plain(portal.title)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _site(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        return site_of(urlsplit(url).netloc.rpartition("@")[2]) or None
    except ValueError:  # a link as the page has it
        return None


def _by_time(record: Json, archived: Json) -> str | None:
    mine, theirs = record["published_at"], archived["published_at"]
    if mine is None or theirs is None:
        return None
    if "day" in {record["published_precision"], archived["published_precision"]}:
        mine, theirs = mine[:10], theirs[:10]
        earlier = mine < theirs
    else:
        earlier = datetime.fromisoformat(mine) < datetime.fromisoformat(theirs)
    if mine == theirs:
        return None
    return "origin" if earlier else "copy"
