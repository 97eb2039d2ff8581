"""A month of looks at feeds of every rhythm: how often each is asked, and how late its entries are collected.

The clock is simulated, the HTTP server and the whole way to the state are real. Each feed is looked at twice over: by
its rhythm, and every 60 minutes. `make month` prints the table.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from feedmill.config import Config
from feedmill.model import FetchSettings, Schedule, Site, Source
from feedmill.pipeline import Pipeline
from feedmill.publish import Folder
from feedmill.store import Store

__all__ = ["FEEDS", "Feed", "Result", "simulate"]

START = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
SCHEDULE = Schedule()
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that is written to at fixed times, give or take `spread` minutes, and what it says of itself."""

    name: str
    every: timedelta
    spread: float = 0.0
    days: frozenset[int] = frozenset(range(7))
    hours: frozenset[int] = frozenset(range(24))
    max_age: int | None = None
    channel: str = ""
    skip_hours: frozenset[int] = frozenset()
    rest: tuple[timedelta, timedelta] | None = None
    """From when on, and for how long, the server answers 503 and asks for rest."""

    def dates(self, days: int) -> list[datetime]:
        """Return when its entries are published: two weeks before the start, and `days` days from it on."""
        random = Random(self.name)
        moment, found = START - timedelta(days=14), []
        while moment < START + timedelta(days=days):
            date = moment + timedelta(minutes=random.uniform(0, self.spread))
            if date.weekday() in self.days and date.hour in self.hours:
                found.append(date.replace(microsecond=0))
            moment += self.every
        return sorted(found)


WORKDAY = frozenset(range(8, 18))
FEEDS = (
    Feed("hourly", HOUR, spread=10),
    Feed("newsroom, 8 to 18, Monday to Friday", HOUR / 2, spread=25, days=frozenset(range(5)), hours=WORKDAY),
    Feed("every 6 hours", HOUR * 6, spread=30),
    Feed("daily at six", HOUR * 24, spread=5),
    Feed("daily at any time", HOUR * 24, spread=24 * 60),
    Feed("weekdays", HOUR * 24, spread=60, days=frozenset(range(5))),
    Feed("weekly", HOUR * 24 * 7, spread=120),
    Feed("weekly at any time", HOUR * 24 * 7, spread=7 * 24 * 60),
    Feed("hourly, max-age 2 hours", HOUR, spread=10, max_age=7200),
    Feed("hourly, ttl 90", HOUR, spread=10, channel="<ttl>90</ttl>"),
    Feed(
        "hourly, skipHours at night", HOUR, spread=10, skip_hours=frozenset(range(6)),
        channel="<skipHours>" + "".join(f"<hour>{hour}</hour>" for hour in range(6)) + "</skipHours>",
    ),
    Feed("every 6 hours, 503 for two days", HOUR * 6, spread=30, rest=(HOUR * 24 * 10, HOUR * 48)),
)  # fmt: skip


@dataclass(slots=True)
class Result:
    """What a feed's server saw."""

    requests: int = 0
    early: int = 0
    unconditional: int = 0
    unchanged: int = 0
    delays: list[timedelta] = field(default_factory=list)

    @property
    def median_delay(self) -> timedelta:
        """From publication to collection."""
        return timedelta(seconds=median(delay.total_seconds() for delay in self.delays)) if self.delays else timedelta()


class _Served:
    """One feed as its server sees it: what it says now, and what it was asked."""

    def __init__(self, feed: Feed, days: int) -> None:
        self.feed = feed
        self.dates = feed.dates(days)
        self.result = Result()
        self.told = START
        self.not_before = START
        self.known = False

    def answer(self, handler: BaseHTTPRequestHandler, now: datetime) -> None:
        self.result.requests += 1
        self.result.early += now < self.not_before or (self.known and now.hour in self.feed.skip_hours)
        conditional = handler.headers.get("If-None-Match"), handler.headers.get("If-Modified-Since")
        self.result.unconditional += self.known and None in conditional
        if self.feed.rest and START + self.feed.rest[0] <= now < START + sum(self.feed.rest, timedelta()):
            until = START + sum(self.feed.rest, timedelta())
            self.not_before = until
            _reply(handler, 503, b"", {"Retry-After": format_datetime(until, usegmt=True)})
            return
        there = [date for date in self.dates if date <= now]
        body = self._body(there)
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        modified = format_datetime(there[-1], usegmt=True)
        headers = {"ETag": tag, "Last-Modified": modified, "Content-Type": "application/rss+xml"}
        if self.feed.max_age:
            headers["Cache-Control"] = f"max-age={self.feed.max_age}"
            self.not_before = now + timedelta(seconds=self.feed.max_age)
        if "ttl" in self.feed.channel:
            self.not_before = now + timedelta(minutes=90)
        self.known = True
        self.result.delays += [now - date for date in there if date > self.told]
        self.told = now
        if conditional[0] == tag and parsedate_to_datetime(conditional[1] or "") == there[-1]:
            self.result.unchanged += 1
            _reply(handler, 304, b"", headers)
        else:
            _reply(handler, 200, body, headers)

    def _body(self, dates: Sequence[datetime]) -> bytes:
        items = "".join(
            f"<item><guid isPermaLink='false'>{date.isoformat()}</guid><title>{date:%d %B, %H.%M}</title>"
            f"<pubDate>{format_datetime(date, usegmt=True)}</pubDate></item>"
            for date in reversed(dates[-20:])
        )
        return f"<rss version='2.0'><channel><title>x</title>{self.feed.channel}{items}</channel></rss>".encode()


def _reply(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
    handler.send_response_only(status)
    for name, value in {"Content-Length": str(len(body)), "Connection": "close", **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


class _Clock:
    now = START


@contextmanager
def _serving(served: Sequence[_Served], clock: _Clock) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.close_connection = True
            served[int(self.path.strip("/"))].answer(self, clock.now)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def simulate(feeds: Sequence[Feed], days: int, *, every: timedelta | None = None) -> list[Result]:
    """Look at `feeds` for so many days, by their rhythm, or with `every` at that interval; return what each saw."""
    clock, served = _Clock(), [_Served(feed, days) for feed in feeds]
    with TemporaryDirectory(prefix="feedmill-month-") as folder, _serving(served, clock) as port:
        sources = tuple(
            Source(name=f"s{number}", kind="feed", url=f"http://127.0.0.1:{port}/{number}", every=every)
            for number in range(len(feeds))
        )
        store = Store(f"sqlite:///{folder}/state.sqlite3")
        pipeline = Pipeline(_config(Path(folder), sources), store, Folder(folder), clock=lambda: clock.now)
        while clock.now < START + timedelta(days=days):
            agenda = pipeline.agenda()
            due = {source: agenda.due(source) or datetime.max.replace(tzinfo=UTC) for source in sources}
            clock.now = max(clock.now, min(due.values()))
            for source, moment in due.items():
                if moment <= clock.now < START + timedelta(days=days):
                    pipeline.refresh(source)
        pipeline.close()
        store.close()
    return [one.result for one in served]


def _config(root: Path, sources: tuple[Source, ...]) -> Config:
    site = Site(title="x", url="https://x.example/", feeds_url="https://x.example/feeds/", id_authority="x.example")
    fetch = FetchSettings(user_agent="Feedmill/benchmark", allow_hosts=("127.0.0.1",), host_delay=timedelta())
    return Config(
        file=root / "config.toml", root=root, site=site, state_url="", directory=str(root), fetch=fetch,
        schedule=SCHEDULE, sources=sources, feeds=(),
    )  # fmt: skip


def main(days: int) -> None:
    """Print a table of both ways of looking."""
    adaptive, fixed = simulate(FEEDS, days), simulate([replace(feed, max_age=None) for feed in FEEDS], days, every=HOUR)
    print(f"| feed, {days} days | requests | of them 304 | early | unconditional | median delay |"
          " requests at 60 minutes | median delay at 60 minutes |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    for feed, ours, other in zip(FEEDS, adaptive, fixed, strict=True):
        print(
            f"| {feed.name} | {ours.requests} | {ours.unchanged} | {ours.early} | {ours.unconditional} |"
            f" {_minutes(ours)} | {other.requests} | {_minutes(other)} |"
        )
    print(f"| all | {sum(one.requests for one in adaptive)} | | {sum(one.early for one in adaptive)} |"
          f" {sum(one.unconditional for one in adaptive)} | | {sum(one.requests for one in fixed)} | |")  # fmt: skip


def _minutes(result: Result) -> str:
    minutes = result.median_delay.total_seconds() / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 30)
