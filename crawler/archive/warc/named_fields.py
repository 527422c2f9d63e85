"""What named fields of WARC records say that other tools write in ways of their own: digests, record ids, dates."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime

#: WARC 1.1 allows less of a date than a second.
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?")
_YEARS = range(1990, 2200)
_DIGEST = re.compile(r"(?:([a-z0-9-]+):)?([A-Za-z0-9+/=_-]+)", re.IGNORECASE)
_LENGTHS = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}


def digest_key(text: str) -> str:
    """A digest as other tools write it (label in any case; base 32, base 64, hex) as ``<label>:<hex>``; or empty."""
    match = _DIGEST.fullmatch(text.strip())
    if match is None:
        return ""
    label, value = (match[1] or "").lower().replace("-", ""), match[2]
    for name, length in _LENGTHS.items():
        if label not in {"", name}:
            continue
        for decoded in _decodings(value):
            if len(decoded) == length:
                return f"{name}:{decoded.hex()}"
    return ""


def record_id_of(text: str) -> str | None:
    """A record id in the brackets that the standard wants; None where there is none."""
    bare = text.strip().removeprefix("<").removesuffix(">").strip()
    return f"<{bare}>" if bare and not re.search(r"[<>\s]", bare) else None


def moment_of(text: str) -> datetime | None:
    """The moment that a WARC-Date says, at the beginning of what it says; None where it says none."""
    match = _DATE.fullmatch(text.strip())
    if match is None or int(match[1]) not in _YEARS:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups()[:6])
    micro = int(((match[7] or ".0")[1:] + "000000")[:6])
    zone = match[8] or "Z"
    try:
        offset = datetime.fromisoformat(f"2000-01-01T00:00:00{'+00:00' if zone == 'Z' else zone}").tzinfo
        leap = second == 60
        moment = datetime(
            year or 1, month or 1, day or 1, hour or 0, minute or 0, 59 if leap else second or 0, micro, offset
        )  # fmt: skip
    except ValueError:
        return None
    return moment.astimezone(UTC)


def _decodings(value: str) -> Iterator[bytes]:
    with contextlib.suppress(ValueError):
        yield bytes.fromhex(value)
    for read in (base64.b32decode, base64.b64decode):
        try:
            yield read(value.upper() if read is base64.b32decode else value)
        except (binascii.Error, ValueError):
            continue
