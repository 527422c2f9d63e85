"""The second origin: archived pages, and the pictures and styles that were captured with them."""

from __future__ import annotations

import re

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from crawler.analysis.browse import archived
from crawler.analysis.browse.captures import Captures
from crawler.archive.storage.errors import ArchiveError
from crawler.values.coding import CodingError

_PICTURE = re.compile(r"image/[\w.+-]+")


def application(captures: Captures, key: str) -> Starlette:
    """The application of the second origin; its addresses begin with the secret *key*."""
    resources = f"/{key}/resource"

    def page(request: Request) -> Response:
        values = request.path_params
        try:
            capture = captures.page(values["id"], values["revision"], values["part"])
        except (ArchiveError, OSError) as error:
            return PlainTextResponse(f"{error}\n", 404)
        if capture is None:
            return PlainTextResponse("404: not archived\n", 404)
        here = archived.resource_address(resources, re.sub(r"\D", "", capture.fetched_at)[:14])
        media = next((value for name, value in capture.headers if name.lower() == "content-type"), "")
        body = archived.made_safe(capture.body, media, capture.url, here)
        return Response(body, media_type="text/html; charset=utf-8")

    def resource(request: Request) -> Response:
        url, stamp = request.query_params.get("url", ""), request.query_params.get("at", "")
        try:
            found = captures.resource(url, stamp) if re.fullmatch(r"\d{14}", stamp) else None
        except (ArchiveError, CodingError, OSError):
            found = None
        if found is None:
            return PlainTextResponse("404: not captured\n", 404)
        media, body = found
        if media.lower().startswith("text/css"):
            text = archived.text_of(body, media)
            return Response(
                archived.css(text, url, archived.resource_address(resources, stamp)),
                media_type="text/css; charset=utf-8",
            )
        if _PICTURE.fullmatch(media.partition(";")[0].strip().lower()):
            return Response(body, headers={"Content-Type": media.partition(";")[0].strip()})
        return PlainTextResponse("404: neither a picture nor a style\n", 404)

    return Starlette(
        routes=[Route(f"/{key}/page/{{id}}/{{revision:int}}/{{part:int}}", page), Route(resources, resource)],
    )
