"""JSON-LD in an HTML article (schema.org Article and its kinds) -> facts.

This module must not know the page around it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from feedmill.model import Person
from feedmill.normalize.article.facts import Facts
from feedmill.normalize.article.frontmatter import terms
from feedmill.normalize.sanitize import title_text

__all__ = ["jsonld_facts"]

_KINDS = frozenset({"BlogPosting", "LiveBlogPosting", "SocialMediaPosting", "Report", "TechArticle", "Review"})
_MOST_NODES = 10_000


def jsonld_facts(scripts: Iterable[str]) -> Facts:
    """Return the facts of the first article in `scripts` (JSON-LD 1.1 documents); none where nothing can be read."""
    for script in scripts:
        try:
            document = json.loads(script)
        except (ValueError, RecursionError):
            continue  # broken JSON-LD is common, and the page says most of it elsewhere too
        for node in _nodes(document):
            if _is_article(node):
                return _facts(node)
    return Facts()


def _nodes(document: object) -> Iterator[Mapping[str, object]]:
    """Every object of the document, outermost first, without following how deep it is nested."""
    waiting, seen = [document], 0
    while waiting and seen < _MOST_NODES:
        seen += 1
        one = waiting.pop(0)
        if isinstance(one, list):
            waiting.extend(one[:_MOST_NODES])
        elif isinstance(one, Mapping):
            yield one
            waiting.extend(one[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in one)


def _is_article(node: Mapping[str, object]) -> bool:
    kinds = node.get("@type")
    names = [
        kind.rsplit("/", 1)[-1] for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)
    ]
    return any(name in _KINDS or name.endswith("Article") for name in names)


def _facts(node: Mapping[str, object]) -> Facts:
    page = node.get("mainEntityOfPage")
    return Facts(
        title=_text(node.get("headline")) or _text(node.get("name")),
        summary=_text(node.get("description")),
        authors=tuple(_people(node.get("author"))),
        categories=tuple(_terms(node.get("articleSection"), node.get("keywords"))),
        published=_raw(node.get("datePublished")) or None,
        updated=_raw(node.get("dateModified")) or None,
        url=_raw(node.get("url")) or (_raw(page.get("@id")) if isinstance(page, Mapping) else _raw(page)),
        language=_raw(node.get("inLanguage")),
        image=_image(node.get("image")),
    )


def _raw(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _text(value: object) -> str:
    """Publishers leave character references and tags in JSON strings."""
    return title_text(value, html=True) if isinstance(value, str) else ""


def _each(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _people(value: object) -> Iterator[Person]:
    for one in _each(value):
        name = _text(one.get("name")) if isinstance(one, Mapping) else _text(one)
        if name:
            yield Person(name=name, uri=_raw(one.get("url")) or None if isinstance(one, Mapping) else None)


def _terms(*values: object) -> Iterator[str]:
    for value in values:
        for one in _each(value):
            yield from terms(_text(one))


def _image(value: object) -> str:
    one = _each(value)[0] if _each(value) else None
    return _raw(one.get("url")) or _raw(one.get("contentUrl")) if isinstance(one, Mapping) else _raw(one)
