"""A manuscript and the source it stands in -> a draft: the rules for dates, links, language and summary.

docs/articles.md has them for authors. This module must not know how the file was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import quote

from feedmill.errors import NormalizeError
from feedmill.model import Category, Document, Draft, Enclosure, Person, Site, Source, Thumbnail
from feedmill.normalize.article.dateline import without_dateline
from feedmill.normalize.article.episode import episode_of
from feedmill.normalize.article.facts import Facts, Manuscript
from feedmill.normalize.article.frontmatter import Report
from feedmill.normalize.article.names import stem_and_suffix
from feedmill.normalize.dates import article_date, path_date
from feedmill.normalize.identity import article_aliases, mint_id, own_id
from feedmill.normalize.language import detect_language, language_tag
from feedmill.normalize.links import MEDIA_SCHEMES, absolute
from feedmill.normalize.plaintext import plain, summarize
from feedmill.normalize.sanitize import html_to_text, sanitize

__all__ = ["Cleaned", "clean", "compose", "draft_of", "language_of", "title_of_name"]

_LONGEST_TITLE = 500  # characters
_LEADING_DATE = re.compile(r"^\d{4}-?\d{2}-?\d{2}(?:[T_-]?\d{2}[-:]?\d{2}(?:[-:]?\d{2})?)?")


@dataclass(frozen=True, slots=True)
class _Dates:
    published: datetime | None
    at_first: datetime
    updated: datetime | None


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A manuscript with its address, its body as sanitized HTML, and the same as text."""

    manuscript: Manuscript
    url: str | None
    content: str
    text: str


def compose(
    manuscript: Manuscript, document: Document, source: Source, site: Site, now: datetime, report: Report
) -> Draft:
    """Return the draft of an article: all that follows, in its order.

    Raises:
        NormalizeError: it has neither a title nor any text.
    """
    cleaned = clean(manuscript, document, source, site, report)
    language = language_of(cleaned, source, site, report)
    return draft_of(cleaned, language, document, source, site, now, report)


def clean(manuscript: Manuscript, document: Document, source: Source, site: Site, report: Report) -> Cleaned:
    """Return an article made fit to be published.

    Raises:
        NormalizeError: it has neither a title nor any text.
    """
    facts = manuscript.facts
    url = _url(facts, document.name, source, site, report)
    body = manuscript.body
    if source.treatment.strip:
        from feedmill.normalize.selectors import without

        body = without(body, source.treatment.strip)
    content = sanitize(body, base=url or site.url)
    text = html_to_text(content)
    if not facts.title and not text and "<img" not in content:
        raise NormalizeError("there is no text in it", where=f"{source.name}: {document.name}", hint="Write some.")
    return Cleaned(manuscript, url, content, text)


def language_of(cleaned: Cleaned, source: Source, site: Site, report: Report) -> str:
    """Return the language that an article names, that its source has, that it is written in, or that of the site."""
    facts = cleaned.manuscript.facts
    if facts.language:
        tag = language_tag(facts.language)
        if tag is not None:
            return tag
        report(f"`language` is not a BCP 47 tag: {summarize(facts.language, 40)}; ignored")
    return source.language or detect_language(f"{facts.title}\n{cleaned.text}") or site.language


def draft_of(
    cleaned: Cleaned, language: str, document: Document, source: Source, site: Site, now: datetime, report: Report
) -> Draft:
    """Return the draft of an article in this language."""
    facts = cleaned.manuscript.facts
    key, _ = stem_and_suffix(document.name)
    base = cleaned.url or site.url
    dates = _dates(facts, document, source, site, now, report)
    enclosures = tuple(_enclosures(facts.enclosures, base, report))
    images = tuple(_image(facts, base, report))
    return Draft(
        name=document.name,
        id=_id(facts, source, site, dates, key),
        aliases=article_aliases(document.name, document.body, cleaned.url, facts.guid),
        title=summarize(facts.title, _LONGEST_TITLE) or title_of_name(PurePosixPath(document.name)),
        url=cleaned.url,
        summary=summarize(facts.summary) or summarize(without_dateline(cleaned.text)),
        content=cleaned.content,
        authors=tuple(_authors(facts.authors, site, report)),
        categories=tuple(Category(term=term) for term in facts.categories),
        enclosures=enclosures,
        thumbnails=tuple(Thumbnail(url=image) for image in images),
        language=language,
        rights=plain(facts.rights) or None,
        comments=_address(facts.comments, "comments", base, report),
        episode=episode_of(facts, enclosures, images[0] if images else None, base, report),
        published=dates.published,
        published_at_first=dates.at_first,
        updated=dates.updated,
        expires=_date(facts.expires, "expires", source.timezone or site.timezone, report),
    )


def _address(text: str, key: str, base: str, report: Report) -> str | None:
    if not text:
        return None
    url = absolute(text, base, schemes=MEDIA_SCHEMES)
    if url is None:
        report(f"`{key}` is not an address: {summarize(text, 80)}; ignored")
    return url


def _url(facts: Facts, name: str, source: Source, site: Site, report: Report) -> str | None:
    own = _address(facts.url, "url", site.url, report)
    if own or not source.link:
        return own
    path, _ = stem_and_suffix(name)
    link = source.link.replace("{path}", quote(path)).replace("{stem}", quote(path.rpartition("/")[2]))
    return absolute(link, site.url, schemes=MEDIA_SCHEMES)


def _id(facts: Facts, source: Source, site: Site, dates: _Dates, key: str) -> str:
    when = dates.published or dates.at_first
    if not facts.guid:
        return mint_id(site, source.name, when, key, readable=True)
    return own_id(facts.guid) or mint_id(site, source.name, when, facts.guid)


def _dates(facts: Facts, document: Document, source: Source, site: Site, now: datetime, report: Report) -> _Dates:
    zone = source.timezone or site.timezone
    published = _date(facts.published, "date", zone, report)
    if published is None:
        published = path_date(document.name, zone)
    updated = _date(facts.updated, "updated", zone, report)
    if updated is not None and updated > now:
        report("`updated` is in the future; ignored")
        updated = None
    at_first = min(document.modified or now, now).replace(microsecond=0)
    return _Dates(published=published, at_first=at_first, updated=updated)


def _date(value: object, key: str, zone: str, report: Report) -> datetime | None:
    if value is None or value == "":
        return None
    moment = article_date(value, zone)
    if moment is None:
        report(f"`{key}` is not a date: {summarize(str(value), 80)}; ignored. Write it as 2026-11-02 07:00")
    return moment


def _authors(authors: Iterable[Person], site: Site, report: Report) -> Iterable[Person]:
    for author in authors:
        uri = _address(author.uri, "uri", site.url, report) if author.uri else None
        yield Person(name=plain(author.name), email=author.email, uri=uri)


def _enclosures(enclosures: Iterable[Enclosure], base: str, report: Report) -> Iterable[Enclosure]:
    for enclosure in enclosures:
        url = _address(enclosure.url, "enclosure", base, report)
        if url:
            yield replace(enclosure, url=url)


def _image(facts: Facts, base: str, report: Report) -> Iterable[str]:
    url = _address(facts.image, "image", base, report)
    if url:
        yield url


def title_of_name(path: PurePosixPath) -> str:
    """A file name made readable: `2026-11-02-harga-beras.txt` is `Harga beras`."""
    name = path.parent.name if path.stem.lower() in {"index", "readme"} and path.parent.name else path.stem
    words = plain(
        re.sub(r"[-_+.]+", " ", re.sub(r"^\d{4}-?\d{2}-?\d{2}(?:[T_-]?\d{2}[-:]?\d{2}(?:[-:]?\d{2})?)?", "", name))
    )
    words = words or plain(name)
    return words[:1].upper() + words[1:] if any(map(str.isalnum, words)) else "Untitled"
