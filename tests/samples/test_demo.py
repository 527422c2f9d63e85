"""`citynews demo`: the commands that it prints work as printed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.command import finish, start


@pytest.mark.ci
def test_the_commands_it_names_work_without_an_activated_environment(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin"}
    done = finish(start("demo", "--output", "my archive", cwd=tmp_path, env=environment))
    assert done.code == 0
    lines = done.out.partition("What to do next:\n")[2].splitlines()
    commands = [line.strip() for line in lines if line.startswith("  ") and not line.startswith("   ")]
    assert len(commands) == 7
    for command in commands:
        if " browse" not in command and "--days" not in command:
            subprocess.run(command, shell=True, cwd=tmp_path, env=environment, check=True, capture_output=True)
