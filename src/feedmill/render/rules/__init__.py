"""What a document of each format must be: rules in tables, for our own documents and for anybody's. No I/O.

`examine` is for documents of which nothing is known; the renderers' own checks ask the tables. This package must not
know how Feedmill renders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from feedmill.errors import NormalizeError
from feedmill.render._xml import ATOM, Element
from feedmill.render.rules import atom, jsonfeed, rdf, readers, rss, telling, tree, vocabularies
from feedmill.render.rules.readers import Served
from feedmill.render.rules.table import Finding, Rule, Severity, Table

__all__ = ["TABLES", "Finding", "Rule", "Served", "Severity", "Table", "Verdict", "entries_in", "examine"]

TABLES: Mapping[str, Table[Any]] = {
    "RSS 2.0": rss.RULES,
    "Atom 1.0": atom.RULES,
    "JSON Feed 1.1": jsonfeed.RULES,
    "RSS 1.0": rdf.RULES,
    "Other vocabularies": vocabularies.RULES,
    "Readers": readers.RULES,
}
"""Every rule there is, by what asks for it."""

_UTF_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a document is and what is wrong with it, by line. `format` is a key of TABLES, None for what is no feed."""

    format: str | None
    entries: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether it has no error."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


def entries_in(body: bytes) -> tuple[tuple[str, str, str], ...]:
    """Return id, title and address of each entry of an RSS or Atom document that has all three."""
    moment = datetime.min.replace(tzinfo=UTC)
    try:
        root = tree.parse(body)
    except NormalizeError:
        return ()
    if root.tag == "rss":
        told = telling.of_rss(rss.Rss.of(root), moment, None)
    elif root.tag == ATOM + "feed":
        told = telling.of_atom(atom.Atom.of(root), moment, None)
    else:
        return ()
    return tuple((one.id, one.title, one.url) for one in told.entries if one.id and one.title and one.url)


def examine(body: bytes, now: datetime, served: Served | None = None) -> Verdict:
    """Return the verdict on a document of any format. `now` (aware) tells which dates are still to come."""
    try:
        if body.removeprefix(_UTF_BOM).lstrip()[:1] in (b"{", b"["):
            return _json(body, now, served)
        root = tree.parse(body)
    except NormalizeError as error:
        hint = "Correct this first: the rest can only be looked at then."
        return Verdict(format=None, findings=(_error("well-formed", int(error.where), error.what, hint),))
    if root.tag == "rss":
        document = rss.Rss.of(root)
        foreign = vocabularies.Foreign((document.channel, *document.items), atom=True)
        found = [
            *rss.RULES.findings(document),
            *vocabularies.RULES.findings(foreign),
            *readers.RULES.findings(telling.of_rss(document, now, served)),
        ]
        return _verdict("RSS 2.0", len(document.items), found, root)
    if root.tag in (ATOM + "feed", ATOM + "entry"):
        feed = atom.Atom.of(root)
        foreign = vocabularies.Foreign((feed.root, *(feed.entries if feed.is_feed else ())))
        found = [
            *atom.RULES.findings(feed),
            *vocabularies.RULES.findings(foreign),
            *readers.RULES.findings(telling.of_atom(feed, now, served)),
        ]
        return _verdict("Atom 1.0", len(feed.entries), found, root)
    if root.tag == rdf.RDF + "RDF":
        return _verdict("RSS 1.0", len(root.findall(rdf.RSS + "item")), [*rdf.RULES.findings(root)], root)
    return Verdict(format=None, findings=(_no_feed(root),))


def _json(body: bytes, now: datetime, served: Served | None) -> Verdict:
    feed = jsonfeed.parse(body)
    found = [*jsonfeed.RULES.findings(feed), *readers.RULES.findings(telling.of_json(feed, now, served))]
    return Verdict(format="JSON Feed 1.1", entries=len(feed.items), findings=_sorted(found))


def _verdict(form: str, entries: int, found: list[Finding], root: Element) -> Verdict:
    if root.getroottree().docinfo.internalDTD is not None:
        hint = "Take the declaration out, and write characters as themselves."
        what = "it has a document type declaration, which many readers refuse"
        found.append(Finding(rule="doctype", severity=Severity.WARNING, line=1, what=what, hint=hint))
    return Verdict(format=form, entries=entries, findings=_sorted(found))


def _no_feed(root: Element) -> Finding:
    name = tree.label(root)
    if name.lower() == "<html>":
        return _error(
            "a-feed", 1, "it is a web page, not a feed", "Give the address of the feed that the page links to."
        )
    if name == "<feed>":
        what, hint = "its <feed> is not Atom 1.0's", 'Write `<feed xmlns="http://www.w3.org/2005/Atom">`.'
        return _error("a-feed", tree.line(root), what, hint)
    hint = "A feed begins with <rss>, with <feed> of Atom, with <rdf:RDF>, or is a JSON Feed."
    return _error("a-feed", tree.line(root), f"it begins with {name}, and is no feed", hint)


def _error(rule: str, line: int, what: str, hint: str) -> Finding:
    return Finding(rule=rule, severity=Severity.ERROR, line=line, what=what, hint=hint)


def _sorted(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda finding: finding.line))
