"""citynews: from the street to the archive.

    street -> portals -> spiders -> assembly -> pipelines -> archive -> output/
              front door  hall       kitchen     scullery     back door
    warc/  -> replay ------------------^   the same kitchen, scullery and back door

One article's walk:

1. A portal (``portals/``, one TOML file each) names a list page, a feed or a sitemap.
2. The spider (``spiders/``) asks for it and finds addresses of articles.
3. The ledger (``middlewares/ledger.py``) lets through only what is new or due.
4. Every answer passes capture (``middlewares/capture.py``): into the WARC first, whatever becomes of it.
5. Assembly (``assembly.py``) looks at the captures of a visit: it wants more (a further page, a counter) or nothing.
6. The pipelines (``pipelines/``) extract (``extraction/``, pure), normalise, validate, decide and store.
7. The archive (``archive/``) makes the decision durable in the WARC, then the lines, then the index.
8. At the end health (``middlewares/health.py``) compares with what the portal expects; the run is sealed and chained.

Replay (``replay/``) walks 5 to 7 with captures read from WARC files in the order of their decisions.
``values/`` holds what is pure string -> value; ``article.py`` what moves through all rooms; ``drafting/`` drafts the
definition of a new portal and learns its template; ``rendering/`` shows pages to a browser where they need one;
``commands/`` and ``cli/`` what a person types; ``samples/`` three portals to try it all on. docs/architecture.md tells
the same at more length.
"""

__version__ = "0.1.0"
