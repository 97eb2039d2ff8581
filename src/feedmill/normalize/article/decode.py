"""Bytes of an article file -> text, whatever they were typed or saved with.

This module must not know what the text means.
"""

from __future__ import annotations

import codecs
import re

from feedmill.errors import NormalizeError
from feedmill.normalize.language import plausibility

__all__ = ["decode"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the next one, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_XML = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})""")
_HEAD = 4096  # bytes; WHATWG HTML section 13.2.3.2 looks at 1024, real pages put it later
_SAMPLE = 64 * 1024  # bytes; enough to tell an encoding
# WHATWG Encoding section 4.2: what these labels mean in practice.
_LABELS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
_REFUSED = frozenset({"utf-7", "idna", "punycode", "raw_unicode_escape", "unicode_escape", "mbcs", "oem"})


_LATIN = (
    "cp1250",
    "cp1252",
    "cp1254",
    "cp1257",
    "cp1258",
    "cp775",
    "cp850",
    "cp852",
    "hp_",
    "iso8859_1",
    "latin",
    "mac_latin",
)


def decode(body: bytes, where: str, *, markup: bool = False) -> str:
    """Return the text of `body`, with `\\n` line ends.

    UTF-8, UTF-16 and UTF-32 are known by their byte order mark or by themselves; then, with `markup`, what the page
    says of itself is believed; then charset-normalizer tells legacy encodings.

    Raises:
        NormalizeError: it is empty, binary, or in no encoding that can be told.
    """
    if not body.strip():
        raise NormalizeError("the file is empty", where=where, hint="Write something into it, or delete it.")
    text = _marked(body, where) or _unmarked(body, where, markup=markup)
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    if not text.strip():
        raise NormalizeError("the file is empty", where=where, hint="Write something into it, or delete it.")
    return text


def _marked(body: bytes, where: str) -> str | None:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            text = body[len(mark) :].decode(encoding, "replace")
            return _text(text, where)
    return None


def _unmarked(body: bytes, where: str, *, markup: bool) -> str:
    if b"\0" in body:
        return _text(_wide(body, where), where)
    if len(_CONTROLS.findall(body[:_SAMPLE])) > len(body[:_SAMPLE]) // 100:
        raise _binary(where)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _declared(body) if markup else None
    if declared:
        return body.decode(declared, "replace")
    return _mostly_utf8(body) or _legacy(body, where)


def _wide(body: bytes, where: str) -> str:
    """UTF-16 without a mark: nearly every second byte of a Latin text is zero."""
    sample = body[:_SAMPLE]
    if len(body) % 2 == 0:
        for zeros, encoding in ((sample[1::2], "utf-16-le"), (sample[0::2], "utf-16-be")):
            if zeros.count(0) > len(zeros) * 0.4 and sample.count(0) < len(sample) * 0.6:
                return body.decode(encoding, "replace")
    raise _binary(where)


def _text(text: str, where: str) -> str:
    sample = text[:_SAMPLE]
    strange = sum(
        1 for character in sample if character == "\ufffd" or (character < " " and character not in "\t\n\r\f\x1b")
    )
    if strange > len(sample) // 100:
        raise _binary(where)
    return text


def _declared(body: bytes) -> str | None:
    match = _XML.match(body) or _META.search(body[:_HEAD])
    if match is None:
        return None
    try:
        name = codecs.lookup(match[1].decode("ascii")).name
        "".encode(name)  # refuses codecs that are not between text and bytes
    except (LookupError, TypeError, ValueError):
        return None
    if name in _REFUSED or name.startswith(("utf-8", "utf-16", "utf-32")):
        return None  # it is not, as the bytes show
    return _LABELS.get(name, name)


def _mostly_utf8(body: bytes) -> str | None:
    """UTF-8 with a few broken places, as cutting and pasting between programs leaves them."""
    text = body.decode("utf-8", "replace")
    return text if text.count("\ufffd") * 5 <= len(_MULTIBYTE.findall(body)) - text.count("\ufffd") else None


def _legacy(body: bytes, where: str) -> str:
    sample = body[:_SAMPLE]
    if len(body) > _SAMPLE:
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    from charset_normalizer import from_bytes  # files that are UTF-8 do without

    best = from_bytes(sample).best()
    if best is None:
        raise NormalizeError("the encoding cannot be told", where=where, hint="Save the file as UTF-8.")
    return _text(body.decode(_likelier(best.encoding, sample), "replace"), where)


def _likelier(encoding: str, sample: bytes) -> str:
    """Among the Latin code pages the one that makes most sense; the Western one where they are even.

    The detector looks at characters alone, and takes the first page that has no odd ones.
    """
    if not encoding.startswith(_LATIN):
        return encoding
    candidates = ("cp1252", "cp1250", "cp1254", "cp1257", encoding)
    return max(candidates, key=lambda candidate: plausibility(sample.decode(candidate, "replace")))


def _binary(where: str) -> NormalizeError:
    return NormalizeError("the file is not text", where=where, hint="Remove it, or save it as UTF-8 text.")
