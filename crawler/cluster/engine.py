"""Dask distributed as it is used here: a cluster of this machine, or the scheduler at an address."""

from __future__ import annotations

import ipaddress
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.exit_codes import UsageError
from crawler.values.extras import wanted

#: Settings of Dask: a portal is not to blame for workers that die, a frozen worker is given up, links may be slow.
_SETTINGS: dict[str, object] = {
    "distributed.scheduler.allowed-failures": 10,
    "distributed.scheduler.worker-ttl": "60s",
    "distributed.comm.timeouts.tcp": "30s",
    "distributed.comm.timeouts.connect": "30s",
    "distributed.worker.profile.enabled": False,
}
_PATIENCE = 30.0  # seconds in which a scheduler must answer


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files of one authority, and of a certificate that it signed: both sides prove themselves."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    def arguments(self) -> list[str]:
        """As options of `dask scheduler` and `dask worker`."""
        named = (("--tls-ca-file", self.ca), ("--tls-cert", self.cert), ("--tls-key", self.key))
        return [word for option, path in named if path for word in (option, str(path))]

    def security(self) -> Any:
        """As Dask wants them; None without certificates. Raises UsageError where one of the three is missing."""
        if not any((self.ca, self.cert, self.key)):
            return None
        if not all((self.ca, self.cert, self.key)):
            raise UsageError("--tls-ca, --tls-cert and --tls-key belong together")
        paths = {
            f"tls_{role}_{kind}": str(path)
            for role in ("client", "scheduler", "worker") for kind, path in (("cert", self.cert), ("key", self.key))
        }  # fmt: skip
        security: Any = wanted("distributed.security", "cluster")
        return security.Security(require_encryption=True, tls_ca_file=str(self.ca), **paths)


@contextmanager
def connected(
    scheduler: str | None, *, workers: int, certificates: Certificates, insecure: bool, dashboard: str = "127.0.0.1:0"
) -> Iterator[Any]:
    """A client of the scheduler at *scheduler*, or of *workers* processes of this machine.

    Raises UsageError where nobody answers, or the way there is not safe.
    """
    distributed: Any = wanted("distributed", "cluster")
    dask: Any = wanted("dask", "cluster")
    dask.config.set(_SETTINGS)
    if scheduler is None:
        quiet = logging.CRITICAL  # connections that close while all of it ends are errors with a traceback to Dask
        with (
            distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, memory_limit=0, dashboard_address=dashboard, silence_logs=quiet
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client
        return
    check_address(scheduler, insecure=insecure)
    security = certificates.security()
    if urlsplit(scheduler).scheme == "tls" and security is None:
        raise UsageError(f"{scheduler}: --tls-ca, --tls-cert and --tls-key name the certificates")
    try:
        client = distributed.Client(scheduler, security=security, timeout=_PATIENCE)
    except (OSError, TimeoutError) as error:
        raise UsageError(f"{scheduler}: no scheduler answers: {str(error).partition(chr(10))[0][:200]}") from error
    with client:
        yield client


def check_address(address: str, *, insecure: bool) -> None:
    """Raises UsageError for an address of another machine that is reached without TLS."""
    parts = urlsplit(address)
    if parts.scheme not in {"tls", "tcp"} or not parts.hostname:
        raise UsageError(f"{address}: not tls://HOST:PORT or tcp://HOST:PORT")
    if parts.scheme == "tcp" and not insecure and not _is_here(parts.hostname):
        raise UsageError(
            f"{address}: who reaches a scheduler runs programs on its workers; use tls:// with certificates "
            "(--insecure leaves that to your network)"
        )


def run_dask(program: str, arguments: list[str]) -> None:
    """This process becomes `dask scheduler` or `dask worker`, with the settings of :func:`connected`."""
    wanted("distributed", "cluster")
    for name, value in _SETTINGS.items():
        os.environ["DASK_" + name.upper().replace(".", "__").replace("-", "_")] = str(value)
    os.execv(sys.executable, [sys.executable, "-m", f"distributed.cli.dask_{program}", *arguments])  # noqa: S606 - no shell


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
