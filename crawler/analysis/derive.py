"""Derives pages, copies and links from new lines, in SQL that SQLite and DuckDB both understand.

It works on the tables of ``tables`` and on temporary ones with what was read since: ``new_heads`` (``rows.HEAD``),
``new_pairs`` (``rows.PAIR``), ``new_links``, ``touched`` (ids of what was read), ``sources`` (what ``names`` makes of
each stated source). Visits and versions are in their tables already. Only pages that are touched, and the groups these
are in, are derived; as all else depends on them alone, tables carried on equal tables rebuilt.
"""

from __future__ import annotations

from crawler.analysis.rows import HEAD, PAIR
from crawler.analysis.tables import COPIES, LINKS, PAGES

_HEAD = ", ".join(HEAD)
_OF_ALL_VERSIONS = {"kind", "group_id", "first_fetched_at", "revisions"}

#: What a group does to one page it does to all.
WIDEN = """
CREATE TEMP TABLE touched_groups AS
  SELECT group_id FROM pages WHERE id IN (SELECT id FROM touched)
  UNION SELECT group_id FROM new_heads;
INSERT INTO touched SELECT id FROM pages
  WHERE group_id IN (SELECT group_id FROM touched_groups) AND id NOT IN (SELECT id FROM touched);
"""

#: Most pages have one version, and need no sorting. ``HEADS`` is a query: a table where joins need one, else a view.
#: That a page is a copy, and of what, its first version alone says.
LATEST = f"""
CREATE TEMP TABLE several AS
  SELECT id FROM new_heads WHERE revision > 1
  UNION SELECT id FROM pages WHERE id IN (SELECT id FROM touched);
CREATE TEMP TABLE latest AS
  SELECT {_HEAD} FROM (
    SELECT {", ".join(name for name in HEAD if name not in _OF_ALL_VERSIONS)},
      max(kind) OVER (PARTITION BY id) AS kind,
      coalesce(max(CASE WHEN kind = 'copy' THEN group_id END) OVER (PARTITION BY id), id) AS group_id,
      min(first_fetched_at) OVER (PARTITION BY id) AS first_fetched_at,
      sum(revisions) OVER (PARTITION BY id) AS revisions,
      row_number() OVER (PARTITION BY id ORDER BY revision DESC) AS place
    FROM (SELECT {_HEAD} FROM new_heads WHERE id IN (SELECT id FROM several)
          UNION ALL SELECT {_HEAD} FROM pages WHERE id IN (SELECT id FROM touched)) AS known
  ) AS ranked WHERE place = 1;
"""
HEADS = f"""
SELECT {_HEAD} FROM new_heads WHERE id NOT IN (SELECT id FROM several) UNION ALL SELECT {_HEAD} FROM latest
"""

#: The last visit counts, by its time; what was gone is back once a visit saw it.
SEEN = """
CREATE TEMP TABLE moments AS
  SELECT id, count(*) AS visits,
    max(CASE WHEN view_count IS NOT NULL THEN "at" END) AS views_at,
    min(CASE WHEN view_count IS NOT NULL THEN "at" END) AS first_at,
    max(CASE WHEN outcome NOT IN ('gone', 'refused') THEN "at" END) AS seen_at
  FROM visits WHERE id IN (SELECT id FROM heads) GROUP BY id;
CREATE TEMP TABLE seen AS
  SELECT m.id AS id, max(m.visits) AS visits, max(m.views_at) AS views_at, max(m.seen_at) AS seen_at,
    max(CASE WHEN v."at" = m.views_at THEN v.view_count END) AS views,
    max(CASE WHEN v."at" = m.first_at THEN v.view_count END) AS views_first,
    min(CASE WHEN v.outcome = 'gone' AND (m.seen_at IS NULL OR v."at" > m.seen_at) THEN v."at" END) AS gone_at
  FROM moments m JOIN visits v ON v.id = m.id GROUP BY m.id;
"""

#: All pairs of the touched groups, as they were archived. ``joined`` counts pages of groups that have pairs alone, and
#: aggregates no text: DuckDB keeps such texts in memory, whatever its limit.
PAIRS = f"""
CREATE TEMP TABLE pairs AS
  SELECT {", ".join(PAIR)} FROM new_pairs
  UNION ALL SELECT
    CASE WHEN direction = 'origin' THEN origin_id ELSE copy_id END,
    CASE WHEN direction = 'origin' THEN copy_id ELSE origin_id END,
    CASE WHEN direction = 'origin' THEN origin_portal ELSE copy_portal END,
    CASE WHEN direction = 'origin' THEN copy_portal ELSE origin_portal END,
    direction, "match", similarity
  FROM copies WHERE copy_id IN (SELECT id FROM heads) OR origin_id IN (SELECT id FROM heads);
CREATE TEMP TABLE origins AS
  SELECT article_id, duplicate_id FROM (
    SELECT p.article_id, p.duplicate_id, row_number() OVER (
      PARTITION BY p.article_id
      ORDER BY CASE WHEN h.published_at IS NULL THEN 1 ELSE 0 END, h.published_at, p.duplicate_id) AS place
    FROM pairs p JOIN heads h ON h.id = p.duplicate_id WHERE p.direction = 'origin'
  ) AS ranked WHERE place = 1;
CREATE TEMP TABLE joined AS
  SELECT h.group_id AS group_id, count(*) AS size,
    CASE WHEN max(CASE WHEN h.id = h.group_id THEN 1 ELSE 0 END) = 1 THEN h.group_id END AS article_id,
    max(CASE WHEN p.direction = 'copy' THEN 1 ELSE 0 END) AS copied
  FROM heads h LEFT JOIN pairs p ON p.duplicate_id = h.id
  WHERE h.group_id IN (SELECT article_id FROM pairs) GROUP BY h.group_id HAVING count(*) > 1;
"""

_PAGE = {
    "portal_title": "coalesce(t.title, h.portal)",
    "source_norm": "s.source_norm",
    "source_portal": "s.source_portal",
    "views": "coalesce(v.views, h.views)",
    "views_at": "CASE WHEN v.views_at IS NULL AND h.views IS NOT NULL THEN h.version_fetched_at ELSE v.views_at END",
    "views_first": "coalesce(v.views_first, h.views)",
    "visits": "coalesce(v.visits, 0)",
    "state": "CASE WHEN v.gone_at IS NULL THEN 'live' ELSE 'gone' END",
    "state_at": "coalesce(v.gone_at, v.seen_at, h.version_fetched_at)",
    "group_size": "coalesce(r.size, 1)",
    "group_origin": "CASE WHEN o.duplicate_id IS NOT NULL THEN o.duplicate_id WHEN r.copied = 1 THEN r.article_id END",
}
_PAGE_ROWS = f"""
SELECT {", ".join(f"{_PAGE.get(name, 'h.' + name)} AS {name}" for name in PAGES.names)}
FROM {{heads}} h
  LEFT JOIN portals t ON t.portal = h.portal
  LEFT JOIN sources s ON s.portal = h.portal AND s.source = h.source
  LEFT JOIN {{seen}} v ON v.id = h.id
  LEFT JOIN joined r ON r.group_id = h.group_id
  LEFT JOIN origins o ON o.article_id = h.group_id
"""


def page_rows(heads: str = "heads", seen: str = "seen") -> str:
    """The row of pages for every page in *heads*; *seen* has at least what visits say of these."""
    return _PAGE_ROWS.replace("{heads}", heads).replace("{seen}", seen)


_EXACT = "'second', 'minute'"
#: The row of copies for every pair, its direction applied.
COPY_ROWS = f"""
SELECT {", ".join(COPIES.names[:7])}, CASE WHEN direction IS NOT NULL
    AND c_exact IN ({_EXACT}) AND o_exact IN ({_EXACT}) THEN (c_at - o_at) / 3600.0 END AS lag_hours
FROM (
  SELECT copy_id, origin_id, copy_portal, origin_portal, direction, "match", similarity,
    unixepoch(c.published_at) AS c_at, unixepoch(o.published_at) AS o_at,
    c.published_precision AS c_exact, o.published_precision AS o_exact
  FROM (
    SELECT
      CASE WHEN direction = 'origin' THEN article_id ELSE duplicate_id END AS copy_id,
      CASE WHEN direction = 'origin' THEN duplicate_id ELSE article_id END AS origin_id,
      CASE WHEN direction = 'origin' THEN article_portal ELSE duplicate_portal END AS copy_portal,
      CASE WHEN direction = 'origin' THEN duplicate_portal ELSE article_portal END AS origin_portal,
      direction, "match", similarity
    FROM pairs
  ) AS turned LEFT JOIN heads c ON c.id = copy_id LEFT JOIN heads o ON o.id = origin_id
) AS timed
"""

#: The links of the pages whose latest version was read again; ``h`` is the page they stand on.
LINK_COLUMNS = "n.from_id, n.number, p.id AS to_id, n.target_id, n.url, n.title, n.kind"
LINK_SOURCE = """
FROM new_links n JOIN heads h ON h.id = n.from_id AND h.revision = n.revision LEFT JOIN pages p ON p.id = n.target_id
"""
#: The same where tables are rebuilt: ``heads`` are all pages then, and these are a table already.
ALL_LINKS_SOURCE = LINK_SOURCE.replace("JOIN heads h", "JOIN pages h")
ALL_LINK_ROWS = f"SELECT {LINK_COLUMNS} {ALL_LINKS_SOURCE}"
LINK_ROWS = f"SELECT {LINK_COLUMNS} {LINK_SOURCE}"
CLEAR_COPIES = """
DELETE FROM copies WHERE copy_id IN (SELECT id FROM heads) OR origin_id IN (SELECT id FROM heads);
"""
CLEAR_LINKS = """
DELETE FROM links WHERE from_id IN (
  SELECT n.id FROM new_heads n JOIN heads h ON h.id = n.id AND h.revision = n.revision);
"""
#: Links that led nowhere, to pages that are archived by now. Run after pages are in, before new links are.
ARRIVED = """
UPDATE links SET to_id = target_id WHERE to_id IS NULL AND target_id IN (SELECT id FROM new_heads);
"""
ADD_COPIES = f"INSERT INTO copies ({', '.join(COPIES.names)}) {COPY_ROWS};"
ADD_LINKS = f"INSERT INTO links ({', '.join(LINKS.names)}) {LINK_ROWS};"
FORGET = "".join(
    f"DROP TABLE IF EXISTS temp.{name};\n"
    for name in ("touched_groups", "several", "latest", "moments", "seen", "pairs", "origins", "joined")
)
