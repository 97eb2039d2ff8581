"""A defect of ours, or of a plug-in, told as a failure of the one source or feed that met it.

This module must not know the stages.
"""

from __future__ import annotations

from feedmill.errors import FeedmillError
from feedmill.model import FeedSpec, Source

__all__ = ["unexpected"]


def unexpected(error: Exception, subject: Source | FeedSpec) -> FeedmillError:
    """Return what to tell of `error`, which nobody foresaw."""
    return FeedmillError(
        f"unexpected {type(error).__name__}: {error}",
        where=subject.name,
        hint="This is a defect in Feedmill; please report it with the log.",
    )
