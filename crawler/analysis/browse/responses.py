"""Responses: a page in its frame, a message, JSON, a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from crawler.analysis.browse import search_page
from crawler.analysis.browse.current import CurrentView
from crawler.analysis.browse.parameters import JSON_SUFFIX, link_of, wants_json
from crawler.analysis.browse.view import IndexView
from crawler.analysis.web.labels import Language
from crawler.analysis.web.render import render

_RUN = re.compile("[0-9A-Za-z-]{1,64}")


class Responses:
    """Pages and messages, each with the run that is shown."""

    def __init__(self, current: CurrentView) -> None:
        self._current = current

    def html(
        self, request: Request, template: str, permalink: str | None = None, code: int = 200, **values: Any
    ) -> HTMLResponse:
        """*template* with *values*, in the frame that all pages have."""
        view, link = self._current.view, link_of(request)
        parameters = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
        other: Language = "en" if link.lang == "zh" else "zh"
        path, asked = request.url.path, request.query_params.get("run", "")
        frame = {
            "home": link.to("/search"),
            "lang": f"?lang={link.lang}" if link.stated else "",
            "lang_and": f"?lang={link.lang}&" if link.stated else "?",
            "other_language": f"{path}?{urlencode([*parameters, ('lang', other)])}",
            "json": f"{path}{JSON_SUFFIX}" + (f"?{urlencode(parameters)}" if parameters else ""),
            "permalink": permalink,
            "run": view.meta["run"] if view else None,
            "asked_run": asked if view and asked != view.meta["run"] and _RUN.fullmatch(asked) else None,
            "moment": view.meta["run_finished_at"] if view else None,
            "archive": view.meta["archive"] if view else None,
            "problem": self._current.problem if view else None,
        }
        return HTMLResponse(render(template, link.lang, frame=frame, **values), code)

    def no_view(self, request: Request) -> Response:
        """Says why there is nothing to search yet, with status 503."""
        link = link_of(request)
        if self._current.problem is not None:
            return self.message(request, 503, "error", self._current.problem)
        if not any((self._current.root / "runs").glob("*.json")):
            return self.message(request, 503, "error", link.label("empty_archive"), refresh=True)
        said = link.label("indexing_text", done=int(100 * self._current.done))
        return self.message(request, 503, "indexing", said, refresh=True)

    def message(self, request: Request, code: int, heading: str, text: str, *, refresh: bool = False) -> Response:
        """A page with a message, or JSON. *heading*: a label; *refresh*: the page loads itself again."""
        link = link_of(request)
        if wants_json(request):
            return Response(
                search_page.as_json({"error": heading, "message": text}), code, media_type="application/json"
            )
        values: dict[str, Any] = {"heading": link.label(heading), "message": text, "refresh": refresh}
        return self.html(request, "message.html", code=code, **values)


def as_of(view: IndexView) -> dict[str, Any]:
    """The run that *view* shows, as it stands in JSON."""
    names = ("archive", "run", "run_number", "run_sha256", "run_finished_at", "schema")
    return {"as_of": {name: view.meta[name] for name in names}}


def json_response(found: dict[str, Any]) -> Response:
    """*found* as JSON."""
    return Response(search_page.as_json(found), media_type="application/json")


def download(parts: Iterator[bytes], media: str, name: str) -> Response:
    """A file *name* that the browser saves, of the type *media*."""
    return StreamingResponse(parts, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})
