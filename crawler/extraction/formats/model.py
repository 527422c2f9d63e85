"""The elements of a structured text. Immutable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Form = Literal["text", "markdown", "html"]
FORMS: tuple[str, ...] = get_args(Form)

BlockKind = Literal["paragraph", "heading", "code", "caption", "table", "image"]
GroupKind = Literal["quote", "list", "item"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text of one look. *href* is an absolute http(s) address."""

    text: str
    href: str | None = None
    strong: bool = False
    emphasis: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, a caption, a piece of code (*spans*), a table (*rows*) or a picture (*url*, *spans*)."""

    kind: BlockKind
    spans: tuple[Span, ...] = ()
    level: int = 0  #: of a heading: 2 to 6
    rows: tuple[tuple[tuple[Span, ...], ...], ...] = ()
    url: str = ""

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Group:
    """A quotation, a list or an item of one, and what it holds."""

    kind: GroupKind
    children: tuple[Block | Group, ...]
    ordered: bool = False
    start: int = 1  #: the number of the first item of an ordered list


@dataclass(frozen=True, slots=True)
class Structured:
    """An article's headline and text. *plain* is the text as records have it in ``body``."""

    title: str | None
    children: tuple[Block | Group, ...]
    plain: str
