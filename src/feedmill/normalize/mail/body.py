"""The parts of a message -> what is shown of it, as HTML, and the files that came with it.

This module must not know header fields of the message as a whole, nor sanitize.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

from feedmill.errors import NormalizeError
from feedmill.normalize.mail.attachments import Attachment
from feedmill.normalize.mail.flowed import read_plain
from feedmill.normalize.mail.letter import read_letter
from feedmill.normalize.mail.parts import Part
from feedmill.normalize.mail.private import Private
from feedmill.normalize.sanitize import html_to_text

__all__ = ["Body", "read_body"]

_PLAIN = frozenset({"text/plain", "text/enriched", "text/richtext", "text/markdown", "text/x-markdown", "text"})
_PASSED_OVER = frozenset(
    {"text/x-amp-html", "text/watch-html", "application/pgp-signature", "application/pkcs7-signature"}
    | {"application/x-pkcs7-signature", "application/pgp-keys", "text/rfc822-headers"}
)
_PICTURE = re.compile(r"<img\b", re.IGNORECASE)
_MOST = 50  # attachments that are named


@dataclass(slots=True)
class Body:
    """What is shown of a message; `view` is the address of its copy on the web, `language` what the HTML says."""

    html: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    view: str | None = None
    language: str | None = None


def read_body(message: Part, private: Private) -> Body:
    """Return what is shown of `message`.

    Raises:
        NormalizeError: it is encrypted.
    """
    reader = _Reader(private)
    html = reader.shown(message)
    reader.body.html = html
    reader.body.attachments = reader.files()
    return reader.body


class _Reader:
    def __init__(self, private: Private) -> None:
        self._private = private
        self._files: list[tuple[Part, str]] = []
        self._used: set[str] = set()  # the Content-IDs of pictures that the HTML shows
        self.body = Body()

    def files(self) -> list[Attachment]:
        """Return the files that are not shown in the text."""
        return [
            Attachment(self._private.masked(name), part.type, part.payload())
            for part, name in self._files[:_MOST]
            if part.is_attached or part.field("content-id").strip("<> ") not in self._used
        ]

    def shown(self, part: Part) -> str:
        """Return the HTML of a part, and note its files."""
        if part.is_attached or (part.filename and not part.parts):
            self._note(part)
            return ""
        kind = part.type
        if kind == "multipart/encrypted" or kind == "application/pkcs7-mime":
            raise NormalizeError("it is encrypted")
        if kind == "message/rfc822" and part.parts:
            return self._enclosed(part.parts[0])
        if kind.startswith("multipart/") and part.parts:
            return self._several(kind, part)
        return self._single(kind, part)

    def _several(self, kind: str, part: Part) -> str:
        if kind == "multipart/alternative":
            return self._best(part.parts)
        if kind == "multipart/signed":
            return self.shown(part.parts[0])
        if kind == "multipart/related":
            root = _root(part)
            html = self.shown(root)
            for other in part.parts:
                if other is not root:
                    self._note(other)
            return html
        return "".join(self.shown(one) for one in part.parts)

    def _best(self, alternatives: Iterable[Part]) -> str:
        """Return the alternative that says most: HTML that shows something, else text (RFC 2046 section 5.1.4)."""
        richest_first = list(alternatives)[::-1]
        for part in sorted(richest_first, key=_rank):
            if _rank(part) == _LAST:
                break
            html = self.shown(part)
            if _PICTURE.search(html) or html_to_text(html):
                return html
        return ""

    def _single(self, kind: str, part: Part) -> str:
        if kind in _PASSED_OVER:
            return ""
        if kind == "text/html":
            letter = read_letter(part.text(), self._private)
            self._used |= letter.images
            self.body.view = self.body.view or letter.view
            self.body.language = self.body.language or letter.language
            return f"<div>{letter.html}</div>"
        if kind in _PLAIN or kind.startswith("multipart/"):
            flowed = part.parameter("format").lower() == "flowed"
            delsp = part.parameter("delsp").lower() == "yes"
            html, view = read_plain(part.text(), self._private, flowed=flowed, delsp=delsp)
            self.body.view = self.body.view or view
            return html
        self._note(part)
        return ""

    def _enclosed(self, message: Part) -> str:
        subject = self._private.masked(message.field("subject"))
        heading = f"<h2>{escape(subject, quote=False)}</h2>" if subject else ""
        return heading + self.shown(message)

    def _note(self, part: Part) -> None:
        if part.type in _PASSED_OVER or part.type.startswith("multipart/"):
            return
        self._files.append((part, part.filename or part.type))


_LAST = 3


def _rank(part: Part) -> int:
    kinds = _kinds(part)
    if "text/html" in kinds:
        return 0
    if kinds & _PLAIN:
        return 1
    return 2 if part.parts else _LAST


def _kinds(part: Part) -> frozenset[str]:
    if part.is_attached:
        return frozenset()
    return frozenset({part.type}).union(*(_kinds(one) for one in part.parts))


def _root(part: Part) -> Part:
    """Return the part of a multipart/related that is shown (RFC 2387 section 3.2)."""
    start = part.parameter("start").strip("<> ")
    named = (one for one in part.parts if start and one.field("content-id").strip("<> ") == start)
    return next(named, part.parts[0])
