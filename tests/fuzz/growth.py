"""Asks whether time grows with size alone: megabytes of one fragment, again and again, at every place: `make growth`.

Each pair of a place and a fragment is read in a process of its own, at GROWTH_SIZE MiB (2) and at an eighth of it.
Told is what takes more than twice the time that its size explains, or more than GROWTH_SECONDS of processor time
(20) for the whole, and what needs more memory than GROWTH_MEMORY MiB (1000). FUZZ_TARGET names some targets.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

from fuzz.targets import TARGETS

__all__ = ["filled", "pairs"]

MARK = b"%%"
"""Where the fragments go."""

_TABLE = Path(__file__).with_suffix(".toml")
_WITHOUT = frozenset({"tags"})  # a process reads them that has limits of its own
_LIMIT = 60  # seconds of processor time, after which it is not waited for any longer
_NOTICED = 0.1  # seconds; below that times say nothing


def filled(place: bytes, fragment: bytes, size: int) -> bytes:
    """Return a document of about `size` bytes."""
    gaps = place.count(MARK) or 1
    return place.replace(MARK, fragment * (size // gaps // len(fragment)))


def measured(name: str, place: bytes, fragment: bytes, size: int) -> tuple[float, float, float] | None:
    """Return seconds of an eighth and of all of `size`, and the MiB of memory; None where it never ended."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (_LIMIT, _LIMIT))
        times = []
        for part in (size // 8, size):
            data = filled(place, fragment, part)
            before = time.process_time()
            try:
                TARGETS[name].run(data)
            except Exception as error:
                print(f"{name} {place[:60]!r} {fragment!r}: {str(error)[:200]}", file=sys.stderr)
            times.append(time.process_time() - before)
            if times[0] * 64 < _NOTICED:  # even quadratic time would not be noticed
                times.append(times[0] * 8)
                break
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        os.write(writer, json.dumps([*times, memory]).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answers:
        answer = answers.read()
    os.waitpid(child, 0)
    return tuple(json.loads(answer)) if answer else None


def pairs(name: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield the places and fragments of a target, each place with each fragment."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    target = table["targets"][name]
    for place in target["places"]:
        for fragment in (fragment for notation in target["fragments"] for fragment in table["fragments"][notation]):
            yield place.encode(), fragment.encode()


def main() -> int:
    """Measure every pair; return 1 if any takes more than its size explains."""
    size = round(float(os.environ.get("GROWTH_SIZE") or 2) * 1024 * 1024)
    seconds = float(os.environ.get("GROWTH_SECONDS") or 20)
    most = float(os.environ.get("GROWTH_MEMORY") or 1000)
    names = (os.environ.get("FUZZ_TARGET") or " ".join(TARGETS)).replace(",", " ").split()
    bad = 0
    for name in (name for name in names if name not in _WITHOUT):
        tried, worst = 0, 0.0
        for place, fragment in pairs(name):
            found = measured(name, place, fragment, size)
            small, large, memory = found or (0.0, float(_LIMIT), 0.0)
            tried, worst = tried + 1, max(worst, large)
            if large > seconds or memory > most or (large > _NOTICED and large > 16 * max(small, _NOTICED / 16)):
                bad += 1
                what = f"{small:.2f} s, {large:.2f} s, {memory:.0f} MiB" if found else f"not ended after {_LIMIT} s"
                print(f"{name:10} {place[:50]!r} of {fragment!r}: {what}", flush=True)
        print(f"{name:10} {tried:5} pairs, the slowest {worst:.2f} s", flush=True)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
