"""Atom 1.0 (RFC 4287), with Atom threading links (RFC 4685), Media RSS, GeoRSS and Podlove elements.

Titles and rights are plain text (type "text"), content is HTML (type "html"), a summary is plain text unless it looks
like HTML. This module must not know how entries were chosen or where the bytes go.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from feedgen.entry import FeedEntry

from feedmill.model import Category, Content, Edition, Enclosure, Entry, FeedSpec, Link, Origin, Person
from feedmill.render import _check
from feedmill.render._feedgen import NAMESPACES, append_link, append_shared, extend, rendering, start
from feedmill.render._history import append_history, append_tombstone, namespaces
from feedmill.render._podcast import chapter_namespaces
from feedmill.render._shared import author_of, description_of, display_name, further_links, language_of, logo_of
from feedmill.render._xml import ATOM, MEDIA, XML_LANG, Element, append, legal
from feedmill.render.rules import atom as rules
from feedmill.render.rules import vocabularies
from feedmill.times import iso, whole_seconds

__all__ = ["FILE_NAME", "MEDIA_TYPE", "check", "render"]

FILE_NAME = "atom.xml"
MEDIA_TYPE = "application/atom+xml"

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")  # absolute, as a category's scheme must be
_LIKE_MARKUP = re.compile(r"</?[A-Za-z]|&#?\w")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")  # RFC 4287 section 3.2.3: all that its schema asks


def render(edition: Edition) -> bytes:
    """Return the feed as Atom 1.0, entries in the order given.

    Raises:
        RenderError: an entry lacks what Atom requires.
    """
    edition = replace(edition, spec=legal(edition.spec))
    spec = edition.spec
    with rendering(spec, FILE_NAME):
        feed = start(edition, FILE_NAME, MEDIA_TYPE)
        feed.subtitle(description_of(spec))
        feed.icon(spec.site.icon or None)
        feed.logo(logo_of(spec))
        feed.author(_person(author_of(spec)))
        extend(
            feed, partial(_complete_feed, edition), {**NAMESPACES, **namespaces(edition), **chapter_namespaces(edition)}
        )
        for entry in edition.entries:
            feed.add_entry(_entry(spec, legal(entry)), order="append")
        document: bytes = feed.atom_str(pretty=True)
    return document


def check(body: bytes, entries: Sequence[Entry]) -> None:
    """Read the document back, hold it against the rules of Atom, and compare it with what went in.

    Raises:
        CheckFailed: it is not well-formed, breaks a rule of RFC 4287, or carries other entries.
    """
    document = _check.Document(body, FILE_NAME)
    feed = document.root
    document.insist(feed.tag == ATOM + "feed", feed, "the root is not an Atom <feed>")
    view = rules.Atom.of(feed)
    document.obey(rules.RULES, view)
    document.obey(vocabularies.RULES, vocabularies.Foreign((view.root, *view.entries)))
    document.text(feed, ATOM + "title")
    found = []
    for entry in feed.findall(ATOM + "entry"):
        document.text(entry, ATOM + "title")
        found.append((document.text(entry, ATOM + "id"), entry))
    document.same_entries(found, entries)


def _entry(spec: FeedSpec, entry: Entry) -> Any:
    atom = FeedEntry()
    title = entry.title.strip() or entry.id
    atom.id(entry.id)
    atom.title(title)
    atom.published(whole_seconds(entry.published))
    atom.updated(whole_seconds(entry.updated))
    if entry.url:
        atom.link(href=entry.url, rel="alternate")
    atom.author(_people(entry.authors))
    atom.contributor(_people(entry.contributors))
    atom.category([_category(category) for category in entry.categories if category.term.strip()])
    atom.rights(entry.rights or None)
    _say(atom, spec.content, entry, title)
    extend(atom, partial(_complete_entry, spec, entry))
    return atom


def _say(atom: Any, mode: Content, entry: Entry, title: str) -> None:
    """Add content and summary. Without a link, content is required (RFC 4287 section 4.1.2)."""
    summary = "" if mode is Content.LINK else entry.summary
    if mode is Content.FULL and entry.content:
        atom.content(entry.content, type="html")
    elif not entry.url:
        text, kind = _worded(summary or title)
        atom.content(text, type=kind)
        return
    if summary:
        text, kind = _worded(summary)
        atom.summary(text, type=kind)


def _worded(text: str) -> tuple[str, str]:
    """Return how a plain text is written, and its type.

    Readers that guess would take what looks like markup for HTML, whatever the type says (validators warn of it): such
    a text is written as the HTML that says the same.
    """
    return (html.escape(text, quote=False), "html") if _LIKE_MARKUP.search(text) else (text, "text")


def _person(person: Person) -> dict[str, str]:
    """Return an Atom person construct (RFC 4287 section 3.2), empty for somebody of whom nothing is known."""
    name = display_name(person)
    if not name:
        return {}
    known = {"name": name}
    if person.uri:
        known["uri"] = person.uri
    if person.email and _EMAIL.fullmatch(person.email):
        known["email"] = person.email
    return known


def _people(people: Sequence[Person]) -> list[dict[str, str]]:
    return [known for known in map(_person, people) if known]


def _category(category: Category) -> dict[str, str]:
    known = {"term": category.term}
    if category.scheme and _IRI.fullmatch(category.scheme):
        known["scheme"] = category.scheme
    if category.label:
        known["label"] = category.label
    return known


def _complete_feed(edition: Edition, element: Element) -> None:
    append_history(element, "link", edition, FILE_NAME, MEDIA_TYPE)
    for tombstone in edition.tombstones:
        append_tombstone(element, tombstone)


def _complete_entry(spec: FeedSpec, entry: Entry, element: Element) -> None:
    if entry.language and entry.language != language_of(spec):
        element.set(XML_LANG, entry.language)
    for own in element.findall("link"):  # feedgen writes none of a link's attributes but href
        own.set("rel", "alternate")
    links: list[Link | Enclosure] = [*further_links(entry), *_comments(entry), *_transcripts(entry), *entry.enclosures]
    for link in links:
        append_link(element, "link", link)
    if entry.origin:
        _append_source(element, entry.origin, entry)
    append_shared(element, entry)
    if entry.episode and entry.episode.explicit is not None:
        append(element, MEDIA + "rating", "adult" if entry.episode.explicit else "nonadult", scheme="urn:simple")


def _comments(entry: Entry) -> list[Link]:
    """Return the comments page as a link (RFC 4685 section 4), unless the entry has that link already."""
    if not entry.comments or any(link.rel == "replies" and link.href == entry.comments for link in entry.links):
        return []
    return [Link(href=entry.comments, rel="replies", type="text/html")]


def _transcripts(entry: Entry) -> list[Link]:
    """Return the transcripts of an episode as links: Atom has no other way to say where they are."""
    transcripts = entry.episode.transcripts if entry.episode else ()
    return [Link(href=one.url, rel="related", type=one.type, hreflang=one.language) for one in transcripts]


def _append_source(element: Element, origin: Origin, entry: Entry) -> None:
    """Append atom:source (RFC 4287 section 4.2.11).

    A source's own date moves at every look, with or without news, and would rewrite the document each time;
    the entry's date says the least that must be true of it. An entry that names no author is its source's,
    not the republisher's (section 4.1.2).
    """
    identity = origin.id or origin.url or origin.link
    if not identity:
        return
    title = origin.title.strip() or identity
    source = append(element, "source")
    append(source, "id", identity)
    append(source, "title", title)
    append(source, "updated", iso(entry.updated))
    if not _people(entry.authors):
        append(append(source, "author"), "name", title)
    if origin.link:
        append(source, "link", href=origin.link, rel="alternate")
    if origin.url:
        append(source, "link", href=origin.url, rel="self")
