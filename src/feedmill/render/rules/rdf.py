"""The rules of RSS 1.0 (web.resource.org/rss/1.0/spec): what its readers cannot do without.

What a rule asks, and where that is written, is in its docstring: docs/validate.md is made of them. This module must not
know RDF beyond that.
"""

from __future__ import annotations

from collections.abc import Iterator

from feedmill.render._xml import Element
from feedmill.render.rules.table import Table
from feedmill.render.rules.tree import Node, label, line

__all__ = ["RDF", "RSS", "RULES"]

Found = Iterator[tuple[int, str]]

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
RSS = "{http://purl.org/rss/1.0/}"

RULES: Table[Element] = Table()


@RULES.error('Put one `<channel rdf:about="…">` of the namespace `http://purl.org/rss/1.0/` into `<rdf:RDF>`.')
def one_channel(root: Element) -> Found:
    """There is one `channel`. (RSS 1.0 section 5.3)"""
    count = len(root.findall(RSS + "channel"))
    if count != 1:
        yield line(root), f"<RDF> has {count} <channel> of RSS 1.0, not one"


@RULES.error("Add the element.")
def required(root: Element) -> Found:
    """A channel and an item have `title` and `link`, a channel a `description`, too. (RSS 1.0 sections 5.3 and 5.5)"""
    for node in map(Node.of, root.findall(RSS + "channel") + root.findall(RSS + "item")):
        for tag in ("title", "link", "description"):
            needed = tag != "description" or node.element.tag == RSS + "channel"
            if needed and not node.text(RSS + tag):
                yield node.line, f"{label(node.element)} has no <{tag}>"


@RULES.error("Say with `rdf:about` what it is about, each once.")
def about(root: Element) -> Found:
    """A channel and an item say what they are about, no two the same. (RSS 1.0 sections 5.3 and 5.5)"""
    seen: set[str] = set()
    for element in root.findall(RSS + "channel") + root.findall(RSS + "item"):
        told = element.get(RDF + "about") or ""
        if not told:
            yield line(element), f"{label(element)} has no rdf:about"
        elif told in seen:
            yield line(element), f"two things are about `{told[:80]}`"
        seen.add(told)
