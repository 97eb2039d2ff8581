"""Reads a rendered page back with a parser of its own, to see that it is what it should be.

It must not know how pages are made: what it finds is compared with the entries alone, and with what the page's own
policy lets run.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from typing import NoReturn

from lxml import etree, html

from feedmill.errors import CheckFailed
from feedmill.model import Entry
from feedmill.render._xml import Element, legal

__all__ = ["Page"]

_HINT = "The last good page stays. If a theme is used, its templates must keep to docs/theme.md; else please report it."
_FORBIDDEN = frozenset({"applet", "base", "embed", "form", "frame", "frameset", "iframe", "object", "portal"})
_ADDRESSES = frozenset({"action", "cite", "data", "formaction", "href", "poster", "src", "xlink:href"})
_SCRIPTED = re.compile(r"(javascript|vbscript|data|blob|file):", re.IGNORECASE)
_SPACES = re.compile(r"[\x00-\x20\x7f]+")  # browsers pass over them in a scheme
_SOURCE = re.compile(r"'(sha256-[A-Za-z0-9+/]+={0,2})'")


class Page:
    """A page that is being checked. Every method raises CheckFailed, naming the line."""

    def __init__(self, body: bytes, file_name: str) -> None:
        self._file_name = file_name
        parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
        try:
            self.root: Element = html.document_fromstring(body, parser)
        except (etree.ParserError, etree.XMLSyntaxError) as error:
            raise CheckFailed(f"it is not HTML: {error}", where=file_name, hint=_HINT) from None
        titles = self.root.findall("head/title")
        self.insist(len(titles) == 1 and bool((titles[0].text or "").strip()), self.root, "it has not one title")

    def insist(self, condition: bool, element: Element, what: str) -> None:  # noqa: FBT001
        """Fail with `what` unless `condition` holds; `element` is where."""
        if not condition:
            self._fail(what, element)

    def runs_only_its_own(self) -> None:
        """See that nothing in the page can run but the scripts that its policy names by their digests."""
        allowed = self._allowed()
        for element in self.root.iter(etree.Element):
            tag = str(element.tag).lower()
            self.insist(tag not in _FORBIDDEN, element, f"it has a <{tag}>")
            if tag == "script":
                digest = base64.b64encode(hashlib.sha256((element.text or "").encode()).digest()).decode("ascii")
                known = "src" not in element.attrib and f"sha256-{digest}" in allowed
                self.insist(known, element, "it has a <script> that its Content-Security-Policy does not name")
            refreshes = tag == "meta" and (element.get("http-equiv") or "").lower() == "refresh"
            self.insist(not refreshes, element, "it leads elsewhere by itself")
            self._attributes(element)

    def same_entries(self, entries: Sequence[Entry]) -> None:
        """See that there is one <article> with a data-id for each of `entries`, in their order, each with a heading."""
        articles = [article for article in self.root.iter("article") if "data-id" in article.attrib]
        for article, entry in zip(articles, entries, strict=False):
            found, expected = article.get("data-id"), legal(entry.id)
            self.insist(found == expected, article, f"the id {found!r} stands where {expected!r} should")
            heading = next(article.iter("h1", "h2", "h3"), None)
            named = heading is not None and bool("".join(map(str, heading.itertext())).strip())
            self.insist(named, article, f"the entry {expected!r} has no title")
        self.insist(len(articles) == len(entries), self.root, f"it carries {len(articles)} entries, not {len(entries)}")

    def _allowed(self) -> set[str]:
        """The digests of the scripts that may run: the first policy of the page says which, in its head."""
        policy = self.root.find("head/meta[@http-equiv='Content-Security-Policy']")
        for directive in (policy.get("content") or "").split(";") if policy is not None else ():
            name, _, value = directive.strip().partition(" ")
            if name == "script-src":
                self.insist("unsafe" not in value, self.root, "its Content-Security-Policy lets any script run")
                return set(_SOURCE.findall(value))
        return self._fail("it has no Content-Security-Policy that says which scripts may run", self.root)

    def _attributes(self, element: Element) -> None:
        for name in map(str, element.keys()):
            lowered = name.lower()
            self.insist(not lowered.startswith("on"), element, f"it has an event handler, {name}")
            if lowered in _ADDRESSES:
                address = _SPACES.sub("", element.get(name) or "")
                icon = element.tag == "link" and address.startswith("data:")
                self.insist(icon or not _SCRIPTED.match(address), element, f"it leads to {address[:60]!r}")

    def _fail(self, what: str, element: Element) -> NoReturn:
        line = element.sourceline
        raise CheckFailed(what, where=f"{self._file_name}, line {line}", hint=_HINT)
