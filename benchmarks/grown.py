"""The same work on a state of ten thousand entries and on one of a million, as Feedmill itself sees it.

What is measured is the processor's time inside one process, without start-up, which would hide what grows.
`python -m benchmarks.grown FOLDER NUMBER SOURCES` does the works once and prints their milliseconds as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.growth import measured, opened
from benchmarks.measure import Case, Contender, Figure, Medians, Sample, run
from benchmarks.setting import Setting
from benchmarks.state import State, archive_files, grow

__all__ = ["case"]

REFRESH, PUBLISH = "refresh, unchanged", "publish, one new entry"
WORKS = (REFRESH, "refresh, one new entry", "publish, unchanged", PUBLISH)
SOURCES = 1000
TIMES = 5
"""How often each work is done on a state; the median counts."""


@contextmanager
def case(setting: Setting) -> Iterator[Case]:
    """Yield the case, with a state of each size."""
    states = [State(setting.scaled(number), setting.scaled(SOURCES)) for number in (10_000, 1_000_000)]
    small, large = (f"{state.number:,} entries" for state in states)

    def cost(work: str) -> Figure:
        return Figure(
            f"{work}: times what it costs with {small}",
            lambda found: found[work, large].cpu / found[work, small].cpu,
            at_most=1.3,
        )

    def memory(found: Medians) -> float:
        return found[PUBLISH, large].memory / found[PUBLISH, small].memory

    yield Case(
        title="Growth",
        input=f"generated states of {small} and of {large}, from {states[0].sources:,} sources",
        works=WORKS,
        contenders=[_contender(state, setting.folder / str(state.number)) for state in states],
        figures=[
            *(cost(work) for work in (REFRESH, PUBLISH)),
            Figure(f"peak memory: times that with {small}", memory, at_most=1.3),
        ],
    )


def _contender(state: State, grown: Path) -> Contender:
    grown.mkdir()
    grow(f"sqlite:///{grown / 'state.sqlite3'}", state)
    archive_files(grown / "feeds", state, ("rss.xml", "atom.xml"))

    def go(empty: Path) -> Mapping[str, Sample]:
        root = shutil.copytree(grown, empty / "site")  # since what is measured writes
        arguments = map(str, (root, state.number, state.sources))
        place = os.pathsep.join(filter(None, (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH"))))
        sample, said = run([sys.executable, "-m", "benchmarks.grown", *arguments], empty, env={"PYTHONPATH": place})
        return {
            work: Sample(spent / 1000, spent / 1000, sample.memory)
            for work, spent in json.loads(said).items()
            if work in WORKS
        }

    return Contender(f"{state.number:,} entries", go)


if __name__ == "__main__":
    state = State(int(sys.argv[2]), int(sys.argv[3]))
    with opened(Path(sys.argv[1]), state) as bench:
        print(json.dumps(measured(bench, TIMES)))
