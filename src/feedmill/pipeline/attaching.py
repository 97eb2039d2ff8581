"""Files from messages, written into the folder that their enclosures lead to.

This module must not know what becomes of the messages themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from feedmill.model import Fetched, Normalized, Site, Source
from feedmill.publish import Folder

__all__ = ["attach"]


def attach(
    folder: Callable[[str], Folder], site: Site, source: Source, fetched: Fetched, came: Normalized, now: datetime
) -> None:
    """Write the files that the enclosures of messages lead to, before anybody is told of them.

    Raises:
        WriteFailed: the folder cannot be written.
    """
    if source.attachments is None:
        return
    from feedmill.normalize.mail import attached_files

    place = folder(str(source.attachments))
    taken = {draft.name for draft in came.drafts}
    for document in fetched.documents:
        if document.name in taken:
            for name, body in attached_files(source, site, document, now):
                place.swap(name, body)
