"""OPML 2.0 (opml.org/spec2.opml): lists of feeds, written and read back.

This module must not know which feeds a list is of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from feedmill.render._check import Document
from feedmill.render._xml import append, legal
from feedmill.times import whole_seconds

__all__ = ["MEDIA_TYPE", "Outline", "addresses", "write"]

MEDIA_TYPE = "text/x-opml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A line of the list: a feed with its `url`, else a heading; `inner` are the lines below it."""

    title: str
    url: str | None = None
    link: str | None = None
    description: str | None = None
    language: str | None = None
    inner: tuple[Outline, ...] = ()


def write(title: str, updated: datetime | None, outlines: Iterable[Outline]) -> bytes:
    """Return a list of feeds as a document. `updated` is its date, if it has one."""
    root = etree.Element("opml", version="2.0")
    head = append(root, "head")
    append(head, "title", legal(title))
    if updated is not None:
        append(head, "dateModified", format_datetime(whole_seconds(updated), usegmt=True))
    body = append(root, "body")
    _append(body, legal(tuple(outlines)))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def addresses(document: Document) -> list[str]:
    """Return the addresses of the feeds in a list, in their order.

    Raises:
        CheckFailed: it is no OPML 2.0, or a line lacks what it must have.
    """
    root = document.root
    document.insist(root.tag == "opml" and root.get("version") == "2.0", root, "the root is not <opml version='2.0'>")
    document.text(document.child(root, "head"), "title")
    found: list[str] = []
    for outline in document.child(root, "body").iter("outline"):
        document.insist(bool((outline.get("text") or "").strip()), outline, "an <outline> has no text")
        if outline.get("type") == "rss":
            address = outline.get("xmlUrl") or ""
            document.insist(address.startswith(("http://", "https://")), outline, "a feed has no web address")
            found.append(address)
        else:
            document.insist(len(outline) > 0, outline, "an <outline> is neither a feed nor a heading")
    return found


def _append(parent: etree._Element, outlines: Iterable[Outline]) -> None:
    for outline in outlines:
        title = outline.title.strip() or outline.url
        feed = outline.url is not None
        element = append(
            parent,
            "outline",
            type="rss" if feed else None,
            title=title,
            description=outline.description,
            xmlUrl=outline.url,
            htmlUrl=outline.link if feed else None,
            language=outline.language if feed else None,
        )
        element.set("text", title or "")  # which is the name of a parameter, too
        _append(element, outline.inner)
