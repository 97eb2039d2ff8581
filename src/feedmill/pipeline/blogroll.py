"""The upstream feeds that a feed takes from, as everybody may know them: without secrets, and without what has none.

This module must not know how the list is published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from feedmill.model import Origin, Source, SourceState, Upstream
from feedmill.pipeline.agenda import asked_at
from feedmill.store import Store

__all__ = ["blogroll"]

_SECRET = re.compile(
    r"(^|[-_.])(token|key|apikey|secret|auth|authorization|password|passwd|pass|pwd|pw|sig|signature|session|sid|"
    r"credential|credentials|jwt|access)($|[-_.])"
)
_KEY_IN_PATH = re.compile(r"(private-)?(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{32,}")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


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
    if url is None or not (source.url and _is_public(source.url) and _is_public(url)):
        return None
    link = origin.link if origin and origin.link and _is_public(origin.link) else None
    title = source.title.strip() or (origin.title.strip() if origin else "") or source.name
    return Upstream(title=title, url=url, link=link, language=source.language)


def _is_public(url: str) -> bool:
    """Whether an address can be shown to everybody: it holds no login, and no part that looks like a key to a door."""
    try:
        parts = urlsplit(url)
        login = parts.username is not None or parts.password is not None
    except ValueError:
        return False
    if login or parts.scheme not in ("http", "https"):
        return False
    if any(_KEY_IN_PATH.fullmatch(segment) for segment in parts.path.split("/")):
        return False
    names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    return not any(_SECRET.search(_CAMEL.sub("_", name).lower()) for name in names)
