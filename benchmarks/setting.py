"""Who is there to be compared, in which version, and on which machine."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

__all__ = ["PEERS", "SCRIPTS", "Program", "Setting", "machine", "program", "setting"]

PEERS = Path(__file__).parents[1] / ".venv-bench" / "bin" / "python"
"""The environment that `make bench` installs the peers from PyPI into."""

SCRIPTS = Path(__file__).with_name("peers")
"""What runs there."""

_VERSIONS = (
    "import json, importlib.metadata as m;"
    "print(json.dumps({d.metadata['Name'].lower(): d.version for d in m.distributions()}))"
)
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a case finds its peers, and how much of its input it takes.

    `packages` are the versions of what is installed beside `python`, by name in small letters; `folder` is for what
    all rounds share.
    """

    folder: Path
    scale: float = 1.0
    python: Path = PEERS
    packages: dict[str, str] = field(default_factory=dict)

    @property
    def feedmill(self) -> tuple[str, ...]:
        """Feedmill's own command."""
        return sys.executable, "-m", "feedmill"

    def scaled(self, count: int) -> int:
        """Return how many of so many things to take."""
        return max(round(count * self.scale), 1)

    def script(self, name: str, *arguments: str | Path) -> tuple[str | Path, ...]:
        """Return the command that runs a script of ours in the environment of the peers."""
        return self.python, SCRIPTS / name, *arguments


def setting(folder: Path, *, scale: float = 1.0, python: Path = PEERS) -> Setting:
    """Return the setting of a run; without `python`, no peer from PyPI is there."""
    python = python.absolute()  # commands run in other folders; a link to it must stay one
    packages: dict[str, str] = {}
    if python.exists():
        said = subprocess.run([python, "-c", _VERSIONS], capture_output=True, check=True, text=True).stdout
        packages = json.loads(said)
    return Setting(folder, scale, python, packages)


@dataclass(frozen=True, slots=True)
class Program:
    """A program and its version: empty if it does not tell, None if it is not installed."""

    path: str
    version: str | None


def program(name: str, *tell: str) -> Program:
    """Look for a program; the arguments `tell` make it say its version."""
    path = shutil.which(name, path=_PATH)
    if path is None:
        return Program(name, None)
    said = subprocess.run([path, *tell], capture_output=True, check=False, text=True) if tell else None
    found = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr) if said else None
    return Program(path, found[0] if found else "")


def ours() -> str:
    """Return the version of Feedmill that runs."""
    return version("feedmill")


def machine() -> str:
    """Return the processor, the number of cores, the system and the Python that Feedmill runs on."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists() and (found := re.search(r"(?m)^model name\s*:\s*(.+)$", info.read_text())):
        cpu = found[1]
    return f"{cpu}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
