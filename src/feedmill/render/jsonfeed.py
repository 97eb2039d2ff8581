"""JSON Feed 1.1. https://www.jsonfeed.org/version/1.1/

What it has no member for, and people have a right to know, is in an extension: rights, and where an entry was
taken from. This module must not know how entries were chosen or where the bytes go.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from feedmill.errors import NormalizeError
from feedmill.model import Category, Content, Edition, Enclosure, Entry, FeedSpec, Origin, Person
from feedmill.render import _check
from feedmill.render._names import document_name
from feedmill.render._shared import (
    author_of,
    description_of,
    display_name,
    durations,
    guess_type,
    language_of,
    logo_of,
    media_type,
    writing,
)
from feedmill.render._xml import legal
from feedmill.render.rules import jsonfeed as rules
from feedmill.times import iso

__all__ = ["FILE_NAME", "MEDIA_TYPE", "check", "render"]

FILE_NAME = "feed.json"
MEDIA_TYPE = "application/feed+json"

_VERSION = "https://jsonfeed.org/version/1.1"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_UNKNOWN_TYPE = "application/octet-stream"
_NOT_OURS = frozenset({"pages"})
"""Rules that an entry may break: its source says what its address is. All others hold, also those that only advise."""

_PAGES = frozenset({None, "text/html", "application/xhtml+xml"})


def render(edition: Edition) -> bytes:
    """Return the feed as JSON Feed 1.1, entries in the order given, members in the order of the standard.

    An archive document has the `feed_url` of the live one, which is how readers tell feeds apart.

    Raises:
        RenderError: an entry lacks what JSON Feed requires.
    """
    spec = legal(edition.spec)
    previous = edition.previous
    with writing(spec, FILE_NAME):
        feed = {
            "version": _VERSION,
            "title": spec.title,
            "home_page_url": spec.site.url,
            "feed_url": spec.base_url + FILE_NAME,
            "description": description_of(spec),
            "next_url": None if previous is None else spec.base_url + document_name(FILE_NAME, previous),
            "icon": logo_of(spec),
            "favicon": spec.site.icon,
            "authors": _people([author_of(spec)]),
            "language": language_of(spec),
            "hubs": [{"type": "WebSub", "url": hub} for hub in spec.hubs if edition.number is None],
            "_feedmill": _said({"rights": spec.site.rights}),
        }
        items = [_item(spec, legal(entry)) for entry in edition.entries]
        document = json.dumps(_said(feed) | {"items": items}, ensure_ascii=False, indent=1) + "\n"
    return document.encode()


def check(body: bytes, entries: Sequence[Entry]) -> None:
    """Read the document back, hold it to the rules of version 1.1, and compare it with what went in.

    Raises:
        CheckFailed: it is not JSON, breaks a rule, or carries other entries.
    """
    try:
        view = rules.parse(body)
    except NormalizeError as error:
        raise _check.failed(error.what, FILE_NAME, int(error.where)) from error
    for finding in rules.RULES.findings(view):
        if finding.rule not in _NOT_OURS:
            raise _check.failed(finding.what, FILE_NAME, finding.line)
    if not view.feed.data["title"].strip():
        raise _check.failed("`title` is blank", FILE_NAME, view.line(view.feed, "title"))
    odd = _check.odd_one([(item.data["id"], item) for item in view.items], entries)
    if odd:
        what, item = odd
        raise _check.failed(what, FILE_NAME, view.line(item, "id") if item else 1)


def _said(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that say anything."""
    return {name: value for name, value in members.items() if value is not None and value not in ("", [], {})}


def _item(spec: FeedSpec, entry: Entry) -> dict[str, Any]:
    title = entry.title.strip() or entry.id
    item = {
        "id": entry.id,
        "url": entry.url,
        "external_url": _external(entry),
        "title": title,
        **_words(spec.content, entry, title),
        "image": _image(entry),
        "date_published": iso(entry.published),
        "date_modified": iso(entry.updated),
        "authors": _authors(entry),
        "tags": list(dict.fromkeys(_tags(entry.categories))),
        "language": entry.language if entry.language != language_of(spec) else None,
        "attachments": [_attachment(entry, one) for one in entry.enclosures],
        "_feedmill": _said({"rights": entry.rights, "source": _source(entry.origin)}),
    }
    return _said(item)


def _words(mode: Content, entry: Entry, title: str) -> dict[str, str]:
    """Return content and summary. One content is required: without a text it is the summary, else the title."""
    summary = "" if mode is Content.LINK else entry.summary
    if mode is Content.FULL and entry.content:
        return {"content_html": entry.content, "summary": summary}
    return {"content_text": summary or title}


def _external(entry: Entry) -> str | None:
    """Return the page elsewhere that the entry is about: its `related` link, if it has one such and no more."""
    related = [link for link in entry.links if link.rel == "related"]
    if len(related) != 1 or related[0].type not in _PAGES or not entry.url:
        return None
    elsewhere = _host(related[0].href) != _host(entry.url)
    return related[0].href if elsewhere else None


def _host(url: str) -> str | None:
    return urlsplit(url).hostname


def _image(entry: Entry) -> str | None:
    pictures = [entry.episode.image] if entry.episode and entry.episode.image else []
    pictures += [one.url for one in entry.thumbnails]
    pictures += [one.url for one in entry.media if one.medium == "image"]
    return pictures[0] if pictures else None


def _authors(entry: Entry) -> list[dict[str, str]]:
    """Return the authors of an entry. One that names none is its source's: without any it would be the feed's."""
    people = _people(entry.authors)
    if people or entry.origin is None:
        return people
    return _people([Person(name=entry.origin.title, uri=entry.origin.link or entry.origin.url)])


def _people(people: Iterable[Person]) -> list[dict[str, str]]:
    return [_person(person) for person in people if display_name(person)]


def _person(person: Person) -> dict[str, str]:
    url = person.uri
    if not url and person.email and _EMAIL.fullmatch(person.email):
        url = "mailto:" + quote(person.email, safe="@+")
    return _said({"name": display_name(person), "url": url})


def _tags(categories: Iterable[Category]) -> Iterator[str]:
    """People read tags: a category's label, where there is one."""
    for category in categories:
        if tag := (category.label or category.term).strip():
            yield tag


def _attachment(entry: Entry, enclosure: Enclosure) -> dict[str, Any]:
    length = enclosure.length
    return _said(
        {
            "url": enclosure.url,
            "mime_type": media_type(enclosure.type) or guess_type(enclosure.url) or _UNKNOWN_TYPE,
            "title": enclosure.title,
            "size_in_bytes": length if length and length > 0 else None,
            "duration_in_seconds": durations(entry).get(enclosure.url),
        }
    )


def _source(origin: Origin | None) -> dict[str, Any]:
    if origin is None:
        return {}
    return _said({"title": origin.title, "id": origin.id, "feed_url": origin.url, "home_page_url": origin.link})
