"""What the formats have in common, for the rules that hold in all of them: a document of each becomes a `Telling`.

This module must not know any rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from feedmill.render._xml import ATOM, DC, Element
from feedmill.render.rules.atom_document import Atom
from feedmill.render.rules.json_document import Json, Part
from feedmill.render.rules.readers import Served, Telling, Told
from feedmill.render.rules.rss_document import Rss
from feedmill.render.rules.tree import Node, line, text
from feedmill.render.rules.values import date_822, date_3339
from feedmill.render.rules.vocabularies import ENCODED

__all__ = ["of_atom", "of_json", "of_rss"]

_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_XML = ("application/xml", "text/xml")
_MOST_SPECIFIC = ("text", None)


def of_rss(rss: Rss, now: datetime, served: Served | None) -> Telling:
    """Return what an RSS document says."""
    links = [link for link in rss.channel.all(ATOM + "link") if link.get("rel") == "self"]
    return Telling(
        now=now,
        entries=tuple(_item(item) for item in rss.items),
        media_types=("application/rss+xml", *_XML),
        self_url=(line(links[0]), links[0].get("href", "")) if links else None,
        served=served,
        dated=rss.root.element.get("version") in {None, "2.0"},
    )


def _item(item: Node) -> Told:
    dated = [(line(element), date_822(text(element))) for element in item.all("pubDate")]
    dated += [(line(element), date_3339(text(element))) for element in item.all(DC + "date", ATOM + "updated")]
    guid = next(item.all("guid"), None)
    link = item.text("link")
    if not link and guid is not None and guid.get("isPermaLink", "true") == "true":
        link = text(guid)
    return Told(
        line=item.line,
        id=item.text("guid"),
        url=link,
        title=item.text("title"),
        dates=tuple(dated),
        html=tuple((line(element), text(element)) for element in item.all("description", ENCODED)),
        base=_base(item.element),
    )


def of_atom(atom: Atom, now: datetime, served: Served | None) -> Telling:
    """Return what an Atom document says."""
    links = [link for link in atom.root.all(ATOM + "link") if link.get("rel") == "self"]
    return Telling(
        now=now,
        entries=tuple(_entry(entry) for entry in atom.entries),
        media_types=("application/atom+xml", *_XML),
        self_url=(line(links[0]), links[0].get("href", "")) if links and atom.is_feed else None,
        served=served,
        dated=False,  # the format's own rules ask for the date
    )


def _entry(entry: Node) -> Told:
    dates = [(line(one), date_3339(text(one))) for one in entry.all(ATOM + "published", ATOM + "updated")]
    alternates = [link for link in entry.all(ATOM + "link") if link.get("rel", "alternate") == "alternate"]
    title = next(entry.all(ATOM + "title"), None)
    return Told(
        line=entry.line,
        id=entry.text(ATOM + "id") or "-",  # the format's own rules ask for it
        url=alternates[0].get("href") if alternates else None,
        title=text(title) if title is not None and title.get("type") in _MOST_SPECIFIC else None,
        dates=tuple(dates),
        html=tuple(_html(entry)),
        base=_base(entry.element),
    )


def _html(entry: Node) -> Iterator[tuple[int, str]]:
    for element in entry.all(ATOM + "summary", ATOM + "content"):
        if element.get("type") == "html":
            yield line(element), text(element)
        elif element.get("type") == "xhtml":
            yield line(element), "".join(etree.tostring(child, encoding="unicode") for child in element)


def of_json(feed: Json, now: datetime, served: Served | None) -> Telling:
    """Return what a JSON Feed says."""
    own = feed.feed.data.get("feed_url")
    return Telling(
        now=now,
        entries=tuple(_json_item(feed, item) for item in feed.items),
        media_types=("application/feed+json", "application/json"),
        self_url=(feed.line(feed.feed, "feed_url"), own) if isinstance(own, str) else None,
        served=served,
    )


def _json_item(feed: Json, item: Part) -> Told:
    def told(key: str) -> str | None:
        found = item.data.get(key)
        return found if isinstance(found, str) else None

    dates = [
        (feed.line(item, key), date_3339(value)) for key in ("date_published", "date_modified") if (value := told(key))
    ]
    content = told("content_html")
    return Told(
        line=feed.line(item),
        id=str(item.data.get("id") or "-"),  # the format's own rules ask for it
        url=told("url"),
        title=told("title"),
        dates=tuple(dates),
        html=((feed.line(item, "content_html"), content),) if content else (),
    )


def _base(element: Element) -> str | None:
    found = element.xpath("ancestor-or-self::*/@xml:base")
    return str(found[-1]) if isinstance(found, list) and found else None
