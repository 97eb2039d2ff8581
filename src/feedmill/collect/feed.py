"""Upstream feeds: one conditional request a look, one document at most.

A server that knows RFC 3229 may send only the newer entries. This module must not know what is in a feed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from feedmill.collect.addresses import shown
from feedmill.collect.credentials import credentials
from feedmill.collect.http import HttpClient
from feedmill.model import Document, Fetched, Source, Validators

__all__ = ["ACCEPT", "collect"]

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)


def collect(
    source: Source,
    validators: Validators,
    http: HttpClient,
    now: datetime,
    environ: Mapping[str, str] = os.environ,
    address: str | None = None,
) -> Fetched:
    """Ask for the feed at `source.url`, unless nothing has changed since `validators` were given.

    `environ` holds the secrets that the source names. `address` is where the feed is asked for since it moved; secrets
    stay with the origin of `source.url`.

    Raises:
        CollectError: it could not be had; the subclass, `wait` and `gone` say why.
    """
    url = source.url or ""
    secrets = credentials(source, environ)
    answer = http.get(
        address or url, now=now, validators=validators, accept=ACCEPT, manipulation="feed", credentials=secrets
    )
    digest = answer.validators.digest
    same = answer.status == 304 or (digest is not None and digest == validators.digest)
    documents = (
        ()
        if same
        else (
            Document(
                name=shown(url),
                body=answer.body,
                url=answer.url,
                media_type=answer.media_type,
                charset=answer.charset,
            ),
        )
    )
    return Fetched(
        source=source.name,
        documents=documents,
        unchanged=same,
        validators=answer.validators,
        wait=answer.wait,
        moved_to=answer.moved_to,
        fresh_for=answer.fresh_for,
        host=urlsplit(answer.url).hostname,
        hubs=answer.hubs,
        topic=answer.topic,
        received=answer.received,
        not_modified=answer.status == 304,
    )
