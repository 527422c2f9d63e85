"""Shapes of addresses: what those of one kind have in common, and the pattern that finds them again.

A shape is the address with its numbers and its words taken out: "/news/2024/0315/1003.html" and
"/news/2024/0402/17.html" have one. Shapes of one kind that differ in a column's name become one pattern.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

_YEAR = re.compile(r"(?:19|20)\d\d")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_SLUG = "<slug>"  #: stands for words that name one document
_LEADING = r"//[^/]+"  #: scheme and host: a pattern is searched in the whole address
#: What a slug may look like, the most permissive first.
_SLUGS = (r"[^/?]+", r"[^/?-]+-[^/?]+", r"[^/?-]+-[^/?-]+-[^/?-]+-[^/?]+")
_WORD = r"[A-Za-z][\w-]*"
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|svg|webp|ico|pdf|docx?|xlsx?|pptx?|zip|rar|7z|apk|exe|mp[34]|css|js|xml)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class UrlShape:
    """The segments of the path and the pairs of the query, each as (literal text or a mark for what varies)."""

    path: tuple[str, ...]
    query: tuple[tuple[str, str], ...] = ()

    @property
    def counted(self) -> bool:
        """Whether a number or a slug stands in it: what names one of many."""
        return any("\\d" in piece or _SLUG in piece for piece in (*self.path, *(value for _, value in self.query)))


def is_document(url: str) -> bool:
    """Whether *url* may be a page: no picture, no file to download."""
    return not _FILE.search(urlsplit(url).path)


def shape_of(url: str) -> UrlShape:
    """The shape of the address *url*."""
    parts = urlsplit(url)
    query = tuple((name, _masked(value)) for name, value in parse_qsl(parts.query, keep_blank_values=True))
    return UrlShape(tuple(_masked(segment) for segment in parts.path.split("/")[1:]), query)


def _masked(segment: str) -> str:
    """*segment* as a pattern: numbers as digits, words of a title as a slug, the rest as it is."""
    stem, dot, ending = segment.rpartition(".")
    if not dot or not ending.isalnum() or len(ending) > 5:
        stem, dot, ending = segment, "", ""
    if len(_WORDS.findall(stem)) >= 3 or "%" in stem or len(stem) > 40:
        return _SLUG + re.escape(dot + ending)
    marked = "".join(_number(part) for part in re.split(r"(\d+)", stem))
    if marked.count("\\d") > 2 and not re.fullmatch(r"(?:[A-Za-z]{0,2}\\d(?:\+|\{4\})[-_]?)+", marked):
        marked = r"\w+"  # letters and digits of a hash
    return marked + re.escape(dot + ending)


def _number(part: str) -> str:
    if not part.isdigit():
        return re.escape(part)
    return r"\d{4}" if _YEAR.fullmatch(part) else r"\d+"


def patterns(shapes: Collection[UrlShape], others: Sequence[str]) -> list[str]:
    """Few patterns that find every address of *shapes* and none of *others*."""
    groups: dict[tuple[int, object], list[UrlShape]] = {}
    for shape in sorted(shapes, key=lambda pattern: (pattern.path, pattern.query)):
        key = (len(shape.path), tuple(name for name, _ in shape.query))
        for known, members in groups.items():
            if known[:2] == key[:2] and _mergeable(members[0], shape):
                members.append(shape)
                break
        else:
            groups[(*key, len(groups))] = [shape]  # type: ignore[index] # the number only keeps the keys apart
    return list(dict.fromkeys(_pattern(members, others) for members in groups.values()))


def _mergeable(one: UrlShape, two: UrlShape) -> bool:
    """Whether both differ only in plain words: names of columns, or a slug of one word."""
    pairs = [*zip(one.path, two.path, strict=True), *zip(_values(one), _values(two), strict=True)]
    differing = [(a, b) for a, b in pairs if a != b]
    return len(differing) <= 2 and all(_plain(a) and _plain(b) for a, b in differing)


def _values(shape: UrlShape) -> list[str]:
    return [value for _, value in shape.query]


def _plain(segment: str) -> bool:
    return segment.startswith(_SLUG) or bool(re.fullmatch(r"[A-Za-z_\\-]+", segment.replace(r"\d", "")))


def _pattern(members: Sequence[UrlShape], others: Sequence[str]) -> str:
    """The most permissive pattern of *members* that finds none of *others*; else the strictest there is."""
    written = ""
    for slug in _SLUGS:
        for wide in (True, False):
            written = _write(members, slug, wide=wide)
            compiled = re.compile(written)
            if not any(compiled.search(other) for other in others):
                return written
    return written


def _write(members: Sequence[UrlShape], slug: str, *, wide: bool) -> str:
    first = members[0]
    path = [_alternatives([member.path[n] for member in members], slug, wide=wide) for n in range(len(first.path))]
    query = [
        f"{re.escape(name)}={_alternatives([member.query[n][1] for member in members], slug, wide=wide)}"
        for n, (name, _) in enumerate(first.query)
    ]
    tail = rf"\?(?:.*&)?{'.*&'.join(query)}(?:&|$)" if query else "$"
    return _LEADING + "".join(f"/{piece}" for piece in path) + tail


def _alternatives(segments: Iterable[str], slug: str, *, wide: bool) -> str:
    distinct = list(dict.fromkeys(segments))
    if any(candidate.startswith(_SLUG) for candidate in distinct):
        ending = next(candidate for candidate in distinct if candidate.startswith(_SLUG)).removeprefix(_SLUG)
        return slug + ending
    if len(distinct) == 1:
        return distinct[0]
    if wide and not any("\\d" in candidate for candidate in distinct):
        return _WORD
    return f"(?:{'|'.join(distinct)})"
