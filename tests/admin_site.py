"""A site with everything that a dashboard can show, served on loopback: sources that are well, fail and are gone, feeds
that are published and held, and an upstream that is hostile in every field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from starlette.types import Receive, Scope, Send

from feedmill import runs, times
from feedmill.config import load
from feedmill.model import Readership
from feedmill.pipeline import Pipeline
from feedmill.publish import Folder
from feedmill.serve.admin import Admin, in_turn
from feedmill.serve.server import Listener, Server
from feedmill.store import Store
from sites import document
from upstream import Upstream

__all__ = ["HOSTILE", "TOKEN", "Running", "built", "hostile_feed", "listening", "opened"]

TOKEN = "a token that nobody guesses"


@contextmanager
def opened(
    root: Path, clock: Callable[[], datetime] = times.now, environ: dict[str, str] | None = None
) -> Iterator[Pipeline]:
    """The site whose config.toml is in `root`."""
    config = load(root / "config.toml", environ or {})
    pipeline = Pipeline(config, Store(config.state_url), Folder(config.directory), clock)
    try:
        yield pipeline
    finally:
        pipeline.close()
        pipeline.store.close()


CONFIG = """\
[site]
title = "Harbour News"
url = "https://harbour.example/"

[fetch]
allow_hosts = ["127.0.0.1"]
host_delay = "0s"
timeout = "5s"

[[sources]]
name = "newsroom"
kind = "files"
path = "newsroom"
every = "6h"

[[sources]]
name = "notices"
kind = "files"
path = "notices"
every = "6h"

[[sources]]
name = "lighthouse"
kind = "feed"
url = "{upstream}lighthouse.xml"
every = "8h"

[[sources]]
name = "ferry"
kind = "feed"
url = "{upstream}ferry.xml"
every = "8h"

[[sources]]
name = "old-pier"
kind = "feed"
url = "{upstream}gone.xml"

[[sources]]
name = "friends"
kind = "opml"
path = "friends.opml"
every = "8h"

[[feeds]]
name = "all"
title = "Everything from the harbour"
sources = ["*"]

[[feeds]]
name = "notices"
title = "Notices of the harbour office"
sources = ["notices"]

[[feeds]]
name = "topics"
title = "By topic"
sources = ["newsroom"]
split_by = "category"
"""

HOSTILE = "<script>window.smuggled=1</script><img src=x onerror=window.smuggled=2>\"'"
"""What an upstream would like to be markup."""


def hostile_feed(now: datetime) -> bytes:
    """A feed with markup in every field that is kept."""
    older, newer = (format_datetime(now - timedelta(days=back)) for back in (3, 2))
    bad = escape(HOSTILE)
    cdata = f"<![CDATA[{HOSTILE}]]>"
    return f"""<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{cdata}</title>
<link>https://stranger.example/</link><description>{cdata}</description>
<item><guid isPermaLink="false">{bad}</guid><title>{escape(bad)}</title>
<link>javascript:window.smuggled=3//{bad}</link><dc:creator>{cdata}</dc:creator><category>{bad}</category>
<source url={quoteattr("https://stranger.example/" + HOSTILE)}>{bad}</source>
<pubDate>{older}</pubDate><description>{cdata} words</description></item>
<item><guid isPermaLink="false">two {bad}</guid><title>Second {escape(bad)}</title>
<link>https://stranger.example/?{bad}</link><category>{bad}</category>
<pubDate>{newer}</pubDate><description>More words</description></item>
</channel></rss>""".encode()


def built(root: Path, upstream: Upstream, now: datetime, days: int = 3, listed: str = HOSTILE) -> None:
    """Make the site in `root`, with a history of so many days that ends at `now`.

    `listed` is what its list of feeds calls the hostile one.
    """
    (root / "config.toml").write_text(CONFIG.format(upstream=upstream.url("/")), encoding="utf-8")
    outline = f"<outline type='rss' text={quoteattr(listed)} xmlUrl='{upstream.url('/hostile.xml')}'/>"
    (root / "friends.opml").write_text(f"<opml version='2.0'><head/><body>{outline}</body></opml>", encoding="utf-8")
    for folder in ("newsroom", "notices"):
        (root / folder).mkdir()
    for number in range(6):
        moment = now - timedelta(days=days + 1, hours=number)
        _write(
            root / "notices" / f"notice-{number}.md", f"Notice {number + 1} of the harbour office", moment, "notices"
        )
    first = now - timedelta(days=days)
    document(upstream, "/lighthouse.xml", _upstream_feed("Lighthouse", first - timedelta(days=(1 - days) % 4), 9))
    document(upstream, "/ferry.xml", _upstream_feed("Ferry", first, 5))
    document(upstream, "/hostile.xml", hostile_feed(first))
    document(upstream, "/gone.xml", _upstream_feed("Pier", first, 2))
    clock = [now]
    with opened(root, lambda: clock[0]) as site:
        for day in range(days, -1, -1):
            for number in range((day * 7) % 4):
                moment = now - timedelta(days=day, hours=9 + number)
                topic = ("ferries", "weather", "people")[(day + number) % 3]
                title = f"{_TITLES[(day * 3 + number) % len(_TITLES)]}"
                _write(root / "newsroom" / f"{day:02}-{number}.md", title, moment, topic)
            if day % 4 == 1:
                document(upstream, "/lighthouse.xml", _upstream_feed("Lighthouse", now - timedelta(days=day), 9))
            if day == min(2, days):
                upstream.serve("/ferry.xml", 404)
                upstream.serve("/gone.xml", 410)
            if day == 0:
                for file in (root / "notices").iterdir():
                    file.unlink()
            on = (now - timedelta(days=day)).date().isoformat()
            site.store.audience.update(on, partial(_readers, day))
            for hour in (16, 8, 0):
                clock[0] = now - timedelta(days=day, hours=hour)
                runs.run(site, due=True)


def _readers(day: int, _: object) -> list[Readership]:
    """Who read the feed of all on a day so long ago."""
    counts = {"Feedly": ("service", 412 - 3 * day), "NetNewsWire": ("reader", 61 - day % 7), HOSTILE: ("tool", 0)}
    return [
        Readership(feed="all", reader=name, kind=kind, subscribers=number, requests=24 + number, saved=9000 * number)
        for name, (kind, number) in counts.items()
    ]


_TITLES = (
    "The night ferry has a new timetable",
    "A storm is on its way",
    "The lighthouse gets a new lamp",
    "Who keeps the harbour clean",
    "Fog delays the morning boats",
    "A talk with the pilot",
    "The pier is closed for repairs",
)


def _write(file: Path, title: str, moment: datetime, topic: str) -> None:
    text = f"---\ntitle: {title}\ndate: {moment.isoformat()}\ntags: [{topic}]\n---\nWords of {file.stem}.\n"
    file.write_text(text, encoding="utf-8")


def _upstream_feed(name: str, now: datetime, number: int) -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{name}-{moment:%Y%m%d}</guid><title>{name} of {moment:%d %B}</title>"
        f"<link>https://up.example/{name}/{moment:%Y%m%d}</link><pubDate>{format_datetime(moment)}</pubDate>"
        f"<description>Words.</description></item>"
        for back in range(number)
        for moment in (now - timedelta(days=4 * back, hours=18),)
    )
    told = f"<title>{name}</title><link>https://up.example/</link><description>d</description>"
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{told}{items}</channel></rss>".encode()


@dataclass
class Running:
    """A site whose administration is served at `address`, which ends in a slash."""

    address: str
    pipeline: Pipeline
    admin: Admin

    @property
    def status(self) -> str:
        return f"{self.address}status/"

    def run(self, **how: Any) -> Any:
        """Collect and publish, as another process would."""
        with self.pipeline.store.turn():
            return runs.run(self.pipeline, **how)


def dispatcher(admin: Admin) -> Any:
    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        app = admin.apps.get(scope["path"][1:].partition("/")[0]) if scope["type"] == "http" else None
        if app is not None:
            await app(scope, receive, send)
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    return dispatch


@contextmanager
def listening(pipeline: Pipeline, **settings: Any) -> Iterator[Running]:
    """Serve the administration of a site in a thread."""
    admin = Admin(lambda: pipeline, settings.pop("perform", None) or in_turn(lambda: pipeline), **settings)
    server = Server([Listener("127.0.0.1:0", dispatcher(admin))])
    server.start()
    try:
        yield Running(f"http://{server.addresses[0]}/", pipeline, admin)
    finally:
        admin.close()
        server.stop()
