"""Parse every document of a folder with one parser, and print what that took without imports and reading.

`python parsers.py PARSER FOLDER` prints `wall cpu` and what was done. It runs in the environment where the parser
is installed, and must not need anything else.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

Parse = Callable[[bytes], int]
"""Read a document, and return how many entries it has."""


def feedmill() -> Parse:
    """Everything up to entries: parsed, sanitized, addresses resolved, dates and ids found."""
    from datetime import UTC, datetime

    from feedmill.errors import NormalizeError
    from feedmill.model import Document, Fetched, Site, Source
    from feedmill.normalize.syndication import normalize

    url = "https://example.org/feed"
    site = Site(title="x", url="https://x.example/", feeds_url="https://x.example/feeds/", id_authority="x.example")
    source, now = Source(name="x", kind="feed", url=url), datetime(2026, 11, 3, tzinfo=UTC)

    def parse(document: bytes) -> int:
        fetched = Fetched(source="x", documents=(Document(name=url, url=url, body=document),))
        try:
            return len(normalize(source, site, fetched, now).drafts)
        except NormalizeError:
            return 0

    return parse


def feedparser() -> Parse:
    """As it comes: with its sanitizer and its resolver."""
    import feedparser

    return lambda document: len(feedparser.parse(document).entries)


def feedparser_bare() -> Parse:
    """Without sanitizing and resolving."""
    import feedparser

    def parse(document: bytes) -> int:
        return len(feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False).entries)

    return parse


def fastfeedparser() -> Parse:
    """No sanitizing; what it cannot read counts as no entries."""
    import fastfeedparser

    def parse(document: bytes) -> int:
        try:
            return len(fastfeedparser.parse(document).entries)
        except ValueError:
            return 0

    return parse


def lxml() -> Parse:
    """The tree alone."""
    from lxml import etree

    def parse(document: bytes) -> int:
        parser = etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False, no_network=True)
        root = etree.fromstring(document, parser)
        return 0 if root is None else sum(1 for _ in root.iter("{*}item", "{*}entry"))

    return parse


PARSERS = {parser.__name__: parser for parser in (feedmill, feedparser, feedparser_bare, fastfeedparser, lxml)}


def nh3(documents: list[bytes]) -> Callable[[], int]:
    """Sanitize all bodies, which are found beforehand."""
    import feedparser
    import nh3

    def body(entry: Any) -> str:
        return str((entry.get("content") or [{"value": entry.get("summary", "")}])[0]["value"])

    bare = [feedparser.parse(one, sanitize_html=False, resolve_relative_uris=False).entries for one in documents]
    bodies = [body(entry) for entries in bare for entry in entries]
    return lambda: len([nh3.clean(body) for body in bodies])


def main(name: str, folder: Path) -> None:
    """Parse all documents, and print what that took."""
    documents = [path.read_bytes() for path in sorted(folder.iterdir())]
    if name == "nh3":
        work = nh3(documents)
    else:
        parse: Parse = PARSERS[name]()
        parse(b"<rss version='2.0'><channel><title>x</title><item><title>y</title></item></channel></rss>")
        work = partial(_count, parse, documents)
    wall, cpu = time.perf_counter(), time.process_time()
    count = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{wall} {cpu} {count:,} {'bodies' if name == 'nh3' else 'entries'}")


def _count(parse: Parse, documents: list[bytes]) -> int:
    return sum(map(parse, documents))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
