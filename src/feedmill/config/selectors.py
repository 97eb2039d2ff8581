"""CSS selectors in config.toml, judged before a page is ever fetched.

This module must not know what is selected: the page's own module reads it.
"""

from __future__ import annotations

import re
from typing import Any

from feedmill.config.values import line, shown

__all__ = ["css", "css_or_attribute", "removable"]

_ATTRIBUTE = re.compile(r"(.*)@([A-Za-z_][A-Za-z0-9_.:-]{0,99})", re.DOTALL)
_LONGEST = 500  # characters
_NAMESPACE = re.compile(r"(?:^|[\s>+~,(])[\w*-]*\|[\w*]")


def css(value: object) -> str:
    """A CSS selector (Selectors Level 4, as far as XPath 1.0 can say it)."""
    written = line(value)
    if len(written) > _LONGEST:
        raise ValueError(f"must not be longer than {_LONGEST} characters")
    from cssselect import HTMLTranslator, SelectorError  # a configuration without selectors does without

    try:
        HTMLTranslator().css_to_xpath(written)
    except SelectorError as error:
        raise ValueError(f"must be a CSS selector: {str(error).rstrip('.')} in {shown(written)}") from None
    except RecursionError:
        raise ValueError("must be a CSS selector that is not nested so deeply") from None
    if _NAMESPACE.search(re.sub(r"\"[^\"]*\"|'[^']*'|\[[^\]]*\]", "", written)):
        raise ValueError(f"must not name a namespace, since pages have none: {shown(written)}")
    return written


def css_or_attribute(value: object) -> str:
    """A CSS selector, with `@name` at its end for an attribute: `time@datetime`, or `@href` of the item itself."""
    written = line(value)
    parts = _ATTRIBUTE.fullmatch(written)
    if parts is None:
        return css(written)
    if parts[1].strip():
        css(parts[1])
    return written


def removable(value: object) -> str:
    """A CSS selector that asks an element only about itself, its ancestors and what stands before it.

    What it selects can be removed in one pass, however much markup there is.
    """
    from cssselect import parse

    written = css(value)
    try:
        for one in parse(written):
            _refuse_foresight(one.parsed_tree)
    except RecursionError:
        raise ValueError("must be a CSS selector that is not nested so deeply") from None
    return written


def _refuse_foresight(tree: Any) -> None:
    from cssselect.parser import Function, Pseudo, Relation

    if isinstance(tree, Pseudo) and tree.ident != "first-child":
        raise ValueError(f"cannot use :{tree.ident} here; of such words only :first-child can be used")
    if isinstance(tree, Relation) or (isinstance(tree, Function) and tree.name != "nth-child"):
        name = tree.name if isinstance(tree, Function) else "has"
        raise ValueError(f"cannot use :{name}() here; :nth-child(), :not() and :is() can be used")
    below = [getattr(tree, name, None) for name in ("selector", "subselector")]
    below += getattr(tree, "selector_list", None) or []
    for part in below:
        if part is not None:
            _refuse_foresight(part)
