"""A Chromium without network access: it renders a page from responses that the crawl fetches for it."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium
    from playwright.async_api import Page, Route, WebSocketRoute

logger = logging.getLogger(__name__)
EXECUTABLE = "CITYNEWS_CHROMIUM"  #: the environment variable: where the browser is
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chromium-headless-shell")
#: What a text needs; pictures, fonts and styles it does not.
NEEDED = frozenset({"script", "xhr", "fetch"})
LARGEST = 16 << 20  #: bytes of a rendered document
_FLAGS = (
    "--proxy-server=http://127.0.0.1:1",  # whatever goes round the routes below meets a closed door
    "--proxy-bypass-list=<-loopback>",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--dns-prefetch-disable",
    "--js-flags=--max-old-space-size=512",
)


class NoBrowserError(Exception):
    """There is no browser to show a page; the message says how to get one."""


class RenderError(Exception):
    """The page could not be shown."""


@dataclass(frozen=True, slots=True)
class ScriptRequest:
    """What a page's script asks for."""

    url: str
    method: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class ScriptResponse:
    """What it gets: content-decoded."""

    status: int
    headers: dict[str, str]
    body: bytes


#: Fetches for the browser; None where that may not or cannot be had.
Fetch = Callable[[ScriptRequest], Awaitable[ScriptResponse | None]]


@dataclass(slots=True)
class Browser:
    """A context manager: a running Chromium, one page at a time."""

    user_agent: str
    patience: float  #: seconds per page, its scripts' requests included
    _playwright: Any = None
    _chromium: Chromium | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __aenter__(self) -> Self:
        path = executable()
        from playwright.async_api import Error, async_playwright  # noqa: PLC0415 - an extra

        self._playwright = await async_playwright().start()
        try:
            self._chromium = await self._playwright.chromium.launch(
                executable_path=path,
                args=list(_FLAGS),
                chromium_sandbox=os.geteuid() != 0,  # Chromium refuses its sandbox to root
                handle_sigint=False,  # the crawl ends it
                handle_sigterm=False,
                handle_sighup=False,
            )
        except Error as error:
            await self._playwright.stop()
            raise NoBrowserError(f"{path}: does not start: {error.message.splitlines()[0]}") from error
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:  # fmt: skip
        if self._chromium is not None:
            await self._chromium.close()
        await self._playwright.stop()

    @property
    def name(self) -> str:
        """Name and version."""
        assert self._chromium is not None
        return f"chromium/{self._chromium.version}"

    async def show(self, url: str, page: ScriptResponse, fetch: Fetch) -> bytes:
        """The document as it stands, in UTF-8, when *page* has been shown under *url* and its scripts are done.

        Raises RenderError.
        """
        from playwright.async_api import Error  # noqa: PLC0415 - an extra

        assert self._chromium is not None
        async with self._turn:
            context = await self._chromium.new_context(
                user_agent=self.user_agent, service_workers="block", accept_downloads=False
            )
            try:
                async with asyncio.timeout(self.patience):
                    await context.route("**/*", _Routes(url, page, fetch).answer)
                    await context.route_web_socket("**/*", _refuse)
                    tab = await context.new_page()
                    return await _document(tab, url, self.patience)
            except (Error, TimeoutError) as error:
                raise RenderError(f"{url}: {type(error).__name__}: {str(error).splitlines()[:1]}") from error
            finally:
                await context.close()


@dataclass  # no slots: playwright hangs an attribute of its own on whom a handler belongs to
class _Routes:
    """Answers the requests of one tab."""

    url: str
    page: ScriptResponse
    fetch: Fetch
    _shown: bool = False

    async def answer(self, route: Route) -> None:
        asked = route.request
        if asked.is_navigation_request():
            await self._document(route)
            return
        answer = None
        if asked.resource_type in NEEDED and asked.method in {"GET", "POST"}:
            answer = await self.fetch(
                ScriptRequest(asked.url, asked.method, await asked.all_headers(), asked.post_data_buffer or b"")
            )
        if answer is None:
            await route.abort()
        else:
            await route.fulfill(status=answer.status, headers=answer.headers, body=answer.body)

    async def _document(self, route: Route) -> None:
        """The page itself, once. Where its scripts would go next, and its frames and windows, nobody follows."""
        if self._shown:
            await route.fulfill(status=204)  # "stay where you are"; a failure would put an error page in its place
            return
        self._shown = True
        await route.fulfill(status=self.page.status, headers=self.page.headers, body=self.page.body)


async def _document(tab: Page, url: str, patience: float) -> bytes:
    from playwright.async_api import TimeoutError as StillBusy  # noqa: PLC0415 - an extra

    await tab.goto(url, wait_until="load", timeout=patience * 1000)
    try:
        await tab.wait_for_load_state("networkidle", timeout=patience * 1000 / 3)
    except StillBusy:
        logger.info("%s: its scripts keep running; the page is taken as it is now", url)
    html = (await tab.content()).encode("utf-8", "replace")
    if len(html) > LARGEST:
        raise TimeoutError(f"the document grew beyond {LARGEST} bytes")
    return html


async def _refuse(socket: WebSocketRoute) -> None:
    await socket.close()


def executable() -> str:
    """The Chromium to start. Raises NoBrowserError."""
    if find_spec("playwright") is None:
        raise NoBrowserError("a portal with `render` needs the browser extra: pip install 'citynews[browser]'")
    path = os.environ.get(EXECUTABLE) or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        raise NoBrowserError(
            f"a portal with `render` needs Chromium: `apt-get install chromium`, or name one in {EXECUTABLE}"
        )
    return path
