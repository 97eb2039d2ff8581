"""What an article says about itself, whatever notation it says it in.

This module must not know the notations, nor what becomes of the facts.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from feedmill.model import Enclosure, Person

__all__ = ["Facts", "Manuscript"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything but the body; what was not said is empty.

    URLs, dates, languages and what is said of an episode are still as written.
    """

    title: str = ""
    summary: str = ""
    authors: tuple[Person, ...] = ()
    categories: tuple[str, ...] = ()
    published: object = None
    updated: object = None
    expires: object = None
    url: str = ""
    guid: str = ""
    language: str = ""
    draft: bool = False
    image: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    rights: str = ""
    comments: str = ""
    duration: str = ""
    season: str = ""
    episode: str = ""
    episode_type: str = ""
    explicit: str = ""
    transcripts: tuple[str, ...] = ()

    def over(self, other: Facts) -> Facts:
        """Return these facts, and those of `other` where these are silent."""
        return Facts(**{field.name: getattr(self, field.name) or getattr(other, field.name) for field in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Manuscript:
    """An article that has been read: its facts, and its body as HTML that nobody has cleaned yet."""

    facts: Facts
    body: str
