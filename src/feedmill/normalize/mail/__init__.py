"""Messages of a mailbox -> drafts: what is shown of a newsletter, who wrote it, when, and what it is known by.

What is published, and what is kept back for the subscriber's sake, stands in docs/sources.md. A message that cannot
be read is reported and the rest goes on. This module must not know how the mailbox was read, or what is stored.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import datetime
from html import escape
from urllib.parse import quote

from feedmill.errors import NormalizeError
from feedmill.model import Category, Document, Fetched, Item, Normalized, Origin, Person, Site, Source
from feedmill.normalize.dates import feed_date
from feedmill.normalize.language import detect_language, language_tag
from feedmill.normalize.links import MEDIA_SCHEMES, absolute
from feedmill.normalize.mail.attachments import enclosures, served
from feedmill.normalize.mail.body import Body, read_body
from feedmill.normalize.mail.parts import Part, read
from feedmill.normalize.mail.private import Private
from feedmill.normalize.people import merged, person
from feedmill.normalize.plaintext import plain, summarize
from feedmill.normalize.sanitize import html_to_text, sanitize
from feedmill.normalize.selectors import without
from feedmill.normalize.upstream import Batch, Times

__all__ = ["attached_files", "normalize"]

_log = logging.getLogger(__name__)

_LONGEST_TITLE = 500  # characters
_RECIPIENTS = ("to", "cc", "bcc", "delivered-to", "x-original-to", "envelope-to", "x-delivered-to", "resent-to")
_IN_ANGLES = re.compile(r"<([^<>]{1,2000})>")
# RFC 5322 section 3.6.4, without folding and comments; what programs write in it.
_MESSAGE_ID = re.compile(r"[!-;=?A-~]+@[!-;=?A-~]+")
_ADDRESS = re.compile(r"[^\s<>@\"(),;]+@([A-Za-z0-9.-]+)")
_LIST_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


def normalize(source: Source, site: Site, fetched: Fetched, now: datetime) -> Normalized:
    """Return the entries of the messages in `fetched`."""
    batch = Batch(source, site, Document(name=source.name, body=b""), now)
    for document in fetched.documents:
        where = document.name
        try:
            _Message(document, source, batch, where).add(now)
        except NormalizeError as error:
            batch.problem(f"{error}; skipped", where=where)
        except Exception:  # noqa: BLE001  # one message must never keep the others from being published
            _log.exception("%s: %s: unexpected failure", source.name, where, extra={"source": source.name})
            batch.problem("could not be read, which is a defect in Feedmill: please report it; skipped", where=where)
    return Normalized(drafts=batch.drafts(), problems=batch.problems())


def attached_files(source: Source, site: Site, document: Document, now: datetime) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of the files that the enclosures of one message lead to.

    Raises:
        NormalizeError: the message cannot be read.
    """
    batch = Batch(source, site, document, now)
    yield from _Message(document, source, batch, document.name).files()


class _Message:
    def __init__(self, document: Document, source: Source, batch: Batch, where: str) -> None:
        self._document = document
        self._source = source
        self._batch = batch
        self._where = where
        self._top = read(document.body)
        self._list = _list_name(self._top)
        self._private = self._secrets()

    def add(self, now: datetime) -> None:
        top = self._top
        body = read_body(top, self._private)
        content = sanitize(without(body.html, self._source.treatment.strip), base=None)
        text = html_to_text(content)
        title = summarize(self._private.masked(top.field("subject")), _LONGEST_TITLE)
        if not (text or title or "<img" in content):
            raise NormalizeError("there is no subject and no text in it")
        language = self._language(body, f"{title}\n{text}")
        folder = self._source.files_url
        files = enclosures(body.attachments, folder) if folder else ()
        content += sanitize(_attachments(body, language), base=None)
        item = Item(
            title=title,
            url=self._page(body),
            summary=summarize(text),
            content=content,
            authors=merged(_people(top)),
            categories=tuple(self._categories()),
            enclosures=files,
            language=language,
            origin=self._origin(),
        )
        self._batch.add(
            item, guid=_guid(top.field("message-id")), times=self._times(now), text=text, name=self._document.name
        )

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield name and bytes of the files that its enclosures lead to."""
        yield from served(read_body(self._top, self._private).attachments)

    def _secrets(self) -> Private:
        top = self._top
        known = (*top.fields_named("from", "sender", "list-post", "list-id", "reply-to"),)
        ways_out = (url for value in top.fields_named("list-unsubscribe") for url in _IN_ANGLES.findall(value))
        return Private(top.fields_named(*_RECIPIENTS), known, ways_out)

    def _page(self, body: Body) -> str | None:
        """The page of this very message: Archived-At (RFC 5064), else the copy on the web that it offers."""
        archived = self._top.field("archived-at").strip("<> ")
        url = absolute(archived, None, schemes=MEDIA_SCHEMES) if archived else None
        return url or (absolute(body.view, None, schemes=MEDIA_SCHEMES) if body.view else None)

    def _times(self, now: datetime) -> Times:
        """Its Date if that can be believed, else the time at which it was delivered."""
        written = self._top.field("date")
        moment = feed_date(written, now)
        came = self._document.modified
        if moment is not None:
            return Times(published=moment)
        if written:
            self._batch.problem(
                f"the date {written[:60]!r} cannot be believed: the time of delivery counts", where=self._where
            )
        return Times(published=came if came is not None and came <= now else None)

    def _language(self, body: Body, text: str) -> str | None:
        said = self._top.field("content-language").partition(",")[0]
        claimed = language_tag(said) if said else None
        return claimed or self._source.language or detect_language(text) or language_tag(body.language or "")

    def _categories(self) -> Iterator[Category]:
        names = [self._list] if self._list else []
        names += [plain(word) for value in self._top.fields_named("keywords") for word in value.split(",")]
        for name in dict.fromkeys(name[:200] for name in names):
            if name:
                yield Category(term=name)

    def _origin(self) -> Origin | None:
        """The list that it came through (RFC 2919), with its archive (RFC 2369); else who sent it."""
        archive = self._top.field("list-archive")
        found = _IN_ANGLES.search(archive)
        link = absolute(found[1] if found else archive, None, schemes=MEDIA_SCHEMES) if archive else None
        if link and self._private.is_private(link):
            link = None
        title = self._list or next((author.name for author in _people(self._top) if author), "")
        return Origin(title=title, link=link) if title else None


def _guid(message_id: str) -> str | None:
    """Return the `mid:` URI (RFC 2392) of a Message-ID; one that breaks the rules is a guid as it is."""
    if not message_id:
        return None
    found = _IN_ANGLES.search(message_id)
    name = (found[1] if found else message_id).strip()
    if _MESSAGE_ID.fullmatch(name):
        # A slash would set a part of the message apart.
        return "mid:" + quote(name, safe="@!$&'*+-.=_~")
    return f"<{name}>"


def _people(top: Part) -> list[Person | None]:
    """The names in From, or the domain that it comes from. Addresses are not shown: many are a person's own."""
    found = []
    for header in ("from", "sender"):
        value = top.fields.get(header)
        try:
            named = [(address.display_name, address.addr_spec) for address in getattr(value, "addresses", ())]
        except Exception:  # noqa: BLE001  # the parser of the standard library raises whatever it runs into
            named = []
        for name, address in named or [(str(value or ""), str(value or ""))]:
            shown = person(name)
            domain = _ADDRESS.search(address)
            found.append(
                Person(name=shown.name)
                if shown and shown.name and "@" not in shown.name
                else Person(name=plain(domain[1]).lower())
                if domain
                else None
            )
        if any(found):
            break
    return found[:20]


def _list_name(top: Part) -> str:
    """The name of the mailing list: the words in List-Id, else its first label, else the list's own address."""
    value = top.field("list-id")
    if value:
        words = plain(value.partition("<")[0]).strip("\"' ")
        found = _IN_ANGLES.search(value)
        label = (found[1] if found else value).partition(".")[0].strip()
        if words and found and not words.endswith("mc list"):
            return words[:200]
        # Services number their lists; a number is no name.
        return label if _LIST_NAME.fullmatch(label) and not re.search(r"\d{4}|[0-9a-f]{8}", label) else ""
    found = re.search(r"mailto:([A-Za-z0-9._-]{1,100})@", top.field("list-post"))
    return found[1] if found else ""


_HEADINGS = {"id": "Lampiran", "ms": "Lampiran", "jv": "Lampiran", "su": "Lampiran"}


def _attachments(body: Body, language: str | None) -> str:
    if not body.attachments:
        return ""
    heading = _HEADINGS.get((language or "").partition("-")[0], "Attachments")
    files = "".join(f"<li>{escape(one.name)} ({one.shown_size})</li>" for one in body.attachments)
    return f"<p>{heading}:</p><ul>{files}</ul>"
