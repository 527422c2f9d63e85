"""The web application: addresses to pages. Every page is also JSON, at its address with ``.json`` behind the path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from crawler.analysis.browse import article_page, exports, proof, record, results, search_page
from crawler.analysis.browse.captures import Captures
from crawler.analysis.browse.current import CurrentView
from crawler.analysis.browse.parameters import JsonSuffix, link_of, number_of, state_of, wants_json
from crawler.analysis.browse.responses import Responses, as_of, download, json_response
from crawler.analysis.browse.state import StateError
from crawler.analysis.browse.view import IndexView
from crawler.analysis.browse.web import Ports
from crawler.analysis.query import QueryError
from crawler.analysis.web.render import style
from crawler.archive.storage.errors import ArchiveError

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0b5e6b"/>'
    '<path d="M3 5h10M3 8h10M3 11h6" stroke="#fff" stroke-width="1.6"/></svg>'
)


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
    return JsonSuffix(Starlette(routes=routes, exception_handlers=handlers))


class _Site:
    """The pages. A handler raises StateError, QueryError or ArchiveError; they become pages too."""

    def __init__(self, current: CurrentView, captures: Captures, ports: Ports) -> None:
        self._current, self._captures, self._ports = current, captures, ports
        self._responses = Responses(current)

    # -- search ------------------------------------------------------------------------------------------------------

    def home(self, request: Request) -> Response:
        return RedirectResponse(link_of(request).to("/search"))

    def search(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._responses.no_view(request)
        state, link = state_of(request), link_of(request)
        try:
            found = search_page.data(view, state) | as_of(view)
        except QueryError as error:
            if wants_json(request):
                raise
            form = search_page.form(state, link)
            return self._responses.html(request, "bad_query.html", code=400, form=form, message=str(error))
        if wants_json(request):
            return json_response(found)
        return self._responses.html(request, "search.html", permalink=link.search(state, run=view.meta["run"]),
                                    **search_page.shown(view, state, found, link))  # fmt: skip

    def facet(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._responses.no_view(request)
        name, state = request.path_params["name"], state_of(request)
        if name not in view.columns.facets:
            return self._responses.message(request, 404, "not_found", name)
        found = search_page.facet_data(view, state, name) | as_of(view)
        if wants_json(request):
            return json_response(found)
        return self._responses.html(
            request, "facet.html", **search_page.shown_facet(view, state, found, link_of(request))
        )

    def daily(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._responses.no_view(request)
        body = exports.daily_csv(results.per_day(view, results.find(view, state_of(request))))
        return download(iter([body]), "text/csv; charset=utf-8", "citynews-over-time.csv")

    def export(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._responses.no_view(request)
        form = request.query_params.get("to", "csv")
        if form not in exports.FORMS:
            raise StateError(f"to={form}: one of {', '.join(exports.FORMS)}")
        state = state_of(request)
        numbers = results.ordered(view, state, results.find(view, state))
        if form in exports.FILES:
            parts = exports.as_file(self._current, view, numbers, search_page.understood(state), form)
            return download(parts, "application/octet-stream", f"citynews-search.{form}")
        _, media, make = exports.STREAMS[form]
        return download(make(view, numbers), media, f"citynews-search.{form}")

    # -- an article --------------------------------------------------------------------------------------------------

    def article(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._responses.no_view(request)
        revision = request.path_params.get("revision")
        found = article_page.data(view, self._current.root, request.path_params["id"], revision)
        if found is None:
            return self._responses.message(request, 404, "not_found", request.url.path)
        if wants_json(request):
            return json_response(found | as_of(view))
        link, text = link_of(request), request.query_params.get("q", "")
        path = f"/a/{found['page']['id']}/v{found['version']['revision']}"
        permalink = link.to(path, run=view.meta["run"], **({"q": text} if text else {}))
        return self._responses.html(
            request, "article.html", permalink=permalink, **article_page.shown(found, text, link)
        )

    def diff(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._responses.no_view(request)
        old, new = (number_of(request, name) for name in ("old", "new"))
        found = article_page.diff(view, request.path_params["id"], old, new)
        if found is None:
            return self._responses.message(request, 404, "not_found", request.url.path)
        if wants_json(request):
            return json_response(found | as_of(view))
        return self._responses.html(request, "beside.html", **article_page.shown_diff(view, found, link_of(request)))

    def beside(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._responses.no_view(request)
        found = article_page.beside(view, request.path_params["id"], request.path_params["other"])
        if found is None:
            return self._responses.message(request, 404, "not_found", request.url.path)
        if wants_json(request):
            return json_response(found | as_of(view))
        return self._responses.html(request, "beside.html", **article_page.shown_beside(found, link_of(request)))

    def page(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._responses.no_view(request)
        known = self._version(view, request)
        if known is None:
            return self._responses.message(request, 404, "not_found", request.url.path)
        row, version, versions = known
        parts = self._captures.parts(row, version)
        part = min(max(number_of(request, "part") or 1, 1), max(len(parts), 1))
        if not parts:
            return self._responses.message(request, 404, "not_found", row["url"])
        shown = parts[part - 1]
        frame = f"{self._ports.pages_origin}/{self._ports.key}/page/{row['id']}/{version['revision']}/{part}"
        found = {
            "id": row["id"], "title": version["title"], "revision": version["revision"], "url": shown.url,
            "fetched_at": shown.fetched_at, "status": shown.status, "headers": shown.headers, "frame": frame,
            "parts": len(parts),
        }  # fmt: skip
        if wants_json(request):
            return json_response(found | as_of(view))
        link, path = link_of(request), f"/a/{row['id']}"
        others = [
            {"n": other["revision"], "at": other["fetched_at"], "chosen": other["revision"] == version["revision"],
             "href": link.to(f"{path}/v{other['revision']}/page")}
            for other in versions if len(versions) > 1
        ]  # fmt: skip
        further = [
            {"n": n, "chosen": n == part, "href": link.to(f"{path}/v{version['revision']}/page", part=n)}
            for n in range(1, len(parts) + 1) if len(parts) > 1
        ]  # fmt: skip
        return self._responses.html(request, "page.html", data=found, row=row, versions=others, parts=further)

    def verify(self, request: Request) -> Response:
        view = self._current.view
        if view is None:
            return self._responses.no_view(request)
        known = self._version(view, request)
        line = None if known is None else record.line(self._current.root, known[0], known[1])
        if known is None or line is None:
            return self._responses.message(request, 404, "not_found", request.url.path)
        checks = proof.verify(self._current.root, self._captures.files, line)
        found = {
            "id": line["id"], "revision": line["revision"], "whole": all(check.holds for check in checks),
            "checks": [{"name": c.name, "promised": c.promised, "found": c.found, "holds": c.holds} for c in checks],
        }  # fmt: skip
        if wants_json(request):
            return json_response(found | as_of(view))
        return self._responses.html(request, "verify.html", data=found, row=known[0])

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
        version = next((version for version in versions if version["revision"] == wanted), None)
        return None if version is None else (row, version, versions)

    # -- what is no page ---------------------------------------------------------------------------------------------

    def not_found(self, request: Request, error: Exception) -> Response:
        return self._responses.message(request, 404, "not_found", request.url.path)

    def bad_request(self, request: Request, error: Exception) -> Response:
        return self._responses.message(request, 400, "error", str(error))

    def damaged(self, request: Request, error: Exception) -> Response:
        return self._responses.message(request, 500, "error", str(error))
