"""Settings of Scrapy that would break the archive without a word: refused with a sentence that says what to do.

Scrapy takes any setting. One that replaces the pipelines, answers requests from a cache, or leaves bodies encoded gives
a crawl that looks well and stores nothing, or what no replay can read.
"""

from __future__ import annotations

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, Settings, default_settings

_HOOKS = "name a class under [hooks] in citynews.toml, see docs/hooks.md"
_PIPELINES = f"a run stores its records through its own components alone; {_HOOKS}"
_EXPORT = "records go into the archive; read it with `citynews export` or `citynews changes`, or " + _HOOKS
_WIRE = "each answer is archived as it crosses the connection, and replay must read it"
_QUEUE = "what is left for the next run is in the archive; Scrapy's own memory of a crawl loses requests when it dies"
_ORDER = "decisions are made one after the other, each over all before it"
_PACE = "the pace of a portal is that of [politeness] in its definition"
_GUARD = "connections are made where addresses are checked"
#: Setting -> why it must be as it is here.
_FIXED = {
    "ITEM_PIPELINES": _PIPELINES,
    "ITEM_PROCESSOR": _PIPELINES,
    "SPIDER_MIDDLEWARES": _PIPELINES,
    "DOWNLOADER_MIDDLEWARES": _PIPELINES,
    "CONCURRENT_ITEMS": _ORDER,
    "FEEDS": _EXPORT,
    "JOBDIR": _QUEUE,
    "SCHEDULER": _QUEUE,
    "DUPEFILTER_CLASS": _QUEUE,
    "DOWNLOADER": _WIRE,
    "DOWNLOAD_HANDLERS": _WIRE,
    "HTTPCACHE_ENABLED": _WIRE + ": a cache answers without one",
    "COMPRESSION_ENABLED": _WIRE,
    "METAREFRESH_ENABLED": _WIRE + ": a redirect that a page writes is followed by no replay",
    "REDIRECT_ENABLED": _WIRE,
    "HTTPERROR_ALLOW_ALL": "what a status means is decided by the archive, and recorded",
    "HTTPPROXY_ENABLED": _GUARD + ": set `proxy` in citynews.toml or in a definition",
    "TWISTED_DNS_RESOLVER": _GUARD,
    "TWISTED_REACTOR": _GUARD,
    "TWISTED_REACTOR_ENABLED": _GUARD,
}
#: Settings of these beginnings say how something is written that is not written here.
_WITHOUT_EFFECT = {
    "FEED_": _EXPORT,
    "FILES_": _EXPORT,
    "IMAGES_": _EXPORT,
    "SPIDER_MODULES": "spiders are portal definitions",
    "DNS_RESOLVER": _GUARD,
    "DOWNLOAD_DELAY": _PACE,
    "CONCURRENT_REQUESTS_PER_": _PACE,
    "AUTOTHROTTLE_": _PACE,
}
#: Components that another project may add to, as long as ours are among them.
_OPEN = {"EXTENSIONS": _PIPELINES, "SPIDER_LOADER_CLASS": "spiders are portal definitions"}
_COMMAND, _CMDLINE = SETTINGS_PRIORITIES["command"], SETTINGS_PRIORITIES["cmdline"]


def broken(settings: BaseSettings) -> str | None:
    """A sentence on the first setting that would break the archive; None where all is well.

    What Scrapy's own commands set (`scrapy shell`) is theirs to know.
    """
    ours = Settings()
    ours.setmodule("crawler.settings", priority="project")
    for name, why in (_FIXED | _OPEN).items():
        here, wanted = _value(settings, name), _value(ours, name)
        if here == wanted or settings.getpriority(name) == _COMMAND or (name == "EXTENSIONS" and _holds(here, wanted)):
            continue
        return f"{name} cannot be set: {why}"
    for name in settings:
        given = (settings.getpriority(name) or 0) >= _CMDLINE
        without = next((why for begin, why in _WITHOUT_EFFECT.items() if name.startswith(begin)), None)
        if given and without is not None:
            return f"{name} would have no effect: {without}"
        if given and name.endswith("_BASE"):
            return f"{name} cannot be set: {_PIPELINES}"
    return None


def _value(settings: BaseSettings, name: str) -> object:
    default = getattr(default_settings, name, None)
    if isinstance(default, bool):
        return settings.getbool(name)
    if isinstance(default, int):
        return settings.getint(name)
    return dict(settings.getdict(name)) if isinstance(default, dict) else settings.get(name)


def _holds(here: object, wanted: object) -> bool:
    """Whether all that is *wanted* is *here* too, as it is wanted."""
    return isinstance(here, dict) and isinstance(wanted, dict) and wanted.items() <= here.items()
