"""The tables of an archive, with the type and the meaning of each column: the one definition that all commands share.

docs/analysis.md shows the same (a test holds them together). A change here is a change of ``SCHEMA``: files that were
exported under another one are rebuilt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SCHEMA = "citynews/tables/3"

#: moment: in UTC; local: without a zone; list: of texts; counts: text to number.
Kind = Literal["text", "integer", "real", "moment", "local", "date", "list", "counts"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what a row is, its key, its columns in order."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)


def _columns(text: str) -> tuple[Column, ...]:
    """Columns out of lines ``name kind meaning``."""
    rows = (line.split(None, 2) for line in text.splitlines() if line)
    return tuple(Column(name, kind, meaning) for name, kind, meaning in rows)  # type: ignore[arg-type] # kinds are below


_WARC = """
warc_file text file with the response record, relative to warc/
warc_offset integer where the record's gzip member begins, bytes
warc_length integer length of the member, bytes
warc_record_id text WARC-Record-ID
payload_digest text sha256 of what the server sent
"""

PAGES = Table("pages", "an archived page, an article or a copy of one, in its latest version", ("id",), _columns(f"""
id text id of the address
kind text article, or copy: a line of duplicates/, whatever later versions of it say
portal text name of the portal
portal_title text what the portal is called, by its definition
url text the address that answered
title text headline
source text where the text comes from, as stated
source_norm text source, trimmed and in NFKC; 本网, 本站 and the portal's own names become the portal's title
source_portal text the portal whose title, name or domain the source is
author text who wrote it, as stated
editor text who edited it, as stated
language text language of the text, BCP 47
published_at moment when it was published
published_local local the same on the page's own clock
published_date date the day of publication as printed: the day to count by
published_precision text second, minute or day: how much of published_at the page states
first_fetched_at moment when it was first archived
version_fetched_at moment when this version was fetched
revision integer number of the version
revisions integer how many later versions are archived
views integer view count of the last visit that saw one
views_at moment when that was
views_first integer view count of the first visit that saw one
visits integer how often the address was visited
state text live, or gone: the last visits found nothing there
state_at moment of a live page the last visit that saw it, of a gone one the first that did not
text_length integer characters of the body
group_id text id of the article that the page is a copy of; its own id where it is none
group_size integer how many pages of the group are archived
group_origin text the page that the others of the group come from, by direction; null where nothing tells
incomplete list what was wanted and not had: counter, pages, truncated
content_hash text sha256 of title and body
section list the breadcrumb, outermost first
tags list keywords
{_WARC}"""))  # fmt: skip

#: pages as a file or a sheet of its own has it: with what the table portals would say.
PAGE_LIST = Table(PAGES.name, PAGES.row, PAGES.key, (*PAGES.columns, *_columns("""
portal_place text place that the portal reports on, by its definition
portal_place_code text code of the place
portal_kind text who publishes the portal
portal_tags list what the portal is about
""")))  # fmt: skip

TEXTS = Table("texts", "the latest body of a page", ("id",), _columns("""
id text id of the page
body text the text; paragraphs separated by a blank line
"""))  # fmt: skip

VERSIONS = Table("versions", "a version of a page", ("id", "revision"), _columns(f"""
id text id of the page
revision integer 1 for the first
fetched_at moment when it was fetched
title text headline of this version
body text text of this version
changed_fields list what differs from the version before
chars_added integer characters of title and body that are not in the version before; null for the first
chars_removed integer characters of the version before that are not in this one; null for the first
{_WARC}"""))  # fmt: skip

VISITS = Table("visits", "a visit of an article address", ("id", "at"), _columns(f"""
id text id of the address
portal text name of the portal
url text the address that answered
at moment when it was asked for
status integer HTTP status
outcome text how the visit ended
reason text why it was refused or is gone
view_count integer views at this visit
view_count_raw text as printed
revision integer the version that holds after this visit
run text the run that made the visit
{_WARC}"""))  # fmt: skip

COPIES = Table("copies", "a pair of pages with the same text", ("copy_id", "origin_id"), _columns("""
copy_id text the page that copies; where nothing tells, the one archived later
origin_id text the page it comes from; where nothing tells, the one archived first
copy_portal text portal of the one
origin_portal text portal of the other
direction text what it says: copy, the later archived is the copy; origin, it is the origin; null, nothing does
match text exact or near
similarity real how alike the texts are, 0 to 1
lag_hours real from the origin's publication to the copy's; null unless both are known to the minute and directed
"""))  # fmt: skip

LINKS = Table("links", "a link from a page to a related one", ("from_id", "number"), _columns("""
from_id text id of the page
number integer place of the link on its page, from 1
to_id text id of the page it leads to; null where that is not archived
target_id text id of the address, archived or not
url text the address
title text text of the link
kind text related, previous or next
"""))  # fmt: skip

_BY = ("portal", "month", "field")
FIELDS = Table("fields", "how often a field was found, by portal and month of fetching", _BY, _columns("""
portal text name of the portal
month text YYYY-MM, of the first fetch, UTC
field text name of the field
have integer pages that have it, in their first version
pages integer pages
by counts how it was found: rule, json-ld, meta, label, generic, counter, template
"""))  # fmt: skip

PORTALS = Table("portals", "a portal", ("portal",), _columns("""
portal text name
title text what people call it
home text home page
domains list its domains
language text language, BCP 47
timezone text time zone, IANA
place text place that it reports on, as its definition calls it
place_code text code of the place: ISO 3166; in China CN- and the code of GB/T 2260
kind text who publishes it: government, association, research, media, industry, community
tags list what it is about, by its definition
articles integer archived articles
copies integer archived copies
visits integer visits
first_fetched_at moment its first page
last_visit_at moment its last visit
"""))  # fmt: skip

RUNS = Table("runs", "a finished run", ("number",), _columns("""
number integer 1, 2, 3 ...
run text name
kind text crawl, replay, merge, repair, seal, adopt or remove
started_at moment begin
finished_at moment end
exit_code integer exit code; null for a run that died
portals list portals it crawled
requests integer requests sent
new integer articles archived
changed integer later versions archived
copies integer copies archived
gone integer visits that found an article gone
refused integer visits of pages that are no articles
failed integer visits that failed
sha256 text sha256 of the run file
"""))  # fmt: skip

META = Table("meta", "what the tables were made from; one row", (), _columns("""
schema text version of these tables
citynews text version of citynews
archive text id of the archive
run text the last run that is in the tables
run_number integer its number
run_sha256 text sha256 of its run file
run_finished_at moment its end
made_at moment when the tables were made
filters text what was chosen, as JSON
body text none, text, markdown or html
articles integer articles in the archive as of that run
duplicates integer copies in the archive
revisions integer later versions in the archive
observations integer visits in the archive
removed_articles integer tombstones of articles; with articles, what verify counts
removed_duplicates integer tombstones of copies
removed_revisions integer tombstones of later versions
pages integer rows of pages: fewer than articles and duplicates where filters chose
"""))  # fmt: skip

TABLES = (PAGES, TEXTS, VERSIONS, VISITS, COPIES, LINKS, FIELDS, PORTALS, RUNS, META)
BY_NAME = {table.name: table for table in TABLES}
