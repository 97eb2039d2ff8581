"""What an article's front matter says of it as a podcast's episode -> an episode.

This module must not know how front matter is written, nor what stands beside the article.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from feedmill.model import Enclosure, Episode, Transcript
from feedmill.normalize import episodes
from feedmill.normalize.article.facts import Facts
from feedmill.normalize.article.frontmatter import Report
from feedmill.normalize.plaintext import summarize

__all__ = ["episode_of"]

T = TypeVar("T")

_PLAYED = ("audio/", "video/")
_EXAMPLES = {
    "duration": "1:02:03",
    "season": "2",
    "episode": "17",
    "episode_type": "trailer",
    "explicit": "true",
}


def episode_of(
    facts: Facts, enclosures: Iterable[Enclosure], image: str | None, base: str, report: Report
) -> Episode | None:
    """Return the episode that an article is: if it has something to play, or says what only episodes have.

    What cannot be understood goes to `report`, and is left out.
    """

    played = any((enclosure.type or "").startswith(_PLAYED) for enclosure in enclosures)
    if not played and not _says_anything(facts):
        return None

    def value(key: str, understand: Callable[[str], T | None]) -> T | None:
        text = getattr(facts, key)
        found = understand(text) if text else None
        if text and found is None:
            report(f"`{key}` cannot be understood: {summarize(text, 80)}; ignored. Write it as {_EXAMPLES[key]}")
        return found

    said = Episode(
        duration=value("duration", episodes.duration),
        explicit=value("explicit", episodes.flag),
        season=value("season", episodes.whole),
        number=value("episode", episodes.whole),
        kind=value("episode_type", episodes.kind),
        transcripts=tuple(dict.fromkeys(_transcripts(facts.transcripts, base, report))),
    )
    if said == Episode() and not played:
        return None
    return replace(said, image=image)


def _says_anything(facts: Facts) -> bool:
    return bool(
        facts.duration or facts.explicit or facts.season or facts.episode or facts.episode_type or facts.transcripts
    )


def _transcripts(addresses: Iterable[str], base: str, report: Report) -> Iterator[Transcript]:
    for address in addresses:
        found = episodes.transcript(address, "", "", base)
        if found:
            yield found
        else:
            endings = ", ".join(f".{suffix}" for suffix in episodes.TRANSCRIPT_SUFFIXES)
            report(f"`transcript` is not the address of a transcript ({endings}): {summarize(address, 80)}; ignored")
