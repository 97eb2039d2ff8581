"""The commands that the pages for operators show, run as they are written, one after the other."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sites import Site

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINE = '192.0.2.1 - - [22/Nov/2026:12:00:00 +0000] "GET /feeds/all/rss.xml HTTP/1.1" 200 9 "-" "newsboat/2"\n'


@pytest.mark.parametrize("page", ["operation.md", "subscribers.md"])
def test_the_commands_of_a_page(site: Site, page: str) -> None:
    site.config = (ROOT / "config.toml").read_text(
        encoding="utf-8"
    ) + f'\n[alerts]\nfeed = "{site.root}/problems.xml"\n'
    shutil.copytree(ROOT / "sources", site.root / "sources")
    site.publish()
    for name in ("access.log", "access.log.1", "access.log.2"):
        (site.root / name).write_text(LINE)
    subprocess.run(["gzip", str(site.root / "access.log.2")], check=True)
    path = f"{Path(sys.executable).parent}:{site.environment['PATH']}"
    commands = [line for block in BLOCK.findall((ROOT / "docs" / page).read_text()) for line in block.splitlines()]
    assert len(commands) >= 3
    for command in commands:
        ran = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=site.root,
            env=site.environment | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert ran.returncode == 0, f"{command}: {ran.stderr}"
        assert ran.stdout, command


@pytest.mark.parametrize("command", ["subscribers", "backup", "restore"])
def test_help_shows_the_common_options(site: Site, command: str) -> None:
    assert command in site.run("--help").out
    shown = site.run(command, "--help").out
    for option in ("--config", "--quiet", "--verbose", "--json", "--log-format"):
        assert option in shown
