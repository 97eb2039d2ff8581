"""What holds of anything that a normalizer makes of anything: the promises of the model, and those to the renderers."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from html.parser import HTMLParser

from factories import NOW, SPEC
from feedmill.changes import decide
from feedmill.errors import FeedmillError
from feedmill.model import Draft, Edition, Ledger, Normalized, Schedule, Source
from feedmill.normalize.allowed import ALLOWED
from feedmill.normalize.language import language_tag
from feedmill.normalize.links import LINK_SCHEMES, MEDIA_SCHEMES, absolute
from feedmill.normalize.plaintext import xml_safe
from feedmill.normalize.sanitize import sanitize
from feedmill.polling import next_look
from feedmill.render import RENDERERS

__all__ = ["Broken", "check", "check_error", "check_markup", "insist", "no_faults"]

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-;=?-Z_a-z~]+")
_MOST_RENDERED = 30  # entries
_LONGEST_MESSAGE = 2000  # characters
_LONGEST_MARKUP = 100_000  # characters


class Broken(AssertionError):
    """A promise does not hold."""


def insist(condition: bool, promise: str, value: object) -> None:
    """Raise Broken unless the promise holds."""
    if not condition:
        raise Broken(f"{promise}: {value!r}"[:1000])


@contextmanager
def no_faults() -> Iterator[None]:
    """Raise at the end what the log was told of a fault that was caught: it is a crash, whoever survived it."""
    caught = _Caught()
    log = logging.getLogger("feedmill")
    propagated, log.propagate = log.propagate, False
    log.addHandler(caught)
    try:
        yield
    finally:
        log.removeHandler(caught)
        log.propagate = propagated
    if caught.errors:
        raise caught.errors[0]


class _Caught(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1]:
            self.errors.append(record.exc_info[1])


def check(came: Normalized) -> None:
    """Check all that came: each draft, each problem, and that both formats can publish it."""
    for problem in came.problems:
        _check_message(str(problem))
    for draft in came.drafts:
        _check_draft(draft)
    due = next_look(Source(name="s", kind="feed"), Schedule(), "UTC", NOW, hints=came.hints)
    insist(due is not None and NOW <= due <= NOW + Schedule().max, "hints move a look within bounds", came.hints)
    entries = decide("s", came, Ledger(), NOW).new[:_MOST_RENDERED]
    edition = Edition(spec=SPEC, entries=entries, updated=NOW)
    for form in RENDERERS.values():
        form.check(form.render(edition), entries)


def check_error(error: FeedmillError) -> None:
    """Check that an error can be shown."""
    insist(bool(error.what), "an error says what is wrong", error)
    _check_message(str(error))


def check_markup(html: str) -> None:
    """Check sanitized HTML with another parser than the one that sanitized it."""
    insist(sanitize(html, base=None) == html, "sanitized HTML stays as it is", html)
    if len(html) > _LONGEST_MARKUP:
        return  # Python's parser takes quadratic time
    seen = _Seen()
    seen.feed(html)
    seen.close()
    insist(seen.tags <= ALLOWED.keys(), "only allowed elements are left", seen.tags - ALLOWED.keys())
    for address in seen.links:
        insist(absolute(address, None) is not None, "links are absolute", address)
    for address in seen.fetched:
        insist(absolute(address, None, schemes=MEDIA_SCHEMES) is not None, "pictures are absolute", address)
    for name in seen.attributes:
        insist(not name.startswith("on") and name not in ("style", "srcdoc", "action"), "nothing runs", name)


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in ("href", "cite"):
                self.links.append(value or "")
            elif name in ("src", "poster"):
                self.fetched.append(value or "")


def _check_message(message: str) -> None:
    insist(len(message) <= _LONGEST_MESSAGE, "a message is short", message)


def _check_draft(draft: Draft) -> None:
    for text in _strings(replace(draft, name="", aliases=())):  # those two are not shown
        insist(xml_safe(text) == text, "no character that XML forbids", text)
    insist(bool(draft.title.strip()), "a title is never empty", draft)
    insist("\n" not in draft.title + draft.summary, "titles and summaries are one line", draft)
    insist(_IRI.fullmatch(draft.id) is not None, "an id is an absolute IRI", draft.id)
    insist(bool(draft.aliases), "a draft can be matched", draft.id)
    check_markup(draft.content)
    _check_addresses(draft)
    _check_dates(draft)
    insist(draft.language is None or language_tag(draft.language) == draft.language, "BCP 47", draft.language)
    _check_numbers(draft)


def _check_addresses(draft: Draft) -> None:
    fetched = [draft.url, draft.comments]
    fetched += [file.url for file in draft.enclosures] + [file.url for file in draft.media]
    fetched += [picture.url for picture in draft.thumbnails]
    linked = [person.uri for person in (*draft.authors, *draft.contributors)] + [link.href for link in draft.links]
    if draft.origin:
        linked += [draft.origin.url, draft.origin.link]
    for urls, schemes in ((fetched, MEDIA_SCHEMES), (linked, LINK_SCHEMES)):
        for url in urls:
            insist(url is None or absolute(url, None, schemes=schemes) == url, "an address is absolute", url)


def _check_dates(draft: Draft) -> None:
    for moment in (draft.published, draft.published_at_first, draft.updated):
        if moment is not None:
            insist(moment.tzinfo is UTC, "a time is aware UTC", moment)
            insist(datetime(1900, 1, 1, tzinfo=UTC) <= moment, "a time is believable", moment)
    for moment in (draft.published_at_first, draft.updated):
        insist(moment is None or moment <= NOW, "a time that counts at once is past", moment)


def _check_numbers(draft: Draft) -> None:
    numbers = [file.length for file in draft.enclosures]
    for file in draft.media:
        numbers += [file.length, file.duration, file.width, file.height]
    for picture in draft.thumbnails:
        numbers += [picture.width, picture.height]
    for number in numbers:
        insist(number is None or (type(number) is int and 0 <= number < 2**63), "a size is a number", number)
    if draft.point is not None:
        insist(
            abs(draft.point.latitude) <= 90 and abs(draft.point.longitude) <= 180, "a place is on earth", draft.point
        )
        insist(all(map(math.isfinite, (draft.point.latitude, draft.point.longitude))), "a place is", draft.point)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _strings(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _strings(getattr(value, field.name))
