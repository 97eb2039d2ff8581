"""A site in a folder of its own, and the command as a user runs it."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import feedparser

from upstream import Handler, Upstream

CONFIG = """\
[site]
title = "Test Site"
url = "https://example.org/"

[fetch]
allow_hosts = ["127.0.0.1"]
host_delay = "0s"
timeout = "5s"
"""

FILES = """
[[sources]]
name = "{name}"
kind = "files"
path = "{name}"
every = "1h"
"""

UPSTREAM = """
[[sources]]
name = "{name}"
kind = "feed"
url = "{url}"
every = "1h"
"""

FEED = """
[[feeds]]
name = "{name}"
title = "Feed {name}"
{rules}
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.out)
        return report

    def source(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(source for source in self.report["sources"] if source["name"] == name)
        return found

    def feed(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(feed for feed in self.report["feeds"] if feed["name"] == name)
        return found


@dataclass
class Site:
    """A site in a folder. Sources and feeds are added before it is published."""

    root: Path
    config: str = CONFIG
    services: list[subprocess.Popen[str]] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    """Environment variables that the commands see besides the usual ones."""

    def articles(self, name: str = "news") -> Path:
        """Add a source of article files; return its folder."""
        self.config += FILES.format(name=name)
        (self.root / name).mkdir()
        return self.root / name

    def upstream(self, name: str, url: str) -> None:
        self.config += UPSTREAM.format(name=name, url=url)

    def feed(self, name: str = "all", rules: str = "") -> None:
        self.config += FEED.format(name=name, rules=rules)

    def save(self) -> None:
        (self.root / "config.toml").write_text(self.config, encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if not name.startswith("FEEDMILL_")} | self.secrets

    def popen(self, *arguments: str) -> subprocess.Popen[str]:
        self.save()
        command = [sys.executable, "-m", "feedmill", *arguments]
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> Ran:
        process = self.popen(*arguments)
        out, err = process.communicate(timeout=120)
        assert "Traceback" not in err, err
        return Ran(process.returncode, out, err)

    def publish(self, *arguments: str) -> Ran:
        return self.run("publish", "--json", *arguments)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the service; the test's end stops it."""
        process = self.popen("run", *arguments)
        self.services.append(process)
        return process

    def files(self, pattern: str = "*.xml") -> dict[str, Path]:
        feeds = self.root / "feeds"
        return {path.relative_to(feeds).as_posix(): path for path in sorted(feeds.rglob(pattern))}

    def digests(self) -> dict[str, str]:
        return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in self.files().items()}

    def marks(self) -> dict[str, tuple[int, int]]:
        """Inode and modification time of every published file."""
        stats = {name: path.stat() for name, path in self.files().items()}
        return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in stats.items()}

    def read(self, name: str = "all/atom.xml") -> Any:
        """A published feed as feedparser reads it."""
        parsed = feedparser.parse((self.root / "feeds" / name).read_bytes())
        assert not parsed.bozo, parsed
        return parsed

    def titles(self, name: str = "all/atom.xml") -> list[str]:
        return [entry.title for entry in self.read(name).entries]

    def ids(self, name: str = "all/atom.xml") -> dict[str, str]:
        return {entry.title: entry.id for entry in self.read(name).entries}


class Watched:
    """A service whose log is read line by line, so that tests wait for what it says and for nothing else."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._queue: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._queue.put(line)

    def until(self, words: str, happens: Callable[[], bool] = lambda: True) -> str:
        """Read on to a line that has these words, and at whose time something is true."""
        while True:
            line = self._queue.get(timeout=60)
            self.lines.append(line)
            assert "Traceback" not in line, line
            if words in line and happens():
                return line

    def end(self) -> int:
        code = self.process.wait(timeout=60)
        while not self._queue.empty():
            self.lines.append(self._queue.get())
        return code


def rss(*items: tuple[str, str], day: int = 1) -> bytes:
    """An RSS feed of (guid, title) items, newest first, each dated and with words of its own."""
    told = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title><link>https://up.example/{guid}</link>"
        f"<pubDate>{day + number:02d} Oct 2026 07:00:00 GMT</pubDate>"
        f"<description>&lt;p&gt;Words of {title}.&lt;/p&gt;</description></item>"
        for number, (guid, title) in enumerate(reversed(items))
    )
    return (
        "<?xml version='1.0'?><rss version='2.0'><channel><title>Up</title><link>https://up.example/</link>"
        f"<description>d</description>{told}</channel></rss>"
    ).encode()


def document(server: Upstream, path: str, body: bytes, **headers: str) -> str:
    """Serve a document as real servers do: with an ETag, and 304 to who has it. Returns its address."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'

    def answer(handler: Handler) -> None:
        if handler.headers.get("If-None-Match") == tag:
            handler.reply(304, ETag=tag)
        else:
            handler.reply(200, body, ETag=tag, Content_Type="application/rss+xml", **headers)

    server.routes[path] = answer
    return server.url(path)
