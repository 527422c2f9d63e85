"""The queries of the report, over the tables of docs/analysis.md, in SQLite's SQL: what stands under each table."""

from __future__ import annotations

CONTENTS = """
SELECT portal, max(portal_title) AS title, count(*) AS pages, count(DISTINCT group_id) AS texts,
  sum(kind = 'article') AS articles, sum(kind = 'copy') AS copies, sum(views IS NOT NULL) AS with_views,
  sum(published_date IS NULL) AS without_date, min(published_date) AS first_day, max(published_date) AS last_day
FROM pages GROUP BY portal ORDER BY pages DESC, portal
"""

PER_DAY = """
SELECT portal, published_date AS day, count(*) AS pages
FROM pages WHERE published_date IS NOT NULL GROUP BY portal, published_date ORDER BY portal, published_date
"""

#: Days, in UTC, on which a portal was visited.
VISIT_DAYS = """
SELECT DISTINCT portal, substr(at, 1, 10) AS day FROM visits ORDER BY portal, day
"""

#: What queries of views by age begin with; a report makes the table ``aged`` once (``Source.aged``).
AGED = """
WITH published AS MATERIALIZED (
  SELECT id, portal_title, source_norm, unixepoch(published_at) AS published
  FROM pages WHERE published_at IS NOT NULL
),
aged AS (
  SELECT v.id AS id, p.portal_title, p.source_norm, v.at AS at, v.view_count AS views,
    (unixepoch(v.at) - p.published) / 86400.0 AS days
  FROM visits v JOIN published p ON p.id = v.id WHERE v.view_count IS NOT NULL AND unixepoch(v.at) >= p.published
)"""

#: The first visit of each page at each age: SQLite takes views from the row with the least moment.
VIEWS_AT_AGE = """
firsts AS (
  SELECT {by} AS name, CASE WHEN days < 2 THEN 1 WHEN days < 6 THEN 3 WHEN days < 14 THEN 7 ELSE 30 END AS age,
    views, min(at) AS at
  FROM aged WHERE days >= 1 AND days < 2 OR days >= 3 AND days < 6 OR days >= 7 AND days < 14
    OR days >= 30 AND days < 60
  GROUP BY id, age
),
ranked AS (
  SELECT name, age, views, row_number() OVER (PARTITION BY name, age ORDER BY views) AS place,
    count(*) OVER (PARTITION BY name, age) AS pages
  FROM firsts
  UNION ALL
  SELECT {by}, 0, views, row_number() OVER (PARTITION BY {by} ORDER BY views), count(*) OVER (PARTITION BY {by})
  FROM pages WHERE views IS NOT NULL
)
SELECT name, age, avg(views) AS median, max(pages) AS pages FROM ranked
WHERE place IN ((pages + 1) / 2, (pages + 2) / 2) GROUP BY name, age ORDER BY name IS NULL, name, age
"""

GROWTH = """
daily AS (
  SELECT id, CAST(days AS INTEGER) AS age, max(views) AS views FROM aged WHERE days < 61 GROUP BY id, age
),
ranked AS (
  SELECT age, views, row_number() OVER (PARTITION BY age ORDER BY views) AS place,
    count(*) OVER (PARTITION BY age) AS pages
  FROM daily
)
SELECT age, max(pages) AS pages, max(CASE WHEN place = (pages + 3) / 4 THEN views END) AS lower_quartile,
  max(CASE WHEN place = (pages + 1) / 2 THEN views END) AS median,
  max(CASE WHEN place = (3 * pages + 3) / 4 THEN views END) AS upper_quartile
FROM ranked GROUP BY age HAVING max(pages) >= 5 ORDER BY age
"""

REPRINTS = """
WITH ranked AS (
  SELECT origin_portal, copy_portal, copy_id, lag_hours,
    row_number() OVER (PARTITION BY origin_portal, copy_portal, lag_hours IS NULL ORDER BY lag_hours) AS place,
    count(lag_hours) OVER (PARTITION BY origin_portal, copy_portal) AS timed
  FROM copies WHERE direction IS NOT NULL AND copy_id IN (SELECT id FROM pages)
)
SELECT origin_portal, copy_portal, count(DISTINCT copy_id) AS pages,
  round(avg(CASE WHEN lag_hours IS NOT NULL AND place IN ((timed + 1) / 2, (timed + 2) / 2) THEN lag_hours END), 1)
    AS median_lag_hours, max(timed) AS timed
FROM ranked GROUP BY origin_portal, copy_portal ORDER BY pages DESC, origin_portal, copy_portal
"""

UNDIRECTED = """
SELECT count(*) AS pairs FROM copies WHERE direction IS NULL AND copy_id IN (SELECT id FROM pages)
"""

SOURCES = """
SELECT portal, source_norm AS source, count(*) AS pages, max(source_portal) AS source_portal
FROM pages GROUP BY portal, source_norm ORDER BY pages DESC, portal, source_norm
"""

TITLES = """
SELECT id, title, published_date FROM pages
WHERE kind = 'article' AND title IS NOT NULL AND published_date BETWEEN ? AND ? ORDER BY published_date, id
"""

CORRECTIONS = """
SELECT p.portal, count(*) AS corrections, count(DISTINCT v.id) AS pages,
  round(avg(julianday(v.fetched_at) - julianday(p.first_fetched_at)), 1) AS mean_days,
  sum(v.chars_added) AS added, sum(v.chars_removed) AS removed
FROM versions v JOIN pages p ON p.id = v.id WHERE v.revision > 1 GROUP BY p.portal ORDER BY corrections DESC, p.portal
"""

CHANGED_FIELDS = """
SELECT f.value AS field, count(*) AS corrections
FROM versions v JOIN pages p ON p.id = v.id, json_each(v.changed_fields) f
WHERE v.revision > 1 GROUP BY f.value ORDER BY corrections DESC, field
"""

LARGEST = """
SELECT v.id, v.revision, v.title, p.url, v.fetched_at, v.chars_added, v.chars_removed, v.warc_file, v.warc_offset
FROM versions v JOIN pages p ON p.id = v.id WHERE v.revision > 1
ORDER BY v.chars_added + v.chars_removed DESC, v.id, v.revision LIMIT 20
"""

_COVERAGE = """
SELECT {by} AS name, count(*) AS pages, sum(published_date IS NOT NULL) AS published_date,
  sum(source_norm IS NOT NULL) AS source, sum(author IS NOT NULL) AS author, sum(views IS NOT NULL) AS views,
  sum(section <> '[]') AS section, sum(tags <> '[]') AS tags, sum(language IS NOT NULL) AS language
FROM pages GROUP BY name ORDER BY name
"""
COVERAGE = _COVERAGE.format(by="portal")
COVERAGE_BY_MONTH = _COVERAGE.format(by="substr(first_fetched_at, 1, 7)")

GONE = """
SELECT portal, count(*) AS pages FROM pages WHERE state = 'gone' GROUP BY portal ORDER BY pages DESC, portal
"""

LAST_GONE = """
SELECT id, title, url, portal_title, published_date, state_at, warc_file, warc_offset
FROM pages WHERE state = 'gone' ORDER BY state_at DESC, id LIMIT 30
"""
