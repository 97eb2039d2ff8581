"""A document of somebody else's, fetched to be looked at and not kept.

This module must not know what is looked for in it.
"""

from __future__ import annotations

from datetime import datetime

from feedmill.collect.http import HttpClient
from feedmill.model import FetchSettings
from feedmill.render.rules import Served

__all__ = ["fetch_document"]

_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


def fetch_document(url: str, settings: FetchSettings, now: datetime) -> tuple[bytes, Served]:
    """Return the document at an address, and how it came.

    Raises:
        CollectError: it cannot be had, or the network guard forbids the address.
    """
    client = HttpClient(settings)
    try:
        answer = client.get(url, now=now, accept=_ACCEPT)
    finally:
        client.close()
    return answer.body, Served(url=answer.url, media_type=answer.media_type)
