"""The two origins on one server: which request may be answered, and by which application."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crawler.analysis.browse import archived


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the two origins listen on 127.0.0.1. *key*: without it, no page on the web can ask what is archived."""

    site: int
    pages: int
    key: str

    @property
    def pages_origin(self) -> str:
        return f"http://127.0.0.1:{self.pages}"


class Origins:
    """Sends a request to *site* or *pages* by the port it came in at; refuses all that is not asked of this machine.

    A page on the web can make a browser ask 127.0.0.1 under a name of its own (DNS rebinding): the Host header says so.
    """

    def __init__(self, ports: Ports, site: ASGIApp, pages: ASGIApp) -> None:
        self._apps = {
            ports.site: (site, {f"127.0.0.1:{ports.site}", f"localhost:{ports.site}"}, _site_headers(ports)),
            ports.pages: (pages, {f"127.0.0.1:{ports.pages}"}, _page_headers(ports)),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        app, hosts, headers = self._apps[scope["server"][1]]

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        if Headers(scope=scope).get("host") not in hosts:
            app = PlainTextResponse("421: this server answers to 127.0.0.1 only\n", 421)
        elif scope["method"] not in {"GET", "HEAD"}:
            app = PlainTextResponse("405: this server only reads\n", 405, {"Allow": "GET, HEAD"})
        await app(scope, receive, answer)


def _site_headers(ports: Ports) -> dict[str, str]:
    return {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
            f" frame-src {ports.pages_origin}; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def _page_headers(ports: Ports) -> dict[str, str]:
    embedding = f"frame-ancestors http://127.0.0.1:{ports.site} http://localhost:{ports.site}"
    headers = archived.headers(ports.pages_origin)
    return headers | {"Content-Security-Policy": f"{headers['Content-Security-Policy']}; {embedding}"}
