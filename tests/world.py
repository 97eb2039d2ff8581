"""A site whose sources are plain functions, for tests of runs: what is collected, published, and due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from factories import NOW, SITE, SPEC, upstream
from feedmill.collect import Tools
from feedmill.config import Config
from feedmill.model import (
    Document,
    Draft,
    FeedSpec,
    Fetched,
    FetchSettings,
    Hints,
    Normalized,
    Schedule,
    Source,
    Validators,
)
from feedmill.pipeline import Pipeline, reading
from feedmill.pipeline import looks as module
from feedmill.publish import Folder
from feedmill.store import Store

__all__ = ["World"]


class World:
    """Sources whose drafts, or failures, the test sets; and a clock that it turns."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.now = NOW
        self.drafts: dict[str, list[Draft]] = {}
        self.failures: dict[str, Exception] = {}
        self.tools: dict[str, Tools] = {}
        self.unreadable: dict[str, Exception] = {}
        self.moves: dict[str, str] = {}
        self.fresh_for: timedelta | None = None
        self.host: str | None = None
        self.present: set[str] | None = None
        self.hints = Hints()
        self.on_read: Callable[[Fetched], None] = lambda _: None
        self.store = Store(f"sqlite:///{root / 'state.sqlite3'}")
        monkeypatch.setattr(module, "collector", lambda _: self.collect)
        monkeypatch.setattr(module, "normalizer", lambda _: self.normalize)
        monkeypatch.setattr(reading, "normalizer", lambda _: self.normalize)

    def collect(self, source: Source, tools: Tools) -> Fetched:
        self.tools[source.name] = tools
        if source.name in self.failures:
            raise self.failures[source.name]
        return Fetched(
            source=source.name,
            documents=(Document(name="d", body=b""),),
            validators=Validators(etag=f"of {source.name}"),
            moved_to=self.moves.get(tools.address or ""),
            fresh_for=self.fresh_for,
            host=self.host,
            present=None if self.present is None else frozenset(self.present),
        )

    def normalize(self, source: Source, _: object, fetched: Fetched, *__: object) -> Normalized:
        self.on_read(fetched)
        if source.name in self.unreadable:
            raise self.unreadable[source.name]
        return Normalized(drafts=tuple(self.drafts.get(source.name, ())), hints=self.hints)

    def pipeline(self, *names: str, feeds: tuple[FeedSpec, ...] = (SPEC,)) -> Pipeline:
        config = Config(
            file=self.root / "config.toml",
            root=self.root,
            site=SITE,
            state_url="",
            directory=str(self.root / "feeds"),
            fetch=FetchSettings(user_agent="x"),
            schedule=Schedule(),
            sources=tuple(upstream(name) for name in names),
            feeds=feeds,
        )
        return Pipeline(config, self.store, Folder(config.directory), clock=lambda: self.now)
