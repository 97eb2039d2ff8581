"""HTML articles, whole pages or fragments -> a manuscript.

What a page says of itself is looked for in Open Graph, JSON-LD, `<meta>`, and the markup, in this order. This module
must not know the site, nor clean the body.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree, html

from feedmill.errors import NormalizeError
from feedmill.model import Person
from feedmill.normalize.article.facts import Facts, Manuscript
from feedmill.normalize.article.frontmatter import person, terms
from feedmill.normalize.article.jsonld import jsonld_facts
from feedmill.normalize.markup import Listener, listen
from feedmill.normalize.plaintext import plain, repair

__all__ = ["read_html"]

_DEEPEST = 1000  # open elements; trees deeper than that are no articles, and cost more than they can say
_MOST_ROOTS = 50  # how many of them are compared by the length of their text
_NEVER_STORY = ("script", "style", "noscript", "nav", "form", "template", "dialog")
_AROUND_STORY = ("header", "footer", "aside")
_ROOTS = (
    "//*[contains(concat(' ', normalize-space(@itemprop), ' '), ' articleBody ')]",
    "//article",
    "//main | //*[@role='main']",
)


def read_html(facts: Facts, text: str, where: str) -> Manuscript:
    """Return the article of an HTML page or fragment; facts of its front matter go before the page's own.

    Raises:
        NormalizeError: it is nested too deep to be an article.
    """
    depth = _Depth()
    listen(text, depth)
    if depth.deepest > _DEEPEST:
        raise NormalizeError(f"the markup is nested more than {_DEEPEST} deep", where=where, hint="Close its elements.")
    page = _page(text)
    facts = facts.over(_facts(page))
    return Manuscript(facts=facts, body=_body(page, facts.title))


def _page(text: str) -> html.HtmlElement:
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(repair(text).encode(), parser=parser, ensure_head_body=True)
    except etree.ParserError:  # there is nothing in it, or comments alone
        return html.document_fromstring("<p></p>", ensure_head_body=True)


class _Depth(Listener):
    def __init__(self) -> None:
        super().__init__()
        self.deepest = 0

    def start(self, tag: str, attributes: object) -> None:
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)

    def end(self, tag: str) -> None:
        self.depth -= 1


def _facts(page: html.HtmlElement) -> Facts:
    meta = _Meta(page)
    linked = jsonld_facts(script.text or "" for script in _elements(page, "//script[@type='application/ld+json']"))
    return Facts(
        title=meta.first("og:title")
        or linked.title
        or _text_of(page, "//article//h1", "//main//h1", "//h1")
        or meta.first("twitter:title", "dc.title")
        or _text_of(page, "//title"),
        summary=meta.first("og:description") or linked.summary or meta.first("description", "twitter:description"),
        authors=linked.authors or tuple(meta.people("article:author", "author", "dc.creator")) or _byline(page),
        categories=_unique(
            linked.categories, meta.terms("article:section", "article:tag", "keywords", "news_keywords")
        ),
        published=meta.first("article:published_time")
        or linked.published
        or meta.first(
            "date", "pubdate", "publishdate", "dc.date", "dc.date.issued", "dcterms.created", "dcterms.issued"
        )
        or _date_of(page, "datePublished")
        or _attribute(page, "//time[@pubdate]/@datetime", "//article//time/@datetime", "//time/@datetime"),
        updated=meta.first("article:modified_time", "og:updated_time")
        or linked.updated
        or meta.first("last-modified", "dcterms.modified")
        or _date_of(page, "dateModified"),
        url=_attribute(page, "//link[@rel='canonical']/@href") or meta.first("og:url") or linked.url,
        language=_attribute(page, "/html/@lang", "//article/@lang", "//body/@lang", "/html/@*[name()='xml:lang']")
        or meta.first("content-language", "og:locale", "dc.language")
        or linked.language,
        draft=False,
        image=meta.first("og:image", "og:image:url") or linked.image or meta.first("twitter:image"),
        rights=meta.first("copyright", "dc.rights", "dcterms.rights"),
    )


class _Meta:
    """The page's `<meta>` elements by name, property, itemprop or http-equiv, whatever the case."""

    def __init__(self, page: html.HtmlElement) -> None:
        self._values: dict[str, list[str]] = {}
        for element in _elements(page, "//meta[@content]"):
            name = next(filter(None, map(element.get, ("property", "name", "itemprop", "http-equiv"))), "")
            value = plain(element.get("content") or "")
            if name and value:
                self._values.setdefault(name.strip().lower(), []).append(value)

    def first(self, *names: str) -> str:
        return next((self._values[name][0] for name in names if name in self._values), "")

    def terms(self, *names: str) -> Iterable[str]:
        for name in names:
            for value in self._values.get(name, ()):
                yield from terms(value)

    def people(self, *names: str) -> Iterable[Person]:
        for name in names:
            for value in self._values.get(name, ()):
                found = person(value)
                # Open Graph has profile addresses here.
                if found and not found.name.startswith(("http://", "https://")):
                    yield found
            if name in self._values:
                return


def _elements(page: html.HtmlElement, path: str) -> list[html.HtmlElement]:
    found = page.xpath(path)
    return [one for one in found if isinstance(one, html.HtmlElement)] if isinstance(found, list) else []


def _attribute(page: html.HtmlElement, *paths: str) -> str:
    for path in paths:
        found = page.xpath(path)
        for value in found if isinstance(found, list) else ():
            if isinstance(value, str) and value.strip():
                return value.strip()
    return ""


def _text(element: html.HtmlElement) -> str:
    return plain("".join(part for part in element.itertext() if isinstance(part, str)))


def _text_of(page: html.HtmlElement, *paths: str) -> str:
    for path in paths:
        for element in _elements(page, path):
            if text := _text(element):
                return text
    return ""


def _date_of(page: html.HtmlElement, name: str) -> str:
    holder = f"//*[@itemprop='{name}']"
    return _attribute(page, f"{holder}/@datetime", f"{holder}/@content") or _text_of(page, holder)


def _byline(page: html.HtmlElement) -> tuple[Person, ...]:
    name = _text_of(
        page, "//a[@rel='author']", "//*[@itemprop='author']//*[@itemprop='name']", "//*[@itemprop='author']"
    )
    found = person(name) if len(name) <= 100 else None
    return (found,) if found else ()


def _unique(*groups: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for group in groups:
        for term in group:
            found.setdefault(term.casefold(), term)
    return tuple(found.values())


def _body(page: html.HtmlElement, title: str) -> str:
    root, whole = _root(page)
    etree.strip_elements(root, *_NEVER_STORY, *(_AROUND_STORY if whole else ()), with_tail=False)
    heading = next(iter(root.xpath("(.//h1)[1]")), None)
    if heading is not None and _text(heading).casefold() == title.casefold():
        heading.drop_tree()
    inside = [etree.tostring(child, encoding="unicode", method="html") for child in root]
    return (root.text or "").replace("&", "&amp;").replace("<", "&lt;") + "".join(inside)


def _root(page: html.HtmlElement) -> tuple[html.HtmlElement, bool]:
    """The element that holds the story, and whether that is the whole page."""
    for path in _ROOTS:
        found = _elements(page, path)[:_MOST_ROOTS]
        if found:
            return max(found, key=lambda element: len(_text(element))), False
    return page.body, True
