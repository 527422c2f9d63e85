"""What header lines state: the data that reading fills in and that several lines are merged into."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.values.moments import Moment


@dataclass(slots=True)
class Header:
    """What a header line states. Raw texts are as printed; a count or a moment is None where none was stated."""

    published: Moment | None = None
    modified: Moment | None = None
    #: How much speaks for *published*: 2 it has a label that says so, 1 it has none or that of an event near it, 0 it
    #: is that of the last change.
    weight: int = 0
    source: str | None = None
    source_labelled: bool = False
    source_stated: bool = False  #: there was a label for it, perhaps with nothing behind it
    author: str | None = None
    author_labelled: bool = False
    author_signed: bool = False  #: by a line of its own that opens a text: "本报记者 王小明"
    editor: str | None = None
    views: int | None = None
    views_raw: str | None = None
    views_labelled: bool = False
    views_stated: bool = False

    @property
    def labelled(self) -> bool:
        """Whether the moment of publication had a label that says so."""
        return self.weight == 2

    def __bool__(self) -> bool:
        named = self.source or self.author or self.editor
        return bool(self.published or self.modified or named or self.views is not None)
