"""The web application: addresses to pages. Every page is also JSON, at its address with ``.json`` behind the path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from crawler.analysis.browse import article_page, exports, proof, record, results, search_page
from crawler.analysis.browse.captures import Captures
from crawler.analysis.browse.current import CurrentView
from crawler.analysis.browse.state import SearchState, StateError
from crawler.analysis.browse.url_builder import UrlBuilder
from crawler.analysis.browse.view import IndexView
from crawler.analysis.browse.web import Ports
from crawler.analysis.query import QueryError
from crawler.analysis.web.labels import LANGUAGES, Language
from crawler.analysis.web.render import render, style
from crawler.archive.storage.errors import ArchiveError

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0b5e6b"/>'
    '<path d="M3 5h10M3 8h10M3 11h6" stroke="#fff" stroke-width="1.6"/></svg>'
)
_RUN = re.compile("[0-9A-Za-z-]{1,64}")
_SUFFIX, _WANTED = ".json", "citynews.json"


def application(current: CurrentView, captures: Captures, ports: Ports) -> ASGIApp:
    """The application of the first origin."""
    site = _Site(current, captures, ports)
    article = "/a/{id:str}"
    version = f"{article}/v{{revision:int}}"
    routes = [
        Route("/", site.home),
        Route("/search", site.search),
        Route("/facet/{name}", site.facet),
        Route("/over-time.csv", site.daily),
        Route("/export", site.export),
        *(Route(f"{path}{tail}", view) for path in (article, version)
          for tail, view in (("", site.article), ("/page", site.page), ("/verify", site.verify))),
        Route(f"{article}/diff", site.diff),
        Route(f"{article}/beside/{{other}}", site.beside),
        Route("/style.css", lambda _: Response(style(), media_type="text/css")),
        Route("/icon.svg", lambda _: Response(_ICON, media_type="image/svg+xml")),
    ]  # fmt: skip
    handlers: dict[Any, Callable[[Request, Exception], Response]] = {
        404: site.not_found, StateError: site.bad_request, QueryError: site.bad_request, ArchiveError: site.damaged,
    }  # fmt: skip
    return _JsonSuffix(Starlette(routes=routes, exception_handlers=handlers))


class _JsonSuffix:
    """Takes ``.json`` off the path, and notes it in the scope."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        wanted = path.endswith(_SUFFIX) and path != _SUFFIX
        inner = {**scope, "path": path.removesuffix(_SUFFIX) if wanted else path, _WANTED: wanted}
        await self._app(inner, receive, send)


class _Site:
    """The pages. A handler raises StateError, QueryError or ArchiveError; they become pages too."""

    def __init__(self, current: CurrentView, captures: Captures, ports: Ports) -> None:
        self._current, self._captures, self._ports = current, captures, ports

    # -- search ------------------------------------------------------------------------------------------------------

    def home(self, request: Request) -> Response:
        return RedirectResponse(_link(request).to("/search"))

    def search(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._no_view(request)
        state = _state(request)
        found = search_page.data(view, state) | self._as_of(view)
        if _wants_json(request):
            return _json(found)
        link = _link(request)
        return self._html(request, "search.html", permalink=link.search(state, run=view.meta["run"]),
                          **search_page.shown(view, state, found, link))  # fmt: skip

    def facet(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._no_view(request)
        name, state = request.path_params["name"], _state(request)
        if name not in view.columns.facets:
            return self._message(request, 404, "not_found", name)
        found = search_page.facet_data(view, state, name) | self._as_of(view)
        if _wants_json(request):
            return _json(found)
        return self._html(request, "facet.html", **search_page.shown_facet(view, state, found, _link(request)))

    def daily(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._no_view(request)
        body = exports.daily_csv(results.per_day(view, results.find(view, _state(request))))
        return _download(iter([body]), "text/csv; charset=utf-8", "citynews-over-time.csv")

    def export(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._no_view(request)
        form = request.query_params.get("to", "csv")
        if form not in exports.FORMS:
            raise StateError(f"to={form}: one of {', '.join(exports.FORMS)}")
        state = _state(request)
        numbers = results.ordered(view, state, results.find(view, state))
        if form in exports.FILES:
            parts = exports.as_file(self._current, view, numbers, search_page.understood(state), form)
            return _download(parts, "application/octet-stream", f"citynews-search.{form}")
        _, media, make = exports.STREAMS[form]
        return _download(make(view, numbers), media, f"citynews-search.{form}")

    # -- an article --------------------------------------------------------------------------------------------------

    def article(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._no_view(request)
        revision = request.path_params.get("revision")
        found = article_page.data(view, self._current.root, request.path_params["id"], revision)
        if found is None:
            return self._message(request, 404, "not_found", request.url.path)
        if _wants_json(request):
            return _json(found | self._as_of(view))
        link, text = _link(request), request.query_params.get("q", "")
        path = f"/a/{found['page']['id']}/v{found['version']['revision']}"
        permalink = link.to(path, run=view.meta["run"], **({"q": text} if text else {}))
        return self._html(request, "article.html", permalink=permalink, **article_page.shown(found, text, link))

    def diff(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._no_view(request)
        old, new = (_number(request, name) for name in ("old", "new"))
        found = article_page.diff(view, request.path_params["id"], old, new)
        if found is None:
            return self._message(request, 404, "not_found", request.url.path)
        if _wants_json(request):
            return _json(found | self._as_of(view))
        return self._html(request, "beside.html", **article_page.shown_diff(view, found, _link(request)))

    def beside(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._no_view(request)
        found = article_page.beside(view, request.path_params["id"], request.path_params["other"])
        if found is None:
            return self._message(request, 404, "not_found", request.url.path)
        if _wants_json(request):
            return _json(found | self._as_of(view))
        return self._html(request, "beside.html", **article_page.shown_beside(found, _link(request)))

    def page(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._no_view(request)
        known = self._version(view, request)
        if known is None:
            return self._message(request, 404, "not_found", request.url.path)
        row, version, versions = known
        parts = self._captures.parts(row, version)
        part = min(max(_number(request, "part") or 1, 1), max(len(parts), 1))
        if not parts:
            return self._message(request, 404, "not_found", row["url"])
        shown = parts[part - 1]
        frame = f"{self._ports.pages_origin}/{self._ports.key}/page/{row['id']}/{version['revision']}/{part}"
        found = {
            "id": row["id"], "title": version["title"], "revision": version["revision"], "url": shown.url,
            "fetched_at": shown.fetched_at, "status": shown.status, "headers": shown.headers, "frame": frame,
            "parts": len(parts),
        }  # fmt: skip
        if _wants_json(request):
            return _json(found | self._as_of(view))
        link, path = _link(request), f"/a/{row['id']}"
        others = [
            {"n": each["revision"], "at": each["fetched_at"], "chosen": each["revision"] == version["revision"],
             "href": link.to(f"{path}/v{each['revision']}/page")}
            for each in versions if len(versions) > 1
        ]  # fmt: skip
        further = [
            {"n": n, "chosen": n == part, "href": link.to(f"{path}/v{version['revision']}/page", part=n)}
            for n in range(1, len(parts) + 1) if len(parts) > 1
        ]  # fmt: skip
        return self._html(request, "page.html", data=found, row=row, versions=others, parts=further)

    def verify(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._no_view(request)
        known = self._version(view, request)
        line = None if known is None else record.line(self._current.root, known[0], known[1])
        if known is None or line is None:
            return self._message(request, 404, "not_found", request.url.path)
        checks = proof.verify(self._current.root, self._captures.files, line)
        found = {
            "id": line["id"], "revision": line["revision"], "whole": all(check.holds for check in checks),
            "checks": [{"name": c.name, "promised": c.promised, "found": c.found, "holds": c.holds} for c in checks],
        }  # fmt: skip
        if _wants_json(request):
            return _json(found | self._as_of(view))
        return self._html(request, "verify.html", data=found, row=known[0])

    @staticmethod
    def _version(
        view: IndexView, request: Request
    ) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]] | None:
        """(row of pages, version, all versions) that the address names."""
        row = record.page(view, request.path_params["id"])
        if row is None:
            return None
        versions = record.versions(view, row["id"])
        wanted = request.path_params.get("revision", row["revision"])
        version = next((each for each in versions if each["revision"] == wanted), None)
        return None if version is None else (row, version, versions)

    # -- what is no page ---------------------------------------------------------------------------------------------

    def not_found(self, request: Request, error: Exception) -> Response:
        return self._message(request, 404, "not_found", request.url.path)

    def bad_request(self, request: Request, error: Exception) -> Response:
        return self._message(request, 400, "error", str(error))

    def damaged(self, request: Request, error: Exception) -> Response:
        return self._message(request, 500, "error", str(error))

    def _no_view(self, request: Request) -> Response:
        link = _link(request)
        if self._current.problem is not None:
            return self._message(request, 503, "error", self._current.problem)
        if not any((self._current.root / "runs").glob("*.json")):
            return self._message(request, 503, "error", link.label("empty_archive"), refresh=True)
        said = link.label("indexing_text", done=int(100 * self._current.done))
        return self._message(request, 503, "indexing", said, refresh=True)

    def _message(self, request: Request, code: int, heading: str, text: str, *, refresh: bool = False) -> Response:
        link = _link(request)
        if _wants_json(request):
            return Response(
                search_page.as_json({"error": heading, "message": text}), code, media_type="application/json"
            )
        response = self._html(request, "message.html", heading=link.label(heading), message=text, refresh=refresh)
        response.status_code = code
        return response

    # -- the frame of every page -------------------------------------------------------------------------------------

    @staticmethod
    def _as_of(view: IndexView) -> dict[str, Any]:
        names = ("archive", "run", "run_number", "run_sha256", "run_finished_at", "schema")
        return {"as_of": {name: view.meta[name] for name in names}}

    def _html(self, request: Request, template: str, permalink: str | None = None, **values: Any) -> HTMLResponse:
        view, link = self._current.view, _link(request)
        parameters = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
        other: Language = "en" if link.lang == "zh" else "zh"
        path, asked = request.url.path, request.query_params.get("run", "")
        frame = {
            "home": link.to("/search"),
            "lang": f"?lang={link.lang}" if link.stated else "",
            "lang_and": f"?lang={link.lang}&" if link.stated else "?",
            "other_language": f"{path}?{urlencode([*parameters, ('lang', other)])}",
            "json": f"{path}{_SUFFIX}" + (f"?{urlencode(parameters)}" if parameters else ""),
            "permalink": permalink,
            "run": view.meta["run"] if view else None,
            "asked_run": asked if view and asked != view.meta["run"] and _RUN.fullmatch(asked) else None,
            "moment": view.meta["run_finished_at"] if view else None,
            "archive": view.meta["archive"] if view else None,
            "problem": self._current.problem if view else None,
        }
        return HTMLResponse(render(template, link.lang, frame=frame, **values))


def _state(request: Request) -> SearchState:
    return SearchState.of(request.query_params.multi_items())


def _link(request: Request) -> UrlBuilder:
    stated = request.query_params.get("lang")
    if stated in LANGUAGES:
        return UrlBuilder(stated, stated=True)
    accepted = re.findall(r"[a-z]{2,3}", request.headers.get("accept-language", "").lower())
    known = [language for language in accepted if language in LANGUAGES]
    return UrlBuilder("zh" if known[:1] == ["zh"] else "en", stated=False)


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _wants_json(request: Request) -> bool:
    return bool(request.scope[_WANTED])


def _json(found: dict[str, Any]) -> Response:
    return Response(search_page.as_json(found), media_type="application/json")


def _download(parts: Iterator[bytes], media: str, name: str) -> Response:
    return StreamingResponse(parts, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})
