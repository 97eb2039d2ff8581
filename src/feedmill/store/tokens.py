"""Who may read private feeds: the digest of each reader's token, since nobody needs the token itself again.

This module must not know how an address is made of a token.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from sqlalchemy import insert, select, update

from feedmill.model import Token
from feedmill.store.database import Database
from feedmill.store.schema import tokens

__all__ = ["Tokens"]


class Tokens:
    """The tokens of one site's private feeds. Every method raises StateError if the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, feed: str, reader: str, token: str, now: datetime) -> None:
        """Let `reader` read `feed` by `token`; another one that the reader has stays good."""
        row = {"digest": _digest(token), "feed": feed, "reader": reader, "created": now}
        with self._database.writing() as connection:
            connection.execute(insert(tokens).values(row))

    def revoke(self, feed: str, reader: str, now: datetime) -> int:
        """Let every token of `reader` for `feed` be good no more; return how many were."""
        statement = (
            update(tokens)
            .where(tokens.c.feed == feed, tokens.c.reader == reader, tokens.c.revoked.is_(None))
            .values(revoked=now)
        )
        with self._database.writing() as connection:
            return connection.execute(statement).rowcount

    def all(self, feed: str | None = None) -> list[Token]:
        """Return the tokens for a feed, or for all feeds, in the order of feeds, readers and time."""
        query = select(tokens.c.feed, tokens.c.reader, tokens.c.created, tokens.c.revoked)
        if feed is not None:
            query = query.where(tokens.c.feed == feed)
        query = query.order_by(tokens.c.feed, tokens.c.reader, tokens.c.created)
        with self._database.reading() as connection:
            return [Token(**row) for row in connection.execute(query).mappings()]

    def feed_of(self, token: str) -> str | None:
        """Return the feed that a token is good for, None if it is good for none.

        How long that takes tells nothing of any token: it is looked up by its digest, which nobody can choose.
        """
        digest = _digest(token)
        query = select(tokens.c.digest, tokens.c.feed).where(tokens.c.digest == digest, tokens.c.revoked.is_(None))
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return row.feed if row is not None and hmac.compare_digest(row.digest, digest) else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
