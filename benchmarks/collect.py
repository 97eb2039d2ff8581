"""A thousand feeds on a web server of this machine: collected for the first time, and again with nothing new.

Everybody has eight connections at most, but for the bare loop, which has one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.inputs import copies, feeds
from benchmarks.measure import OURS, Case, Contender, Figure, Medians, Sample, run
from benchmarks.ours import publish, write_config
from benchmarks.serving import serving
from benchmarks.setting import Setting, ours, program

__all__ = ["case"]

COLD, AGAIN, ONE = "cold", "nothing new", "one feed, nothing new"
LOOP = "requests loop"
LIMIT = 400_000
"""Larger documents, in bytes, are left out."""

_FETCH = """
[fetch]
workers = 8
per_host = 8
host_delay = "0s"
allow_private_networks = true
"""


@dataclass(frozen=True, slots=True)
class _Feedmill:
    """Collects, and publishes one feed of everything."""

    setting: Setting

    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        sources = (f'name = "s{number}"\nkind = "feed"\nurl = "{url}"' for number, url in enumerate(urls))
        write_config(folder, sources, tables=_FETCH)

    def look(self, folder: Path) -> Sample:
        return publish(self.setting, folder)


@dataclass(frozen=True, slots=True)
class _Newsboat:
    program: str

    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        (folder / "urls").write_text("".join(f"{url}\n" for url in urls))
        (folder / "config").write_text("reload-threads 8\n")

    def look(self, folder: Path) -> Sample:
        command = f"{self.program} -C config -u urls -c cache.db -x reload".split()
        sample, _ = run(command, folder, env={"HOME": str(folder)})
        with closing(sqlite3.connect(folder / "cache.db")) as cache:
            count = cache.execute("select count(*) from rss_item").fetchone()[0]
        return replace(sample, did=f"{count:,} entries stored")


@dataclass(frozen=True, slots=True)
class _Sfeed:
    program: str

    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        lines = (f"feed 's{number}' '{url}'\n" for number, url in enumerate(urls))
        (folder / "sfeedrc").write_text(f"sfeedpath='{folder}/feeds'\nmaxjobs=8\nfeeds() {{\n{''.join(lines)}}}\n")

    def look(self, folder: Path) -> Sample:
        sample, _ = run([self.program, folder / "sfeedrc"], folder)
        count = sum(path.read_bytes().count(b"\n") for path in (folder / "feeds").iterdir())
        return replace(sample, did=f"{count:,} entries stored")


@dataclass(frozen=True, slots=True)
class _Reader:
    setting: Setting

    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        run(self.setting.script("reader_update.py", folder / "reader.sqlite", *urls), folder)

    def look(self, folder: Path) -> Sample:
        sample, said = run(self.setting.script("reader_update.py", folder / "reader.sqlite"), folder)
        return replace(sample, did=f"{said.strip()} stored")


@dataclass(frozen=True, slots=True)
class _Loop:
    setting: Setting

    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        (folder / "known.json").write_text(json.dumps({url: {} for url in urls}))

    def look(self, folder: Path) -> Sample:
        sample, said = run(self.setting.script("requests_loop.py", folder / "known.json"), folder)
        return replace(sample, did=said.strip())


_Collector = _Feedmill | _Newsboat | _Sfeed | _Reader | _Loop


@contextmanager
def case(setting: Setting, *, distinct: bool = False) -> Iterator[Case]:
    """Yield the case, while the feeds are served: plain copies of some, or each with `distinct` ids of its entries."""
    given, count, size = feeds(), setting.scaled(1000), 0
    root, home = setting.folder / "www", setting.folder / "server"
    root.mkdir()
    home.mkdir()
    for number, document in enumerate(copies(given.smaller(LIMIT), count, distinct=distinct)):
        size += (root / f"{number}.xml").write_bytes(document)
    kind = "copies, each with ids of its own for its entries," if distinct else "plain copies"
    with serving(root, home) as (address, server):
        urls = [f"{address}/{number}.xml" for number in range(count)]
        yield Case(
            title="Feeds collected and published" + (": distinct entries" if distinct else ""),
            input=f"{count:,} feeds, {size / 1e6:.0f} MB, served by {server} on loopback: {kind} of those of less than"
            f" {LIMIT // 1000} kB among {given.origin}",
            works=(COLD, AGAIN, ONE),
            contenders=_contenders(setting, urls),
            figures=_figures(count),
        )


def _contenders(setting: Setting, urls: Sequence[str]) -> list[Contender]:
    newsboat, sfeed, packages = program("newsboat", "-v"), program("sfeed_update"), setting.packages
    curl = program("curl", "--version")
    one_an_id = "stores, one entry for each id over all feeds; does not sanitize; C++"
    return [
        _contender(OURS, _Feedmill(setting), urls, ours(), "sanitizes; publishes RSS and Atom"),
        _contender("newsboat", _Newsboat(newsboat.path), urls, newsboat.version, one_an_id),
        _contender(
            "sfeed_update", _Sfeed(sfeed.path), urls, None if curl.version is None else sfeed.version,
            "writes a file a feed, does not sanitize, makes no conditional requests; C, and curl for each feed",
        ),
        _contender("reader", _Reader(setting), urls, packages.get("reader"), "sanitizes and stores; Python"),
        _contender(LOOP, _Loop(setting), urls, packages.get("requests"), "asks, and neither parses nor stores"),
    ]  # fmt: skip


def _contender(name: str, collector: _Collector, urls: Sequence[str], version: str | None, note: str) -> Contender:
    def go(empty: Path) -> Mapping[str, Sample]:
        took = {}
        for folder, addresses in ((empty / "all", urls), (empty / "one", urls[:1])):
            folder.mkdir()
            collector.prepare(folder, addresses)
            took[folder.name] = collector.look(folder), collector.look(folder)
        works = {COLD: took["all"][0], AGAIN: took["all"][1], ONE: took["one"][1]}
        return {work: sample for work, sample in works.items() if name != LOOP or work != COLD}

    return Contender(name, go, version, note)


def _figures(count: int) -> list[Figure]:
    def ratio(name: str, limit: float) -> Figure:
        return Figure(
            f"{COLD}, time as part of that of {name}",
            lambda found: found[COLD, OURS].wall / found[COLD, name].wall,
            at_most=limit,
        )

    def whole(found: Medians, name: str) -> float:
        return count / found[AGAIN, name].wall

    def net(found: Medians, name: str) -> float:
        return count / (found[AGAIN, name].wall - found[ONE, name].wall)

    def rates(kind: str, rate: Callable[[Medians, str], float], goal: float | None) -> list[Figure]:
        return [
            Figure(f"{AGAIN}, {kind}: Feedmill", lambda found: rate(found, OURS), " a second"),
            Figure(f"{AGAIN}, {kind}: {LOOP}", lambda found: rate(found, LOOP), " a second"),
            Figure(
                f"{AGAIN}, {kind}: rate as part of that of the {LOOP}",
                lambda found: rate(found, OURS) / rate(found, LOOP),
                at_least=goal,
            ),
        ]

    def memory(found: Medians) -> float:
        return max(found[work, OURS].memory for work in (COLD, AGAIN)) / 1e6

    return [
        ratio("newsboat", 1.0),
        ratio("reader", 1 / 7),
        *rates("whole process", whole, None),
        *rates("without start-up", net, 0.75),
        Figure("peak memory", memory, " MB", at_most=200),
    ]
