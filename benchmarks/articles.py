"""Ten thousand Markdown articles to feeds: for the first time, with nothing changed, and with one of them changed.

Everybody publishes feeds of the newest fifty, and no pages; but for Feedmill, all of it is done anew each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.inputs import articles
from benchmarks.measure import OURS, Case, Contender, Figure, Medians, Sample, run
from benchmarks.ours import publish, write_config
from benchmarks.setting import Setting, ours, program

__all__ = ["case"]

COLD, AGAIN, ONE = "cold", "nothing changed", "one article changed"
LOOP = "bare loop"

_HUGO = """\
baseURL: https://benchmark.example/
title: Benchmark
disableKinds: [section, taxonomy, term, sitemap, robotsTXT, 404]
outputs: {home: [rss], page: []}
services: {rss: {limit: LIMIT}}
"""
_PELICAN = """\
SITENAME = "Benchmark"
SITEURL = FEED_DOMAIN = "https://benchmark.example"
PATH = "content"
OUTPUT_PATH = "output"
TIMEZONE = "UTC"
FEED_ALL_ATOM = "feeds/all.atom.xml"
FEED_ALL_RSS = "feeds/all.rss.xml"
RSS_FEED_SUMMARY_ONLY = False
CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
ARTICLE_SAVE_AS = ARTICLE_LANG_SAVE_AS = CATEGORY_SAVE_AS = TAG_SAVE_AS = AUTHOR_SAVE_AS = ""
DIRECT_TEMPLATES = []
FEED_MAX_ITEMS = 50
PAGE_PATHS = []
STATIC_PATHS = []
THEME_STATIC_PATHS = []
"""


@dataclass(frozen=True, slots=True)
class _Feedmill:
    setting: Setting
    path = "articles"

    def prepare(self, folder: Path) -> None:
        write_config(folder, ['name = "articles"\nkind = "files"\npath = "articles"'])

    def build(self, folder: Path) -> Sample:
        return publish(self.setting, folder)


@dataclass(frozen=True, slots=True)
class _Hugo:
    program: str
    limit: int
    path = "content/posts"

    def prepare(self, folder: Path) -> None:
        (folder / "config.yaml").write_text(_HUGO.replace("LIMIT", str(self.limit)))

    def build(self, folder: Path) -> Sample:
        sample, _ = run([self.program, "--quiet"], folder)
        return replace(sample, did=_written(folder / "public"))


@dataclass(frozen=True, slots=True)
class _Pelican:
    setting: Setting
    path = "content"

    def prepare(self, folder: Path) -> None:
        (folder / "pelicanconf.py").write_text(_PELICAN)

    def build(self, folder: Path) -> Sample:
        sample, _ = run([self.setting.python, "-m", "pelican", "-q", "-s", "pelicanconf.py"], folder)
        return replace(sample, did=_written(folder / "output"))


@dataclass(frozen=True, slots=True)
class _Loop:
    setting: Setting
    path = "articles"

    def prepare(self, folder: Path) -> None:
        """Nothing to configure."""

    def build(self, folder: Path) -> Sample:
        sample, said = run(self.setting.script("markdown_loop.py", folder / self.path), folder)
        return replace(sample, did=said.strip())


_Builder = _Feedmill | _Hugo | _Pelican | _Loop


@contextmanager
def case(setting: Setting) -> Iterator[Case]:
    """Yield the case."""
    texts = list(articles(setting.scaled(10_000)))
    size = sum(len(text.encode()) for _, text in texts) / 1e6
    hugo, packages = program("hugo", "version"), setting.packages
    loop = "" if {"nh3", "pyromark", "pyyaml"} <= packages.keys() else None
    yield Case(
        title="Articles to feeds",
        input=f"{len(texts):,} generated Markdown articles with YAML front matter, {size:.1f} MB",
        works=(COLD, AGAIN, ONE),
        contenders=[
            _contender(OURS, _Feedmill(setting), texts, ours(), "stores all articles, sanitized; RSS and Atom"),
            _contender("Hugo", _Hugo(hugo.path, 50), texts, hugo.version, "renders the fifty that it publishes; RSS"),
            _contender("Hugo (all)", _Hugo(hugo.path, -1), texts, hugo.version, "renders all, into one feed; RSS"),
            _contender("Pelican", _Pelican(setting), texts, packages.get("pelican"), "renders all; RSS and Atom"),
            _contender(LOOP, _Loop(setting), texts, loop, "PyYAML, pyromark and nh3; publishes nothing"),
        ],
        figures=_figures(),
    )


def _contender(
    name: str, builder: _Builder, texts: Sequence[tuple[str, str]], version: str | None, note: str
) -> Contender:
    def go(empty: Path) -> Mapping[str, Sample]:
        content = empty / builder.path
        content.mkdir(parents=True)
        for file, text in texts:
            (content / file).write_text(text, "utf-8")
        builder.prepare(empty)
        cold, again = builder.build(empty), builder.build(empty)
        with (content / texts[0][0]).open("a", encoding="utf-8") as article:
            article.write("\nOne more paragraph.\n")
        return {COLD: cold, AGAIN: again, ONE: builder.build(empty)}

    return Contender(name, go, version, note)


def _figures() -> list[Figure]:
    def ratio(work: str, name: str, limit: float) -> Figure:
        return Figure(
            f"{work}, time as part of that of {name}",
            lambda found: found[work, OURS].wall / found[work, name].wall,
            at_most=limit,
        )

    def time(work: str) -> Figure:
        return Figure(f"{work}, time", lambda found: found[work, OURS].wall, " s", at_most=0.6)

    def memory(found: Medians) -> float:
        return max(found[work, OURS].memory for work in (COLD, AGAIN, ONE)) / 1e6

    return [
        ratio(COLD, "Hugo", 2.5),
        ratio(COLD, "Pelican", 1 / 8),
        *(figure for work in (AGAIN, ONE) for figure in (ratio(work, "Hugo", 1.0), time(work))),
        Figure("peak memory", memory, " MB", at_most=150),
    ]


def _written(folder: Path) -> str:
    sizes = [path.stat().st_size for path in folder.rglob("*.xml")]
    entries = sum(path.read_bytes().count(mark) for path in folder.rglob("*.xml") for mark in (b"<item>", b"<entry>"))
    return f"{entries:,} entries in {sum(sizes) / 1e3:,.0f} kB"
