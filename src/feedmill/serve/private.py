"""Private feeds, each reader by an address of their own: `/private/<token>/<feed>/...`.

Inside a document the feed's addresses bear the reader's token too, so that they can be followed: each reader has a
document of their own, with a tag of its own. What is wrong with an address is nobody's business: all of it is a 404.
This module must not know how tokens are kept.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from cachetools import LRUCache

from feedmill.errors import StateError
from feedmill.model import FeedSpec, Site
from feedmill.serve.app import inner_path
from feedmill.serve.asgi import ASGI, Headers, Message, Receive, Scope, Send, say
from feedmill.serve.catalogue import Catalogue
from feedmill.serve.documents import Documents

__all__ = ["Private"]

_ADDRESS = re.compile(r"/private/(?P<token>[A-Za-z0-9_-]{32,64})(?P<path>/(?P<feed>[a-z0-9-]+)/.*)")
_READERS = 64
_MEMORY_OF_ONE = 1024 * 1024

_DISCREET: Headers = [
    # https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag#xrobotstag
    (b"x-robots-tag", b"noindex"),
    (b"referrer-policy", b"no-referrer"),
]


class Private:
    """The private feeds among `specs`, in the folder `root`; `base` is the public address of this server.

    `feed_of` tells which feed a token is good for, or None; it may take its time, and raise StateError. `published`
    makes what serves the documents that one reader sees.
    """

    def __init__(
        self,
        root: str,
        site: Site,
        specs: Sequence[FeedSpec],
        base: str,
        feed_of: Callable[[str], str | None],
        published: Callable[[Documents, Catalogue], ASGI],
    ) -> None:
        self._root = root
        self._site = site
        self._specs = {spec.name: replace(spec, private=False) for spec in specs if spec.private}
        self._base = base
        self._feed_of = feed_of
        self._published = published
        self._of_readers: LRUCache[str, ASGI] = LRUCache(_READERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request below `/private`."""
        discreet = _Discreet(send)
        found = _ADDRESS.fullmatch(inner_path(scope))
        if found is None or found["feed"] not in self._specs:
            await _no_such(discreet)
            return
        try:
            feed = await asyncio.to_thread(self._feed_of, found["token"])
        except StateError:
            await say(discreet, 503, "Who may read this cannot be told now; try again.", (b"retry-after", b"60"))
            return
        if feed is None or feed != found["feed"]:
            await _no_such(discreet)
            return
        await self._of(found["token"], feed)(_at(scope, found["path"]), receive, discreet)

    def _of(self, token: str, feed: str) -> ASGI:
        """Return what serves the documents of a feed to the reader with this token."""
        if token not in self._of_readers:
            spec = self._specs[feed]
            base = f"{self._base}private/{token}/"
            # Where an address begins, and not within another one: that may lead to whoever wants to know the token.
            public = re.compile(rb'(?:(?<=")|(?<=<link>))' + re.escape(spec.base_url.encode()))
            own = f"{base}{feed}/".encode()
            site = replace(self._site, feeds_url=base)
            documents = Documents(self._root, _MEMORY_OF_ONE, rewrite=lambda body: public.sub(own, body))
            self._of_readers[token] = self._published(documents, Catalogue(site, [spec]))
        return self._of_readers[token]


def _at(scope: Scope, path: str) -> Scope:
    return {**scope, "path": path, "root_path": ""}


async def _no_such(send: Send) -> None:
    await say(send, 404, "There is no such document.")


class _Discreet:
    """A `send` whose answers no cache shares and no search engine lists."""

    __slots__ = ("_send",)

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            fields: Headers = [
                (name, b"private, " + value if name == b"cache-control" else value)
                for name, value in message["headers"]
                if name != b"referrer-policy"
            ]
            message = {**message, "headers": [*fields, *_DISCREET]}
        await self._send(message)
