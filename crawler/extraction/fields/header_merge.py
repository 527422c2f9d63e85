"""What the header lines say together: of several that state one value, which is believed."""

from __future__ import annotations

from dataclasses import dataclass, field

from crawler.extraction.page.lines import Line
from crawler.values.header_fields import Header
from crawler.values.moments import Moment


@dataclass(slots=True)
class HeaderLines:
    """What the header says, and which lines said it."""

    header: Header = field(default_factory=Header)
    used: set[int] = field(default_factory=set)
    #: What an attribute of the element says that prints the moment of publication.
    stamp: Moment | None = None
    author: Line | None = None  #: names the author and nothing else
    among: bool = False  #: that moment stood behind a paragraph, where other things are dated too


def merge(merged: Header, added: Header, *, late: bool) -> bool:
    """Adds to *merged* what *added* knows better; behind the text (*late*) only what is labelled.

    Whether it was of use.
    """
    used = False
    signed = added.author is not None and added.published is not None and added.published.hour is not None
    if added.published and (not late or added.labelled or signed) and _better(added, merged):
        merged.published, merged.weight, used = added.published, added.weight, True
    if added.modified and merged.modified is None:
        merged.modified, used = added.modified, True
    if (
        added.source
        and (not late or added.source_labelled)
        and (merged.source is None or (added.source_labelled and not merged.source_labelled and not late))
    ):
        merged.source, merged.source_labelled, used = added.source, added.source_labelled, True
    merged.source_stated |= added.source_stated
    if added.author and (merged.author is None or (added.author_labelled and not merged.author_labelled and not late)):
        merged.author, merged.author_labelled, used = added.author, added.author_labelled, True
    if added.editor and merged.editor is None:
        merged.editor, used = added.editor, True
    if (
        added.views is not None
        and merged.views is None
        and not (late and (merged.views_stated or not added.views_labelled))
    ):
        merged.views, merged.views_raw, used = added.views, added.views_raw, True
    merged.views_stated |= added.views_stated
    return used


def _better(added: Header, merged: Header) -> bool:
    """A labelled moment beats an unlabelled one, one with a time the same day without, any other "3 weeks ago"."""
    new, old = added.published, merged.published
    if old is None or new is None:
        return old is None
    if old.relative and old.hour is None and not (new.relative or new.yearless):
        return True
    if new.day == old.day and (
        old.hour is None or ((old.hour, old.minute) == (new.hour, new.minute) and old.second is None)
    ):
        return new.hour is not None and (old.hour is None or new.second is not None)
    return added.weight > merged.weight
