"""What XML can carry: legal characters, character references, elements without empty attributes.

It must not know what a feed is.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from lxml import etree

__all__ = ["ATOM", "DC", "GEORSS", "MEDIA", "XML_LANG", "Element", "append", "legal", "refer_to_markup"]

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
GEORSS = "{http://www.georss.org/georss}"
MEDIA = "{http://search.yahoo.com/mrss/}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

Element = etree._Element  # noqa: SLF001  (the only name that lxml has for it)

T = TypeVar("T")

# XML 1.0 (fifth edition) section 2.2, production [2] Char.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_REFERENCES = {"&": "#x26", "<": "#x3C"}
_MARKUP = re.compile("([&<])")


def legal(value: T) -> T:
    """Return `value` without the characters that XML 1.0 forbids, in every string within it.

    Strings, tuples and dataclasses are searched; anything else is returned as it is. Entries are clean
    when they come from the store; this guards what other programs put there.
    """
    cleaned: Any = value
    if isinstance(value, str):
        cleaned = _ILLEGAL.sub("", value) if _ILLEGAL.search(value) else value
    elif isinstance(value, tuple):
        cleaned = tuple(legal(part) for part in value)
    elif is_dataclass(value) and not isinstance(value, type):
        cleaned = replace(value, **{item.name: legal(getattr(value, item.name)) for item in fields(value)})
    return cleaned  # type: ignore[no-any-return]


def append(parent: Element, tag: str, text: str | None = None, /, **attributes: str | None) -> Element:
    """Append an element, leaving out the attributes that are None or empty."""
    child = etree.SubElement(parent, tag)
    child.text = text
    for name, value in attributes.items():
        if value:
            child.set(name, value)
    return child


def refer_to_markup(element: Element) -> None:
    """Write `&` and `<` in the element's text as `&#x26;` and `&#x3C;`.

    To an XML parser nothing changes. The RSS Advisory Board's profile (section "Character Data") recommends
    it for plain text: readers that look for HTML in such elements find none.
    """
    if not element.text:
        return
    first, *rest = _MARKUP.split(element.text)
    element.text = first
    for mark, tail in zip(rest[::2], rest[1::2], strict=True):
        reference = etree.Entity(_REFERENCES[mark])
        reference.tail = tail
        element.append(reference)
