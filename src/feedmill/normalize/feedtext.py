"""Bytes of an upstream document -> text, and what kind of document it is.

A document's own word about its encoding is often wrong, and so is its server's; what really is UTF-8 gives itself
away. This module must not know XML beyond its prolog.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from w3lib.encoding import resolve_encoding

from feedmill.normalize.plaintext import xml_safe

__all__ = ["FeedText", "claimed", "codec", "decode", "xml_part"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the next one, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x00\x00\x00<", "utf-32-be"),  # without a mark: XML 1.0 appendix F.1
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._:-]{1,40})""")
_HEAD = 1024
# Codecs that no document is written in, and some of which take quadratic time.
_REFUSED = frozenset({"utf-7", "idna", "punycode", "raw_unicode_escape", "unicode_escape", "undefined", "mbcs", "oem"})

_ENTITY = re.compile(
    r"""<!ENTITY\s{1,9}(\w{1,40})\s{1,9}(?:"([^"&<%]{0,200}|&#\w{1,9};)"|'([^'&<%]{0,200}|&#\w{1,9};)')"""
)
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,40}:)?(?:rss|rdf|feed|channel)[\s>/]", re.IGNORECASE)
_ELEMENT = re.compile(r"<[^\W\d][\w.:-]*")
_LATEST_ROOT = 64 * 1024  # characters of something else before the feed: warnings of a script, advertisements


@dataclass(frozen=True, slots=True)
class FeedText:
    """The text of a document; `problem` says what had to be put right to read it."""

    text: str
    problem: str | None = None


def decode(body: bytes, charset: str | None) -> FeedText:
    """Return the text of `body`; `charset` is what the server says (RFC 7303 section 3).

    A byte order mark decides; then UTF-8 if the bytes are valid UTF-8 and anybody claims it or nobody claims anything;
    then the server's word, the document's, UTF-8. What fits none is read with replacement characters where it is
    mostly UTF-8, else as windows-1252. Characters that XML forbids are removed.
    """
    text, problem = _decoded(body, charset)
    safe = xml_safe(text)
    if problem is None and len(safe) != len(text):
        problem = "it holds control characters, which were removed"
    return FeedText(safe, problem)


def claimed(body: bytes, charset: str | None) -> list[str]:
    """Return the codecs that the server (`charset`) and the document itself name, as far as they are any."""
    match = _DECLARED.search(body[:_HEAD])
    return [name for name in (codec(charset), codec(match[1].decode() if match else None)) if name]


def _decoded(body: bytes, charset: str | None) -> tuple[str, str | None]:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            text = body.decode(encoding, "replace").lstrip("\ufeff")
            return text, f"it is damaged {encoding.upper()}" if "\ufffd" in text else None
    claims = claimed(body, charset)
    if "utf-8" in claims or not claims:
        claims.insert(0, "utf-8")
    for name in [*claims, "utf-8"]:
        try:
            return body.decode(name), None if name == claims[0] or body.isascii() else _said(claims[0], name)
        except (UnicodeError, LookupError):
            continue
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if bad * 4 <= len(text) - len(text.encode("ascii", "ignore")) - bad:
        return text, f"it is damaged {claims[0].upper()}: {bad} places could not be read"
    return body.decode("cp1252", "replace"), _said(claims[0], "windows-1252")


def _said(claim: str, fact: str) -> str:
    return f"it says it is {claim.upper()} but is not; it was read as {fact.upper()}"


def codec(label: str | None) -> str | None:
    """Return the codec that a label means in practice (WHATWG Encoding section 4.2), None if it means none."""
    name = resolve_encoding(label) if label else None
    return None if name is None or name in _REFUSED else name


def xml_part(text: str) -> tuple[str, dict[str, str]]:
    """Return the document from its root element on, and the simple entities that its prolog declares.

    The prolog (XML 1.0 section 2.8) is left out: external entities and exploding ones go with it. What stands before
    it, as scripts print their warnings there, goes too.
    """
    start, doctype = _prolog(text)
    if not _ROOT.match(text, start):
        late = _ROOT.search(text, start, start + _LATEST_ROOT)
        html = _ELEMENT.match(text, start)
        if late and (html is None or html[0].lower() != "<html"):
            start = late.start()
    entities = {name: double or single for name, double, single in _ENTITY.findall(doctype)}
    return text[start:], entities


def _prolog(text: str) -> tuple[int, str]:
    """Return where the first element begins, and the text of the document type declaration before it."""
    at, doctype = 0, ""
    while True:
        at = text.find("<", at)
        if at < 0:
            return len(text), doctype
        if text.startswith("<!--", at):
            end = text.find("-->", at + 4)
        elif text.startswith("<?", at):
            end = text.find("?>", at)
        elif text.startswith("<!", at):
            end = _declaration_end(text, at)
            doctype = doctype or text[at:end]
        elif _ELEMENT.match(text, at):
            return at, doctype
        else:
            end = at
        if end < 0:
            return len(text), doctype
        at = end + 1


def _declaration_end(text: str, start: int) -> int:
    """Return where `<!DOCTYPE ...>` ends, its internal subset included; -1 if it never does."""
    end = text.find(">", start)
    subset = text.find("[", start, end)
    if subset < 0:
        return end
    close = re.compile(r"\]\s{0,99}>").search(text, subset)
    return close.end() - 1 if close else -1
