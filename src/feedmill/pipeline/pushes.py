"""What a hub pushed, as a look at the source would have brought it.

This module must not know how a push came, or what is made of it.
"""

from __future__ import annotations

from dataclasses import replace

from feedmill.collect.addresses import shown
from feedmill.model import Document, Fetched, Outcome, Push, Source, SourceState, Status
from feedmill.pipeline.agenda import address_of, asked_at

__all__ = ["delivered", "together"]


def delivered(source: Source, state: SourceState, push: Push) -> Fetched:
    """Return what a look at the source would have brought if its server had sent what a hub pushed."""
    from feedmill.collect.headers import content_type  # a site that nothing is pushed to never loads what this needs

    media_type, charset = content_type(push.content_type)
    document = Document(
        name=address_of(source) or source.name,
        body=push.body,
        url=shown(asked_at(source, state) or ""),
        media_type=media_type,
        charset=charset,
    )
    came = len(document.body)
    return Fetched(source=source.name, documents=(document,), validators=state.validators, received=came)


def together(one: Outcome, other: Outcome) -> Outcome:
    """Return the outcome of two looks at one source, `other` the later one."""
    return replace(
        other,
        status=Status.UPDATED if (one.status, other.status) == (Status.UPDATED, Status.UNCHANGED) else other.status,
        new=one.new + other.new,
        changed=one.changed + other.changed,
        withdrawn=one.withdrawn + other.withdrawn,
        problems=(*one.problems, *other.problems),
        next=other.next or one.next,
    )
