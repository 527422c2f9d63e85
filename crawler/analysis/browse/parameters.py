"""What a request asks for besides its path: a search, a language, a version, JSON."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from crawler.analysis.browse.state import SearchState
from crawler.analysis.browse.url_builder import UrlBuilder
from crawler.analysis.web.labels import LANGUAGES

JSON_SUFFIX = ".json"
_WANTED = "citynews.json"  #: of the scope: JSON is asked for


class JsonSuffix:
    """Takes ``.json`` off the path, and notes it in the scope."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        wanted = path.endswith(JSON_SUFFIX) and path != JSON_SUFFIX
        inner = {**scope, "path": path.removesuffix(JSON_SUFFIX) if wanted else path, _WANTED: wanted}
        await self._app(inner, receive, send)


def state_of(request: Request) -> SearchState:
    """The search. Raises StateError."""
    return SearchState.of(request.query_params.multi_items())


def link_of(request: Request) -> UrlBuilder:
    """Builds addresses in the language of the request: the one it states, else what the browser accepts."""
    stated = request.query_params.get("lang")
    if stated in LANGUAGES:
        return UrlBuilder(stated, stated=True)
    accepted = re.findall(r"[a-z]{2,3}", request.headers.get("accept-language", "").lower())
    known = [language for language in accepted if language in LANGUAGES]
    return UrlBuilder("zh" if known[:1] == ["zh"] else "en", stated=False)


def number_of(request: Request, name: str) -> int | None:
    """The parameter *name* as a number; None where it is none."""
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def wants_json(request: Request) -> bool:
    """Whether the address ends in ``.json``."""
    return bool(request.scope[_WANTED])
