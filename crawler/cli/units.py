"""Schedules: a crawl of all portals in parallel, a weekly verify, a monthly seal, a check.

As crontab lines, or as systemd units; and a logrotate snippet for what cron's lines append to.
"""

from __future__ import annotations

import hashlib
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.config import DEFAULT_FILE, Config
from crawler.exit_codes import UsageError

_EVERY = re.compile(r"(\d+)\s*(m|min|h|d)")
_DAY = 24 * 60
_SUNDAY, _FOURTH = 0, 4  #: a month is sealed from two days after its end on
_VERIFY_AT, _SEAL_AT = 2, 4  #: hours, local time
MEMORY = "1G"  #: a crawl of the bundled portals needs 150 MB


@dataclass(frozen=True, slots=True)
class ScheduledCommand:
    """One command and when it runs."""

    name: str
    description: str
    command: Sequence[str]
    when: tuple[str, str, str, str]  #: minute, hour, day of the month, day of the week (0 is Sunday), as in a crontab


@dataclass(frozen=True, slots=True)
class SchedulePlan:
    """What is to be run, and where."""

    portals: Sequence[str]  #: as given to the crawl: names, groups, --all, or nothing
    minutes: int  #: between two crawls
    folder: Path  #: where the commands run
    output: Path  #: the archive
    common: Sequence[str]  #: options that every command takes: archive and configuration
    crawl: Sequence[str]  #: options of the crawl besides
    log: Path
    check_hours: float | None = None  #: alarm_after_hours

    @property
    def minute(self) -> int:
        """The archive's own minute within the period, so that many archives do not begin at once."""
        return int.from_bytes(hashlib.sha256(str(self.output).encode()).digest()[:4]) % self.minutes

    def jobs(self) -> list[ScheduledCommand]:
        """The commands, the crawl first."""
        crawl = ["crawl", *self.portals, *self.common, *self.crawl, "--wait", str(self.minutes * 60)]
        at = str(self.minute % 60)
        often = (*_cron_times(self.minute, self.minutes), "*", "*")
        jobs = [
            self._job("crawl", "crawl of all portals side by side", crawl, often),
            self._job("verify", "weekly proof that the archive is whole", ["verify", *self.common],
                      (at, str(_VERIFY_AT), "*", str(_SUNDAY))),
            self._job("seal", "monthly sealing of past months", ["seal", *self.common, "--wait", "7200"],
                      (at, str(_SEAL_AT), str(_FOURTH), "*")),
        ]  # fmt: skip
        if self.check_hours is not None:
            hours = ",".join(map(str, range(0, 24, min(24, max(1, int(self.check_hours))))))
            check = ["status", *self.common, "--notify"]
            jobs.append(self._job("check", "alarm where no crawl has ended for too long", check, (at, hours, "*", "*")))
        return jobs

    @staticmethod
    def _job(name: str, description: str, words: Sequence[str], when: tuple[str, str, str, str]) -> ScheduledCommand:
        program = Path(sys.argv[0]).absolute()
        found = program if program.name == "citynews" else Path(sys.executable).with_name("citynews")
        return ScheduledCommand(name, description, [str(found), *words], when)


def plan(
    chosen: Config, portals: Sequence[str], *, minutes: int, options: Sequence[str], file: Path | None
) -> SchedulePlan:
    """The plan for the archive of *chosen*: a crawl of *portals* every *minutes* with *options*, from this folder.

    *file*: the configuration; None: citynews.toml where there is one.
    """
    file = file or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)
    output, folder = chosen.output.absolute(), Path.cwd()
    return SchedulePlan(
        portals=portals,
        minutes=minutes,
        folder=folder,
        output=output,
        common=["--output", str(output), *(["--config", str(file.absolute())] if file else [])],
        crawl=options,
        log=folder / "citynews.log",
        check_hours=chosen.alarm_after_hours,
    )


def every(text: str) -> int:
    """Minutes of a period such as 30m, 1h, 6h, 1d: one that divides an hour or a day. Raises UsageError."""
    match = _EVERY.fullmatch(text.strip())
    count = int(match[1]) * {"h": 60, "d": _DAY}.get(match[2], 1) if match else 0
    whole = (count >= 5 and 60 % count == 0) or (count >= 60 and count % 60 == 0 and _DAY % count == 0)
    if not whole:
        raise UsageError(f"--every {text}: does not divide an hour or a day evenly; use for example 15m, 1h, 6h or 1d")
    return count


def _cron_times(offset: int, period: int) -> tuple[str, str]:
    """The first two fields of a crontab line: minute and hour."""
    if period < 60:
        return ",".join(str(minute) for minute in range(offset, 60, period)), "*"
    hours = [str(hour) for hour in range(offset // 60, 24, period // 60)]
    return str(offset % 60), "*" if period == 60 else ",".join(hours)


def crontab(plan: SchedulePlan) -> str:
    """One line per job; what a run says is appended to the log, and the line ends with the command's exit code."""
    lines = ["# citynews: put these lines into `crontab -e` of the user who owns the archive"]
    for job in plan.jobs():
        minute, hour, day, weekday = job.when
        command = f"cd {shlex.quote(str(plan.folder))} && {shlex.join(job.command)}"
        line = f"{command} >> {shlex.quote(str(plan.log))} 2>&1"
        lines += [f"# {job.description}", f"{minute} {hour} {day} * {weekday} " + line.replace("%", r"\%")]
    return "\n".join(lines) + "\n"


def systemd(plan: SchedulePlan) -> dict[str, str]:
    """File name -> unit: a service and a timer per job."""
    units = {}
    for job in plan.jobs():
        minute, hour, day, weekday = job.when
        units[f"citynews-{job.name}.service"] = _SERVICE.format(
            description=job.description,
            command=" ".join(f'"{_escaped(word)}"' for word in job.command),
            folder=_escaped(plan.folder),
            writable=f'"{_escaped(plan.output)}"',
            success="SuccessExitStatus=75" if "--wait" in job.command else "# every exit code but 0 is a failure",
            memory=MEMORY,
        )
        when = f"{'Sun ' if weekday != '*' else ''}*-*-{day} {hour}:{minute}:00"
        units[f"citynews-{job.name}.timer"] = _TIMER.format(description=job.description, when=when)
    return units


def logrotate(plan: SchedulePlan) -> str:
    """For /etc/logrotate.d: what cron's lines append to. Under systemd the journal keeps and rotates what is said."""
    return f'"{plan.log}" {{\n  weekly\n  rotate 8\n  compress\n  missingok\n  notifempty\n  nocreate\n}}\n'


def write(plan: SchedulePlan, folder: Path) -> list[Path]:
    """Writes the units and the snippet into *folder*; the paths written. Raises UsageError."""
    texts = {**systemd(plan), "citynews.crontab": crontab(plan), "citynews.logrotate": logrotate(plan)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"--write {folder}: {error.strerror or error}") from error
    return [folder / name for name in texts]


def _escaped(word: object) -> str:
    return str(word).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")


_SERVICE = """\
[Unit]
Description=citynews: {description}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={command}
WorkingDirectory={folder}
{success}
KillSignal=SIGTERM
TimeoutStopSec=30
Nice=10
MemoryMax={memory}
TasksMax=64
ReadWritePaths={writable}
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
Description=citynews: when: {description}

[Timer]
OnCalendar={when}
Persistent=true

[Install]
WantedBy=timers.target
"""
