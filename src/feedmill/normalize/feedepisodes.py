"""What an upstream's item says as a podcast's episode: itunes, podcast and Podlove elements -> an episode.

feedparser keeps the last of several transcripts, and few flags; so all of it is put into one element before, and read
from that one after. This module must not know what else an item says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from lxml import etree

from feedmill.model import Chapter, Episode, Transcript
from feedmill.normalize import attached, episodes
from feedmill.normalize.plaintext import plain

__all__ = ["ELEMENT", "ITUNES", "NAMESPACES", "gather", "read"]

ITUNES = frozenset({"http://www.itunes.com/dtds/podcast-1.0.dtd", "http://example.com/dtds/podcast-1.0.dtd"})
_PODCAST = frozenset(
    {
        "https://podcastindex.org/namespace/1.0",
        "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    }
)
_PODLOVE = frozenset({"http://podlove.org/simple-chapters", "http://podlove.org/simple-chapters/"})
NAMESPACES = ITUNES | _PODCAST | _PODLOVE
ELEMENT = "feedmill-episode"
_LONGEST = 2000  # characters of a value
_MOST_TRANSCRIPTS = 100
_MOST_CHAPTERS = 1000


class _Said(msgspec.Struct, kw_only=True):
    """An episode as a feed writes it: nothing is judged yet. `chapters` are pairs of start and title."""

    duration: str = ""
    image: str = ""
    explicit: str = ""
    season: str = ""
    number: str = ""
    kind: str = ""
    transcripts: list[dict[str, str]] = []
    chapters: list[tuple[str, str]] = []
    chapters_url: str = ""


def gather(item: etree._Element) -> None:
    """Put all that an item says as an episode into one element of its own."""
    said = _Said()
    for child in list(item.iterchildren(etree.Element)):
        space, name = _name(child)
        text = (child.text or "").strip()[:_LONGEST]
        if name == ELEMENT:
            item.remove(child)
        elif space in ITUNES:
            _itunes(said, name, child, text)
        elif space in _PODCAST:
            _podcast(said, name, child, text)
        elif space in _PODLOVE and name == "chapters":
            marks = [one for one in child.iterchildren(etree.Element) if _name(one)[1] == "chapter"]
            said.chapters = [(one.get("start", ""), one.get("title", "")) for one in marks[:_MOST_CHAPTERS]]
    if said != _Said():
        etree.SubElement(item, ELEMENT).text = msgspec.json.encode(said).decode()


def read(entry: Mapping[str, Any], base: str | None) -> Episode | None:
    """Return the episode that was gathered, None if nothing that can be understood is said about one."""
    text = entry.get(ELEMENT)
    if not text:
        return None
    try:
        said = msgspec.json.decode(str(text), type=_Said)
    except msgspec.DecodeError:  # a parser that changed the text
        return None
    found = Episode(
        duration=episodes.duration(said.duration),
        image=attached.fetched(said.image, base),
        explicit=episodes.flag(said.explicit),
        season=episodes.whole(said.season),
        number=episodes.whole(said.number),
        kind=episodes.kind(said.kind),
        transcripts=tuple(_transcripts(said.transcripts, base)),
        chapters=tuple(_chapters(said.chapters)),
        chapters_url=attached.fetched(said.chapters_url, base),
    )
    return None if found == Episode() else found


def _name(element: etree._Element) -> tuple[str, str]:
    """Return namespace and name in small letters; a repaired document has names that are none."""
    space, _, name = str(element.tag).lower().rpartition("}")
    return space.removeprefix("{"), name


def _itunes(said: _Said, name: str, element: etree._Element, text: str) -> None:
    match name:
        case "duration" | "explicit":
            setattr(said, name, text)
        case "season":
            said.season = text or said.season
        case "episode":
            said.number = text or said.number
        case "episodetype":
            said.kind = text
        case "image":
            said.image = element.get("href") or text


def _podcast(said: _Said, name: str, element: etree._Element, text: str) -> None:
    match name:
        case "transcript" if len(said.transcripts) < _MOST_TRANSCRIPTS:
            said.transcripts.append({key: element.get(key, "") for key in ("url", "type", "language")})
        case "chapters":
            said.chapters_url = element.get("url", "")
        case "season":
            said.season = said.season or text
        case "episode":
            said.number = said.number or text


def _transcripts(said: Iterable[Mapping[str, str]], base: str | None) -> Iterator[Transcript]:
    found = (episodes.transcript(one["url"], one["type"], one["language"], base) for one in said)
    yield from dict.fromkeys(one for one in found if one)


def _chapters(said: Iterable[tuple[str, str]]) -> list[Chapter]:
    named = ((episodes.seconds(start), plain(title)) for start, title in said)
    chapters = [Chapter(start=start, title=title) for start, title in named if start is not None and title]
    return sorted(chapters, key=lambda chapter: chapter.start)
