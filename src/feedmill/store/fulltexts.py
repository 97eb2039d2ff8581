"""What is known of the articles' own pages, in and out of the database.

This module must not know how a page is fetched or read, or when it is tried again.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.dialects.sqlite import insert

from feedmill.model import Draft, FullText
from feedmill.store.schema import fulltexts

__all__ = ["due", "of_urls", "write"]

_CHUNK = 400
_decode = msgspec.json.Decoder(Draft).decode
_encode = msgspec.json.Encoder().encode


def of_urls(connection: Connection, source: str, urls: Collection[str]) -> dict[str, FullText]:
    """Return what is known of the pages of `source` at these canonical addresses, by address."""
    found: dict[str, FullText] = {}
    wanted = sorted(set(urls))
    query = select(fulltexts).where(fulltexts.c.source == source)
    for start in range(0, len(wanted), _CHUNK):
        part = query.where(fulltexts.c.url.in_(wanted[start : start + _CHUNK]))
        found |= {row["url"]: _known(row) for row in connection.execute(part).mappings()}
    return found


def due(connection: Connection, source: str, now: datetime, most: int) -> list[FullText]:
    """Return the pages of `source` that are to be asked for by `now`, those of the newest articles first."""
    query = (
        select(fulltexts)
        .where(fulltexts.c.source == source, fulltexts.c.due <= now, fulltexts.c.draft.is_not(None))
        .order_by(fulltexts.c.published.desc(), fulltexts.c.url)
        .limit(most)
    )
    return [_known(row) for row in connection.execute(query).mappings()]


def write(connection: Connection, source: str, pages: Collection[FullText]) -> None:
    """Remember `pages` in place of what was known of them."""
    if not pages:
        return
    statement = insert(fulltexts)
    columns = ("teaser", "content", "due", "failures", "published", "draft")
    replaced = {column: statement.excluded[column] for column in columns}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["source", "url"], set_=replaced),
        [_values(source, page) for page in pages],
    )


def _known(row: RowMapping) -> FullText:
    return FullText(
        url=row["url"],
        teaser=row["teaser"],
        content=row["content"],
        due=row["due"],
        failures=row["failures"],
        draft=None if row["draft"] is None else _decode(row["draft"]),
    )


def _values(source: str, page: FullText) -> dict[str, Any]:
    draft = page.draft
    return {
        "source": source,
        "url": page.url,
        "teaser": page.teaser,
        "content": page.content,
        "due": page.due,
        "failures": page.failures,
        "published": None if draft is None else draft.published or draft.published_at_first or page.due,
        "draft": None if draft is None else _encode(draft),
    }
