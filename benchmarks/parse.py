"""Feed documents to entries, without the network: Feedmill normalizes, which includes sanitizing; the others parse.

Each parser measures itself in a process of its own, so imports and reading the files do not count.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.inputs import feeds
from benchmarks.measure import OURS, Case, Contender, Figure, Sample, inside
from benchmarks.setting import SCRIPTS, Setting, ours

__all__ = ["case"]

WORK = "parse and normalize"
AS_IT_COMES = "feedparser"
_PEERS = {
    AS_IT_COMES: ("feedparser", "feedparser", "as it comes"),
    "feedparser (bare)": ("feedparser_bare", "feedparser", "without its sanitizer and its resolver of addresses"),
    "fastfeedparser": ("fastfeedparser", "fastfeedparser", "does not sanitize"),
    "lxml": ("lxml", "lxml", "the tree alone: the floor"),
    "nh3": ("nh3", "nh3", "sanitizes the bodies alone"),
}


@contextmanager
def case(setting: Setting) -> Iterator[Case]:
    """Yield the case."""
    given = feeds(setting.scale)
    folder = setting.folder / "parse"
    folder.mkdir()
    for number, document in enumerate(given.documents):
        (folder / f"{number:05}.xml").write_bytes(document)

    def contender(name: str, python: str | Path, parser: str, version: str | None, note: str) -> Contender:
        def go(empty: Path) -> Mapping[str, Sample]:
            return {WORK: inside((python, SCRIPTS / "parsers.py", parser, folder), empty)}

        return Contender(name, go, version, note)

    yield Case(
        title="Feeds to entries",
        input=given.origin,
        works=(WORK,),
        contenders=[
            contender(
                OURS, sys.executable, "feedmill", ours(), "also sanitizes, resolves addresses, finds dates and ids"
            ),
            *(
                contender(name, setting.python, parser, setting.packages.get(package), note)
                for name, (parser, package, note) in _PEERS.items()
            ),
        ],
        figures=[
            Figure(
                f"time, as part of that of {AS_IT_COMES} as it comes",
                lambda found: found[WORK, OURS].wall / found[WORK, AS_IT_COMES].wall,
                at_most=1 / 10,
            )
        ],
    )
