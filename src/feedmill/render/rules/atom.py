"""The rules of Atom 1.0: the grammar of RFC 4287 appendix B (`atom.rng`), and what its text asks beyond that.

What a rule asks, and where that is written, is in its docstring: docs/validate.md is made of them. Elements of another
namespace are other vocabularies' business. This module must not know what Feedmill itself would write.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from lxml import etree

from feedmill.render._xml import ATOM, XML_LANG, Element
from feedmill.render.rules.atom_document import Atom
from feedmill.render.rules.table import Severity, Table
from feedmill.render.rules.tree import label, line, text
from feedmill.render.rules.values import absolute, fault_3339, is_email, is_language, is_media_type, is_reference

__all__ = ["RULES", "Atom"]

Found = Iterator[tuple[int, str]]

_SHARED = frozenset({"author", "category", "contributor", "id", "link", "rights", "title", "updated"})
_FEED = _SHARED | {"generator", "icon", "logo", "subtitle"}
_INSIDE = {
    "feed": _FEED | {"entry"},
    "entry": _SHARED | {"content", "published", "source", "summary"},
    "source": _FEED,
    "author": frozenset({"name", "uri", "email"}),
    "contributor": frozenset({"name", "uri", "email"}),
}
_REPEATED = frozenset({"author", "category", "contributor", "link", "entry"})
_TEXTS = tuple(ATOM + tag for tag in ("title", "subtitle", "summary", "rights"))
_TEXT_TYPES = frozenset({None, "text", "html", "xhtml"})
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"

# A validator of lxml keeps the errors of its last document.
_ONE_AT_A_TIME = threading.Lock()


RULES: Table[Atom] = Table()


@RULES.error("Add the element.")
def required(atom: Atom) -> Found:
    """A feed and an entry have `id`, `title` and `updated`. (RFC 4287 sections 4.1.1 and 4.1.2)"""
    for node in (*([atom.root] if atom.is_feed else ()), *atom.entries):
        for tag in ("id", "title", "updated"):
            if ATOM + tag not in node.children:
                yield node.line, f"{label(node.element)} has no <{tag}>"


@RULES.error("Keep one of them.")
def once(atom: Atom) -> Found:
    """Only `author`, `category`, `contributor`, `link` and `entry` may stand more than once. (RFC 4287 section 4.1)"""
    for node in (*atom.holders(), *atom.people):
        for tag, elements in node.children.items():
            if len(elements) > 1 and tag.startswith(ATOM) and tag[len(ATOM) :] not in _REPEATED:
                yield line(elements[1]), f"{label(node.element)} has {len(elements)} {label(tag)}, not one"


@RULES.error("Correct the name, or take the element from another namespace.")
def known_elements(atom: Atom) -> Found:
    """An element of Atom's namespace is one of Atom's, at its place. (RFC 4287 section 6.2)"""
    for node in (*atom.holders(), *atom.people):
        allowed = _INSIDE.get(etree.QName(node.element).localname, frozenset())
        for tag, elements in node.children.items():
            if tag.startswith(ATOM) and tag[len(ATOM) :] not in allowed:
                yield line(elements[0]), f"Atom has no {label(tag)} in {label(node.element)}"


@RULES.error("Move it above the first entry.")
def metadata_first(atom: Atom) -> Found:
    """What is said of the feed comes before its entries. (RFC 4287 section 4.1.1)"""
    entered = False
    for child in atom.root.element if atom.is_feed else ():
        if child.tag == ATOM + "entry":
            entered = True
        elif entered and str(child.tag).startswith(ATOM):
            yield line(child), f"{label(child)} stands after an <entry>"


@RULES.error("Name an author in the entry, or one for the whole feed.")
def author(atom: Atom) -> Found:
    """An entry has an `author`, unless its `source` or the feed has one. (RFC 4287 sections 4.1.1 and 4.1.2)"""
    if atom.is_feed and ATOM + "author" in atom.root.children:
        return
    for entry in atom.entries:
        of_source = any(source.find(ATOM + "author") is not None for source in entry.all(ATOM + "source"))
        if ATOM + "author" not in entry.children and not of_source:
            yield entry.line, "neither the <entry> nor the feed has an <author>"


@RULES.error("Give the entry a `<content>`, or a `<link>` to its page.")
def content_or_link(atom: Atom) -> Found:
    """An entry without `content` has a link to its page. (RFC 4287 section 4.1.2)"""
    for entry in atom.entries:
        links = {link.get("rel", "alternate") for link in entry.all(ATOM + "link")}
        if ATOM + "content" not in entry.children and "alternate" not in links:
            yield entry.line, "an <entry> has neither <content> nor an alternate <link>"


@RULES.error("Keep one of them, or say how their `type` or `hreflang` differ.")
def one_alternate(atom: Atom) -> Found:
    """No two alternate links have the same `type` and `hreflang`. (RFC 4287 sections 4.1.1 and 4.1.2)"""
    for node in atom.holders():
        seen: set[tuple[str | None, str | None]] = set()
        for link in node.all(ATOM + "link"):
            if link.get("rel", "alternate") == "alternate":
                kind = (link.get("type"), link.get("hreflang"))
                if kind in seen:
                    yield line(link), f"{label(node.element)} has two alternate <link> of one type and language"
                seen.add(kind)


@RULES.error("Write an absolute IRI that never changes, as in `tag:example.org,2026:1`.")
def ids(atom: Atom) -> Found:
    """An `id` is an absolute IRI. (RFC 4287 section 4.2.6)"""
    for node in atom.holders():
        for element in node.all(ATOM + "id"):
            if not absolute(element.text or ""):
                yield line(element), f"the <id> is not an absolute IRI: `{(element.text or '')[:80]}`"


@RULES.warning("Give every entry an id of its own; give a version of an entry a date of its own.")
def versions_differ(atom: Atom) -> Found:
    """Entries with the same `id` differ in `updated`. (RFC 4287 section 4.1.1)"""
    seen: set[tuple[str | None, str | None]] = set()
    for entry in atom.entries:
        version = entry.text(ATOM + "id"), entry.text(ATOM + "updated")
        if version[0] and version in seen:
            yield line(entry.children[ATOM + "id"][0]), f"the id `{version[0][:80]}` stands in it twice"
        seen.add(version)


@RULES.error("Write dates as in `2026-11-03T08:30:00Z`.")
def dates(atom: Atom) -> Found:
    """Dates are those of RFC 3339, with a zone and capital letters. (RFC 4287 section 3.3)"""
    for node in atom.holders():
        for element in node.all(ATOM + "updated", ATOM + "published"):
            fault = fault_3339((element.text or "").strip())
            if fault:
                yield line(element), f"{label(element)}: {fault}"


@RULES.error("Percent-encode what an address cannot hold, such as spaces.")
def addresses(atom: Atom) -> Found:
    """Addresses are IRIs, or relative references. (RFC 4287 section 2; RFC 3987)"""
    for element, told in _addresses(atom):
        if not is_reference(told):
            yield line(element), f"the address of {label(element)} is no IRI: `{told[:80]}`"


@RULES.warning("Write whole addresses, or say with `xml:base` what they are relative to.")
def relative_addresses(atom: Atom) -> Found:
    """Addresses are absolute, or there is an `xml:base`. (RFC 4287 section 2)"""
    if atom.root.element.get(_XML_BASE):
        return
    for element, told in _addresses(atom):
        if told and is_reference(told) and not absolute(told) and not element.xpath("ancestor-or-self::*[@xml:base]"):
            yield line(element), f"the address of {label(element)} is relative: `{told[:80]}`"


def _addresses(atom: Atom) -> Iterator[tuple[Element, str]]:
    for node in atom.holders():
        for link in node.all(ATOM + "link"):
            yield link, link.get("href", "")
        for element in node.all(ATOM + "icon", ATOM + "logo"):
            yield element, text(element)
        for element in node.all(ATOM + "generator"):
            yield element, element.get("uri", "")
        for element in node.all(ATOM + "content"):
            yield element, element.get("src", "")
    for person in atom.people:
        for element in person.all(ATOM + "uri"):
            yield element, text(element)


@RULES.error("Write an absolute IRI, or leave the scheme out.")
def category(atom: Atom) -> Found:
    """A `category` has a `term`; its `scheme` is an absolute IRI. (RFC 4287 section 4.2.2)"""
    for node in atom.holders():
        for element in node.all(ATOM + "category"):
            scheme = element.get("scheme")
            if element.get("term") is None:
                yield line(element), "<category> has no term"
            if scheme is not None and not absolute(scheme):
                yield line(element), f"the scheme of <category> is not an absolute IRI: `{scheme[:80]}`"


@RULES.error("Say where the link leads, and what kind of link it is by a registered word or an IRI.")
def link(atom: Atom) -> Found:
    """A `link` has an `href`; its `rel` is a word or an absolute IRI. (RFC 4287 section 4.2.7)"""
    for node in atom.holders():
        for element in node.all(ATOM + "link"):
            rel = element.get("rel", "alternate")
            if element.get("href") is None:
                yield line(element), "<link> has no href"
            if not rel or (":" in rel and not absolute(rel)) or rel != rel.strip():
                yield line(element), f"the rel of <link> is neither a word nor an IRI: `{rel[:40]}`"


@RULES.error("Write a media type, as in `text/html`.")
def media_types(atom: Atom) -> Found:
    """The `type` of a link is a media type, and so is that of content that is no text. (RFC 4287 section 4.2.7.3)"""
    for node in atom.holders():
        for element in node.all(ATOM + "link", ATOM + "content"):
            kind = element.get("type")
            named = element.tag == ATOM + "content" and not element.get("src") and kind in _TEXT_TYPES
            if kind is not None and not named and not is_media_type(kind):
                yield line(element), f"the type of {label(element)} is not a media type: `{kind[:40]}`"


@RULES.error("Write `text`, `html` or `xhtml`; html is escaped, xhtml stands in a `<div>`.")
def texts(atom: Atom) -> Found:
    """A text says its `type`: text and html hold no elements, xhtml holds one `div`. (RFC 4287 section 3.1)"""
    for node in atom.holders():
        for element in node.all(*_TEXTS, ATOM + "content"):
            kind, inner = element.get("type"), list(element.iterchildren("*"))
            if kind not in _TEXT_TYPES and element.tag != ATOM + "content":
                yield line(element), f"{label(element)} has a type that texts have not: `{kind}`"
            elif kind == "xhtml" and [child.tag for child in inner] != ["{http://www.w3.org/1999/xhtml}div"]:
                yield line(element), f"{label(element)} is xhtml, and does not hold one <div> of XHTML"
            elif kind in {None, "text", "html"} and inner:
                yield line(element), f"{label(element)} has elements inside, and does not say that it is xhtml"


@RULES.error("Leave `<content src>` empty, and give the entry a summary.")
def content_elsewhere(atom: Atom) -> Found:
    """Content that has a `src` is empty, and the entry has a `summary`. (RFC 4287 sections 4.1.2 and 4.1.3.2)"""
    for entry in atom.entries:
        for element in entry.all(ATOM + "content"):
            if element.get("src") is not None and (text(element) or len(element)):
                yield line(element), "<content> has a src, and something inside"
            if element.get("src") is not None and ATOM + "summary" not in entry.children:
                yield entry.line, "the content is elsewhere, and the <entry> has no <summary>"


@RULES.error("Write an address like `editor@example.org`, or leave the element out.")
def people(atom: Atom) -> Found:
    """A person has a `name`; an `email` is an e-mail address. (RFC 4287 section 3.2)"""
    for person in atom.people:
        if ATOM + "name" not in person.children:
            yield person.line, f"{label(person.element)} has no <name>"
        for element in person.all(ATOM + "email"):
            if not is_email(text(element)):
                yield line(element), f"<email> is not an e-mail address: `{text(element)[:60]}`"


@RULES.error("Write a language tag, as in `en` or `pt-BR`.")
def languages(atom: Atom) -> Found:
    """`xml:lang` and `hreflang` are language tags. (RFC 4287 sections 2 and 4.2.7.4; RFC 5646)"""
    for node in atom.holders():
        for element in (node.element, *node.all(*_TEXTS, ATOM + "content", ATOM + "link")):
            for name in (XML_LANG, "hreflang"):
                told = element.get(name)
                if told and not is_language(told):
                    yield line(element), f"{label(element)} names a language that is none: `{told[:40]}`"


@RULES.error("Compare the element with the section of RFC 4287 that is about it.")
def grammar(atom: Atom) -> Found:
    """The document is one of the grammar's; this is told where no other rule says why not. (RFC 4287 appendix B)"""
    with _ONE_AT_A_TIME:
        schema = _schema()
        if schema.validate(atom.root.element.getroottree()):
            return
        faults = [(error.line or 1, error.message) for error in schema.error_log]
    others = any(
        rule.check is not grammar and list(rule.check(atom)) for rule in RULES.rules if rule.severity is Severity.ERROR
    )
    if not others:
        yield faults[0][0], f"it breaks the grammar of Atom: {faults[0][1]}"


@RULES.warning("Fill it, or leave it out.")
def blank(atom: Atom) -> Found:
    """Titles, names and other texts say something. (RFC 4287 section 4.2.14)"""
    for node in (*atom.holders(), *atom.people):
        for element in node.all(*_TEXTS, ATOM + "name", ATOM + "icon", ATOM + "logo", ATOM + "generator"):
            if not text(element):
                yield line(element), f"{label(element)} is blank"


@RULES.warning('Add `<link rel="self" href="…"/>` with the address of the feed.')
def self_link(atom: Atom) -> Found:
    """A feed says its own address in a link `self`. (RFC 4287 section 4.1.1)"""
    if atom.is_feed and not any(element.get("rel") == "self" for element in atom.root.all(ATOM + "link")):
        yield atom.root.line, "the feed does not say its own address"


@RULES.warning("Write the number of bytes, or leave the length out.")
def length(atom: Atom) -> Found:
    """The `length` of a link is a number of bytes. (RFC 4287 section 4.2.7.6)"""
    for node in atom.holders():
        for element in node.all(ATOM + "link"):
            told = element.get("length")
            if told is not None and not (told.isascii() and told.isdigit()):
                yield line(element), f"the length of <link> is not a number of bytes: `{told[:20]}`"


@RULES.warning("Give the entry a summary, or its content.")
def says_something(atom: Atom) -> Found:
    """An entry has words besides its title. (RFC 4287 section 4.1.2)"""
    for entry in atom.entries:
        elements = list(entry.all(ATOM + "summary", ATOM + "content"))
        if not any(text(element) or len(element) or element.get("src") for element in elements):
            yield entry.line, "an <entry> has neither content nor summary"


@cache
def _schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.fromstring(files(__package__).joinpath("atom.rng").read_bytes()))
