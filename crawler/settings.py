"""The Scrapy settings: which components, in which order. Only this module and the commands name them all."""

from __future__ import annotations

import os

from scrapy.settings import default_settings

from crawler.crawl.identity import user_agent, warc_info

BOT_NAME = "citynews"
SPIDER_LOADER_CLASS = "crawler.crawl.spiders.loader.PortalSpiderLoader"

# -- the operator's choices: citynews.toml, CITYNEWS_... or options set them -------------------------------------------
CITYNEWS_OUTPUT = os.environ.get("CITYNEWS_OUTPUT") or "output"
CITYNEWS_PORTALS = list(filter(None, os.environ.get("CITYNEWS_PORTALS", "").split(os.pathsep)))
CITYNEWS_ALLOW_HOSTS = os.environ.get("CITYNEWS_ALLOW_HOSTS", "").split()
CITYNEWS_LIMIT = 0
CITYNEWS_SINCE: str | None = None
CITYNEWS_JOBS = 0  # processes that extract, at most: the usable cores
CITYNEWS_JOBS_SHARE = 0.25  # of its time that a crawl extracts by itself before it starts one
CITYNEWS_DEEP = False
CITYNEWS_RETRY_REFUSED = False
CITYNEWS_MAX_MINUTES = 55.0  # a run ends before the next hour's begins
CITYNEWS_QUIET_HOURS: str | None = None
CITYNEWS_RENDER_SECONDS = 45.0  # that a browser gets for a page
CITYNEWS_ONLY: list[str] = []
CITYNEWS_DRY_RUN = False  # set by `citynews crawl --dry-run`, which opens no archive either
CITYNEWS_PROXY = ""
CITYNEWS_PROXIES: dict[str, str] = {}
CITYNEWS_STORED_HOOK = ""  # docs/hooks.md
CITYNEWS_FIXES: dict[str, str] = {}
CITYNEWS_HOOKS_FOLDER = ""
CITYNEWS_CONTACT = os.environ.get("CITYNEWS_CONTACT", "")

USER_AGENT = user_agent(CITYNEWS_CONTACT)
CITYNEWS_WARC_INFO = warc_info(CITYNEWS_CONTACT)

# -- one article's walk ------------------------------------------------------------------------------------------------
EXTENSIONS = {
    "crawler.crawl.extensions.archive.ArchiveExtension": 0,
    "crawler.crawl.extensions.requisites.RequisiteExtension": 5,  # after the one above: idle once that decided all
}
_unused = {
    "scrapy.extensions.corestats.CoreStats",  # a task of its own for each item, for counts that a run has
    "scrapy.extensions.telnet.TelnetConsole",
    "scrapy.extensions.remote_control.RemoteControl",  # to import it takes a tenth of the start
    "scrapy.extensions.logstats.LogStats",
    "scrapy.extensions.memusage.MemoryUsage",
    "scrapy.extensions.feedexport.FeedExporter",
}
#: Scrapy imports what EXTENSIONS switches off with None all the same; what is not among its own it does not.
EXTENSIONS_BASE = {name: at for name, at in default_settings.EXTENSIONS_BASE.items() if name not in _unused}
SPIDER_MIDDLEWARES = {
    "crawler.crawl.frontier.middleware.FrontierMiddleware": 100,
    # each takes every request and item in hand: these would let all pass
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}
DOWNLOADER_MIDDLEWARES = {
    "crawler.crawl.middlewares.request_headers.RequestHeadersMiddleware": 40,
    "crawler.crawl.middlewares.requisites.RequisiteMiddleware": 40,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # the domains of a definition are judged elsewhere
    "crawler.crawl.downloader.address_guard.AddressGuardMiddleware": 50,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.crawl.middlewares.robots.RobotsMiddleware": 100,
    "crawler.crawl.rendering.middleware.RenderMiddleware": 560,  # sees bodies decoded, redirects followed
    "crawler.crawl.middlewares.cookies.CookieMiddleware": 700,  # before redirects are followed
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,  # counts what a run counts itself
    "crawler.crawl.middlewares.budget.BudgetMiddleware": 900,
    "crawler.crawl.middlewares.conditional.ConditionalMiddleware": 950,
    "crawler.crawl.middlewares.capture.CaptureMiddleware": 1000,
}
ITEM_PIPELINES = {
    "crawler.pipelines.assemble.AssemblePipeline": 100,
    "crawler.pipelines.fix.FixPipeline": 150,
    "crawler.pipelines.normalise.NormalisePipeline": 200,
    "crawler.pipelines.validate.ValidatePipeline": 300,
    "crawler.pipelines.deduplicate.DeduplicatePipeline": 400,
    "crawler.pipelines.store.StorePipeline": 500,
}

# -- safe defaults: what Scrapy leaves open ----------------------------------------------------------------------------
ROBOTSTXT_OBEY = True
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
DOWNLOAD_VERIFY_CERTIFICATES = True
COOKIES_ENABLED = False
HTTPPROXY_ENABLED = False  # a proxy from the environment would go round the address guard
METAREFRESH_ENABLED = False  # a redirect that a page writes is not one that replay can follow
REFERRER_POLICY = "same-origin"
DOWNLOAD_HANDLERS = {
    "http": "crawler.crawl.downloader.handler.PoliteDownloadHandler",
    "https": "crawler.crawl.downloader.handler.PoliteDownloadHandler",
    "file": None,
    "ftp": None,
    "s3": None,
    "data": None,
}
TWISTED_DNS_RESOLVER = "crawler.crawl.downloader.address_guard.GuardedResolver"
DNS_TIMEOUT = 15
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 16 << 20
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = True
REDIRECT_MAX_TIMES = 5
RETRY_TIMES = 2
HTTPERROR_ALLOW_ALL = True  # what a status means is decided by assembly, and recorded
WARN_ON_GENERATOR_RETURN_VALUE = False  # looks at every callback of every response; ours return nothing
DEPTH_LIMIT = 0  # list pages are bounded by max_list_pages
URLLENGTH_LIMIT = 2000
STATS_CLASS = "crawler.crawl.scrapy_stats.PlainStats"
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"  # in the order of the page: newest first, page by page
CONCURRENT_REQUESTS = 64  # what waits at a portal's throttle; its own bound is politeness.concurrency
CONCURRENT_REQUESTS_PER_DOMAIN = 64
CONCURRENT_ITEMS = 1  # tasks that Scrapy starts for each response, a hundred by default; an item waits for nothing
DOWNLOAD_DELAY = 0
REACTOR_THREADPOOL_MAXSIZE = 40  # a name server that says nothing holds up one thread, not all portals
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8",
    "Accept-Encoding": "gzip, deflate",  # what every WARC tool can undo
}
FEED_EXPORT_ENCODING = "utf-8"
LOG_LEVEL = "WARNING"
LOG_FORMATTER = "crawler.crawl.logging.ShortLogFormatter"
LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"
LOG_DATEFORMAT = "%Y-%m-%dT%H:%M:%S%z"
