"""The identity of the crawler: the User-Agent, and the fields of the warcinfo record."""

from __future__ import annotations

import platform
from importlib.metadata import version

from crawler import __version__


def user_agent(contact: str) -> str:
    """The honest User-Agent: who crawls, and where to complain."""
    return f"citynews/{__version__} (news archiver; {f'+{contact}' if contact else 'the operator gave no contact'})"


def warc_info(contact: str, *, robots: bool = True) -> dict[str, str]:
    """Fields of the warcinfo record of every file: what wrote it, and under which rules."""
    return {
        "software": f"citynews/{__version__} lxml/{version('lxml')} rensa/{version('rensa')}"
        f" scrapy/{version('scrapy')}"
        f" python/{platform.python_version()}",
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "robots": "obey" if robots else "ignore",
        "operator": contact or "unknown",
        "http-header-user-agent": user_agent(contact),
    }
