"""A reader that asks for deltas: it has a feed, gets what is new, and puts both together."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

__all__ = ["Feed", "merged", "read"]

_ATOM = "{http://www.w3.org/2005/Atom}"
_GONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as this reader knows it: what it says of itself, of each entry (by id, in order), and which are gone."""

    head: bytes
    entries: dict[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()


def read(body: bytes) -> Feed:
    """Read RSS, Atom or JSON Feed."""
    if body.lstrip().startswith(b"{"):
        data = json.loads(body)
        items = data.pop("items")
        return Feed(json.dumps(data).encode(), {item["id"]: json.dumps(item) for item in items})
    root = etree.fromstring(body)
    parent = root if root.tag == f"{_ATOM}feed" else root[0]
    entries: dict[str, str] = {}
    gone: set[str] = set()
    for child in list(parent):
        child.tail = None
        if child.tag in ("item", f"{_ATOM}entry"):
            id_ = child.findtext("guid") or child.findtext(f"{_ATOM}id")
            assert id_
            entries[id_] = etree.tostring(child, method="c14n", exclusive=True).decode()
            parent.remove(child)
        elif child.tag == _GONE:
            gone.add(str(child.attrib["ref"]))
            parent.remove(child)
    return Feed(_without_space(root), entries, frozenset(gone))


def merged(had: Feed, new: Feed, order: Iterable[str]) -> dict[str, str]:
    """Return the entries that the reader has once it got `new`; `order` are all ids, as their dates order them."""
    known = {id_: said for id_, said in had.entries.items() if id_ not in new.gone} | new.entries
    return {id_: known[id_] for id_ in order if id_ in known}


def _without_space(root: etree._Element) -> bytes:
    for element in root.iter():
        element.tail = None
        if element.text and not element.text.strip():
            element.text = None
    return etree.tostring(root, method="c14n", exclusive=True)
