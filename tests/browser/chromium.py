"""Headless Chromium, spoken to over a pipe (Chrome DevTools Protocol), with a proxy that notes what leaves the machine.

https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from harness import waiting

_QUIET = (
    "--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-domain-reliability",
    "--disable-client-side-phishing-detection", "--disable-extensions", "--disable-dev-shm-usage", "--no-pings",
    "--disable-features=OptimizationHints,MediaRouter,Translate,CertificateTransparencyComponentUpdater,AutofillServerCommunication,IsolateSandboxedIframes",
    "--window-size=900,700", "--force-device-scale-factor=1",
)  # fmt: skip


class Chromium:
    """A running browser with one page. *timeout* seconds bound every wait."""

    def __init__(self, program: str, profile: Path, proxy: str, timeout: float = 180) -> None:
        ours_read, theirs_write = os.pipe()
        theirs_read, ours_write = os.pipe()
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        command = [program, *_QUIET, *sandbox, f"--user-data-dir={profile}", f"--proxy-server={proxy}",
                   "--remote-debugging-pipe", "about:blank"]  # fmt: skip
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$0" "$@" 3<&{theirs_read} 4>&{theirs_write}', *command],
            pass_fds=(theirs_read, theirs_write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        os.close(theirs_read)
        os.close(theirs_write)
        self._read, self._write, self._timeout = ours_read, ours_write, timeout
        self._number, self._held = 0, b""
        self._said: list[str] = []
        self._session = ""
        (page,) = [target for target in self._ask("Target.getTargets")["targetInfos"] if target["type"] == "page"]
        self._session = self._ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        self._ask("Page.enable")
        self._ask("Log.enable")

    def go(self, url: str) -> None:
        """Opens *url*."""
        self._ask("Page.navigate", url=url)

    def prefer(self, scheme: str) -> None:
        """What pages are told of the reader's wish: *scheme* light or dark."""
        self._ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    @contextmanager
    def sized(self, width: int, height: int, *, media: str = "") -> Iterator[None]:
        """Within, pages are *width* by *height* CSS pixels, as on a telephone, or for *media* print on paper."""
        is_screen = not media
        self._ask("Emulation.setEmulatedMedia", media=media)
        self._ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=is_screen
        )
        try:
            yield
        finally:
            self._ask("Emulation.clearDeviceMetricsOverride")
            self._ask("Emulation.setEmulatedMedia", media="")

    def frames(self) -> list[dict[str, Any]]:
        """Every frame of the page: its id and url."""
        return list(_flat(self._ask("Page.getFrameTree")["frameTree"]))

    def title(self, part: str) -> str:
        """The title of the first frame whose address contains *part*, once it has loaded and has one."""
        return str(self.until(part, "document.readyState === 'complete' && document.title"))

    def until(self, part: str, expression: str) -> Any:
        """What *expression* gives in the frame whose address contains *part*, as soon as that is true."""
        values: list[Any] = []

        def shown() -> bool:
            frames = [frame["id"] for frame in self.frames() if part in frame["url"]]
            values.extend(value for frame in frames if (value := self._evaluate(frame, expression)))
            return bool(values)

        waiting.until(shown, f"{expression} in a frame of {part}", self._timeout)
        return values[0]

    def problems(self) -> list[str]:
        """What the browser has complained of since the last asking: policies that were broken, errors of scripts."""
        self._ask("Page.getNavigationHistory")  # reads what has been said by now
        found, self._said = self._said, []
        return found

    def screenshot(self) -> bytes:
        """The page as a PNG."""
        return base64.b64decode(self._ask("Page.captureScreenshot", format="png")["data"])

    def close(self) -> None:
        """Ends the browser and what it started."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._read)
        os.close(self._write)

    def _evaluate(self, frame: str, expression: str) -> Any:
        try:
            world = self._ask("Page.createIsolatedWorld", frameId=frame)["executionContextId"]
            found = self._ask("Runtime.evaluate", expression=expression, contextId=world,
                              returnByValue=True, awaitPromise=True)  # fmt: skip
        except LookupError:  # the frame has gone elsewhere meanwhile
            return None
        return found["result"].get("value")

    def _ask(self, method: str, **params: Any) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + self._timeout
        while True:
            answer = self._next(deadline)
            if answer.get("method") == "Log.entryAdded":
                self._said.append(answer["params"]["entry"]["text"])
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise LookupError(answer["error"]["message"])
                return answer["result"]

    def _next(self, deadline: float) -> Any:
        while b"\0" not in self._held:
            ready, _, _ = select.select([self._read], [], [], max(0, deadline - time.monotonic()))
            data = os.read(self._read, 1 << 20) if ready else b""
            if not data:
                raise AssertionError("Chromium does not answer")
            self._held += data
        message, _, self._held = self._held.partition(b"\0")
        return json.loads(message)


class Outside(ThreadingHTTPServer):
    """A proxy that lets nothing through and notes what was asked of it: every address but those of loopback."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Refuse)
        self.asked: list[str] = []


class _Refuse(BaseHTTPRequestHandler):
    server: Outside

    def _note(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self.send_error(502)

    do_GET = do_HEAD = do_POST = do_OPTIONS = do_CONNECT = _note  # noqa: N815 - the names are the base class's

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Nothing on stderr."""


@contextmanager
def browsing(program: str, profile: Path) -> Iterator[tuple[Chromium, Outside]]:
    """A running browser behind a running proxy."""
    outside = Outside()
    Thread(target=outside.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    browser = Chromium(program, profile, f"127.0.0.1:{outside.server_port}")
    try:
        yield browser, outside
    finally:
        browser.close()
        outside.shutdown()
        outside.server_close()


def _flat(tree: Any) -> Iterator[dict[str, Any]]:
    yield tree["frame"]
    for child in tree.get("childFrames", []):
        yield from _flat(child)
