"""Machines whose network can be cut: network namespaces, each with a cable to this one. Needs root and `ip`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.command import CITYNEWS, start
from harness.fork_client import CHECKOUT

POSSIBLE = os.geteuid() == 0 and shutil.which("ip") is not None


class Machine:
    """A network namespace from ``with`` to its end. *site* is a host:port on this loopback, the same on its own."""

    def __init__(self, number: int, folder: Path, site: str) -> None:
        self.name, self.folder, self._site = f"cn{os.getpid() % 10000}-{number}", folder, site
        self._here, self._there = f"{self.name}h", f"{self.name}m"
        self.gateway = f"10.231.{number}.1"  #: this machine, as the other one reaches it
        self._address = f"10.231.{number}.2"
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        _ip("netns", "add", self.name)
        _ip("link", "add", self._here, "type", "veth", "peer", "name", self._there, "netns", self.name)
        _ip("address", "add", f"{self.gateway}/24", "dev", self._here)
        _ip("link", "set", self._here, "up")
        for command in (("address", "add", f"{self._address}/24", "dev", self._there), ("link", "set", "lo", "up"),
                        ("link", "set", self._there, "up")):  # fmt: skip
            _ip("-n", self.name, *command)
        socket = str(self.folder / f"{self.name}.sock")
        forward = (sys.executable, "-m", "harness.forwarding")
        for words in ((*forward, socket, self._site), (*self._inside(), *forward, self._site, socket)):
            self._running.append(subprocess.Popen(words, cwd=CHECKOUT, stderr=subprocess.DEVNULL))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running:
            process.kill()
            process.wait()
        _ip("netns", "delete", self.name)  # its cable goes with it

    def cut(self) -> None:
        """Cuts the connection: packets are lost, and neither end gets an error."""
        _ip("link", "set", self._here, "down")

    def heal(self) -> None:
        """Restores the connection."""
        _ip("link", "set", self._here, "up")

    def start(self, *arguments: object, env: Mapping[str, str], faketime: str = "") -> subprocess.Popen[bytes]:
        """`citynews` on it. *faketime*: how far its clock is off, such as ``+2h``; needs faketime."""
        clock = ("faketime", "-f", faketime) if faketime else ()
        return start(*arguments, env=env, command=[*self._inside(), *clock, *CITYNEWS])

    def _inside(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
