"""citynews: crawls news portals about smart cities and archives what they publish.

    portals -> crawl -> assembly + extraction -> pipelines -> archive -> output/
    WARC    -> replay ---^ the same assembly, pipelines and archive; no network

One article's path:

1. A portal definition (``portals/``, one TOML file each) names a list page, a feed or a sitemap.
2. The spider (``crawl/spiders/``) requests it and finds addresses of articles.
3. The frontier (``crawl/frontier/``) lets through only what is new or due.
4. Every response is captured (``crawl/middlewares/capture.py``): into the WARC first, whatever becomes of it.
5. Assembly (``assembly.py``) looks at the captures of a visit: it needs more (a further page, a counter) or nothing.
6. The pipelines (``pipelines/``) extract (``extraction/``, pure), normalise, validate, deduplicate and store.
7. The archive (``archive/``) makes the decision durable in the WARC, then the lines, then the index.
8. At the end ``health/`` compares the run with what the portal expects; the run file is written and chained.

Replay (``replay/``) performs 5 to 7 with captures read from WARC files in the order of their decisions.
``maintenance/`` verifies, repairs, seals; ``values/`` holds pure functions from strings to values; ``article.py`` the
data that moves; ``drafting/`` drafts portal definitions; ``cli/`` is the command line; ``samples/`` are three portals
to try it all on. docs/architecture.md says more, and where a change belongs.
"""

__version__ = "0.1.0"
