"""All sample portals together: start, stop, definitions for the ports they got, and the hooks tests pull."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

from crawler.samples.server import Faults, LoggedRequest, Server
from crawler.samples.site import SampleResponse
from crawler.samples.sites import NAMES, make
from crawler.samples.story import Story, folder

#: The first portal's port; the others follow. One that is taken is replaced by any free one.
FIRST_PORT = 18801


class Samples:
    """The sample portals on 127.0.0.1, from ``with`` to its end. *ports*: name -> port; 0 means any free one."""

    def __init__(self, ports: Mapping[str, int] | None = None) -> None:
        self._ports = {name: FIRST_PORT + n for n, name in enumerate(NAMES)} | dict(ports or {})
        self._sites = {name: make(name) for name in NAMES}
        self._servers: dict[str, Server] = {}
        self._logs: dict[str, list[LoggedRequest]] = {name: [] for name in NAMES}
        self._faults = {name: Faults() for name in NAMES}
        self.base: dict[str, str] = {}  #: name -> "http://127.0.0.1:PORT"

    def __enter__(self) -> Self:
        for name in NAMES:
            self._start(name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self._servers):
            self.down(name)

    def _start(self, name: str) -> None:
        site = self._sites[name]
        try:
            server = Server(self._ports[name], site)
        except OSError:
            if name in self.base:
                raise  # its definition is out: another port would be another portal
            server = Server(0, site)
        server.log, server.faults = self._logs[name], self._faults[name]
        self._ports[name] = server.server_port
        self.base[name] = site.base = f"http://127.0.0.1:{server.server_port}"
        self._servers[name] = server
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name=name, daemon=True).start()

    # ---- what a crawler needs

    def write_definitions(self, where: Path) -> list[Path]:
        """Write the portals' TOML for the ports they have, into the folder *where*; the paths of the files."""
        where.mkdir(parents=True, exist_ok=True)
        return [self._write_definition(name, where / f"{name}.toml") for name in NAMES]

    def _write_definition(self, name: str, path: Path) -> Path:
        template = (folder(name) / "portal.toml").read_text("utf-8")
        base = self.base[name]
        path.write_text(template.replace("{base}", base).replace("{host}", base.partition("//")[2]), "utf-8")
        return path

    # ---- what a test compares with

    def stories(self, name: str) -> list[Story]:
        """The truth as it stands now, oldest first."""
        return self._sites[name].stories()

    def requests(self, name: str) -> list[LoggedRequest]:
        """Every request *name* has answered, in the order of the answers."""
        return list(self._logs[name])

    # ---- a portal's life

    def add(self, name: str, story: Story) -> None:
        """Publish *story* (made with ``dataclasses.replace`` of another, with a path of its own)."""
        self._sites[name].put(story)

    def change(self, name: str, path: str, **fields: Any) -> Story:
        """Edit the story at *path*: ``title``, ``text``, ``views``, ``modified``... Returns what it has become."""
        site = self._sites[name]
        site.put(story := replace(site.get(path), **fields))
        return site.with_links(story)

    def delete(self, name: str, path: str) -> None:
        """Take the story at *path* down: 410, and in no list any more. ``add`` brings it back."""
        self._sites[name].remove(path)

    # ---- and its bad days

    def fail(self, name: str, path_pattern: str, status: int = 500) -> None:
        """Answer every address in which *path_pattern* is found with *status*, until ``heal``."""
        page = SampleResponse(f"{status}\n".encode(), "text/plain", status)
        self._faults[name].failing.append((re.compile(path_pattern), page))

    def wall(self, name: str, path_pattern: str, html: str) -> None:
        """Answer every address in which *path_pattern* is found with *html*, under status 200, until ``heal``."""
        page = SampleResponse(html.encode(), "text/html; charset=utf-8")
        self._faults[name].failing.append((re.compile(path_pattern), page))

    def restyle(self, name: str, *changes: tuple[str, str]) -> None:
        """A redesign: in all HTML of *name* each (pattern, replacement). Without any, the old look again."""
        self._faults[name].restyled[:] = [(re.compile(pattern, re.DOTALL), instead) for pattern, instead in changes]

    def slow(self, name: str, seconds: float, path_pattern: str = "") -> None:
        """Wait *seconds* before each answer, until ``heal``."""
        self._faults[name].slow.append((re.compile(path_pattern), seconds))

    def down(self, name: str) -> None:
        """Refuse connections and cut those that are open, until ``heal``."""
        if server := self._servers.pop(name, None):
            server.stop()

    def heal(self, name: str) -> None:
        """End every fault of *name*; a portal that was down is up again on its port."""
        self._faults[name].failing.clear()
        self._faults[name].slow.clear()
        if name not in self._servers:
            self._start(name)
