"""Web pages and sitemaps: conditional requests as robots.txt allows, one document, or the newest of a sitemap index.

What changes in a sitemap index is remembered for each of its sitemaps, as the stamps of a folder's files are. This
module must not know what the documents mean.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from feedmill.collect.addresses import shown
from feedmill.collect.credentials import credentials
from feedmill.collect.deadline import Deadline, seconds_text
from feedmill.collect.decoding import CodingError, decoded
from feedmill.collect.headers import LONGEST_WAIT
from feedmill.collect.http import HttpClient, Response
from feedmill.collect.robots import LONGEST_PAUSE, robots_of
from feedmill.collect.sitemap_index import Child, children, is_index
from feedmill.errors import CollectError, NetworkError, TooLarge
from feedmill.model import Document, Fetched, Problem, Source, Validators

__all__ = ["ACCEPT", "collect"]

ACCEPT = "text/html, application/xhtml+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"

_GZIP = b"\x1f\x8b"
_PIECE = 64 * 1024


def collect(
    source: Source,
    validators: Validators,
    stamps: Mapping[str, str],
    http: HttpClient,
    now: datetime,
    *,
    address: str | None = None,
) -> Fetched:
    """Ask for the page or sitemap at `source.url`, unless nothing has changed since the last look.

    `address` is where it is asked for since it moved; secrets stay with the origin of `source.url`.

    Raises:
        CollectError: it could not be had, or robots.txt forbids it; the subclass, `wait` and `gone` say why.
    """
    return _Look(source, shown(address or source.url or ""), stamps, http, now).result(validators)


@dataclass(slots=True)
class _Stamp:
    """What is remembered of one sitemap of an index."""

    lastmod: str = ""
    validators: Validators = field(default_factory=Validators)

    @classmethod
    def read(cls, text: str) -> _Stamp:
        try:
            lastmod, etag, modified, digest = json.loads(text)
        except (ValueError, TypeError):
            return cls()
        return cls(lastmod, Validators(etag=etag, last_modified=modified, digest=digest))

    def written(self) -> str:
        came = self.validators
        return json.dumps([self.lastmod, came.etag, came.last_modified, came.digest])


class _Look:
    """One look at a source of kind page."""

    def __init__(
        self, source: Source, address: str, stamps: Mapping[str, str], http: HttpClient, now: datetime
    ) -> None:
        self._source = source
        self._address = address
        self._stamps = stamps
        self._http = http
        self._now = now
        self._credentials = credentials(source, os.environ)
        self._deadline = Deadline(http.timeout.total_seconds())
        self._pause = 0.0
        self._wait: timedelta | None = None
        self._received = 0

    def result(self, validators: Validators) -> Fetched:
        answer, body = self._get(self._address, validators)
        same = answer.status == 304 or answer.validators.digest == validators.digest
        came = Fetched(
            source=self._source.name,
            validators=answer.validators,
            moved_to=answer.moved_to,
            fresh_for=answer.fresh_for,
            host=urlsplit(answer.url).hostname,
        )
        if same and self._stamps:
            listed = [Child(url, _Stamp.read(text).lastmod) for url, text in self._stamps.items()]
            came = self._children(came, listed)
        elif not same and is_index(body):
            came = self._children(came, children(body, answer.url))
        elif not same:
            came = replace(came, documents=(_document(shown(self._source.url or ""), answer, body),))
        unchanged = not came.documents
        return replace(
            came,
            unchanged=unchanged,
            wait=self._longest_wait(answer.wait),
            received=self._received,
            not_modified=unchanged and answer.status == 304,
        )

    def _get(self, url: str, validators: Validators) -> tuple[Response, bytes]:
        answer = self._http.get(
            url,
            now=self._now,
            validators=validators,
            accept=ACCEPT,
            permit=self._permit,
            credentials=self._credentials,
            deadline=self._deadline,
        )
        self._received += answer.received
        return answer, _unpacked(answer.body, shown(url), self._http.max_body)

    def _permit(self, url: str) -> float:
        pause = robots_of(self._http).permit(url, self._http, self._now)
        self._pause = max(self._pause, pause)
        return min(pause, LONGEST_PAUSE)

    def _longest_wait(self, asked: timedelta | None) -> timedelta | None:
        """Return how long to stay away: what the server asks for, a Crawl-delay at least."""
        waits = [wait for wait in (asked, self._wait) if wait]
        if self._pause:
            waits.append(min(timedelta(seconds=min(self._pause, LONGEST_WAIT.total_seconds())), LONGEST_WAIT))
        return max(waits, default=None)

    def _children(self, came: Fetched, listed: list[Child] | tuple[Child, ...]) -> Fetched:
        """Read the sitemaps of an index that may have changed; one that fails is reported, unless all do."""
        if not listed:
            what = "this sitemap index lists no sitemap of its own host"
            raise CollectError(what, where=self._address, hint="Give the address of a sitemap with articles in it")
        if self._pause > LONGEST_PAUSE:
            what = f"robots.txt wants {self._pause:g} s between two requests, too many for the sitemaps of an index"
            raise CollectError(what, where=self._address, hint="Give the address of one of its sitemaps")
        documents: list[Document] = []
        stamps: dict[str, str] = {}
        failures: list[CollectError] = []
        room = self._http.max_body
        for child in listed:
            old = _Stamp.read(self._stamps.get(child.url, ""))
            if child.lastmod and old.lastmod == child.lastmod and old.validators != Validators():
                stamps[child.url] = old.written()
                continue
            self._http.release()  # so that a slow server holds up nobody's large document
            try:
                if room <= 0:
                    hint = "It is read at another look; the limit for all of one look is max_body under [fetch]"
                    raise TooLarge("the sitemaps before it are large", where=shown(child.url), hint=hint)
                if self._deadline.over():
                    what = f"the sitemaps before it took {seconds_text(self._deadline.seconds)}"
                    hint = "It is read at another look; the limit for all of one look is timeout under [fetch]"
                    raise NetworkError(what, where=shown(child.url), hint=hint)
                answer, body = self._get(child.url, old.validators)
            except CollectError as error:
                failures.append(error)
                stamps[child.url] = _Stamp().written()
                continue
            stamps[child.url] = _Stamp(child.lastmod, answer.validators).written()
            self._wait = max(filter(None, (self._wait, answer.wait)), default=None)
            if answer.status != 304 and answer.validators.digest != old.validators.digest:
                documents.append(_document(child.url, answer, body))
                room -= len(body)
        if len(failures) == len(listed):
            raise failures[0]
        problems = tuple(_problem(error) for error in failures)
        return replace(came, documents=tuple(documents), stamps=stamps, problems=problems)


def _document(name: str, answer: Response, body: bytes) -> Document:
    return Document(name=name, body=body, url=answer.url, media_type=answer.media_type, charset=answer.charset)


def _problem(error: CollectError) -> Problem:
    return Problem(where=error.where or "sitemap", message=f"{error.what}. {error.hint}" if error.hint else error.what)


def _unpacked(body: bytes, address: str, limit: int) -> bytes:
    """Undo gzip that is part of the document: sitemaps are often kept as .xml.gz."""
    if not body.startswith(_GZIP):
        return body
    unpacked = bytearray()
    try:
        for piece in decoded((body[at : at + _PIECE] for at in range(0, len(body), _PIECE)), "gzip"):
            unpacked += piece
            if len(unpacked) > limit:
                what = f"the file is larger than {limit} bytes when it is unpacked"
                raise TooLarge(what, where=address, hint="The limit is max_body under [fetch]")
    except CodingError as error:
        raise NetworkError("the file is no whole gzip file", where=address, hint="The server is at fault") from error
    return bytes(unpacked)
