"""Addresses: the one asked for, and the one an article is known by.

Three forms, on purpose:

* :func:`clean` is an address without fragment and tracking parameters; everything else is left as the page wrote it (a
  server may care about case or parameter order).
* :func:`bare` is what patterns see, what is asked for and what the ledger knows: in addition parameters are gone that a
  portal says, or their values show, to name no document.
* :func:`identity` is what an id is computed from: in addition the host is in lower case and the default port is gone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

#: Parameters that name a campaign, a click or a session, never a document.
TRACKING = re.compile(
    r"(?:utm_[a-z_]+|gclid|gclsrc|dclid|fbclid|msclkid|yclid|twclid|igshid|mc_cid|mc_eid|_ga|_gl|_hsenc|_hsmi|mkt_tok"
    r"|spm|scm|share_token|sharefrom|wt_mc|ns_campaign|ns_source|ns_mchannel|vero_id|oly_enc_id|oly_anon_id"
    r"|phpsessid|jsessionid|aspsessionid|cfid|cftoken)",
    re.IGNORECASE,
)
#: Sessions that only their value tells from a document's number, or that have a name of their own each. The forms are
#: those that the Internet Archive takes out (its AggressiveUrlCanonicalizer).
_SESSION_PAIR = re.compile(r"sid=[0-9a-z]{32}|aspsessionid[a-z]{8}=[a-z]{24}", re.IGNORECASE)
_SESSION = re.compile(
    r";(?:jsessionid|phpsessid|sid|aspsessionid[a-z]*)=[^/;]*|/\((?:[a-z]\(\d\))*[a-z]\([0-9a-z]{24}\)\)(?=/)",
    re.IGNORECASE,
)
#: Values that no two looks at a page have in common: the moment of the look, a die, what a messenger adds, a session.
#: They are no part of :func:`identity`, whose rule may not change: ids are computed from it.
_CHANGING = re.compile(
    r"[^=&]+=0\.\d{6,}"
    r"|_?(?:t|ts|_|time|timestamp|stamp|r|rnd|rand|random|nocache|cache|cb|dc|v)=1[4-9]\d{8}(?:\d{3})?"
    r"|from=(?:groupmessage|singlemessage|timeline)|isappinstalled=[01]|(?:clicktime|enterid)=\d{10,13}"
    r"|(?:s|[a-z]{0,12}(?:sid|sess|session|sessionid|sessid)|zenid)=(?:[0-9a-f]{26,40})",
    re.IGNORECASE,
)
_CHANGING_QUERY = re.compile(r"1[4-9]\d{11}|0\.\d{6,}")  #: without a name
_FORUM_SESSION = re.compile(r"sid=[0-9A-Za-z]{6}")  #: of Discuz, where another parameter names the page
_FORUM_PAGE = re.compile(r"(?:^|&)(?:tid|fid|aid|pid|mod)=")
_DEFAULT_PORT = {"http": 80, "https": 443}
#: The path of a site's home page.
_HOME = re.compile(r"/?(?:(?:index|default|home|main)(?:\.\w{2,5})?)?/?", re.IGNORECASE)
#: First labels of names under which one site shows itself to browsers and telephones.
_FACES = re.compile(r"^(?:www\d?|m|wap|mobile|touch|3g)\.(?=[^.]+\.)")
#: No port that a scheme has by default, none above 65535.
_PORT = "(?::(?:[1-9][0-9]{3}|[1-5][0-9]{4}))?"
_SITE = rf"https?://[A-Za-z0-9][A-Za-z0-9.-]*{_PORT}"
#: An absolute address that is clean as it stands, and a path below a host that is; by far the most.
_CLEAN = re.compile(rf"{_SITE}/[A-Za-z0-9/._~!$&'*+,=@:%-]*")
_ORIGIN = re.compile(rf"{_SITE}(?=/)")
_ROOTED = re.compile(r"(?:/(?![./])[A-Za-z0-9._~!$&'*+,=@:%-]*)+")
#: A path below the folder of the page ("t20261123_1.html", "./202611/1.html"), and an address that has such a folder:
#: no part is empty or begins with a dot, and the first looks like no scheme.
_PART = r"[A-Za-z0-9_~!$&'*+,=@%-][A-Za-z0-9._~!$&'*+,=@%-]*"
_BELOW = re.compile(rf"(?:\./)?((?:{_PART}/)*{_PART})")
_FOLDER = re.compile(rf"({_SITE}/(?:{_PART}/)*)[A-Za-z0-9._~!$&'*+,=@%-]*")
_PLAIN = re.compile(r"[A-Za-z0-9:/?#@!$&'()*+,;=._~%-]*")


#: Addresses that are their own identity, by far the most; DuckDB reads this expression too.
CANONICAL = rf"https?://[a-z0-9-]+(\.[a-z0-9-]+)+{_PORT}(/[A-Za-z0-9_-]+)*/([A-Za-z0-9_-]+(\.[a-z]{{2,5}})?)?"
_CANONICAL = re.compile(CANONICAL)


def clean(url: str, base: str | None = None, charset: str = "utf-8") -> str | None:
    """The absolute http(s) address of *url* (resolved against *base*), without fragment and tracking parameters.

    Its query is sent in *charset*, the encoding of the page that names it, and its backslashes are slashes, as browsers
    do it (WHATWG URL). Returns None for anything that is not an http or https address with a host.
    """
    if _CLEAN.fullmatch(url):
        return url
    if base and _ROOTED.fullmatch(url) and (origin := _ORIGIN.match(base)):
        return origin[0] + url
    if base and (below := _BELOW.fullmatch(url)) and (folder := _FOLDER.fullmatch(base)):
        return folder[1] + below[1]
    return _resolved(url, base, charset)


def _resolved(url: str, base: str | None, charset: str) -> str | None:
    """What :func:`clean` gives, by the rules of RFC 3986; nine of ten addresses of a page are plainer than these."""
    url = url.strip()
    if "\\" in url:
        end = min(at if (at := url.find(mark)) >= 0 else len(url) for mark in "?#")
        url = url[:end].replace("\\", "/") + url[end:]
    try:
        parts = urlsplit(urljoin(base, url) if base else url)
        port = parts.port  # raises ValueError on "host:99999"
    except ValueError:
        return None
    if parts.scheme.lower() not in _DEFAULT_PORT or not parts.hostname or port == 0:
        return None
    query = "&".join(p for p in parts.query.split("&") if p and not _names_no_document(p))
    if not query.isascii() and not charset.startswith("utf"):
        query = _encoded(query, charset)
    cleaned = urlunsplit((parts.scheme.lower(), parts.netloc, _SESSION.sub("", parts.path) or "/", query, ""))
    return cleaned if _PLAIN.fullmatch(cleaned) else _escaped(cleaned)


def _names_no_document(pair: str) -> bool:
    """Whether *pair* (name=value) of a query names a campaign, a click or a session."""
    return TRACKING.fullmatch(pair.partition("=")[0]) is not None or _SESSION_PAIR.fullmatch(pair) is not None


def bare(url: str, drop: Collection[str] = ()) -> tuple[str, list[str]]:
    """*url* (cleaned) without the query parameters *drop* and those that change at every look, and the latter's names.

    A query without a name that is a moment or a die goes too, and has no name in the list.
    """
    head, mark, query = url.partition("?")
    if not mark:
        return url, []
    if _CHANGING_QUERY.fullmatch(query):
        return head, []
    kept, changing = [], []
    for pair in query.split("&"):
        name = pair.partition("=")[0]
        if name in drop:
            continue
        session = _FORUM_SESSION.fullmatch(pair) and _FORUM_PAGE.search(query)
        if session or _CHANGING.fullmatch(pair):
            changing.append(name)
        else:
            kept.append(pair)
    return (f"{head}?{'&'.join(kept)}" if kept else head), changing


def other_slash(url: str) -> str:
    """*url* (cleaned) with a slash at the end of its path where it has none, without it where it has one."""
    parts = urlsplit(url)
    path = parts.path[:-1] if parts.path.endswith("/") else f"{parts.path}/"
    return urlunsplit(parts._replace(path=path or "/"))


def identity(url: str) -> str:
    """*url* in the form its id is computed from. Raises ValueError where :func:`clean` refuses it."""
    if _CANONICAL.fullmatch(url):
        return url
    cleaned = clean(url)
    if cleaned is None:
        raise ValueError(f"not an http(s) address: {url!r}")
    parts = urlsplit(cleaned)
    return urlunsplit(parts._replace(netloc=_netloc(parts)))


@lru_cache(maxsize=4096)  # one address is cleaned a dozen times on its way through a crawl
def article_id(url: str) -> str:
    """First 32 hex digits of the sha256 of the address, normalised by :func:`identity`."""
    return hashlib.sha256(identity(url).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def host_of(url: str) -> str:
    """The host of *url* in lower case, with its port where that is not the scheme's default; "" where there is none."""
    try:
        return _netloc(urlsplit(url)).rpartition("@")[2]
    except ValueError:
        return ""


def is_home(url: str) -> bool:
    """Whether *url*, absolute or relative, is that of a site: no path but that of an index page, no query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.netloc or parts.path) and not parts.query and bool(_HOME.fullmatch(parts.path))


def site_of(domain: str) -> str:
    """The site that *domain* (a host, or host:port) is a face of: without www., m. and the like."""
    return _FACES.sub("", domain.lower().rstrip("."), count=1) if not domain.startswith("[") else domain


@lru_cache(maxsize=4096)
def in_domains(url: str, domains: tuple[str, ...]) -> bool:
    """Whether *url* lies in one of *domains*: a name covers its subdomains on every port, ``host:port`` is exact."""
    try:
        parts = urlsplit(url)
        name = (parts.hostname or "").lower()
        port = parts.port or _DEFAULT_PORT.get(parts.scheme, 0)
    except ValueError:
        return False
    for domain in domains:
        host, _, wanted = domain.rpartition(":") if _has_port(domain) else (domain, "", "")
        host = host.strip("[]").lower()
        if wanted:
            if name == host and port == int(wanted):
                return True
        elif name == host or name.endswith("." + host):
            return True
    return False


def _encoded(query: str, charset: str) -> str:
    """*query*, its characters beyond ASCII percent-encoded in *charset*; what that lacks as a character reference."""
    try:
        return "".join(c if c.isascii() else quote(c.encode(charset, "xmlcharrefreplace"), safe="") for c in query)
    except LookupError:
        return query


def _escaped(url: str) -> str | None:
    """*url* as a browser and Scrapy ask for it: percent-encoded, an international host in its ASCII form."""
    from w3lib.url import safe_url_string  # noqa: PLC0415 - imports urllib.request for it, and few addresses come here

    try:
        escaped = safe_url_string(url.encode("utf-8", "replace").decode())
        return escaped if urlsplit(escaped).hostname else None
    except (ValueError, UnicodeError):
        return None


def _has_port(domain: str) -> bool:
    return bool(re.fullmatch(r"(?:[^:\[\]]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}", domain))


def _netloc(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    user = parts.netloc.rpartition("@")[0]
    port = parts.port
    shown = f":{port}" if port and port != _DEFAULT_PORT.get(parts.scheme) else ""
    return (f"{user}@" if user else "") + host + shown
