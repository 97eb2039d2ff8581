"""What directories of podcasts ask of each episode, held against what a feed carries.

Apple: "A Podcaster's Guide to RSS" (https://help.apple.com/itc/podcasts_connect/#/itcb54353390), episode tags.
Spotify: "Podcast Delivery Specification" 1.6. What they ask of the show is asked of its configuration. This module must
not know how a document is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from feedmill.model import Enclosure, Entry, FeedSpec, Podcast, Problem
from feedmill.render._shared import guess_type, media_type

__all__ = ["shortcomings"]

_TAKEN = ("audio/mpeg", "audio/mp4", "audio/x-m4a", "video/mp4", "video/x-m4v", "video/quicktime", "application/pdf")
_PICTURES = frozenset({"image/jpeg", "image/png"})
_MOST = 20


def shortcomings(spec: FeedSpec, entries: Sequence[Entry]) -> tuple[Problem, ...]:
    """Return why directories would leave out entries of a podcast, or show less of them: the first ones, and how many
    more there are. A feed that is no podcast has none.
    """
    podcast = spec.podcast
    if podcast is None:
        return ()
    found = [
        Problem(where=f"{spec.name}: {entry.title}", message=said)
        for entry in entries
        for said in _said(podcast, entry)
    ]
    rest = len(found) - _MOST
    more = (
        (Problem(where=spec.name, message=f"and {rest} more that directories of podcasts would mind"),)
        if rest > 0
        else ()
    )
    return (*found[:_MOST], *more)


def _said(podcast: Podcast, entry: Entry) -> Iterator[str]:
    if not entry.enclosures:
        yield "has no sound or film, so that directories of podcasts leave it out"
        return
    yield from _file(entry.enclosures[0])
    episode = entry.episode
    if podcast.kind == "serial" and not (episode and (episode.number or episode.kind in ("trailer", "bonus"))):
        yield "has no number, and the episodes of a serial podcast need one: write `episode: 1` into its notes"
    if episode and episode.image and guess_type(episode.image) not in _PICTURES:
        yield f"has artwork that is neither JPEG nor PNG: {episode.image}"


def _file(enclosure: Enclosure) -> Iterator[str]:
    kind = media_type(enclosure.type) or guess_type(enclosure.url)
    if kind not in _TAKEN:
        said = (
            f"is of the type {kind}, which not every directory takes" if kind else "has a file of a type nobody knows"
        )
        yield f"{said}; all of them take MP3 and M4A"
    if not enclosure.length:
        yield f"has a file whose size nobody knows, which directories ask for: {enclosure.url}"
    if not enclosure.url.lower().startswith(("http://", "https://")):
        yield f"has a file that cannot be fetched over HTTP: {enclosure.url}"
