"""Five minutes of a server whose feeds are published anew all the time while readers ask: `python -m benchmarks.soak`.

Each body that comes is held against its own tag, which begins with the SHA-256 of the document: a torn body, or the tag
of another one, cannot hide. Told at the end: what was asked and answered, what was wrong, and the server's memory.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock

import brotli  # type: ignore[import-untyped]
import click
from backports import zstd
from lxml import etree

from benchmarks.inputs import article
from benchmarks.ours import write_config
from benchmarks.setting import machine

_TABLES = """
[publish]
formats = ["rss", "atom", "json"]
limit = 30

[schedule]
every = "1s"
min = "1s"

[serve]
admin = "none"
max_polls = 0
"""
_COMMANDS = (("run",), ("serve", "127.0.0.1:0"))
_ARTICLES = 60
_WARM = 60
"""Seconds after which the memory at the start is taken."""

_UNPACK: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstd.decompress,
}


@dataclass
class Found:
    """What the readers saw together."""

    answers: Counter[str] = field(default_factory=Counter)
    tags: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def add(self, status: int, tag: str, wrong: str | None) -> None:
        """Note an answer."""
        with self.lock:
            self.answers[str(status)] += 1
            self.tags.add(tag)
            if wrong:
                self.wrong.append(wrong)


@click.command(help=__doc__)
@click.option("--seconds", default=300, type=click.IntRange(5), help="For how long.")
@click.option("--readers", default=8, type=click.IntRange(1), help="How many ask at once.")
def main(seconds: int, readers: int) -> None:
    """Serve, publish and ask; tell what was seen, and end with 1 if anything was wrong."""
    with TemporaryDirectory(prefix="feedmill-soak-") as folder:
        site = Path(folder)
        _write(site, 0, _ARTICLES)
        write_config(site, ['name = "articles"\nkind = "files"\npath = "articles"\nevery = "1s"'], tables=_TABLES)
        found, stop = Found(), Event()
        with ExitStack() as stack:
            pool = stack.enter_context(ThreadPoolExecutor(readers + 3))
            service, server = (stack.enter_context(_running(site, *arguments)) for arguments in _COMMANDS)
            stack.callback(stop.set)
            _await(service, "feed all: written")
            address = _await(server, "listening on http://").partition("http://")[2].strip().rstrip("/")
            for process in (service, server):
                pool.submit(_drain, process)
            pool.submit(_publish, site, stop)
            reading = [pool.submit(_read, address, number, found, stop) for number in range(readers)]
            memory = _watch((server, service), seconds)
            stop.set()
            for one in reading:
                one.result()
            codes = [_ended(process) for process in (server, service)]
    _tell(found, memory, seconds, readers, codes)
    sys.exit(bool(found.wrong or any(codes)))


@contextmanager
def _running(site: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "feedmill", *arguments]
    process = subprocess.Popen(command, cwd=site, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _ended(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout=60)


def _tell(found: Found, memory: list[tuple[int, ...]], seconds: int, readers: int, codes: Sequence[int]) -> None:
    asked = sum(found.answers.values())
    click.echo(f"{machine()}; {seconds} seconds, {readers} readers")
    click.echo(f"{asked:,} answers: " + ", ".join(f"{count:,} x {status}" for status, count in found.answers.items()))
    click.echo(
        f"{len(found.tags):,} versions and forms seen; {len(found.wrong)} wrong; server and service ended with {codes}"
    )
    for line in found.wrong[:10]:
        click.echo(f"  {line}")
    for who, sizes in zip(("server", "service"), zip(*memory, strict=True), strict=True):
        click.echo(f"memory of the {who}, MB: " + ", ".join(f"{size / 1e6:.0f}" for size in sizes))


def _watch(processes: Sequence[subprocess.Popen[str]], seconds: int) -> list[tuple[int, ...]]:
    """Return the memory of each once it is warm, ten times in between, and at the end."""
    warm = min(_WARM, seconds / 2)
    time.sleep(warm)
    sizes = [tuple(_resident(process.pid) for process in processes)]
    for _ in range(10):
        time.sleep((seconds - warm) / 10)
        sizes.append(tuple(_resident(process.pid) for process in processes))
    return sizes


def _resident(process: int) -> int:
    said = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(said[1]) * 1024 if said else 0


def _publish(site: Path, stop: Event) -> None:
    """Change, add and withdraw articles, twice a second."""
    number = _ARTICLES
    while not stop.wait(0.5):
        if number % 7 == 0:
            (site / "articles" / f"a{number - 20}.md").unlink(missing_ok=True)
        if number % 3 == 0:
            path = site / "articles" / f"a{number - 5}.md"
            if path.exists():
                path.write_text(path.read_text("utf-8") + f"\nEdited {number}.\n", "utf-8")
        _write(site, number, number + 1)
        (site / "articles" / f"a{number - _ARTICLES}.md").unlink(missing_ok=True)
        number += 1


def _write(site: Path, first: int, last: int) -> None:
    (site / "articles").mkdir(exist_ok=True)
    for number in range(first, last):
        (site / "articles" / f"a{number}.md").write_text(article(number), "utf-8")


def _await(process: subprocess.Popen[str], words: str) -> str:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if words in line:
            return line
    raise RuntimeError(f"{process.args!r} did not begin: {''.join(said)}")


def _drain(server: subprocess.Popen[str]) -> None:
    assert server.stderr is not None
    for line in server.stderr:
        if "ERROR" in line or "Traceback" in line:
            click.echo(f"the service said: {line.rstrip()}")


def _read(address: str, number: int, found: Found, stop: Event) -> None:
    """Ask again and again over one connection, each reader in its own way."""
    connection = http.client.HTTPConnection(address, timeout=30)
    path = ("/all/rss.xml", "/all/atom.xml", "/all/feed.json")[number % 3]
    coding = list(_UNPACK)[number % 4]
    tag, asked = "", 0
    while not stop.wait(0.02):
        asked += 1
        fields = {"Accept-Encoding": coding, "User-Agent": f"Soak/{number}"}
        if tag and asked % 5:
            fields["If-None-Match"] = tag
        if number % 2:
            fields["A-IM"] = "feed"
        connection.request("GET", path, headers=fields)
        response = connection.getresponse()
        body = response.read()
        fresh = response.headers.get("ETag", "")
        found.add(response.status, fresh, _wrong(path, coding, response, body))
        tag = fresh or tag
    connection.close()


def _wrong(path: str, coding: str, response: http.client.HTTPResponse, body: bytes) -> str | None:
    """Return what is wrong with an answer, None if nothing is."""
    tag = response.headers.get("ETag", "")
    if response.status not in (200, 226, 304) or not tag:
        return f"{path}: {response.status}, tag {tag!r}"
    if response.status == 304:
        return f"{path}: a body with 304" if body else None
    if response.headers.get("Content-Encoding", "") not in ("", coding):
        return f"{path}: in a coding that was not asked for"
    document = _UNPACK[response.headers.get("Content-Encoding", "")](body)
    if response.status == 200 and not tag.startswith(f'"{hashlib.sha256(document).hexdigest()[:32]}'):
        return f"{path}: {len(body)} bytes that are not those of the tag {tag}"
    if path.endswith(".xml"):
        try:
            etree.fromstring(document)
        except etree.XMLSyntaxError as error:
            return f"{path}: {response.status}: {error}"
    return None


if __name__ == "__main__":
    main()
