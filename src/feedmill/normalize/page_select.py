"""Finds the articles of a page by the CSS selectors of its source.

A selector that matches nothing is a page that has changed, and is said. This module must not know what becomes of the
articles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from cssselect import HTMLTranslator
from lxml import etree

from feedmill.errors import NormalizeError
from feedmill.normalize.page_tree import Element, Page, lines

__all__ = ["Found", "items", "values", "whole"]

_MOST = 500  # articles of a page
_MOST_MATCHES = 100  # of a part, within one article
_PARTS = re.compile(r"(.*)@([A-Za-z_][A-Za-z0-9_.:-]*)", re.DOTALL)

Found = tuple[Element, str]
"""An element, and the attribute or text that was asked for."""


def items(page: Page, selector: str) -> list[Element]:
    """Return the articles of `page`, in its order; what matches inside of another match is part of that.

    Raises:
        NormalizeError: there is none.
    """
    found = _outermost(_matches(page.root, selector))
    if not found:
        what = f"the selector item = {selector!r} matches nothing on this page"
        hint = "The page may have changed: look at its source, and correct select"
        raise NormalizeError(what, where=page.url, hint=hint)
    return found[:_MOST]


def values(item: Element, selector: str) -> Iterator[Found]:
    """Yield what `selector` finds in an article, the article itself included, with the text or attribute it names."""
    parts = _PARTS.fullmatch(selector)
    css, attribute = (parts[1].strip(), parts[2]) if parts else (selector, "")
    found = _matches(item, css) if css else [item]
    for one in islice(found, _MOST_MATCHES):
        value = one.get(attribute, "") if attribute else " ".join(lines(one))
        if value.strip() or not attribute:
            yield one, value


def whole(item: Element, selector: str) -> list[str]:
    """Return the markup of all that `selector` finds in an article."""
    found = _outermost(_matches(item, selector))
    return [etree.tostring(one, encoding="unicode", method="html", with_tail=False) for one in found]


def _outermost(found: list[Element]) -> list[Element]:
    matched = set(found)
    return [one for one in found if not any(around in matched for around in one.iterancestors())]


def _matches(within: Element, selector: str) -> list[Element]:
    found = _compiled(selector)(within)
    return [one for one in found if etree.iselement(one)] if isinstance(found, list) else []


@lru_cache(maxsize=1024)
def _compiled(selector: str) -> etree.XPath:
    return etree.XPath(HTMLTranslator().css_to_xpath(selector, prefix="descendant-or-self::"))
