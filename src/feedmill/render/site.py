"""The documents of a site, beside those of its feeds: the front page, the list of its feeds, the news sitemap.

This package's other modules know one feed; this one knows them all. It must not know how they were gathered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

from feedmill.model import Front, Listing
from feedmill.render import _news, _opml, _page_check
from feedmill.render._check import Document
from feedmill.render._names import FEEDS, FRONT_PAGE, NEWS
from feedmill.render._offers import home_of, offers, page_of
from feedmill.render._page import direction, page, web
from feedmill.render._shared import description_of, language_of
from feedmill.render._xml import legal

__all__ = ["FEEDS", "FRONT_PAGE", "NEWS", "SITE_DOCUMENTS", "SiteDocument"]


@dataclass(frozen=True, slots=True)
class SiteDocument:
    """A document of a site. `render` gives the same bytes for the same front and raises RenderError; `check` raises
    CheckFailed for a body that does not say what the front says."""

    render: Callable[[Front], bytes]
    check: Callable[[bytes, Front], None]


def _render_page(front: Front) -> bytes:
    front = legal(front)
    return page(
        "front.html",
        theme=front.theme,
        where="the front page",
        language=front.site.language,
        timezone=front.site.timezone,
        site=front.site,
        listings=[_shown(listing) for listing in front.listings],
        groups=[
            SimpleNamespace(
                name=name,
                listing=_shown(head) if head else None,
                parts=[_shown(part, below=head) for part in parts],
            )
            for name, head, parts in _groups(front.listings)
        ],
    )


def _check_page(body: bytes, front: Front) -> None:
    document = _page_check.Page(body, FRONT_PAGE)
    document.runs_only_its_own()
    links = {link.get("href") for link in document.root.iter("a")}
    for listing in legal(front.listings):
        name = listing.spec.name
        document.insist(_shown(listing).href in links, document.root, f"the feed {name!r} is missing")


def _render_feeds(front: Front) -> bytes:
    lines = []
    for name, head, parts in _groups(front.listings):
        inner = tuple(line for part in parts if (line := _outline(part)))
        line = _outline(head) if head else None
        if line:
            lines.append(line)
        if inner:
            lines.append(_opml.Outline(title=head.spec.title if head else name, inner=inner))
    updated = max((listing.updated for listing in front.listings), default=None)
    return _opml.write(front.site.title, updated, lines)


def _check_feeds(body: bytes, front: Front) -> None:
    document = Document(body, FEEDS)
    found = _opml.addresses(document)
    expected = [line.url for listing in legal(front.listings) if (line := _outline(listing))]
    document.insist(sorted(found) == sorted(filter(None, expected)), document.root, "it lists other feeds")


SITE_DOCUMENTS: Mapping[str, SiteDocument] = {
    FRONT_PAGE: SiteDocument(_render_page, _check_page),
    FEEDS: SiteDocument(_render_feeds, _check_feeds),
    NEWS: SiteDocument(_news.render, _news.check),
}
"""By path within the publishing folder."""


def _shown(listing: Listing, below: Listing | None = None) -> SimpleNamespace:
    """Return what a template can use of a feed, and what it is called `below` that of another; docs/theme.md describes
    it.
    """
    spec, entry = listing.spec, listing.newest
    made = offers(spec, listing.formats, below=home_of(spec))
    feeds = [offer for offer in made if offer.subscribable]
    pages = [offer for offer in made if offer.name == "html"]
    return SimpleNamespace(
        name=spec.name,
        title=spec.title,
        label=spec.title.removeprefix(f"{below.spec.title}: ") if below else spec.title,
        description=spec.description,
        language=language_of(spec),
        direction=direction(language_of(spec)),
        href=(pages or feeds or made)[0].href,
        offers=feeds,
        entries=listing.entries,
        updated=listing.updated,
        newest=entry
        and SimpleNamespace(
            title=entry.title.strip() or entry.id,
            url=web(entry.url),
            language=entry.language or language_of(spec),
            published=entry.published,
        ),
    )


def _outline(listing: Listing) -> _opml.Outline | None:
    """The line of a feed, None if there is nothing to subscribe to."""
    spec = listing.spec
    made = offers(spec, listing.formats)
    url = next((offer.url for offer in made if offer.subscribable), None)
    if url is None:
        return None
    return _opml.Outline(
        title=spec.title,
        url=url,
        link=page_of(spec, made),
        description=description_of(spec),
        language=language_of(spec),
    )


def _groups(listings: Sequence[Listing]) -> list[tuple[str, Listing | None, list[Listing]]]:
    """Return the feeds by what stands before the slash in their names: the one that was split, and its parts."""
    groups: dict[str, tuple[Listing | None, list[Listing]]] = {}
    for listing in listings:
        name, slash, _ = listing.spec.name.partition("/")
        head, parts = groups.get(name, (None, []))
        groups[name] = (head, [*parts, listing]) if slash else (listing, parts)
    return [(name, head, parts) for name, (head, parts) in groups.items()]
