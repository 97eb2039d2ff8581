"""A site that is published and served on loopback, and Debian's Chromium to look at it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from sites import Site

CONFIG = """\
[site]
title = "{title}"
url = "{address}"
feeds_url = "{address}feeds/"
id_authority = "example.org"
language = "{language}"
description = "{description}"
rights = "© 2026"

[publish]
formats = ["rss", "atom", "html", "opml"]

[[sources]]
name = "news"
kind = "files"
path = "news"
link = "{address}{{stem}}.html"
"""


class Handler(SimpleHTTPRequestHandler):
    """Serves files; `extensions_map` is what servers are told to say of feeds."""

    extensions_map = {  # noqa: RUF012  # as the standard library has it
        ".html": "text/html; charset=utf-8",
        ".xml": "text/xml",
        ".opml": "text/xml",
        ".png": "image/png",
    }

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Keep quiet: a browser that goes on to another page hangs up."""


@dataclass
class Served:
    """A site and its address (with a final slash); the feeds are below it."""

    site: Site
    address: str
    feeds: str = field(init=False)

    def __post_init__(self) -> None:
        self.feeds = f"{self.address}feeds/"


Build = Callable[..., Served]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Build]:
    """A function that publishes articles (by file name) as a site in a language, with a feed `all` and a feed `few`."""
    stops: list[Callable[[], None]] = []

    def build(articles: dict[str, str], language: str = "en", title: str = "Harbour News", **keys: str) -> Served:
        root = tmp_path / language
        (root / "news").mkdir(parents=True)
        server = Server(("127.0.0.1", 0), partial(Handler, directory=str(root)))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        stops.extend([server.shutdown, thread.join, server.server_close])
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        for name, text in articles.items():
            (root / "news" / name).write_text(text.replace("{address}", address), encoding="utf-8")
        shutil.copy(Path(__file__).with_name("harbour.png"), root / "harbour.png")
        told = {"title": title, "language": language, "description": "What happens at the water", **keys}
        site = Site(root, CONFIG.format(address=address, **told))
        site.feed("all", f'description = "{told["description"]}"')
        site.feed("few", 'content = "summary"\nlimit = 1')
        ran = site.publish()
        assert ran.code == 0, ran.out + ran.err
        return Served(site, address)

    yield build
    for stop in stops:
        stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page that somebody looks at, and what it said and asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def visit(chromium: Browser) -> Callable[..., Any]:
    """A context manager that opens a new, empty window with the given settings of playwright."""

    @contextmanager
    def opened(**settings: Any) -> Iterator[Visit]:
        context = chromium.new_context(**settings)
        context.set_default_timeout(30_000)
        seen = Visit(context.new_page())

        def dismiss(dialog: Dialog) -> None:
            seen.complaints.append(dialog.message)
            dialog.dismiss()

        seen.page.on("console", lambda message: seen.complaints.append(f"{message.type}: {message.text}"))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.on("dialog", dismiss)
        seen.page.on("request", lambda request: seen.asked.append(request.url))
        try:
            yield seen
        finally:
            context.close()

    return opened
