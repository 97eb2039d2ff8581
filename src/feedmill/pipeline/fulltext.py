"""The articles' own pages in one look: which are asked for now, which later, and what they change.

Each page is had once: what it said is kept, and it is asked for again only when the feed says something else of the
article. This module must not know how a page is fetched or read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from feedmill.config import Config
from feedmill.errors import CollectError, FeedmillError, StatusError, TooLarge
from feedmill.model import Draft, Fetched, FullText, Normalized, Problem, Source
from feedmill.normalize import reader, treated
from feedmill.store import Store

if TYPE_CHECKING:
    from feedmill.collect.articles import ArticlePages
    from feedmill.collect.http import HttpClient

__all__ = ["FullTexts"]

_WAITS = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3))
"""How long to wait after each failure; a page that fails once more is given up."""

_BUSY = frozenset({429, 503})


class FullTexts:
    """Full texts for those sources of a site that ask for them."""

    def __init__(self, config: Config, store: Store, http: Callable[[], HttpClient]) -> None:
        self._config = config
        self._store = store
        self._http = http

    def look(
        self, source: Source, fetched: Fetched, now: datetime, *, most: int | None = None
    ) -> tuple[Normalized, tuple[FullText, ...]]:
        """Read and treat what a look brought, with the texts of articles' pages, of which up to `most` are asked for.

        Articles whose pages were wanted at an earlier look and are had in this one come again, also if the source is
        unchanged. Returns all that came, and what is newly known of the pages.

        Raises:
            NormalizeError: it cannot be read, or no full text can be had at all.
        """
        from feedmill.collect.articles import MOST, ArticlePages
        from feedmill.normalize.fulltext import completed, needs

        needs()
        came = Normalized() if fetched.unchanged else reader(source.kind)(source, self._config.site, fetched, now)
        addresses = _addresses(source, came.drafts)
        old = self._store.full_texts(source.name, addresses.values())
        known = {
            address: _known(old.get(address), address, draft, source, now)
            for draft in came.drafts
            if (address := addresses.get(draft.id))
        }
        earlier = self._earlier(source, fetched, known, now, MOST)
        old |= {page.url: page for page in earlier}
        known |= {page.url: replace(page, due=None, draft=None) for page in self._outdated(source, earlier)}
        earlier = [page for page in earlier if page.url not in known]
        wanted = [page for page in (*known.values(), *earlier) if page.due is not None and page.due <= now]
        pages = ArticlePages(source, self._http(), now, most=MOST if most is None else most)
        problems: list[Problem] = []
        resting = self._resting(source, wanted, now)
        known |= {page.url: page for page in _asked(source, wanted, pages, now, resting, problems)}
        drafts = []
        for draft in came.drafts:
            page = known.get(addresses.get(draft.id, ""))
            drafts.append(completed(draft, page.content if page else None))
        for page in earlier:
            content = known.get(page.url, page).content
            if page.draft is not None and content != page.content:
                drafts.append(completed(page.draft, content))
        came = treated(source, replace(came, drafts=tuple(drafts), problems=(*came.problems, *problems)))
        if source.treatment.max_entries is not None:
            taken = {draft.id for draft in came.drafts}
            known = {address: _if_taken(page, taken) for address, page in known.items()}
        return came, tuple(page for address, page in known.items() if page != old.get(address))

    def _resting(self, source: Source, wanted: Sequence[FullText], now: datetime) -> dict[str, datetime]:
        """Return the sites of `wanted` that asked to be left alone, and until when they are.

        A front page is no article's: what is known of one is when its site may be asked again.
        """
        sites = {_front_page(page.draft): urlsplit(page.draft.url or "").hostname for page in wanted if page.draft}
        until = {site: page.due for site, page in self._store.full_texts(source.name, sites).items()}
        hosts = self._store.host_states() if sites else {}
        for site, host in sites.items():
            asked = hosts[host].wait_until if host in hosts else None
            until[site] = max(filter(None, (until.get(site), asked)), default=None)
        return {site: moment for site, moment in until.items() if moment and moment > now}

    def _earlier(
        self, source: Source, fetched: Fetched, known: Collection[str], now: datetime, most: int
    ) -> list[FullText]:
        """Return the pages that are still wanted of articles that are not in this look."""
        limit = source.treatment.max_entries
        if limit is not None and not fetched.unchanged:
            return []  # they would take the places of those that came now
        found = self._store.due_full_texts(source.name, now, min(most, limit or most))
        return [page for page in found if page.url not in known]

    def _outdated(self, source: Source, pages: Sequence[FullText]) -> Iterator[FullText]:
        """Yield those of `pages` whose articles are at another address by now."""
        from feedmill.normalize.identity import canonical_url

        drafts = [page.draft for page in pages if page.draft is not None]
        ledger = self._store.ledger(source.name, drafts, whole=False)
        for page in pages:
            aliases = page.draft.aliases if page.draft is not None else ()
            stored = [ledger.known[ledger.aliases[alias]].entry for alias in aliases if alias in ledger.aliases]
            if stored and all(canonical_url(entry.url or "") != page.url for entry in stored):
                yield page


def _addresses(source: Source, drafts: Sequence[Draft]) -> dict[str, str]:
    """Return, by id, the canonical address of the page that a draft has for itself."""
    from feedmill.normalize.identity import canonical_url
    from feedmill.normalize.treatment import newest

    wish = source.treatment
    if not (wish.include or wish.exclude):
        drafts = newest(drafts, wish.max_entries)
    found = {draft.id: canonical_url(draft.url) for draft in drafts if draft.url and _may_be_an_article(draft.url)}
    shared = Counter(found.values())
    own = canonical_url(source.url or "")
    return {id_: address for id_, address in found.items() if shared[address] == 1 and address != own}


def _may_be_an_article(url: str) -> bool:
    """Whether a page can be asked for, and is not the front page of its site."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.path.strip("/") or parts.query)


def _known(old: FullText | None, address: str, draft: Draft, source: Source, now: datetime) -> FullText:
    """Return what is known of a draft's page. It is wanted if its source now says something else of the article; what
    it said before is used until then."""
    from feedmill.normalize.fulltext import teaser_digest

    mark = teaser_digest(draft, source.treatment.strip)
    if old is None or old.teaser != mark:
        return FullText(url=address, teaser=mark, content=old.content if old else None, due=now, draft=draft)
    return old if old.due is None else replace(old, draft=draft)


def _asked(
    source: Source,
    wanted: Sequence[FullText],
    pages: ArticlePages,
    now: datetime,
    resting: Mapping[str, datetime],
    problems: list[Problem],
) -> Iterator[FullText]:
    """Ask for pages, those of the newest articles first, as long as there is time; yield what is known of them then.

    A site that has too much to do is not asked again in this look, nor before it says.
    """
    busy = dict(resting)
    for page in sorted(wanted, key=_age):
        draft = page.draft
        if draft is None:
            continue
        site = _front_page(draft)
        if site in busy:
            yield replace(page, due=busy[site])
            continue
        try:
            content = _content(source, draft, pages)
        except FeedmillError as error:
            after = _failed(page, error, now)
            if isinstance(error, StatusError) and error.status in _BUSY:
                busy[site] = now + (error.wait or timedelta(0))
                yield FullText(url=site, teaser="", due=busy[site])
            end = "It is not asked for again" if after.due is None else "It is asked for again later"
            message = f"the full text is missing: {error.what}. {end}; the feed's own words are published"
            problems.append(Problem(where=f"{source.name}: {(draft.url or '')[:200]}", message=message))
            yield after
        else:
            if content is not None:
                yield replace(page, content=content, due=None, draft=None, failures=0)
        if pages.rest:
            busy[site] = now + pages.rest
            yield FullText(url=site, teaser="", due=busy[site])


def _front_page(draft: Draft) -> str:
    """Return the canonical address of the front page of a draft's site."""
    from feedmill.normalize.identity import canonical_url

    return canonical_url(urljoin(draft.url or "", "/"))


def _age(page: FullText) -> tuple[bool, float]:
    """Sort the newest first; an article without a date counts as new."""
    when = page.draft and (page.draft.published or page.draft.published_at_first)
    return (True, -when.timestamp()) if when else (False, 0.0)


def _content(source: Source, draft: Draft, pages: ArticlePages) -> str | None:
    """Return the article from its page; None if the page has to wait for another look."""
    from feedmill.normalize.fulltext import article

    document = pages.get(draft.url or "")
    return None if document is None else article(document, draft, source.treatment.strip)


def _failed(page: FullText, error: FeedmillError, now: datetime) -> FullText:
    """Return what is known of a page after one more failure: when it is due, or that it is given up."""
    gone = isinstance(error, CollectError) and error.gone
    if gone or isinstance(error, TooLarge) or page.failures >= len(_WAITS):
        # The last good text stays, unless its author has taken it away.
        content = None if gone else page.content
        return replace(page, content=content, due=None, draft=None, failures=page.failures + 1)
    wait = _WAITS[page.failures]
    if isinstance(error, CollectError) and error.wait:
        wait = max(wait, error.wait)
    return replace(page, due=now + wait, failures=page.failures + 1)


def _if_taken(page: FullText, taken: Collection[str]) -> FullText:
    """Forget a draft that was not taken, so that it does not come again by itself; its page stays wanted."""
    if page.draft is None or page.draft.id in taken:
        return page
    return replace(page, draft=None)
