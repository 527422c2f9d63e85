"""Crontab lines, systemd units and a logrotate snippet, spread over the period by portal."""

from __future__ import annotations

import hashlib
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.exit_codes import UsageError

_EVERY = re.compile(r"(\d+)\s*(m|min|h|d)")
_DAY = 24 * 60
MEMORY = "1G"  #: a crawl of the bundled portals needs 150 MB


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run for each portal, and where."""

    portals: Sequence[str]
    minutes: int  #: between two crawls of a portal
    folder: Path  #: where the command runs
    output: Path  #: the archive
    options: Sequence[str]  #: of the crawl
    log: Path

    def command(self, portal: str) -> list[str]:
        """The crawl of *portal*, with absolute paths. It waits for the portal before it to end."""
        program = Path(sys.argv[0]).absolute()
        found = program if program.name == "citynews" else Path(sys.executable).with_name("citynews")
        return [str(found), "crawl", portal, *self.options, "--wait", str(self.minutes * 60)]

    def offset(self, portal: str) -> int:
        """The portal's own minute within the period: always the same, whoever else is scheduled."""
        return int.from_bytes(hashlib.sha256(portal.encode()).digest()[:4]) % self.minutes


def every(text: str) -> int:
    """Minutes of a period such as 30m, 1h, 6h, 1d: one that divides an hour or a day. Raises UsageError."""
    match = _EVERY.fullmatch(text.strip())
    count = int(match[1]) * {"h": 60, "d": _DAY}.get(match[2], 1) if match else 0
    whole = (count >= 5 and 60 % count == 0) or (count >= 60 and count % 60 == 0 and _DAY % count == 0)
    if not whole:
        raise UsageError(f"--every {text}: not a part of an hour or a day, such as 15m, 1h, 6h or 1d")
    return count


def crontab(plan: Plan) -> str:
    """One line a portal; what a run says is appended to the log."""
    lines = ["# citynews: put these lines into `crontab -e` of the user who owns the archive"]
    for portal in plan.portals:
        minute, hour = _cron_times(plan, portal)
        words = shlex.join(plan.command(portal))
        line = f"cd {shlex.quote(str(plan.folder))} && {words} >> {shlex.quote(str(plan.log))} 2>&1"
        lines.append(f"{minute} {hour} * * * " + line.replace("%", r"\%"))
    return "\n".join(lines) + "\n"


def _cron_times(plan: Plan, portal: str) -> tuple[str, str]:
    """The first two fields of a crontab line."""
    offset, period = plan.offset(portal), plan.minutes
    if period < 60:
        return ",".join(str(minute) for minute in range(offset, 60, period)), "*"
    hours = [str(hour) for hour in range(offset // 60, 24, period // 60)]
    return str(offset % 60), "*" if period == 60 else ",".join(hours)


def systemd(plan: Plan) -> dict[str, str]:
    """File name -> unit: one service for every portal, and a timer each."""
    output = f'"{_escaped(plan.output)}"'
    command = _quoted(plan.command("%i"))
    service = _SERVICE.format(command=command, folder=_escaped(plan.folder), output=output, memory=MEMORY)
    units = {"citynews@.service": service}
    for portal in plan.portals:
        minute, hour = _cron_times(plan, portal)
        when = f"*-*-* {hour}:{minute}:00"
        units[f"citynews@{portal}.timer"] = _TIMER.format(portal=portal, when=when)
    return units


def logrotate(plan: Plan) -> str:
    """For /etc/logrotate.d: what cron's lines append to. Under systemd the journal keeps and rotates what is said."""
    return f'"{plan.log}" {{\n  weekly\n  rotate 8\n  compress\n  missingok\n  notifempty\n  nocreate\n}}\n'


def write(plan: Plan, folder: Path) -> list[Path]:
    """Writes the units and the snippet into *folder*; the paths written. Raises UsageError."""
    texts = {**systemd(plan), "citynews.crontab": crontab(plan), "citynews.logrotate": logrotate(plan)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"--write {folder}: {error.strerror or error}") from error
    return [folder / name for name in texts]


def _quoted(words: Sequence[str]) -> str:
    """*words* as an ExecStart; %i stays the instance, which is the portal."""
    return " ".join(f'"{_escaped(word)}"' if word != "%i" else word for word in words)


def _escaped(word: object) -> str:
    return str(word).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")


_SERVICE = """\
[Unit]
Description=citynews: crawl of %i
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={command}
WorkingDirectory={folder}
SuccessExitStatus=75
KillSignal=SIGTERM
TimeoutStopSec=30
Nice=10
MemoryMax={memory}
TasksMax=64
ReadWritePaths={output}
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
NoNewPrivileges=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
CapabilityBoundingSet=
SystemCallArchitectures=native
SystemCallFilter=@system-service
UMask=0022
"""
_TIMER = """\
[Unit]
Description=citynews: when {portal} is crawled

[Timer]
OnCalendar={when}
Persistent=true

[Install]
WantedBy=timers.target
"""
