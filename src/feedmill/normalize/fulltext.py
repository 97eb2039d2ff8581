"""An article's own page -> its text, for feeds that carry only a teaser: what is taken from it, and when.

trafilatura finds the article; it is given a tree of bounded size (`page_tree`), and what it returns is sanitized here
like everything else. This module must not know how a page was fetched, or when it is asked for.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from lxml import etree

from feedmill.errors import NormalizeError
from feedmill.model import Document, Draft
from feedmill.normalize.identity import digest
from feedmill.normalize.links import MEDIA_SCHEMES, absolute
from feedmill.normalize.page_tree import Page, decode_page, read_page
from feedmill.normalize.sanitize import html_to_text, plain, sanitize, summarize
from feedmill.normalize.selectors import without

__all__ = ["article", "completed", "needs", "teaser_digest"]

_log = logging.getLogger(__name__)

MORE = 100
"""Characters that a page must say beyond what the feed says, to be taken in its place."""

_KIN = 0.4
"""The share of the telling words of title and teaser that are found in the article that they belong to."""

_TELLING_WORDS = 3  # fewer of them say nothing
_LONG_ENOUGH = 500  # characters of an article, where words say nothing
_SHORT = 1500  # characters; a longer text that asks for a login is about logins
_LONGEST_TEASER = 1000  # characters of it that are compared
_LONGEST_PAGE = 3_000_000  # characters of markup that are read
_LARGE = 100_000  # characters of markup, from which on trafilatura's memory of it is emptied

_PAGES = frozenset({"text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain"})
_MARKUP = re.compile(r"<[A-Za-z!]")
_HEAD = 64 * 1024
_HEADING = re.compile(r"\s*<h([1-6])\b[^>]*>(.{0,2000}?)</h\1>", re.DOTALL)

# Scripts that put no spaces between words: pairs of their letters are compared instead.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_SPACELESS}]+|[^\W_{_SPACELESS}]{{4,}}")

_WALL = re.compile(
    r"(?i)\b(?:(?:log|sign)[ -]?in|subscribe|register|create an? (?:free )?account)\b[^.!?]{0,40}\bto "
    r"(?:continue|read|view|access|keep|unlock)"
    r"|\balready a (?:subscriber|member)\b|\b(?:subscribers?|members)[ -]only\b"
    r"|\bfor (?:paying |our )?(?:subscribers|members)(?: only|\.)"
    r"|\b(?:enable|turn on|allow) (?:javascript|cookies)\b|\baccept (?:all )?cookies\b|\bwe use cookies\b"
    r"|\b(?:verify|confirm|checking) (?:that )?(?:you are|you're|if you are|your browser)\b|\bnot a robot\b"
    r"|\bberlangganan (?:untuk|sekarang)\b|\bkhusus (?:pelanggan|member)\b"
    r"|\b(?:masuk|daftar|login) untuk (?:membaca|melanjutkan)\b"
    r"|\bjetzt (?:abonnieren|anmelden)\b|\bnur für abonnenten\b|\babonnez-vous\b|\bréservée? (?:à nos |aux )abonnés\b"
    r"|\bsuscríbete para\b|\bsolo para suscriptores\b|\bassine para\b|\bexclusivo para assinantes\b"
)


def needs() -> None:
    """Make sure that articles can be found.

    Raises:
        NormalizeError: trafilatura is not installed, or not as a whole.
    """
    try:
        import trafilatura  # noqa: F401
    except ImportError as error:
        what = f"full texts need the library trafilatura, which cannot be used: {error}"
        raise NormalizeError(what, hint='Install it: pip install "feedmill[fulltext]"') from error
    for library in ("trafilatura", "htmldate", "courlan", "justext", "readability"):
        # They warn of what is usual here: a page with no article on it.
        logging.getLogger(library).setLevel(logging.CRITICAL)


def teaser_digest(draft: Draft, strip: Sequence[str]) -> str:
    """Return a mark of what the text on the article's page depends on: once it differs, the page is asked for anew."""
    return digest("\0".join((draft.title, " ".join(_teaser(draft).split()), *strip)).encode())


def completed(draft: Draft, content: str | None) -> Draft:
    """Return `draft` with the text from its page, if there is one, and the mark of what its source itself says."""
    teaser = draft.content or draft.summary
    if not content:
        return replace(draft, teaser=teaser)
    return replace(draft, content=content, summary=draft.summary or summarize(html_to_text(content)), teaser=teaser)


def article(document: Document, draft: Draft, strip: Sequence[str] = ()) -> str:
    """Return the article of `draft` from its page as sanitized HTML; empty where the page is none, or says no more.

    What the selectors `strip` select is removed before. A text is believed to be the article if 40 % of the telling
    words (four letters or more) of title and teaser are in it; where these have fewer than three such words, if it has
    500 characters. It is taken if it is at least 100 characters longer than what the source says.

    Raises:
        NormalizeError: no article is found, or what is found is another one, an error, or asks for a login or consent.
    """
    text = _markup(document)
    if not text:
        return ""
    url = document.url or document.name
    if not urlsplit(url).path.strip("/") and urlsplit(draft.url or "").path.strip("/"):
        raise NormalizeError("its page leads to the front page of the site", where=url)
    page = read_page(without(text, strip), url)
    content = sanitize(_extracted(page), base=page.base)
    content = _without_title(content, draft.title)
    words = html_to_text(content)
    if not words:
        raise NormalizeError("there is no article on its page", where=url)
    if len(words) < _SHORT and (wall := _WALL.search(words)):
        raise NormalizeError(f"its page asks for something first: {plain(wall[0])!r}", where=url)
    teaser = _teaser(draft)
    if not _is_about(words, f"{draft.title} {teaser[:_LONGEST_TEASER]}"):
        raise NormalizeError("what its page says has little to do with its title and teaser", where=url)
    return content if len(words) >= len(teaser) + MORE else ""


def _teaser(draft: Draft) -> str:
    return html_to_text(draft.content) if draft.content else draft.summary


def _markup(document: Document) -> str:
    """Return the page's text, empty if it is no page."""
    if document.media_type and document.media_type.lower() not in _PAGES:
        return ""
    text = decode_page(document).text[:_LONGEST_PAGE]
    return text if _MARKUP.search(text, 0, _HEAD) else ""


def _extracted(page: Page) -> str:
    """Return what trafilatura takes for the article. It is not told the address, since it resolves links wrongly."""
    from trafilatura import extract
    from trafilatura.meta import reset_caches

    for image in page.root.iter("img"):
        for name in ("src", "data-src"):
            if url := absolute(image.get(name, ""), page.base, schemes=MEDIA_SCHEMES):
                image.set(name, url)
    html = etree.tostring(page.root, method="html", encoding="unicode")
    try:
        found = extract(
            html,
            output_format="html",
            include_comments=False,
            include_formatting=True,
            include_images=True,
            include_links=True,
            include_tables=True,
            with_metadata=False,
        )
    except Exception as error:
        _log.debug("%s: trafilatura: %r", page.url, error)
        raise NormalizeError("its page is too strange to be read", where=page.url) from error
    finally:
        if len(html) > _LARGE:
            reset_caches()
    return found or ""


def _without_title(content: str, title: str) -> str:
    """Return the article without a heading at its beginning that only repeats the title."""
    heading = _HEADING.match(content)
    if heading is not None and plain(html_to_text(heading[2])).casefold() == plain(title).casefold():
        return content[heading.end() :].lstrip()
    return content


def _is_about(text: str, teaser: str) -> bool:
    telling = set(_words(teaser))
    if len(telling) < _TELLING_WORDS:
        return len(text) >= _LONG_ENOUGH
    return len(telling & set(_words(text))) >= _KIN * len(telling)


def _words(text: str) -> Iterator[str]:
    for run in _WORD.findall(text.casefold()):
        if re.match(f"[{_SPACELESS}]", run):
            yield from (run[at : at + 2] for at in range(max(1, len(run) - 1)))
        else:
            yield run
