"""What a long history costs: the same work on a state of ten thousand entries and on one of a million.

Measured is the processor's time, so that it says the same beside other work. `python -m benchmarks.growth` prints the
table; a million entries take two gigabytes of disk and two minutes to write.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from unittest.mock import patch

from benchmarks.state import NOW, State, archive_files, draft, grow
from feedmill import runs
from feedmill.collect import Tools
from feedmill.config import Config
from feedmill.model import (
    Document,
    Draft,
    FeedSpec,
    Fetched,
    FetchSettings,
    Normalized,
    Outcome,
    Schedule,
    Site,
    Source,
    Status,
    Validators,
)  # fmt: skip
from feedmill.pipeline import Pipeline
from feedmill.publish import Folder
from feedmill.store import Store

__all__ = ["Bench", "measured", "opened"]

SITE = Site(
    title="Site", url="https://example.org/", feeds_url="https://example.org/feeds/", id_authority="example.org"
)
_IN_A_FEED = 10


class Bench:
    """A grown site whose sources are plain functions: each shows its newest entries, and may have `news`."""

    def __init__(self, root: Path, state: State) -> None:
        self.state = state
        self.unchanged = True
        self.news: dict[str, list[Draft]] = {}
        spec = FeedSpec(
            name=state.feed, title="All", id="urn:x:all", base_url=f"{SITE.feeds_url}all/", site=SITE, limit=state.limit
        )
        config = Config(
            file=root / "config.toml",
            root=root,
            site=SITE,
            state_url="",
            directory=str(root / "feeds"),
            fetch=FetchSettings(user_agent="x"),
            schedule=Schedule(),
            sources=tuple(Source(name=name, kind="feed", url=f"https://{name}.example/feed") for name in state.names),
            feeds=(spec,),
        )
        self.store = Store(f"sqlite:///{root / 'state.sqlite3'}")
        # A state that is used again has the news of the last time.
        self.now = self.store.recent_dates(state.names[0])[0] + timedelta(days=1)
        self.pipeline = Pipeline(config, self.store, Folder(config.directory), clock=lambda: self.now)

    def collect(self, source: Source, _: Tools) -> Fetched:
        """Stand for a collector."""
        documents = () if self.unchanged else (Document(name="d", body=b""),)
        return Fetched(
            source=source.name, documents=documents, unchanged=self.unchanged, validators=Validators(etag="x")
        )

    def normalize(self, source: Source, *_: object) -> Normalized:
        """Stand for a normalizer."""
        last = self.state.names.index(source.name) + (self.state.number // self.state.sources - 1) * self.state.sources
        old = [draft(source.name, last - step * self.state.sources) for step in range(_IN_A_FEED)]
        return Normalized(drafts=(*self.news.get(source.name, ()), *old))

    def refresh(self) -> None:
        """Look at the first source."""
        self.now += timedelta(minutes=1)
        outcome = self.pipeline.refresh(self.pipeline.config.sources[0], force=True)
        assert outcome.error is None, outcome

    def refresh_with_news(self) -> None:
        """Look at the first source, which has one entry more."""
        name = self.state.names[0]
        number = 10_000_000 + int((self.now - NOW).total_seconds())
        self.news[name] = [draft(name, number, published=self.now)]
        self.unchanged = False
        self.refresh()
        self.unchanged = True

    def publish(self) -> None:
        """Publish the feed, long after it was published last."""
        folder = Path(self.pipeline.config.directory, self.state.feed, "archive")
        if folder.exists() and time.time() - folder.stat().st_mtime < 60:
            os.utime(folder, (0, time.time() - 120))
        (outcome,) = self.pipeline.publish(self.pipeline.config.feeds[0])
        assert outcome.error is None, outcome

    def status(self) -> None:
        """Read what `feedmill status` shows."""
        self.pipeline.agenda()
        self.store.entry_counts()
        self.store.held_counts()


@contextmanager
def opened(root: Path, state: State) -> Iterator[Bench]:
    """Open a grown site, its sources replaced."""
    bench = Bench(root, state)
    with (
        patch("feedmill.pipeline.looks.collector", lambda _: bench.collect),
        patch("feedmill.pipeline.reading.normalizer", lambda _: bench.normalize),
    ):
        yield bench
    bench.pipeline.close()
    bench.store.close()


def measured(bench: Bench, rounds: int) -> dict[str, float]:
    """Return for each kind of work what it costs in milliseconds."""
    bench.refresh_with_news()
    bench.publish()

    def publish_news() -> Callable[[], None]:
        bench.refresh_with_news()
        return bench.publish

    work: dict[str, Callable[[], Callable[[], object]]] = {
        "refresh, unchanged": lambda: bench.refresh,
        "refresh, one new entry": lambda: bench.refresh_with_news,
        "publish, one new entry": publish_news,
        "publish, unchanged": lambda: bench.publish,
        "publish the site's documents": lambda: bench.pipeline.publish_front,
        "withdraw what expired": lambda: lambda: bench.store.expire(bench.now),
        "when is the next look": lambda: lambda: runs.next_due(bench.pipeline),
        "status": lambda: bench.status,
    }
    return {name: _cost(prepare, rounds) for name, prepare in work.items()}


def own_work(bench: Bench) -> dict[str, float]:
    """Return what a run costs besides the looks themselves, in milliseconds a source."""
    runs.run(bench.pipeline)

    def looked(source: Source, **_: object) -> Outcome:
        return Outcome(source=source.name, status=Status.UNCHANGED)

    number, found = len(bench.pipeline.config.sources), {}
    with patch.object(bench.pipeline, "refresh", looked):
        for name, later in (("a run, none of them due", timedelta()), ("a run, all of them due", timedelta(days=30))):
            bench.now += later
            found[name] = _cost(lambda: lambda: runs.run(bench.pipeline, due=True), 3) / number
    found["when is the next look"] = _cost(lambda: lambda: runs.next_due(bench.pipeline), 3) / number
    return found


def _cost(prepare: Callable[[], Callable[[], object]], rounds: int) -> float:
    spent: list[float] = []
    gc.collect()
    for _ in range(rounds):
        call = prepare()
        begun = time.process_time()
        call()
        spent.append(time.process_time() - begun)
    return median(spent) * 1000


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--sources", type=int, nargs="*", default=[1000, 1])
    parser.add_argument("--due", type=int, default=10_000, help="how many sources are due at once")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--keep", type=Path, help="a folder for the states, which are used again")
    options = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="feedmill-") as temporary:
        place = options.keep or Path(temporary)
        for sources in options.sources:
            found = []
            for number in (options.small, options.large):
                state = State(number, sources)
                root = place / f"{number}-of-{sources}"
                if not root.exists():
                    root.mkdir(parents=True)
                    grow(f"sqlite:///{root / 'state.sqlite3'}", state)
                    archive_files(root / "feeds", state, ("rss.xml", "atom.xml"))
                with opened(root, state) as bench:
                    found.append(measured(bench, options.rounds))
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
                print(f"{number} entries of {sources} sources: peak {peak} MB so far", file=sys.stderr)
            print(f"{'milliseconds, ' + str(sources) + ' sources':32}{options.small:>12,}{options.large:>12,}   ratio")
            for name, small in found[0].items():
                large = found[1][name]
                print(f"{name:32}{small:12.2f}{large:12.2f}{large / small:8.2f}")
        state = State(options.due, options.due)
        with TemporaryDirectory(prefix="feedmill-") as root:
            grow(f"sqlite:///{root}/state.sqlite3", state)
            with opened(Path(root), state) as bench:
                print(f"milliseconds a source, {options.due:,} sources")
                for name, cost in own_work(bench).items():
                    print(f"{name:32}{cost:12.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
