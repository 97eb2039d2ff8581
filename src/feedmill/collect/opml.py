"""Subscription lists: one conditional request a look, or one file, and one document at most.

This module must not know what a list says.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feedmill.collect.addresses import shown
from feedmill.collect.credentials import credentials
from feedmill.collect.folder import Found
from feedmill.errors import FolderError, TooLarge
from feedmill.model import Document, Fetched, Source, Validators

if TYPE_CHECKING:
    from feedmill.collect.http import HttpClient

__all__ = ["ACCEPT", "collect"]

ACCEPT = "text/x-opml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"


def collect(
    source: Source,
    validators: Validators,
    stamps: Mapping[str, str],
    http: Callable[[], HttpClient],
    now: datetime,
    environ: Mapping[str, str] = os.environ,
    address: str | None = None,
) -> Fetched:
    """Read the list at the `url` or `path` of `source`, unless nothing has changed since the last look.

    `validators` and `stamps` are what that look left; `http` is called for the client; `environ` holds the secrets
    that the source names. `address` is where the list is asked for since it moved; secrets stay with the origin of
    `source.url`.

    Raises:
        CollectError: it could not be had; the subclass, `wait` and `gone` say why.
    """
    if source.path is not None:
        return _read(source, source.path, stamps)
    url = source.url or ""
    secrets = credentials(source, environ)
    answer = http().get(address or url, now=now, validators=validators, accept=ACCEPT, credentials=secrets)
    digest = answer.validators.digest
    same = answer.status == 304 or (digest is not None and digest == validators.digest)
    document = Document(
        name=shown(url), body=answer.body, url=answer.url, media_type=answer.media_type, charset=answer.charset
    )
    return Fetched(
        source=source.name,
        documents=() if same else (document,),
        unchanged=same,
        validators=answer.validators,
        wait=answer.wait,
        moved_to=answer.moved_to,
        fresh_for=answer.fresh_for,
        host=urlsplit(answer.url).hostname,
        received=answer.received,
        not_modified=answer.status == 304,
    )


def _read(source: Source, path: Path, stamps: Mapping[str, str]) -> Fetched:
    hint = f"Create it or correct `path` of source {source.name!r}; the feeds that it listed stay."
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise FolderError("this is no file", where=str(path), hint="Give the path of an OPML file.")
        stamp = Found(str(path), status).stamp
        if stamps.get(path.name) == stamp:
            return Fetched(source=source.name, unchanged=True, stamps=dict(stamps))
        with path.open("rb") as stream:
            body = stream.read(source.max_file + 1)
        torn = Found(str(path), path.stat()).stamp != stamp
    except OSError as error:
        what = f"the file cannot be read ({error.strerror or error})"
        raise FolderError(what, where=str(path), hint=hint) from error
    if len(body) > source.max_file:
        what = f"the file has more than max_file = {source.max_file} bytes"
        raise TooLarge(what, where=str(path), hint="Set a larger max_file; the feeds that it listed stay")
    if torn:  # it is being written: the next look reads it
        return Fetched(source=source.name, unchanged=True, stamps=dict(stamps))
    modified = datetime.fromtimestamp(max(status.st_mtime_ns, 0) // 1_000_000_000, UTC)
    document = Document(name=path.name, body=body, modified=modified)
    return Fetched(source=source.name, documents=(document,), stamps={path.name: stamp})
