"""Fuzzes one target in this process, and keeps a tally that survives it: `python -m fuzz.one FOLDER SECONDS`.

atheris searches by coverage, with bytes and words of its own; `mutated` here changes whole tags and words, as nesting
and unclosed elements need it. With files for SECONDS, each is run once, and its traceback shown.
"""

from __future__ import annotations

import json
import os
import random
import re
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

__all__ = ["Tally", "mutated", "prepare"]

LONGEST = 8_192
"""Bytes of an input; what larger ones cost is asked by `fuzz.growth`."""

SECONDS = 1.0
"""Processor time that one such input may take. The libraries' instrumentation makes three of it."""

STUCK = 60
"""Seconds after which an input has hung, and the process is ended."""

_MOST_MEMORY = 2048  # MiB
_GUIDES = {"feed": ["feedparser"], "mail": ["email"], "tags": ["mutagen"], "robots": ["protego"], "dates": ["dateutil"]}
"""Libraries whose coverage guides the search too."""

_TOKEN = re.compile(rb"<[^<>]{0,200}>|[A-Za-z0-9_]+|\s+|[^A-Za-z0-9_\s]")


@dataclass(slots=True)
class Tally:
    """What came of the inputs so far. `crashes` and `hangs` count by what they have in common."""

    tried: int = 0
    slowest: float = 0.0
    crashes: dict[str, int] = field(default_factory=dict)
    hangs: dict[str, int] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Replace the file, whole."""
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self)), encoding="utf-8")
        new.replace(path)

    @classmethod
    def load(cls, path: Path) -> Tally:
        """Read what `save` wrote; an empty one if it never did."""
        return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else cls()


def mutated(data: bytes, most: int, words: Sequence[bytes], chance: random.Random) -> bytes:
    """Return `data` with a few runs of its words repeated, moved, left out or replaced; at most `most` bytes."""
    tokens = _TOKEN.findall(data) or [b""]
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(tokens) + 1)
        end = min(len(tokens), at + chance.choice((1, 1, 2, 5, 20)))
        run = tokens[at:end]
        match chance.randrange(6):
            case 0:
                tokens[at:end] = run * chance.choice((2, 2, 3, 10, 100))
            case 1:
                del tokens[at:end]
            case 2:
                place = chance.randrange(len(tokens) + 1)
                tokens[place:place] = run
            case 3:
                tokens[at:at] = [chance.choice(words)] * chance.choice((1, 1, 1, 2, 50))
            case 4:
                tokens[at:end] = [chance.choice(words)]
            case _:
                tokens[at:at], tokens[end:end] = [chance.choice(words)], [chance.choice(words)]
        del tokens[most:]
    return b"".join(tokens)[:most]


class _Watch:
    """Runs inputs, and writes down what came of them."""

    def __init__(self, folder: Path, seconds: float) -> None:
        from fuzz.targets import TARGETS

        self._run = TARGETS[folder.name].run
        self._folder = folder
        self._end = time.monotonic() + seconds
        self._saved = 0.0
        self.tally = Tally.load(folder / "tally.json")

    def run(self, data: bytes) -> None:
        """Run one input."""
        before = time.process_time()
        try:
            self._run(data)
        except Exception as error:
            self._found(self.tally.crashes, _place(error), data, traceback.format_exc())
        took = time.process_time() - before
        self.tally.tried += 1
        if took > self.tally.slowest:
            self.tally.slowest = took
            (self._folder / "slowest").write_bytes(data)
        if took > SECONDS:
            self._found(self.tally.hangs, "slow", data, f"{took:.1f} s for {len(data)} bytes")
        now = time.monotonic()
        if now > self._saved + 1:
            self.tally.save(self._folder / "tally.json")
            self._saved = now
        if now > self._end:
            self.tally.save(self._folder / "tally.json")
            sys.stdout.flush()
            os._exit(0)  # the fuzzer does not return

    def _found(self, kind: dict[str, int], name: str, data: bytes, story: str) -> None:
        """Count it; keep the shortest input of a kind."""
        kind[name] = kind.get(name, 0) + 1
        path = self._folder / "found" / name
        if not path.exists() or len(data) < path.stat().st_size:
            path.write_bytes(data)
            path.with_name(f"{name}.txt").write_text(story, encoding="utf-8", errors="backslashreplace")


def _place(error: BaseException) -> str:
    """Name a crash by its kind and the innermost place in the project."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if f"{os.sep}feedmill{os.sep}" in frame.filename] or frames
    what = str(error).partition(":")[0] if isinstance(error, AssertionError) else ""
    place = "" if what else f"{Path(own[-1].filename).stem}-{own[-1].lineno}"
    return re.sub(r"[^A-Za-z0-9-]+", "-", f"{type(error).__name__}-{what or place}")[:80]


def prepare(folder: Path) -> None:
    """Write the seeds and the words of the target that the folder is named after."""
    from fuzz.seeds import seeds
    from fuzz.targets import TARGETS

    for name in ("inputs", "found"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(folder.name)):
        (folder / "inputs" / f"seed-{number}").write_bytes(seed[:LONGEST])
    lines = ("".join(f"\\x{byte:02x}" for byte in word) for word in TARGETS[folder.name].words)
    (folder / "words").write_text("".join(f'"{line}"\n' for line in lines), encoding="ascii")


def _fuzz(folder: Path, seconds: float) -> None:
    import atheris

    with atheris.instrument_imports(include=["feedmill", *_GUIDES.get(folder.name, ())]):
        from fuzz.targets import TARGETS
    prepare(folder)
    watch = _Watch(folder, seconds)
    words = TARGETS[folder.name].words

    def change(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.5:
            return bytes(atheris.Mutate(data, most))
        return mutated(data, most, words, chance)

    options = (
        f"-max_len={LONGEST}",
        f"-dict={folder / 'words'}",
        f"-artifact_prefix={folder / 'found'}{os.sep}",
        "-len_control=100",
        f"-timeout={STUCK}",
        f"-rss_limit_mb={_MOST_MEMORY}",
        f"-max_total_time={round(seconds) + STUCK}",
        "-print_final_stats=0",
        "-verbosity=0",
    )
    atheris.Setup([sys.argv[0], *options, str(folder / "inputs")], watch.run, custom_mutator=change)
    atheris.Fuzz()


def _show(folder: Path, files: Sequence[str]) -> int:
    from fuzz.targets import TARGETS

    failed = 0
    for name in files:
        before = time.process_time()
        try:
            TARGETS[folder.name].run(Path(name).read_bytes())
        except Exception:
            failed += 1
            traceback.print_exc()
        print(f"{name}: {time.process_time() - before:.3f} s")
    return failed


if __name__ == "__main__":
    place, what = Path(sys.argv[1]), sys.argv[2:]
    if len(what) == 1 and what[0].isdigit():
        _fuzz(place, float(what[0]))
    sys.exit(min(_show(place, what), 1))
