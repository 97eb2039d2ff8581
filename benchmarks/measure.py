"""What is measured of a run, of whom, and in which order. This module must not know what any command does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

__all__ = ["OURS", "Case", "Contender", "Failed", "Figure", "Medians", "Sample", "in_turn", "inside", "medians", "run"]

OURS = "Feedmill"
_OURS_ALONE = frozenset({"FEEDMILL_CONFIG", "FEEDMILL_STATE_URL"})
"""Variables that would lead a command to another site than the one that it is measured with."""

_SPAWN = Path(__file__).with_name("spawn.py")


class Failed(Exception):
    """A command did not do its work."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run took: `wall` and `cpu` (user and system, with all that it waited for) in seconds, `memory` at its
    peak in bytes, and in words what it `did`.
    """

    wall: float
    cpu: float
    memory: int
    did: str = ""


@dataclass(frozen=True, slots=True)
class Contender:
    """Somebody who does the works of a case: `go` does all of them once, in the empty folder that it is given, and
    returns what each took. `version` is None if it is not installed; `note` says in how far its work differs.
    """

    name: str
    go: Callable[[Path], Mapping[str, Sample]]
    version: str | None = ""
    note: str = ""


Medians = Mapping[tuple[str, str], Sample]
"""By work and contender."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number made of medians: how it is called, its unit, and the goal that it is held against, if it has one.

    `value` may raise KeyError: somebody it needs was absent.
    """

    title: str
    value: Callable[[Medians], float]
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Works that are compared, whoever does them, and on which input."""

    title: str
    input: str
    works: Sequence[str]
    contenders: Sequence[Contender]
    figures: Sequence[Figure] = ()
    repeat: int = 1
    """How often each does its works in one round: more than once where they are short."""

    @property
    def base(self) -> str:
        """Who all others are compared with: the first."""
        return self.contenders[0].name

    @property
    def present(self) -> list[Contender]:
        """Those that are installed."""
        return [contender for contender in self.contenders if contender.version is not None]

    @property
    def absent(self) -> list[str]:
        """The names of the others."""
        return [contender.name for contender in self.contenders if contender.version is None]


def in_turn(case: Case, rounds: int, tell: Callable[[str], None]) -> dict[tuple[str, str], list[Sample]]:
    """Let everybody do everything, `rounds` times in turn (A B C A B C ...); return samples by work and contender.

    A peer that fails is told of, and has no samples.

    Raises:
        Failed: the one does that the others are compared with.
    """
    taken: dict[tuple[str, str], list[Sample]] = {}
    failed: set[str] = set()
    for number in range(rounds):
        for contender in case.present:
            if contender.name in failed:
                continue
            tell(f"round {number + 1} of {rounds}: {contender.name}")
            try:
                for work, sample in _round(contender, case.repeat):
                    taken.setdefault((work, contender.name), []).append(sample)
            except Failed as error:
                if contender.name == case.base:
                    raise
                tell(str(error))
                failed.add(contender.name)
    return {(work, name): samples for (work, name), samples in taken.items() if name not in failed}


def _round(contender: Contender, repeat: int) -> Iterator[tuple[str, Sample]]:
    for _ in range(repeat):
        with TemporaryDirectory(prefix="feedmill-bench-") as folder:
            yield from contender.go(Path(folder)).items()


def medians(taken: Mapping[tuple[str, str], Sequence[Sample]]) -> dict[tuple[str, str], Sample]:
    """Return the median of each measure by itself, and what was done at last."""
    return {
        key: Sample(
            wall=median(sample.wall for sample in samples),
            cpu=median(sample.cpu for sample in samples),
            memory=round(median(sample.memory for sample in samples)),
            did=samples[-1].did,
        )
        for key, samples in taken.items()
    }


def run(
    command: Sequence[str | Path], folder: Path, *, env: Mapping[str, str] | None = None, codes: Sequence[int] = (0,)
) -> tuple[Sample, str]:
    """Run a command in `folder`; return what it took, and its standard output.

    Raises:
        Failed: it ended with another exit code than one of `codes`.
    """
    with TemporaryDirectory(prefix="feedmill-run-") as aside:
        result, out, err = (Path(aside) / name for name in ("result", "out", "err"))
        with out.open("wb") as stdout, err.open("wb") as stderr:
            spawn = [sys.executable, "-I", "-S", _SPAWN, result, *command]
            environment = {name: value for name, value in os.environ.items() if name not in _OURS_ALONE} | dict(
                env or {}
            )
            subprocess.run(spawn, cwd=folder, env=environment, stdout=stdout, stderr=stderr, check=False)
        said = out.read_text("utf-8", "replace")
        measured = result.read_text().split() if result.exists() else ["0", "0", "0", "127"]
        if int(measured[3]) not in codes:
            told = (err.read_text("utf-8", "replace") or said).strip()[-2000:]
            raise Failed(f"{' '.join(map(str, command))} ended with {measured[3]}: {told}")
    return Sample(float(measured[0]), float(measured[1]), int(measured[2])), said


def inside(command: Sequence[str | Path], folder: Path, env: Mapping[str, str] | None = None) -> Sample:
    """Run one of the scripts in `peers` that measure themselves, and return what its work alone took.

    The last line that it prints is `wall cpu` and what it did.
    """
    sample, said = run(command, folder, env=env)
    wall, cpu, did = said.strip().splitlines()[-1].split(" ", 2)
    return replace(sample, wall=float(wall), cpu=float(cpu), did=did)
