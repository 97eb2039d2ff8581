"""RSS 2.0 (RSS Advisory Board, 2.0.11), with Atom, Dublin Core, content, Media RSS, GeoRSS and podcast
elements.

Titles and other short texts are plain text; descriptions are HTML, as readers take them to be, so a plain-text
summary is escaped as HTML first. This module must not know how entries were chosen or where the bytes go.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from feedgen.entry import FeedEntry

from feedmill.model import Category, Content, Edition, Enclosure, Entry, FeedSpec, Link
from feedmill.render import _check
from feedmill.render._feedgen import NAMESPACES, append_link, append_shared, extend, rendering, start
from feedmill.render._history import append_history, namespaces
from feedmill.render._podcast import append_channel, append_item, podcast_namespaces
from feedmill.render._shared import (
    author_of,
    description_of,
    display_name,
    further_links,
    guess_type,
    language_of,
    logo_of,
    media_type,
)
from feedmill.render._xml import ATOM, DC, XML_LANG, Element, append, legal, refer_to_markup
from feedmill.render.rules import rss as rules
from feedmill.render.rules import vocabularies
from feedmill.times import iso, whole_seconds

__all__ = ["FILE_NAME", "MEDIA_TYPE", "check", "render"]

FILE_NAME = "rss.xml"
MEDIA_TYPE = "application/rss+xml"

_IMAGE_TYPES = frozenset({None, "image/gif", "image/jpeg", "image/png"})  # RSS 2.0, <image>
_COMMENT = re.compile(r"""[^\s()\\"<>]+( [^\s()\\"<>]+)*""")  # a name that needs no quoting between parentheses
_UNKNOWN_TYPE = "application/octet-stream"
_PLAIN = frozenset({"title", "category", "copyright", "source", ATOM + "name", DC + "rights"})


def render(edition: Edition) -> bytes:
    """Return the feed as RSS 2.0, entries in the order given; its date becomes its lastBuildDate.

    Raises:
        RenderError: an entry lacks what RSS requires.
    """
    edition = replace(edition, spec=legal(edition.spec))
    spec = edition.spec
    with rendering(spec, FILE_NAME):
        feed = start(edition, FILE_NAME, MEDIA_TYPE)
        feed.description(description_of(spec) or spec.title)
        image = next(
            (url for url in (logo_of(spec), spec.site.logo, spec.site.icon) if url and guess_type(url) in _IMAGE_TYPES),
            None,
        )
        feed.image(url=image, title=spec.title, link=spec.site.url)
        feed.managingEditor(_editor(spec))
        names = {"dc": DC[1:-1], **NAMESPACES, **namespaces(edition), **podcast_namespaces(edition)}
        extend(feed, partial(_complete_channel, edition), names)
        for entry in edition.entries:
            feed.add_entry(_item(spec, legal(entry)), order="append")
        document: bytes = feed.rss_str(pretty=True)
    return document


def check(body: bytes, entries: Sequence[Entry]) -> None:
    """Read the document back, hold it against the rules of RSS, and compare it with what went in.

    Raises:
        CheckFailed: it is not well-formed, breaks a rule of RSS 2.0, or carries other entries.
    """
    document = _check.Document(body, FILE_NAME)
    root = document.root
    document.insist(root.tag == "rss" and root.get("version") == "2.0", root, "the root is not <rss version='2.0'>")
    view = rules.Rss.of(root)
    document.obey(rules.RULES, view)
    document.obey(vocabularies.RULES, vocabularies.Foreign((view.channel, *view.items), atom=True))
    for tag in ("title", "link", "description", "lastBuildDate"):
        document.text(view.channel.element, tag)
    found = []
    for item in view.items:
        guid = document.child(item.element, "guid")
        document.insist(guid.get("isPermaLink") == "false", guid, "a <guid> claims to be an address")
        document.text(item.element, "pubDate")
        found.append((document.text(item.element, "guid"), guid))
    document.same_entries(found, entries)


def _editor(spec: FeedSpec) -> str | None:
    """The RSS notation for a person: an e-mail address, then the name as a comment (RFC 5322 section 3.2.2)."""
    author = author_of(spec)
    if not author.email or not _COMMENT.fullmatch(author.name):
        return None
    return f"{author.email} ({author.name})"


def _complete_channel(edition: Edition, root: Element) -> None:
    spec, channel = edition.spec, root[0]
    append(channel, ATOM + "link", href=spec.site.url, rel="alternate", type="text/html")
    if not _editor(spec):
        append(channel, DC + "creator", display_name(author_of(spec)))
    append_history(channel, ATOM + "link", edition, FILE_NAME, MEDIA_TYPE)
    if spec.podcast:
        append_channel(channel, spec, spec.podcast)
    for element in channel.iter("title", "description", "copyright"):
        refer_to_markup(element)


def _item(spec: FeedSpec, entry: Entry) -> Any:
    item = FeedEntry()
    item.id(entry.id)
    item.title(entry.title.strip() or entry.id)
    if entry.url:
        item.link(href=entry.url, rel="alternate")
    if spec.content is not Content.LINK and entry.summary:
        item.description(html.escape(entry.summary, quote=False))
    if spec.content is Content.FULL and entry.content:
        item.content(entry.content)
    item.category([_category(category) for category in entry.categories if category.term.strip()])
    item.comments(entry.comments or None)
    item.published(whole_seconds(entry.published))
    first = _first_enclosure(entry)
    if first:
        kind = media_type(first.type) or guess_type(first.url) or _UNKNOWN_TYPE
        item.link(href=first.url, rel="enclosure", type=kind, length=str(max(first.length or 0, 0)))
    origin = entry.origin
    if origin:
        address = origin.url or origin.link
        item.source(url=address, title=origin.title.strip() or address)
    extend(item, partial(_complete_item, spec, entry, first))
    return item


def _category(category: Category) -> dict[str, str]:
    """RSS has one text for a category, and people read it: the label, where there is one."""
    known = {"term": category.label or category.term}
    if category.scheme:
        known["scheme"] = category.scheme
    return known


def _first_enclosure(entry: Entry) -> Enclosure | None:
    """The one that goes into <enclosure>, which takes HTTP addresses only and may stand once in an item."""
    return next((one for one in entry.enclosures if one.url.lower().startswith(("http://", "https://"))), None)


def _complete_item(spec: FeedSpec, entry: Entry, first: Enclosure | None, item: Element) -> None:
    if entry.language and entry.language != language_of(spec):
        item.set(XML_LANG, entry.language)
    for name in filter(None, map(display_name, entry.authors)):
        append(item, DC + "creator", name)
    for person in entry.contributors:
        if name := display_name(person):
            contributor = append(item, ATOM + "contributor")
            append(contributor, ATOM + "name", name)
            if person.uri:
                append(contributor, ATOM + "uri", person.uri)
            if person.email:
                append(contributor, ATOM + "email", person.email)
    append(item, ATOM + "updated", iso(entry.updated))
    if entry.rights:
        append(item, DC + "rights", entry.rights)
    others = [one for one in entry.enclosures if one is not first]
    links: list[Link | Enclosure] = [*further_links(entry), *others]
    for link in links:
        append_link(item, ATOM + "link", link)
    append_shared(item, entry)
    if entry.episode:
        append_item(item, entry, entry.episode)
    for element in item.iter(*_PLAIN):
        refer_to_markup(element)
