"""A draft as TOML: short, with what supports each line as a comment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from crawler.drafting.induce import LearnedTemplate
from crawler.drafting.traits import CounterRule
from crawler.portals.sections import Api
from crawler.values.text import line

_BIDI = re.compile("[\u2028\u2029\u202a-\u202e\u2066-\u2069\x7f-\x9f]")
_ORDER = (
    "title", "published_at", "source", "author", "editor", "view_count", "body", "section", "related_links",
)  # fmt: skip
_WIDTH = 44  #: columns before a comment


@dataclass(slots=True)
class TomlLines:
    """The parts of a definition, each line with its comment."""

    head: str
    name: str
    title: str
    home: str
    domains: list[str]
    language: str
    timezone: tuple[str, str]
    encoding: str | None
    family: str | None = None
    evidence: str = ""
    last_seen: str = ""
    pages: list[str] = field(default_factory=list)
    feeds: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)
    article_urls: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    list_urls: list[str] = field(default_factory=list)
    drop_params: list[str] = field(default_factory=list)
    api: list[Api] = field(default_factory=list)
    counter: CounterRule | None = None
    delay: float = 1.0
    articles_min: int = 1
    coverage: dict[str, float] = field(default_factory=dict)
    learned: LearnedTemplate | None = None


def definition(parts: TomlLines) -> str:
    """The TOML of *parts*."""
    rows = [f"# {_comment(parts.head)}"]
    rows += [f"{key} = {_text(getattr(parts, key))}" for key in ("name", "title", "home")]
    rows += [f"{key} = {_text(value)}" for key in ("family", "evidence", "last_seen") if (value := getattr(parts, key))]
    rows += [f"domains = {_texts(parts.domains)}", f"language = {_text(parts.language)}"]
    rows.append(_with(f"timezone = {_text(parts.timezone[0])}", parts.timezone[1]))
    if parts.encoding:
        rows.append(_with(f"encoding = {_text(parts.encoding)}", "of all pages that were read"))
    if parts.delay != 1.0:  # the default
        rows.append(f"politeness = {{ delay = {float(parts.delay)} }}")
    rows += ["", "[discover]", *_discover(parts)]
    for api in parts.api:
        rows += ["", *_api(api)]
    if parts.learned is not None and parts.learned.good:
        rows += ["", *template(parts.learned)]
    if parts.counter is not None:
        rows += ["", *_counter(parts.counter)]
    rows += ["", "[expect]", *_expect(parts)]
    return "\n".join(rows) + "\n"


def _discover(parts: TomlLines) -> Iterable[str]:
    for key in ("pages", "feeds"):
        if found := getattr(parts, key):
            yield f"{key} = {_texts(found)}"
    if parts.sitemaps:
        listed = f"sitemaps = {_texts(parts.sitemaps)}"
        yield listed if not (parts.pages or parts.feeds) else f"# {listed}  # for all that was ever published"
    yield f"article_urls = {_patterns(parts.article_urls)}"
    if parts.examples:
        yield f"examples = {_texts(parts.examples)}"
    if parts.list_urls:
        yield f"list_urls = {_patterns(parts.list_urls)}"
    if parts.drop_params:
        yield _with(f"drop_params = {_texts(parts.drop_params)}", "other values at every look")


def _api(rows: Api) -> list[str]:
    """The table [[discover.api]] with the keys that are not as they are by themselves."""
    stated = rows.model_dump(exclude_defaults=True)
    return ["[[discover.api]]", *(f"{key} = {_inline(value)}" for key, value in stated.items())]


def template(learned: LearnedTemplate, *, heading: str = "[template]") -> list[str]:
    """The lines of [template]: each place with the pages on which it gives the value, and one value."""
    rows = [_with(heading, f"holds on {learned.held} of {learned.pages} pages")]
    rows += [
        _with(f"{name} = {_text(place.selector)}", f"{place.support}/{place.of}  {place.value}")
        for name in _ORDER
        if (place := learned.places.get(name)) is not None
    ]
    rows += [f"always = {_texts(learned.always)}", f"shortest = {learned.shortest}"]
    return rows


def inline_table(table: Mapping[str, object]) -> str:
    """*table* in one line."""
    return "{ " + ", ".join(f"{key} = {_inline(value)}" for key, value in table.items()) + " }"


def _inline(value: object) -> str:
    if isinstance(value, list):
        return _texts(map(str, value))
    if isinstance(value, dict):
        return inline_table(value)
    return str(value) if isinstance(value, int) else _text(str(value))


def _counter(rule: CounterRule) -> list[str]:
    return [
        "[counter]",
        f"url = {_text(rule.url)}",
        *(f"{name} = {_pattern(pattern)}" for name, pattern in rule.placeholders.items()),
        "increments = true",
        _with("ask = true", "counts as one reading, as opening the page in a browser does"),
    ]


def _expect(parts: TomlLines) -> Iterable[str]:
    yield f"articles_min = {parts.articles_min}"
    if parts.coverage:
        yield "coverage = { " + ", ".join(f"{name} = {share:g}" for name, share in parts.coverage.items()) + " }"
    if parts.learned is not None and parts.learned.good:
        yield "template = 0.8"


def _with(text: str, comment: str) -> str:
    return f"{text:<{_WIDTH}} # {_comment(comment)}" if comment else text


def _comment(text: str) -> str:
    return _BIDI.sub("", line(text))


def _text(value: str) -> str:
    return json.dumps(_BIDI.sub("", value), ensure_ascii=False)


def _texts(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"


def _pattern(value: str) -> str:
    return f"'{value}'" if "'" not in value and value.isprintable() else f"'''{value}'''" if "'''" not in value else (
        _text(value)
    )  # fmt: skip


def _patterns(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(_pattern, values)) + "]"
