"""Templates to HTML. Everything that is put into a template is escaped."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from crawler.analysis.web import charts
from crawler.analysis.web.labels import LABELS, Language

_MARKS = {
    "mark": Markup("<mark>{}</mark>"), "ins": Markup("<ins>{}</ins>"), "del": Markup("<del>{}</del>"),
}  # fmt: skip


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("crawler.analysis.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {"number": number, "value": value, "marked": marked, "minute": minute}
    made.globals |= {"web_address": web_address, "meter": charts.meter}
    return made


def render(template: str, lang: Language, **values: Any) -> str:
    """The *template* filled with *values*; ``t(key)`` in it gives a label in *lang*."""

    def label(key: str, /, **parts: object) -> str:
        text = LABELS[key][lang == "en"]
        return text.format(**parts) if parts else text

    def name_of(text: str) -> str:
        return label(text) if text in LABELS else text

    return _environment().get_template(template).render(t=label, name_of=name_of, lang=lang, **values)


def style() -> str:
    """The style sheet."""
    return (resources.files("crawler.analysis.web") / "style.css").read_text("utf-8")


def number(value: float | None) -> str:
    """1234567 as 1,234,567; nothing for None."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}".removesuffix(".0")


def value(found: str | float | None) -> str:
    """What stands in a cell: numbers as *number* has them, text as it is, nothing for None."""
    return found if isinstance(found, str) else number(found)


def minute(moment: str | None) -> str:
    """An ISO moment to the minute, with its zone where it has one."""
    if moment is None:
        return ""
    zone = " UTC" if moment.endswith("Z") else ""
    return moment[:16].replace("T", " ") + zone


def web_address(url: str | None) -> str | None:
    """*url* where it may be a link: http or https with a host; None for all else, such as javascript:."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.netloc else None


def marked(pieces: list[tuple[str, str]]) -> Markup:
    """(element name or "", text) in a row, such as mark, ins, del."""
    return Markup("").join(_MARKS[name].format(text) if name else escape(text) for name, text in pieces)
