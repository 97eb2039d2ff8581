"""Where a source is asked once a permanent redirect has been believed: a pure function of what looks met.

301 and 308 say that an address has moved for good (RFC 9110 sections 15.4.2 and 15.4.9), and servers say it by mistake,
too: in front of a login, while they are mended, on a café's network. So it takes three looks in a row that end at one
place. 302, 303 and 307 never count. This module must not know how a source is asked, nor who follows a redirect.
"""

from __future__ import annotations

from dataclasses import replace

from feedmill.model import SourceState

__all__ = ["LOOKS_TO_BELIEVE", "after_failure", "followed"]

LOOKS_TO_BELIEVE = 3
FAILURES_TO_DOUBT = 3


def followed(state: SourceState, moved_to: str | None) -> SourceState:
    """Return `state` after a look that worked.

    `moved_to` is where permanent redirects alone led from the address that was asked, None if there were none.
    """
    if moved_to is None:
        return replace(state, moved_to=None, moved_looks=0)
    looks = state.moved_looks + 1 if moved_to == state.moved_to else 1
    if looks < LOOKS_TO_BELIEVE:
        return replace(state, moved_to=moved_to, moved_looks=looks)
    return replace(state, address=moved_to, moved_to=None, moved_looks=0)


def after_failure(state: SourceState) -> SourceState:
    """Return `state`, whose failures are counted already, after a look that failed.

    A failed look ends at no place, so that the row begins anew. An address that was believed and fails three times in a
    row is doubted: the source is asked at its own address again.
    """
    doubted = state.address is not None and state.failures >= FAILURES_TO_DOUBT
    return replace(state, address=None if doubted else state.address, moved_to=None, moved_looks=0)
