"""The options of a crawl, and the Scrapy settings derived from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from scrapy.settings import Settings

from crawler.archive.records.jsonl import Json
from crawler.archive.write.warc_writer import MAX_SIZE
from crawler.config import Config
from crawler.crawl.guarded_settings import take
from crawler.crawl.identity import user_agent, warc_info
from crawler.exit_codes import UsageError


def always() -> bool:
    """What is asked before a request where nothing limits the run. Named, so that options go to other processes."""
    return True


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """What a crawl is asked to do."""

    config: Config
    limit: int = 0
    since: str | None = None
    allow_hosts: tuple[str, ...] = ()
    wait: float = 0.0
    scrapy: dict[str, str] = field(default_factory=dict)
    quiet: bool = False
    jobs: int = 0  #: processes that extract, at most; 0 for the usable cores
    deep: bool = False  #: discovery is read to its end, whatever is known
    retry_refused: bool = False  #: every refused address is due
    only: tuple[str, ...] = ()  #: article addresses asked for instead of any discovery
    dry_run: bool = False  #: asks discovery alone, and writes nothing
    may_ask: Callable[[], bool] = always  #: asked before each request: False ends the run as a signal does
    said: Json = field(default_factory=dict)  #: what the run file says besides
    warc_size: int = MAX_SIZE  #: bytes after which the next WARC file begins


def scrapy_settings(options: CrawlOptions) -> Settings:
    """crawler/settings.py with the operator's choices put over it. Raises UsageError."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    chosen: dict[str, Any] = {
        "CITYNEWS_OUTPUT": str(options.config.output),
        "CITYNEWS_PORTALS": [str(path) for path in options.config.portals],
        "CITYNEWS_ALLOW_HOSTS": list(options.allow_hosts),
        "CITYNEWS_LIMIT": options.limit,
        "CITYNEWS_SINCE": options.since,
        "CITYNEWS_JOBS": options.jobs,
        "CITYNEWS_DEEP": options.deep,
        "CITYNEWS_RETRY_REFUSED": options.retry_refused,
        "CITYNEWS_MAX_MINUTES": options.config.max_minutes,
        "CITYNEWS_QUIET_HOURS": options.config.quiet_hours,
        "CITYNEWS_ONLY": list(options.only),
        "CITYNEWS_DRY_RUN": options.dry_run,
        "CITYNEWS_PROXY": options.config.proxy,
        "CITYNEWS_PROXIES": options.config.proxies,
        "CITYNEWS_STORED_HOOK": options.config.stored_hook,
        "CITYNEWS_FIXES": options.config.fixes,
        "CITYNEWS_HOOKS_FOLDER": str(options.config.folder.absolute()),
        "CITYNEWS_CONTACT": options.config.contact,
        "USER_AGENT": user_agent(options.config.contact),
    }
    settings.setdict(chosen, priority="cmdline")
    if why := take(settings, options.scrapy):
        raise UsageError(f"-s {why}")
    info = warc_info(options.config.contact, robots=settings.getbool("ROBOTSTXT_OBEY"))
    settings.set("CITYNEWS_WARC_INFO", info, "cmdline")
    return settings
