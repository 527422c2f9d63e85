"""Scrapy settings that would silently break the archive: refused with a message that says what to do.

Scrapy takes any setting. One that replaces the pipelines, answers requests from a cache, or leaves bodies encoded gives
a crawl that looks well and stores nothing, or what no replay can read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, Settings, default_settings
from scrapy.spidermiddlewares import referer
from scrapy.utils.misc import load_object

_HOOKS = "name a class under [hooks] in citynews.toml, see docs/hooks.md"
_PIPELINES = f"a run stores its records through its own components alone; {_HOOKS}"
_EXPORT = "records go into the archive; read it with `citynews export` or `citynews changes`, or " + _HOOKS
_WIRE = "each answer is archived as it crosses the connection, and replay must read it"
_QUEUE = "what is left for the next run is in the archive; Scrapy's own memory of a crawl loses requests when it dies"
_ORDER = "decisions are made one after the other, each over all before it"
_PACE = "the pace of a portal is that of [politeness] in its definition"
_PORT = "a crawl listens on no port"
_GUARD = "connections are made where addresses are checked"
_BOUNDS = "what is left out is counted: max_list_pages and max_requests in the definition, --limit, --max-minutes"
#: Setting -> why it must be as it is here.
_FIXED = {
    "ITEM_PIPELINES": _PIPELINES,
    "ITEM_PROCESSOR": _PIPELINES,
    "EXTENSIONS_BASE": _PIPELINES,
    "SPIDER_MIDDLEWARES": _PIPELINES,
    "DOWNLOADER_MIDDLEWARES": _PIPELINES,
    "ADDONS": "an add-on may replace any component; " + _HOOKS,
    "CONCURRENT_ITEMS": _ORDER,
    "DEPTH_LIMIT": _BOUNDS,
    "URLLENGTH_LIMIT": _BOUNDS,
    "LOG_STDOUT": "results alone go to stdout",
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
    "SCHEDULER_": _QUEUE,
    "SPIDER_MODULES": "spiders are portal definitions",
    "DNS_RESOLVER": _GUARD,
    "DOWNLOAD_DELAY": _PACE,
    "CONCURRENT_REQUESTS_PER_": _PACE,
    "AUTOTHROTTLE_": _PACE,
    "TELNETCONSOLE_": _PORT,
    "REMOTE_CONTROL_": _PORT,
}
#: Components that another project may add to, as long as ours are among them.
_OPEN = {"EXTENSIONS": _PIPELINES, "SPIDER_LOADER_CLASS": "spiders are portal definitions"}
_COMMAND, _CMDLINE = SETTINGS_PRIORITIES["command"], SETTINGS_PRIORITIES["cmdline"]


def take(settings: BaseSettings, given: Mapping[str, str]) -> str | None:
    """Puts *given* over *settings*; a sentence on the first that is unknown, unreadable or breaks the archive."""
    for name, value in given.items():
        if name not in settings:
            return f"{name}: Scrapy has no such setting"
        try:
            settings.set(name, value, "cmdline")
        except ValueError:  # where the default is a dict, Scrapy reads JSON at once
            why = (_FIXED | _OPEN).get(name)
            return f"{name} cannot be set: {why}" if why else f"{name}: {value[:100]!r} is not {_KINDS[Mapping][0]}"
    return broken(settings)


def broken(settings: BaseSettings) -> str | None:
    """A sentence on the first setting that would break the archive, or cannot be read; None where all is well.

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
        if given and (expected := _unreadable(settings, name, ours)) is not None:
            return f"{name}: {str(settings.get(name))[:100]!r} is not {expected}"
    return None


def _unreadable(settings: BaseSettings, name: str, ours: BaseSettings) -> str | None:
    """What the value of *name* should be and is not, by the kind of its default; None where it can be read."""
    default = ours.get(name)
    if name == "LOG_LEVEL":
        levels = logging.getLevelNamesMapping()
        known = str(settings.get(name)) in levels or str(settings.get(name)).isdigit()
        return None if known else f"one of {', '.join(levels)}"
    if name in _READERS:
        expected, read = _READERS[name]
        return None if _is_read(read, settings, name) else expected
    kind = next((kind for kind in _KINDS if isinstance(default, kind)), None)
    if kind is int and name.endswith(("TIMEOUT", "DELAY", "INTERVAL")):
        kind = float  # seconds: Scrapy reads these so, whole as its defaults are
    if kind is not None:
        return None if _is_read(_KINDS[kind][1], settings, name) else _KINDS[kind][0]
    if isinstance(default, str) and default.startswith(("scrapy.", "crawler.")):
        base = _base_of(load_object(default))
        known = _is_read(lambda given, name: _subclass(given, name, base), settings, name)
        return None if known else f"a class of the kind of {base.__module__}.{base.__name__}"
    return None


def _is_read(read: Callable[[BaseSettings, str], object], settings: BaseSettings, name: str) -> bool:
    try:
        read(settings, name)
    except (ValueError, TypeError, LookupError, ImportError, AttributeError, NameError):
        return False
    return True


def _base_of(kind: type) -> type:
    """The class from which all that may stand in the place of *kind* are derived."""
    return next(base for base in reversed(kind.__mro__) if base.__module__.startswith(("scrapy.", "crawler.")))


def _subclass(settings: BaseSettings, name: str, base: type) -> None:
    """Raises TypeError for what is no class of the kind of *base*, and what load_object raises."""
    if not issubclass(load_object(settings.get(name)), base):
        raise TypeError(name)


def _referrer_policy(settings: BaseSettings, name: str) -> None:
    if settings.get(name) not in vars(referer).values():
        _subclass(settings, name, referer.ReferrerPolicy)


def _threads(settings: BaseSettings, name: str) -> None:
    if settings.getint(name) < 1:  # names are looked up in threads
        raise ValueError(name)


_METHODS = dict.fromkeys(("TLS", "TLSv1.0", "TLSv1.1", "TLSv1.2"))
#: Setting -> what its value is, where the kind of its default does not say so, and how it is read.
_READERS: Mapping[str, tuple[str, Callable[[BaseSettings, str], object]]] = {
    "ASYNCIO_EVENT_LOOP": ("a class that can be imported", lambda given, name: load_object(given.get(name))),
    "RETRY_EXCEPTIONS": ("a list of classes", lambda given, name: [load_object(one) for one in given.getlist(name)]),
    "DOWNLOADER_CLIENT_TLS_METHOD": ("TLS, TLSv1.0, TLSv1.1 or TLSv1.2", lambda given, name: _METHODS[given.get(name)]),
    "LOG_FORMAT": ("a format of Python's logging", lambda given, name: logging.Formatter(given.get(name))),
    "REACTOR_THREADPOOL_MAXSIZE": ("a whole number from 1 up", _threads),
    "REFERRER_POLICY": ("the name of a referrer policy, or a class of one", _referrer_policy),
}
#: Kind of a default -> what its values are, and how Scrapy reads one. A bool is an int too, and comes before it.
_KINDS: Mapping[type, tuple[str, Callable[[BaseSettings, str], object]]] = {
    bool: ("True or False", BaseSettings.getbool),
    int: ("a whole number", BaseSettings.getint),
    float: ("a number", BaseSettings.getfloat),
    Mapping: ("a JSON object", BaseSettings.getdict),
    list: ("a list, with commas between", lambda settings, name: _numbers(settings.getlist(name), name)),
}


def _numbers(values: list[object], name: str) -> list[object]:
    """*values*, which must be numbers where the default's are. Raises ValueError."""
    numeric = any(isinstance(value, int) for value in getattr(default_settings, name, ()))
    return [int(str(value)) for value in values] if numeric else values


def _value(settings: BaseSettings, name: str) -> object:
    """The value of *name* as Scrapy reads it; as it was given where Scrapy cannot."""
    default = getattr(default_settings, name, None)
    kind = next((kind for kind in (bool, int, Mapping) if isinstance(default, kind)), None)
    try:
        read = _KINDS[kind][1](settings, name) if kind is not None else settings.get(name)
    except ValueError:
        return settings.get(name)
    return dict(read) if isinstance(read, Mapping) else read


def _holds(here: object, wanted: object) -> bool:
    """Whether all that is *wanted* is *here* too, as it is wanted."""
    return isinstance(here, dict) and isinstance(wanted, dict) and wanted.items() <= here.items()
