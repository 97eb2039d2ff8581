"""A page for each feed: people read it, and see how to subscribe. It works without JavaScript.

What it shows of an entry is in `entry.html`, how it looks in `style.css`, among the templates. This module must not
know how entries were chosen or where the bytes go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

from feedmill.model import Content, Edition, Enclosure, Entry, FeedSpec, Person
from feedmill.render import _page_check
from feedmill.render._embedded import embedded
from feedmill.render._offers import home_of, offers
from feedmill.render._page import direction, page, web
from feedmill.render._shared import description_of, display_name, guess_type, language_of, media_type
from feedmill.render._xml import legal

__all__ = ["FILE_NAME", "MEDIA_TYPE", "check", "render"]

FILE_NAME = "index.html"
MEDIA_TYPE = "text/html"


def render(edition: Edition) -> bytes:
    """Return the page of a feed, entries in the order given.

    Raises:
        RenderError: a template cannot be used; it names file and line.
    """
    spec, entries = legal(edition.spec), legal(edition.entries)
    return page(
        "feed.html",
        theme=spec.theme,
        where=f"feed {spec.name!r}",
        language=language_of(spec),
        timezone=spec.site.timezone,
        site=spec.site,
        feed=SimpleNamespace(
            title=spec.title,
            description=description_of(spec),
            url=spec.base_url,
            hubs=spec.hubs,
            updated=edition.updated,
        ),
        offers=offers(spec, spec.formats),
        front="../" * max(home_of(spec).count("/"), 1) + "index.html",
        entries=[shown(spec, entry) for entry in entries],
        upstreams=[one for one in legal(edition.upstreams) if web(one.link) or web(one.url)],
    )


def check(body: bytes, entries: Sequence[Entry]) -> None:
    """See that `body` is a page with exactly these entries, in this order, that runs no script but our own.

    Raises:
        CheckFailed: it is not; the message names the line.
    """
    document = _page_check.Page(body, FILE_NAME)
    document.runs_only_its_own()
    document.same_entries(entries)


def shown(spec: FeedSpec, entry: Entry) -> SimpleNamespace:
    """Return what a template can use of an entry; docs/theme.md describes it."""
    language = entry.language or language_of(spec)
    content = embedded(entry.content) if spec.content is Content.FULL and entry.content else None
    episode = entry.episode
    return SimpleNamespace(
        id=entry.id,
        anchor=f"e{hashlib.sha256(entry.id.encode()).hexdigest()[:12]}",
        title=entry.title.strip() or entry.id,
        url=web(entry.url),
        language=language,
        direction=direction(language),
        published=entry.published,
        updated=entry.updated,
        authors=[_author(person) for person in entry.authors if display_name(person)],
        source=_source(entry),
        categories=[category.label or category.term for category in entry.categories if category.term.strip()],
        content=content,
        summary=None if spec.content is Content.LINK else entry.summary.strip() or None,
        picture=_picture(entry, content) if spec.content is Content.FULL else None,
        files=_files(entry),
        chapters=[SimpleNamespace(start=_clock(one.start), title=one.title) for one in episode.chapters]
        if episode
        else [],
        transcripts=[one for one in episode.transcripts if web(one.url)] if episode else [],
        comments=web(entry.comments),
    )


def _author(person: Person) -> SimpleNamespace:
    return SimpleNamespace(name=display_name(person), url=web(person.uri))


def _source(entry: Entry) -> SimpleNamespace | None:
    origin = entry.origin
    if origin is None or not origin.title.strip():
        return None
    return SimpleNamespace(name=origin.title.strip(), url=web(origin.link))


def _picture(entry: Entry, content: str | None) -> str | None:
    """The picture of an entry whose content shows none."""
    if content and "<img" in content:
        return None
    return next((web(thumbnail.url) for thumbnail in entry.thumbnails if web(thumbnail.url)), None)


def _files(entry: Entry) -> list[SimpleNamespace]:
    files: list[SimpleNamespace] = []
    for enclosure in entry.enclosures:
        if not web(enclosure.url):
            continue
        kind = media_type(enclosure.type) or guess_type(enclosure.url)
        family = (kind or "").partition("/")[0]
        length = entry.episode.duration if entry.episode and not files and family in ("audio", "video") else None
        details = [_clock(length) if length else None, _size(enclosure.length)]
        files.append(
            SimpleNamespace(
                kind=family if family in ("audio", "video") else "file",
                url=enclosure.url,
                type=kind,
                name=_name(enclosure),
                details=[detail for detail in details if detail],
            )
        )
    return files


def _name(enclosure: Enclosure) -> str:
    parts = urlsplit(enclosure.url)
    return enclosure.title or unquote(parts.path.rpartition("/")[2]).strip() or parts.netloc or enclosure.url


def _size(length: int | None) -> str | None:
    """A size in bytes, in units of 1024 as everywhere here."""
    if not length or length < 0:
        return None
    size, unit = float(length), "B"
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit in ("B", "KiB") or size >= 10 else f"{size:.1f} {unit}"


def _clock(seconds: float) -> str:
    """A time in a recording: `1:02:03`, `2:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
