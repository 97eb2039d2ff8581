"""How much of a feed is read: more than any honest feed needs, and less than would use up memory or time.

What is over is left out and told; what comes first in the document is kept. This module must not know what the
elements mean beyond their names.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Collection
from itertools import islice

from lxml import etree

from feedmill.normalize.feednames import CORE, ITEMS, TEXTS, local, remove

__all__ = ["MOST_ENTRIES", "MOST_MARKS", "affordable", "beginning", "bound", "marks", "shortened"]

_MOST_NODES = 250_000  # of a document as it came: elements, and twice for each attribute
_MOST_REFERENCES = 1_000_000  # each may become five characters when it is repaired
_MOST_WIDE = 5_000_000  # characters of four bytes
_MOST_ELEMENTS = 200_000  # that are read
_MOST_OUTSIDE = 2000  # elements of the feed itself
MOST_ENTRIES = 20_000
_MOST_IN_ENTRY = 2000  # elements
_MOST_OF_A_NAME = 500  # elements in one entry
MOST_MARKS = 300_000  # tags and references in the texts of all entries
_MOST_MARKS_IN_TEXT = 50_000
_LONGEST_TEXT = 1_000_000  # characters
_MARK = re.compile("[<&]")
_INLINE = re.compile(r"""(["'])data:[^"'<>]{1000,}\1""")
_NODE = re.compile("[<=]")


def affordable(text: str) -> str:
    """Return `text`, or its beginning where one character beyond Unicode's first plane makes it a giant in memory."""
    return _closed(text[:_MOST_WIDE]) if sys.getsizeof(text) > 4 * _MOST_WIDE else text


def _closed(xml: str) -> str:
    """End the CDATA section that a document was cut within."""
    return f"{xml}]]>" if xml.rfind("<![CDATA[") > xml.rfind("]]>") else xml


def beginning(xml: str) -> str:
    """Return `xml`, or as much of it from the start as a tree of bounded size can hold."""
    if xml.count("&") > _MOST_REFERENCES:
        xml = xml[: next(islice(re.finditer("&", xml), _MOST_REFERENCES, None)).start()]
    if xml.count("<") + 2 * xml.count("=") <= _MOST_NODES:
        return xml
    nodes, at = 0, 0
    while at < len(xml):
        # What is in a CDATA section is one text, however it looks.
        start = xml.find("<![CDATA[", at)
        start = len(xml) if start < 0 else start
        found = xml.count("<", at, start) + 2 * xml.count("=", at, start)
        if nodes + found > _MOST_NODES:
            for match in _NODE.finditer(xml, at, start):
                nodes += 1 if match[0] == "<" else 2
                if nodes > _MOST_NODES:
                    return xml[: match.start()]
        nodes += found + 1
        end = xml.find("]]>", start)
        at = len(xml) if end < 0 else end + 3
    return xml


def bound(root: etree._Element) -> list[str]:
    """Remove from the tree what is too much, and cut texts that are too long. Returns what was done, in words."""
    items = _outermost_items(root)
    _bound_outside(root, items)
    crowded = cut = elements = cost = 0
    for number, item in enumerate(items):
        crowded += _bound_item(item)
        inside = [element for element in item.iter(etree.Element) if element.text]
        for element in inside:
            cut += _cut(element)
        elements += sum(1 for _ in item.iter(etree.Element))
        cost += sum(marks(element.text or "") for element in inside)
        if number and (elements > _MOST_ELEMENTS or cost > MOST_MARKS or number >= MOST_ENTRIES):
            for rest in items[number:]:
                remove(rest)
            return [f"it is larger than any feed: of its {len(items):,} entries only the first {number:,} were read"]
    problems = []
    if crowded:
        problems.append(f"{crowded:,} entries hold too many elements, and were read in part")
    if cut:
        problems.append(f"{cut:,} texts are longer than any reader shows, and were cut")
    return problems


def _outermost_items(root: etree._Element) -> list[etree._Element]:
    items = []
    walk = etree.iterwalk(root, events=("start",))
    for _, element in walk:
        if isinstance(element.tag, str) and local(element) in ITEMS:
            items.append(element)
            walk.skip_subtree()
    return items


def _bound_outside(root: etree._Element, items: Collection[etree._Element]) -> None:
    """Leave only so many elements that belong to no entry."""
    parents = {item.getparent() for item in items}
    needed = parents.union(*(parent.iterancestors() for parent in parents if parent is not None))
    walk = etree.iterwalk(root, events=("start",))
    outside, over = 0, []
    for _, element in walk:
        if local(element) in ITEMS:
            walk.skip_subtree()
            continue
        outside += 1
        if outside > _MOST_OUTSIDE and element not in needed:
            over.append(element)
            walk.skip_subtree()
    for element in over:
        remove(element)


def _bound_item(item: etree._Element) -> bool:
    """Leave only so many elements of an entry; return whether there were more."""
    seen: Counter[str] = Counter()
    over = []
    for element in item.iterdescendants(etree.Element):
        name = local(element)
        seen[name] += 1
        if seen[name] > _MOST_OF_A_NAME:
            over.append(element)
    if seen.total() - len(over) > _MOST_IN_ENTRY:
        over += [element for element in item.iterdescendants(etree.Element) if local(element) not in CORE]
    for element in over:
        remove(element)
    return bool(over)


def _cut(element: etree._Element) -> bool:
    text = element.text or ""
    if local(element) not in TEXTS:
        return False
    shorter = shortened(text)
    if shorter is not text:
        element.text = shorter
    return len(shorter) < len(text)


def shortened(text: str) -> str:
    """Return a text or markup, or its beginning where it is longer than any reader shows, cut before a tag."""
    if len(text) <= _LONGEST_TEXT and marks(text) <= _MOST_MARKS_IN_TEXT:
        return text
    if "data:" in text:
        text = _INLINE.sub('""', text)  # pictures inside of addresses, which nothing lets pass
    shorter = text[:_LONGEST_TEXT]
    mark = next(islice(_MARK.finditer(shorter), _MOST_MARKS_IN_TEXT, None), None)
    if mark:
        return shorter[: mark.start()]
    return shorter[: shorter.rfind("<")] if shorter.rfind("<") > shorter.rfind(">") else shorter


def marks(text: str) -> int:
    """Return how many tags and references a text holds, which is what it costs to read it."""
    return text.count("<") + text.count("&")
