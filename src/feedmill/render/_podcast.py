"""What RSS and Atom say of podcasts: Apple's tags, the podcast namespace, Podlove Simple Chapters.

Apple's are those of "A Podcaster's Guide to RSS" (https://help.apple.com/itc/podcasts_connect/#/itcb54353390), the
others of https://github.com/Podcastindex-org/podcast-namespace and https://podlove.org/simple-chapters/. This module
must not know who configured a podcast, nor what directories ask for.
"""

from __future__ import annotations

from collections.abc import Mapping

from feedmill.model import Edition, Entry, Episode, FeedSpec, Podcast
from feedmill.render._shared import author_of, display_name
from feedmill.render._xml import Element, append

__all__ = ["append_channel", "append_chapters", "append_item", "chapter_namespaces", "podcast_namespaces"]

ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
PSC = "{http://podlove.org/simple-chapters}"

_CHAPTERS_TYPE = "application/json+chapters"


def podcast_namespaces(edition: Edition) -> Mapping[str, str]:
    """Return the namespaces, by prefix, that an RSS document needs for its podcast and its episodes."""
    if not edition.spec.podcast and not any(entry.episode for entry in edition.entries):
        return {}
    return {"itunes": ITUNES[1:-1], "podcast": PODCAST[1:-1], **chapter_namespaces(edition)}


def chapter_namespaces(edition: Edition) -> Mapping[str, str]:
    """Return the namespace, by prefix, that RSS and Atom need for chapters, if there are any."""
    chaptered = any(entry.episode and entry.episode.chapters for entry in edition.entries)
    return {"psc": PSC[1:-1]} if chaptered else {}


def append_channel(channel: Element, spec: FeedSpec, podcast: Podcast) -> None:
    """Append to a channel what directories of podcasts show of it."""
    append(channel, ITUNES + "author", display_name(author_of(spec)))
    if podcast.image:
        append(channel, ITUNES + "image", href=podcast.image)
    for category in podcast.categories:
        upper, _, lower = category.partition(" > ")
        element = append(channel, ITUNES + "category", None, text=upper)
        if lower:
            append(element, ITUNES + "category", None, text=lower)
    append(channel, ITUNES + "explicit", _yes(podcast.explicit))
    append(channel, ITUNES + "type", podcast.kind)
    owner = podcast.owner
    if owner:
        element = append(channel, ITUNES + "owner")
        append(element, ITUNES + "name", display_name(owner))
        if owner.email:
            append(element, ITUNES + "email", owner.email)
    if podcast.guid:
        append(channel, PODCAST + "guid", podcast.guid)
    append(channel, PODCAST + "medium", "podcast")
    append(channel, PODCAST + "locked", "yes" if podcast.locked else "no", owner=owner.email if owner else None)
    for url, text in podcast.funding:
        append(channel, PODCAST + "funding", text, url=url)


def append_item(item: Element, entry: Entry, episode: Episode) -> None:
    """Append to an item of RSS what players show of an episode."""
    if episode.duration:
        append(item, ITUNES + "duration", str(episode.duration))
    if episode.image:
        append(item, ITUNES + "image", href=episode.image)
    if episode.explicit is not None:
        append(item, ITUNES + "explicit", _yes(episode.explicit))
    for name, number in (("season", episode.season), ("episode", episode.number)):
        if number:
            append(item, ITUNES + name, str(number))
            append(item, PODCAST + name, str(number))
    if episode.kind:
        append(item, ITUNES + "episodeType", episode.kind)
    for transcript in episode.transcripts:
        append(item, PODCAST + "transcript", url=transcript.url, type=transcript.type, language=transcript.language)
    if episode.chapters_url:
        append(item, PODCAST + "chapters", url=episode.chapters_url, type=_CHAPTERS_TYPE)
    for person in entry.authors:
        if name := display_name(person):
            append(item, PODCAST + "person", name, href=person.uri)


def append_chapters(parent: Element, episode: Episode) -> None:
    """Append the chapters of an episode, as Podlove Simple Chapters has them for RSS and Atom."""
    if not episode.chapters:
        return
    chapters = append(parent, PSC + "chapters", version="1.2")
    for chapter in episode.chapters:
        append(chapters, PSC + "chapter", start=_clock(chapter.start), title=chapter.title)


def _yes(flag: bool) -> str:  # noqa: FBT001
    return "true" if flag else "false"


def _clock(seconds: float) -> str:
    """Normal play time (RFC 2326 section 3.6), to the millisecond."""
    whole, millis = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}.{millis:03}"
