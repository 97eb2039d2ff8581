"""A document's place in the history of its feed: what each format says of it.

This module must not know how history is kept, or what goes into which document.
"""

from __future__ import annotations

from feedmill.model import Edition, Tombstone
from feedmill.render._names import document_name
from feedmill.render._xml import Element, append
from feedmill.times import iso

__all__ = ["AT", "FH", "append_history", "append_tombstone", "namespaces"]

FH = "{http://purl.org/syndication/history/1.0}"
AT = "{http://purl.org/atompub/tombstones/1.0}"


def namespaces(edition: Edition) -> dict[str, str]:
    """Return the namespaces, by prefix, that the document needs for its history."""
    needed = {}
    if edition.number is not None or edition.complete:
        needed["fh"] = FH[1:-1]
    if edition.tombstones:
        needed["at"] = AT[1:-1]
    return needed


def append_history(parent: Element, link: str, edition: Edition, file_name: str, kind: str) -> None:
    """Append to a feed or channel where its history is: RFC 5005, and the WebSub hubs of the live document.

    `link` is the tag of an Atom link, `kind` the media type of the document and of its archive.
    """
    spec = edition.spec
    if edition.number is not None:
        append(parent, FH + "archive")
        append(parent, link, href=spec.base_url + file_name, rel="current", type=kind)
    elif edition.complete:
        append(parent, FH + "complete")
    if edition.previous is not None:
        href = spec.base_url + document_name(file_name, edition.previous)
        append(parent, link, href=href, rel="prev-archive", type=kind)
    for hub in spec.hubs if edition.number is None else ():
        append(parent, link, href=hub, rel="hub")


def append_tombstone(parent: Element, tombstone: Tombstone) -> None:
    """Append what is left of an entry that was withdrawn (RFC 6721 section 3)."""
    append(parent, AT + "deleted-entry", ref=tombstone.id, when=iso(tombstone.when))
