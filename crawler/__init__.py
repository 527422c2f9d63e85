"""citynews: crawls news portals about smart cities and archives what they publish.

    portals -> crawl -> assembly + extraction -> pipelines -> archive -> output/
    WARC    -> replay ---^ the same assembly, pipelines and archive; no network

One article's path:

1. A portal definition (``portals/``, one TOML file each) names a list page, a feed or a sitemap.
2. The spider (``crawl/spiders/``) requests it and finds addresses of articles.
3. The frontier (``crawl/frontier/``) lets through only what is new or due.
4. Every response is captured (``crawl/middlewares/capture.py``): it goes into the WARC before anything else sees it.
5. Assembly (``assembly.py``) decides from the captures of a visit whether it needs more (a further page, a counter).
6. The pipelines (``pipelines/``) extract (``extraction/``, pure), normalise, validate, deduplicate and store.
7. The archive (``archive/``) makes the decision durable in the WARC, then the lines, then the index.
8. At the end ``health/`` compares the run with what the portal expects; the run file is written and chained.

Replay (``replay/``) performs 5 to 7 with captures read from WARC files in the order of their decisions.
``maintenance/`` verifies, repairs, seals; ``values/`` holds pure functions from strings to values; ``article.py`` the
data that moves; ``drafting/`` drafts portal definitions; ``cli/`` is the command line; ``samples/`` are three portals
to try it with. See docs/architecture.md for more, and for where a change belongs.
"""

__version__ = "0.1.0"
