"""The news sitemap (Google's news sitemap 0.9 over sitemaps.org 0.9): the newest articles, for search engines.

This module must not know which entries are news.
"""

from __future__ import annotations

import re

from lxml import etree

from feedmill.model import Front
from feedmill.render._check import Document
from feedmill.render._xml import append, legal
from feedmill.render.rules.values import fault_3339
from feedmill.times import iso

__all__ = ["check", "render"]

_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
_NAMESPACES: dict[str | None, str] = {None: _SITEMAP[1:-1], "news": _NEWS[1:-1]}
_CHINESE = {"zh-cn": "zh-cn", "zh-hans": "zh-cn", "zh-tw": "zh-tw", "zh-hant": "zh-tw", "zh-hk": "zh-tw"}
_LANGUAGE = re.compile(r"[a-z]{2,3}|zh-(cn|tw)")


def render(front: Front) -> bytes:
    """Return the sitemap of the news of a site."""
    front = legal(front)
    root = etree.Element(_SITEMAP + "urlset", nsmap=_NAMESPACES)  # type: ignore[arg-type]  # its stub forgets None
    for entry in front.news:
        url = append(root, _SITEMAP + "url")
        append(url, _SITEMAP + "loc", entry.url)
        article = append(url, _NEWS + "news")
        publication = append(article, _NEWS + "publication")
        append(publication, _NEWS + "name", front.site.title)
        append(publication, _NEWS + "language", _language(entry.language or front.site.language))
        append(article, _NEWS + "publication_date", iso(entry.published))
        append(article, _NEWS + "title", entry.title)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def check(body: bytes, front: Front) -> None:
    """See that `body` is a news sitemap with exactly the news of `front`, in their order.

    Raises:
        CheckFailed: it is not; the message names the line.
    """
    document = Document(body, "news.xml")
    document.insist(document.root.tag == _SITEMAP + "urlset", document.root, "the root is not <urlset>")
    found = []
    for url in document.root:
        article = document.child(url, _NEWS + "news")
        publication = document.child(article, _NEWS + "publication")
        document.text(publication, _NEWS + "name")
        language = document.child(publication, _NEWS + "language")
        known = bool(_LANGUAGE.fullmatch(language.text or ""))
        document.insist(known, language, f"{language.text!r} is not a language as news sitemaps write it")
        wrong = fault_3339(document.text(article, _NEWS + "publication_date"))
        document.insist(wrong is None, article, f"the date of publication {wrong}")
        document.text(article, _NEWS + "title")
        found.append(document.text(url, _SITEMAP + "loc"))
    document.insist(found == [legal(entry.url) for entry in front.news], document.root, "it names other articles")


def _language(tag: str) -> str:
    """A language as news sitemaps write it: two or three letters (ISO 639), but for Chinese with its script."""
    lowered = tag.lower()
    by_script = next((written for start, written in _CHINESE.items() if lowered.startswith(start)), None)
    return by_script or lowered.partition("-")[0]
