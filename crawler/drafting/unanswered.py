"""Why a site gave no answer, in words: the reasons of a survey for the people who read its report."""

from __future__ import annotations

_WORDS = {
    "robots": "robots.txt forbids it",
    "private-address": "its host is not at a public address (--allow-host allows it)",
    "dns": "its host name leads to no address",
    "connection-refused": "its server refuses the connection",
    "timeout": "no answer in time",
    "tls": "no connection: TLS fails",
    "proxy": "no answer: the proxy does not work",
    "redirects": "it redirects too often",
}
_ROBOTS = "robots-"


def in_words(reason: str | None) -> str:
    """*reason*, a name as run files use them, as a part of a sentence; None where none is known."""
    if reason is None:
        return "no answer"
    if reason.startswith(_ROBOTS):
        met = reason.removeprefix(_ROBOTS)
        what = f"answers {met}" if met.isdigit() else f"cannot be fetched ({met})"
        return f"not requested: robots.txt {what}"
    return _WORDS.get(reason, f"no answer ({reason})")
