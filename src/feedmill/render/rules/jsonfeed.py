"""The rules of JSON Feed 1.1 (jsonfeed.org/version/1.1).

What a rule asks, and where that is written, is in its docstring: docs/validate.md is made of them. Keys that begin with
an underscore are extensions, and other people's business. This module must not know what Feedmill itself would write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedmill.render.rules.json_document import AUTHOR, HUB, Json, parse
from feedmill.render.rules.table import Table
from feedmill.render.rules.values import absolute, fault_3339, is_language, is_media_type, is_web

__all__ = ["RULES", "Json", "parse"]

Found = Iterator[tuple[int, str]]

_VERSIONS = {"https://jsonfeed.org/version/1": "1.0", "https://jsonfeed.org/version/1.1": "1.1"}
_KINDS: dict[type, str] = {str: "a text", list: "a list", dict: "an object", bool: "true or false", float: "a number"}
_ADDRESSES = (
    "home_page_url", "feed_url", "next_url", "icon", "favicon", "url", "external_url", "image", "banner_image",
    "avatar",
)  # fmt: skip

_EXTENSION = re.compile(r"_[^\W\d_][^.]*")

RULES: Table[Json] = Table()


@RULES.error('Write `"version": "https://jsonfeed.org/version/1.1"`.')
def version(feed: Json) -> Found:
    """`version` is the address of a version of JSON Feed. (JSON Feed 1.1, "Top-level")"""
    said = feed.feed.data.get("version")
    if said is None:
        yield 1, "it does not say its version"
    elif str(said) not in _VERSIONS:
        yield feed.line(feed.feed, "version"), f"there is no version `{str(said)[:60]}` of JSON Feed"


@RULES.warning("Write 1.1, which every reader of 1.0 reads too.")
def old_version(feed: Json) -> Found:
    """The version is 1.1. (JSON Feed 1.1, "Changes")"""
    if _VERSIONS.get(str(feed.feed.data.get("version"))) == "1.0":
        yield feed.line(feed.feed, "version"), "this is JSON Feed 1.0, which 1.1 has replaced"


@RULES.error("Add the key.")
def feed_required(feed: Json) -> Found:
    """A feed has `title` and `items`. (JSON Feed 1.1, "Top-level")"""
    for key in ("title", "items"):
        if key not in feed.feed.data:
            yield 1, f"the feed has no `{key}`"


@RULES.error("Keep one of them: nobody knows which will be read.")
def once(feed: Json) -> Found:
    """No key stands twice in one object. (RFC 8259 section 4)"""
    for name in feed.twice:
        yield 1, f"the key `{name[:40]}` stands twice in one object"


@RULES.error("Write the kind of value that the key has.")
def kinds(feed: Json) -> Found:
    """Every key has its kind of value; `items`, `authors`, `attachments` and `hubs` list objects. (JSON Feed 1.1)"""
    for part in feed.parts():
        for key, value in part.data.items():
            kind = part.keys.get(key)
            if kind is None or (key == "id" and isinstance(value, int | float)):
                continue
            fits = isinstance(value, int | float) and not isinstance(value, bool) if kind is float else False
            if not (fits or (kind is not float and isinstance(value, kind))):
                yield feed.line(part, key), f"`{key}` is not {_KINDS[kind]}"
            elif kind is list and not all(isinstance(one, str if key == "tags" else dict) for one in value):
                yield (
                    feed.line(part, key),
                    f"`{key}` lists something else than {'texts' if key == 'tags' else 'objects'}",
                )


@RULES.error("Give the item an id of its own that never changes.")
def item_id(feed: Json) -> Found:
    """An item has an `id`, which is not empty. (JSON Feed 1.1, "Items")"""
    for item in feed.items:
        told = item.data.get("id")
        if told is None or (isinstance(told, str) and not told.strip()):
            yield feed.line(item), "an item has no `id`"


@RULES.warning("Write the id as a text.")
def id_is_text(feed: Json) -> Found:
    """An `id` is a text, even if it is a number. (JSON Feed 1.1, "Items")"""
    for item in feed.items:
        if isinstance(item.data.get("id"), int | float):
            yield feed.line(item, "id"), f"the id {item.data['id']} is not a text"


@RULES.error("Give every item an id of its own.")
def unique_ids(feed: Json) -> Found:
    """No two items have the same `id`. (JSON Feed 1.1, "Items")"""
    seen: set[str] = set()
    for item in feed.items:
        told = str(item.data.get("id") or "")
        if told and told in seen:
            yield feed.line(item, "id"), f"the id `{told[:80]}` stands in it twice"
        seen.add(told)


@RULES.error("Give the item its content, as HTML or as text.")
def content(feed: Json) -> Found:
    """An item has `content_html`, `content_text` or both. (JSON Feed 1.1, "Items")"""
    for item in feed.items:
        if item.data.get("content_html") is None and item.data.get("content_text") is None:
            yield feed.line(item), "an item has neither `content_html` nor `content_text`"


@RULES.error("Write dates as in `2026-11-03T08:30:00Z`.")
def dates(feed: Json) -> Found:
    """Dates are those of RFC 3339 with a zone. (JSON Feed 1.1, "Items")"""
    for item in feed.items:
        for key in ("date_published", "date_modified"):
            told = item.data.get(key)
            fault = fault_3339(told.upper()) if isinstance(told, str) else None
            if fault:
                yield feed.line(item, key), f"`{key}`: {fault}"


@RULES.error("Write the whole address, as in `https://example.org/page`.")
def addresses(feed: Json) -> Found:
    """Addresses are absolute. (JSON Feed 1.1, "Top-level" and "Items")"""
    for part in feed.parts():
        for key in _ADDRESSES:
            told = part.data.get(key)
            if isinstance(told, str) and not absolute(told):
                yield feed.line(part, key), f"`{key}` is not an absolute address: `{told[:80]}`"


@RULES.error("Let it be the address of the next, older document.")
def next_url(feed: Json) -> Found:
    """`next_url` is not the feed's own address. (JSON Feed 1.1, "Top-level")"""
    told = feed.feed.data.get("next_url")
    if told is not None and told == feed.feed.data.get("feed_url"):
        yield feed.line(feed.feed, "next_url"), "`next_url` leads to the feed itself"


@RULES.error("Give the author a name, an address or a picture, or leave the author out.")
def authors(feed: Json) -> Found:
    """An author has a `name`, a `url` or an `avatar`. (JSON Feed 1.1, "Authors")"""
    for part in feed.authors:
        if not any(part.data.get(key) for key in AUTHOR):
            yield feed.line(part), "an author has neither name nor url nor avatar"


@RULES.error("Say where the file is, and its media type.")
def attachments(feed: Json) -> Found:
    """An attachment has a `url` and a `mime_type`; sizes and durations are not negative. (JSON Feed 1.1)"""
    for part in feed.attachments:
        for key in ("url", "mime_type"):
            if not part.data.get(key):
                yield feed.line(part), f"an attachment has no `{key}`"
        kind = part.data.get("mime_type")
        if isinstance(kind, str) and kind and not is_media_type(kind):
            yield feed.line(part, "mime_type"), f"`mime_type` is not a media type: `{kind[:40]}`"
        for key in ("size_in_bytes", "duration_in_seconds"):
            number = part.data.get(key)
            if isinstance(number, int | float) and number < 0:
                yield feed.line(part, key), f"`{key}` is negative: {number}"


@RULES.error("Give the hub a `type` and a `url`.")
def hubs(feed: Json) -> Found:
    """A hub has a `type` and a `url`. (JSON Feed 1.1, "Subscribing to Real-time Notifications")"""
    for part in feed.hubs:
        for key in HUB:
            if not part.data.get(key):
                yield feed.line(part), f"a hub has no `{key}`"


@RULES.error("Write a language tag, as in `en` or `pt-BR`.")
def languages(feed: Json) -> Found:
    """`language` is a language tag. (JSON Feed 1.1, "Top-level" and "Items"; RFC 5646)"""
    for part in (feed.feed, *feed.items):
        told = part.data.get("language")
        if isinstance(told, str) and not is_language(told):
            yield feed.line(part, "language"), f"`language` is not a language tag: `{told[:40]}`"


@RULES.warning("Begin the key of an extension with an underscore, or correct the name.")
def known_keys(feed: Json) -> Found:
    """A key that JSON Feed does not have begins with an underscore. (JSON Feed 1.1, "Extensions")"""
    for part in feed.parts():
        for key in part.data.keys() - part.keys.keys():
            if not key.startswith("_"):
                yield feed.line(part, key), f"JSON Feed has no `{key[:40]}` here"


@RULES.warning("Put what the extension says into an object, and name it with an underscore and letters.")
def extensions(feed: Json) -> Found:
    """An extension is an object, its key has a letter after the underscore and no period.
    (JSON Feed 1.1, "Extensions")"""
    for part in feed.parts():
        for key, value in part.data.items():
            if key.startswith("_") and not _EXTENSION.fullmatch(key):
                yield feed.line(part, key), f"`{key[:40]}` is no name of an extension"
            elif key.startswith("_") and not isinstance(value, dict):
                yield feed.line(part, key), f"the extension `{key[:40]}` is not an object"


@RULES.warning("List authors under `authors`.")
def one_author(feed: Json) -> Found:
    """`author` gave way to `authors` in 1.1. (JSON Feed 1.1, "Changes")"""
    for part in (feed.feed, *feed.items):
        if "author" in part.data and "authors" not in part.data:
            yield feed.line(part, "author"), "`author` is that of JSON Feed 1.0"


@RULES.warning("Add the address.")
def recommended(feed: Json) -> Found:
    """A feed says its `home_page_url` and its `feed_url`. (JSON Feed 1.1, "Top-level")"""
    for key in ("home_page_url", "feed_url"):
        if not feed.feed.data.get(key):
            yield 1, f"the feed does not say its `{key}`"


@RULES.warning("Link to a page on the web.")
def pages(feed: Json) -> Found:
    """The `url` of an item is a page on the web. (JSON Feed 1.1, "Items")"""
    for item in feed.items:
        told = item.data.get("url")
        if isinstance(told, str) and absolute(told) and not is_web(told):
            yield feed.line(item, "url"), f"`url` is no page on the web: `{told[:80]}`"
