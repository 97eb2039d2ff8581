"""The rules of RSS 2.0 for its items.

`rss` says more. This module must not know what Feedmill itself would write.
"""

from __future__ import annotations

from collections.abc import Iterator

from feedmill.render._xml import DC
from feedmill.render.rules.rss_document import ITEM, Rss
from feedmill.render.rules.table import Table
from feedmill.render.rules.tree import line, text
from feedmill.render.rules.values import absolute, is_count, is_media_type, is_web

__all__ = ["RULES"]

Found = Iterator[tuple[int, str]]

RULES: Table[Rss] = Table()


@RULES.error("Give the item a title, a description, or both.")
def item_says_something(rss: Rss) -> Found:
    """An item has a `title` or a `description`. (RSS 2.0, "Elements of <item>")"""
    for item in rss.items:
        if not (item.text("title") or item.text("description")):
            yield item.line, "an <item> has neither <title> nor <description>"


@RULES.warning("Keep the one that matters most; most readers see the first or the last alone.")
def one_enclosure(rss: Rss) -> Found:
    """An item has at most one `enclosure`. (Profile, "enclosure")"""
    for item in rss.items:
        if len(item.children.get("enclosure", ())) > 1:
            yield line(item.children["enclosure"][1]), "an <item> has several <enclosure>"


@RULES.error("Write markup as `&lt;b&gt;` or in a CDATA section.")
def nested_markup(rss: Rss) -> Found:
    """The elements of an item hold text; markup in them is escaped. (RSS 2.0, "Elements of <item>")"""
    for item in rss.items:
        for tag, elements in item.children.items():
            if tag in ITEM and any(isinstance(inner.tag, str) for inner in elements[0]):
                yield line(elements[0]), f"<{tag}> has elements inside"


@RULES.error('Say `true` or `false`; an id that is no address to follow needs `isPermaLink="false"`.')
def permalink(rss: Rss) -> Found:
    """A `guid` that does not say `isPermaLink="false"` is the address of the item. (RSS 2.0, "<guid>")"""
    for item in rss.items:
        for guid in item.all("guid"):
            said = guid.get("isPermaLink", "true")
            if said not in {"true", "false"}:
                yield line(guid), f"isPermaLink is neither true nor false: `{said[:20]}`"
            elif said == "true" and not is_web(text(guid)):
                yield line(guid), f"the <guid> `{text(guid)[:80]}` claims to be an address, and is none"


@RULES.error("Say where the file is, how many bytes it has (0 if nobody knows), and its media type.")
def enclosure(rss: Rss) -> Found:
    """`enclosure` has the `url` of a file on the web, its `length` in bytes and its `type`. (RSS 2.0, "<enclosure>")"""
    for item in rss.items:
        for element in item.all("enclosure"):
            for name in ("url", "length", "type"):
                if not (element.get(name) or "").strip():
                    yield line(element), f"<enclosure> has no {name}"
            url, length, kind = (element.get(name) or "" for name in ("url", "length", "type"))
            if absolute(url) and not is_web(url):
                yield line(element), f"the url of <enclosure> is not on the web: `{url[:80]}`"
            if length and not is_count(length):
                yield line(element), f"the length of <enclosure> is not a number of bytes: `{length[:20]}`"
            if kind and not is_media_type(kind):
                yield line(element), f"the type of <enclosure> is not a media type: `{kind[:40]}`"


@RULES.error("Say the address of the feed that the item was taken from.")
def source(rss: Rss) -> Found:
    """`source` has a `url`. (RSS 2.0, "<source>")"""
    for item in rss.items:
        for element in item.all("source"):
            if not element.get("url"):
                yield line(element), "<source> has no url"


@RULES.error("Give every item an id of its own.")
def unique_guids(rss: Rss) -> Found:
    """No two items have the same `guid`. (RSS 2.0, "<guid>": it uniquely identifies the item)"""
    seen: set[str] = set()
    for item in rss.items:
        guid = item.text("guid")
        if guid and guid in seen:
            yield line(item.children["guid"][0]), f"the <guid> `{guid[:80]}` stands in it twice"
        seen.add(guid or "")


@RULES.warning("Keep one of the two.")
def said_twice(rss: Rss) -> Found:
    """What RSS has an element for is not said again by Dublin Core. (Profile, "Namespace elements")"""
    pairs = (("pubDate", DC + "date"), ("author", DC + "creator"), ("title", DC + "title"))
    for item in rss.items:
        for own, other in pairs:
            if own in item.children and other in item.children:
                yield line(item.children[other][0]), f"<{own}> and dc:{other.partition('}')[2]} say the same"
