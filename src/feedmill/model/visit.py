"""One answered request for a feed's document: what readers are counted from.

This module must not know how requests are answered, nor what is counted.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Visit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A reader asked for a document of the feed called `feed`, and got `status`.

    `address` is the client's, behind a trusted proxy the one that it tells; it is never to be stored as it is.
    `conditional` says that the reader named what it has. `sent` are the bytes of the body, `saved` those that 304 or
    226 spared, compared with the whole document in the same content coding. `path` is where it was asked for, if that
    is known: services count their subscribers apart for each address.
    """

    feed: str
    address: str
    user_agent: str
    status: int
    conditional: bool
    sent: int
    saved: int
    path: str = ""
