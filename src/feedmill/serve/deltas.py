"""Which earlier versions of a feed's documents are known, and what is new since them: the memory that `delta` needs.

A version is remembered by its digest from when it was first read; those of before the server began are looked for among
the versions that are kept of a feed. This module must not know how a request is answered.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from threading import Lock

from cachetools import LRUCache

from feedmill.errors import FeedmillError
from feedmill.serve.aside import aside
from feedmill.serve.codings import encode
from feedmill.serve.delta import KINDS, Digest, delta, digest
from feedmill.serve.documents import Document, Form
from feedmill.serve.negotiation import IDENTITY

__all__ = ["Deltas"]

_log = logging.getLogger(__name__)

_TAG = re.compile(r'"([0-9a-f]{32})(?:-[a-z]+-[0-9a-f]{8})?"')
_VERSIONS = 16
_DOCUMENTS = 2000
_MEMORY = 8 * 1024 * 1024
_MOST_TAGS = 8


def _none_kept(_: str, __: str) -> Iterable[bytes]:
    return ()


class Deltas:
    """What is new since an earlier version.

    `kept` returns the versions of a document that are kept elsewhere, for the name of its feed and its path; it may
    take its time.
    """

    def __init__(self, kept: Callable[[str, str], Iterable[bytes]] = _none_kept) -> None:
        self._kept = kept
        self._known: OrderedDict[str, OrderedDict[str, Digest]] = OrderedDict()
        self._asked: LRUCache[str, str] = LRUCache(_DOCUMENTS)
        self._made: LRUCache[tuple[str, str, str, str], bytes] = LRUCache(_MEMORY, lambda body: len(body) + 256)
        self._lock = Lock()

    def learn(self, path: str, body: bytes, name: str, kind: str) -> None:
        """Remember a version of a document: its SHA-256 begins with `name`, its media type is `kind`."""
        found = digest(body, kind) if kind in KINDS else None
        if found is None:
            return
        with self._lock:
            versions = self._known.setdefault(path, OrderedDict())
            self._known.move_to_end(path)
            versions[name[:32]] = found
            versions.move_to_end(name[:32])
            while len(versions) > _VERSIONS:
                versions.popitem(last=False)
            while len(self._known) > _DOCUMENTS:
                self._known.popitem(last=False)

    async def since(
        self, tags: Sequence[str], document: Document, form: Form, feed: str, kind: str
    ) -> tuple[str, bytes] | None:
        """Return what is new in a document since the first of the versions with these entity tags that is known.

        Returns the tag of that version, and what is new in the coding of `form`; None if no version is known, or
        nothing is smaller than `form`.
        """
        body = document.body
        if body is None or kind not in KINDS:
            return None
        for tag in tags[:_MOST_TAGS]:
            named = _TAG.fullmatch(tag)
            if not named or named[1] == document.digest[:32]:
                continue
            key = (document.path, document.digest, named[1], form.coding)
            if key not in self._made:
                made = await aside(self._make, document, body, named[1], form, feed, kind)
                if made is None:
                    continue
                with contextlib.suppress(ValueError):  # too large to be kept
                    self._made[key] = made
            else:
                made = self._made[key]
            if made:
                return tag, made
        return None

    def _make(self, document: Document, body: bytes, name: str, form: Form, feed: str, kind: str) -> bytes | None:
        """Return what is new since a version, empty if the whole document is to be sent, None if it is not known."""
        before = self._find(document, name, feed, kind)
        if before is None:
            return None
        new = delta(before, body, kind) or b""
        if new and form.coding != IDENTITY:
            new = encode(form.coding, new)
        return new if len(new) < form.size else b""

    def _find(self, document: Document, name: str, feed: str, kind: str) -> Digest | None:
        found = self._of(document.path, name)
        if found is None and self._asked.get(document.path) != document.digest:
            # Once for each new version: whoever names tags that never were costs no more than that.
            self._asked[document.path] = document.digest
            try:
                for body in self._kept(feed, document.path):
                    self.learn(document.path, body, hashlib.sha256(body).hexdigest(), kind)
            except FeedmillError as error:
                _log.warning("serve: earlier versions of %s cannot be told: %s", document.path, error)
            found = self._of(document.path, name)
        return found

    def _of(self, path: str, name: str) -> Digest | None:
        with self._lock:
            versions = self._known.get(path)
            return versions.get(name) if versions else None
