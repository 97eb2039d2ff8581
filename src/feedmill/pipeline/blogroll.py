"""The upstream feeds that a feed takes from, as everybody may know them: without secrets, and without what has none.

This module must not know how the list is published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from feedmill.model import Origin, Source, SourceState, Upstream
from feedmill.pipeline.agenda import asked_at
from feedmill.pipeline.discretion import is_public
from feedmill.store import Store

__all__ = ["blogroll"]


def blogroll(store: Store, sources: Sequence[Source]) -> tuple[Upstream, ...]:
    """Return the feeds among `sources` that others can subscribe to, in their order, each once.

    One that is logged in to is left out, and so is one whose address looks as if it held a secret. A feed is called by
    its own name, where it was ever collected.

    Raises:
        StateError: the state cannot be used.
    """
    feeds = [source for source in sources if source.kind == "feed" and not source.auth and not source.headers]
    if not feeds:
        return ()
    states, origins = store.source_states(), store.origins([source.name for source in feeds])
    found: dict[str, Upstream] = {}
    for source in feeds:
        upstream = _upstream(source, states, origins.get(source.name))
        if upstream is not None:
            found.setdefault(upstream.url, upstream)
    return tuple(found.values())


def _upstream(source: Source, states: Mapping[str, SourceState], origin: Origin | None) -> Upstream | None:
    url = asked_at(source, states.get(source.name))
    if url is None or not (source.url and is_public(source.url) and is_public(url)):
        return None
    link = origin.link if origin and origin.link and is_public(origin.link) else None
    title = source.title.strip() or (origin.title.strip() if origin else "") or source.name
    return Upstream(title=title, url=url, link=link, language=source.language)
