"""Fuzzes targets one after another, or a few at a time, and says what came of each: `make fuzz`.

FUZZ_SECONDS is how long each is fuzzed, FUZZ_TARGET names some of them, FUZZ_JOBS how many run at once. What is found
stays in .fuzz/TARGET/found, and the inputs that reached something new in .fuzz/TARGET/inputs, for the next run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fuzz.one import STUCK, Tally
from fuzz.targets import TARGETS

_ROOT = Path(__file__).parents[2]
_FOLDER = _ROOT / ".fuzz"
_ARTIFACTS = {"crash-": "crashes", "leak-": "crashes", "oom-": "crashes", "timeout-": "hangs"}


def fuzz(name: str, seconds: float) -> Tally:
    """Fuzz one target for that long. An input that ends the process is counted, and the rest of the time used."""
    folder = _FOLDER / name
    (folder / "found").mkdir(parents=True, exist_ok=True)
    (folder / "tally.json").unlink(missing_ok=True)
    before = set((folder / "found").iterdir())
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        with (folder / "log").open("ab") as log:
            command = [sys.executable, "-m", "fuzz.one", str(folder), str(max(round(left), 1))]
            done = subprocess.run(command, stdout=log, stderr=log, timeout=left + 3 * STUCK, check=False)
        if done.returncode == 0:
            break
        new = [path.name for path in (folder / "found").iterdir() if path not in before]
        if not any(path.startswith(tuple(_ARTIFACTS)) for path in new) and not (folder / "tally.json").exists():
            raise SystemExit(f"{name}: the fuzzer ended with {done.returncode}: see {folder / 'log'}")
    tally = Tally.load(folder / "tally.json")
    for path in sorted(set((folder / "found").iterdir()) - before):
        for start, kind in _ARTIFACTS.items():
            if path.name.startswith(start):
                getattr(tally, kind)[path.name] = 1
    return tally


def main() -> int:
    """Fuzz what the environment asks for; return 1 if anything was found."""
    seconds = float(os.environ.get("FUZZ_SECONDS") or 600)
    names = (os.environ.get("FUZZ_TARGET") or " ".join(TARGETS)).replace(",", " ").split()
    if unknown := set(names) - TARGETS.keys():
        raise SystemExit(f"there is no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    print(f"{'target':10} {'seconds':>7} {'inputs':>9} {'slowest':>8} {'crashes':>7} {'hangs':>6}", flush=True)
    failed = False
    with ThreadPoolExecutor(int(os.environ.get("FUZZ_JOBS") or 1)) as pool:
        for name, tally in zip(names, pool.map(lambda name: fuzz(name, seconds), names), strict=True):
            crashes, hangs = sum(tally.crashes.values()), sum(tally.hangs.values())
            told = f"{name:10} {seconds:7.0f} {tally.tried:9} {tally.slowest:6.2f} s {crashes:7} {hangs:6}"
            print(told, *sorted({*tally.crashes, *tally.hangs}), flush=True)
            failed = failed or bool(crashes or hangs)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
