"""Bytes of a message (RFC 5322, MIME) -> its parts, in bounded time and memory, however broken they are.

Header fields are read by `email.policy.default`. The parts are split here, since the parser of the standard library
goes as deep as a message is nested. This module must not know what is shown of a message.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import EmailPolicy
from typing import Any, cast

from feedmill.errors import NormalizeError
from feedmill.normalize.article.decode import decode as detect
from feedmill.normalize.feedtext import codec
from feedmill.normalize.plaintext import plain

__all__ = ["Part", "read"]

_DEEPEST = 20  # parts in parts; what is deeper is not read
_MOST = 300  # parts
_LONGEST_HEAD = 256 * 1024  # bytes
_LONGEST_FIELD = 2000  # characters; the parser of the standard library takes quadratic time
_LONGEST_NAME = 150
_WESTERN = re.compile(r"cp125\d|iso8859-\d+|ascii|latin")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


class _Lenient(EmailPolicy):
    """The default policy, for fields that break every rule: what cannot be understood is taken as it is."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """Return a field's value."""
        text = _readable(value)[:_LONGEST_FIELD]
        try:
            return super().header_fetch_parse(name, text)
        except Exception:  # noqa: BLE001  # it raises whatever it runs into
            return " ".join(text.split())


_POLICY = _Lenient()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message, or all of it. `parts` are those inside it, `body` is what it holds if there are none."""

    fields: EmailMessage
    body: bytes
    parts: tuple[Part, ...] = ()
    default: str = "text/plain"

    @property
    def type(self) -> str:
        """Its media type, in small letters."""
        said = self.fields.get_content_type() if "content-type" in self.fields else self.default
        return said if _TYPE.fullmatch(said) else "text/plain"  # RFC 2045 section 5.2

    @property
    def filename(self) -> str:
        """The name of the file that it is, empty if it is none."""
        try:
            name = self.fields.get_filename()
        except Exception:  # noqa: BLE001  # as above
            return ""
        return plain(name.replace("\\", "/").rpartition("/")[2])[:_LONGEST_NAME] if isinstance(name, str) else ""

    @property
    def is_attached(self) -> bool:
        """Whether it says that it is not to be shown with the rest (RFC 2183 section 2)."""
        return self.fields.get_content_disposition() == "attachment"

    def field(self, name: str) -> str:
        """Return a field as one line of text, encoded words (RFC 2047) read; empty if there is none."""
        return plain(str(self.fields.get(name) or ""))

    def fields_named(self, *names: str) -> Iterator[str]:
        """Yield the values of all fields of these names."""
        for name in names:
            for value in self.fields.get_all(name) or ():
                yield plain(str(value))

    def parameter(self, name: str) -> str:
        """Return a parameter of Content-Type; empty if there is none."""
        try:
            value = self.fields.get_param(name)
        except Exception:  # noqa: BLE001  # as above
            return ""
        return value[2] if isinstance(value, tuple) else str(value or "")

    def payload(self) -> bytes:
        """Return what it holds, without its transfer encoding (RFC 2045 section 6), as far as that can be undone."""
        coding = self.field("content-transfer-encoding").lower()
        if coding == "base64":
            letters = _NOT_BASE64.sub(b"", self.body)
            letters = letters[: len(letters) - (len(letters) % 4 == 1)]
            return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
        return quopri.decodestring(self.body) if coding == "quoted-printable" else self.body

    def text(self) -> str:
        """Return what it holds as text, in the charset that it names, or the one that it really is in."""
        data = self.payload()
        name = codec(self.parameter("charset"))
        candidates = [name] if name else []
        if name is None or _WESTERN.match(name):
            candidates.insert(0, "utf-8")  # nothing else looks like it
        for candidate in candidates:
            try:
                return data.decode(candidate).replace("\r\n", "\n")
            except (UnicodeError, LookupError):
                continue
        try:
            return detect(data, "", markup=self.type == "text/html") if data.strip() else ""
        except NormalizeError:
            return data.decode("utf-8", "replace")


def read(message: bytes) -> Part:
    """Return a message, taken apart."""
    text = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n")
    if text.startswith((b"From ", b">From ")):  # the separator of an mbox
        text = text.partition(b"\n")[2]
    return _Reader().part(text, depth=0)


class _Reader:
    def __init__(self) -> None:
        self._parts = 0

    def part(self, text: bytes, *, depth: int, default: str = "text/plain") -> Part:
        self._parts += 1
        fields, body = _fields(text)
        part = Part(fields, body, default=default)
        inner = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        if depth < _DEEPEST and part.type == "message/rfc822":
            return Part(fields, body, (self.part(part.payload().lstrip(b"\n"), depth=depth + 1),), default)
        if depth < _DEEPEST and part.type.startswith("multipart/"):
            pieces = _pieces(body, part.parameter("boundary"))
            parts = tuple(self.part(piece, depth=depth + 1, default=inner) for piece in pieces if self._parts < _MOST)
            return Part(fields, body, parts, default)
        return part


def _fields(text: bytes) -> tuple[EmailMessage, bytes]:
    """Split a part into its header fields and its body."""
    head, _, body = (b"", b"", text[1:]) if text.startswith(b"\n") else text.partition(b"\n\n")
    fields = cast("EmailMessage", BytesHeaderParser(policy=_POLICY).parsebytes(head[:_LONGEST_HEAD] + b"\n"))
    rest = fields.get_payload()
    if isinstance(rest, str) and rest.strip():  # the blank line before the body is missing
        body = rest.encode("utf-8", "surrogateescape") + b"\n\n" + body
    return fields, body


def _pieces(body: bytes, boundary: str) -> Iterator[bytes]:
    """Yield what stands between the delimiters (RFC 2046 section 5.1.1); the last one may be missing."""
    if not boundary:
        return
    delimiter = re.compile(
        rb"^--" + re.escape(boundary.encode("utf-8", "surrogateescape")) + rb"(--)?[ \t]*$", re.MULTILINE
    )
    start: int | None = None
    for found in delimiter.finditer(body):
        if start is not None:
            yield body[start : max(start, found.start() - 1)]
        start = found.end() + 1
        if found[1]:
            return
    if start is not None:
        yield body[start:]


def _readable(value: str) -> str:
    """Return a field without the bytes that should have been encoded: they are UTF-8 (RFC 6532), else windows-1252."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raw = value.encode("utf-8", "surrogateescape")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("cp1252", "replace")
    return value
