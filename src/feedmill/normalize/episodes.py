"""What podcasts write about an episode -> its values: durations, numbers, flags, kinds, transcripts.

Feeds write them as Apple's requirements and the podcast namespace have them, authors in front matter as they like.
This module must not know where they stood.
"""

from __future__ import annotations

import re
from math import isfinite
from urllib.parse import urlsplit

from feedmill.model import Transcript
from feedmill.normalize import attached
from feedmill.normalize.language import language_tag

__all__ = ["KINDS", "TRANSCRIPT_SUFFIXES", "duration", "flag", "kind", "seconds", "transcript", "whole"]

TRANSCRIPT_SUFFIXES = {
    "vtt": "text/vtt",
    "srt": "application/x-subrip",
    "html": "text/html",
    "txt": "text/plain",
    "json": "application/json",
}
"""The formats that the podcast namespace names for transcripts."""

KINDS = ("full", "trailer", "bonus")

_TRUE = frozenset({"true", "yes", "explicit", "on", "1"})
_FALSE = frozenset({"false", "no", "clean", "off", "0"})
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,6}):(\d{1,2}(?:[.,]\d{1,9})?)", re.ASCII)
_PLAIN_SECONDS = re.compile(r"\d{1,7}(?:[.,]\d{1,9})?", re.ASCII)
_WORDS = re.compile(
    r"(?:(\d{1,4})\s*(?:h|hr|hours?|jam))?\s*(?:(\d{1,6})\s*(?:m|min|minutes?|mnt|menit))?\s*(?:(\d{1,7})\s*(?:s|sec|seconds?|dtk|detik))?",
    re.ASCII | re.IGNORECASE,
)
_WHOLE = re.compile(r"(\d{1,6})(?:\.0+)?", re.ASCII)
_LONGEST_PLAY = 10_000_000  # seconds
_OTHER_NAMES = {"application/srt": "application/x-subrip", "text/srt": "application/x-subrip"}


def seconds(text: str) -> float | None:
    """Return the seconds that `3723`, `62:03`, `1:02:03.5` or `1h 2m 3s` stand for; None for anything else."""
    text = text.strip()
    clock = _CLOCK.fullmatch(text)
    words = _WORDS.fullmatch(text)
    if clock:
        found = int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + float(clock[3].replace(",", "."))
    elif _PLAIN_SECONDS.fullmatch(text):
        found = float(text.replace(",", "."))
    elif words and any(words.groups()):
        hours, minutes, rest = (int(part or 0) for part in words.groups())
        found = float(hours * 3600 + minutes * 60 + rest)
    else:
        return None
    return found if found < _LONGEST_PLAY else None


def duration(said: str | float | None) -> int | None:
    """Return a duration in whole seconds, one at least; None where there is none that makes sense."""
    found = seconds(said) if isinstance(said, str) else said
    return max(round(found), 1) if found and isfinite(found) and 0 < found < _LONGEST_PLAY else None


def whole(text: str) -> int | None:
    """Return the number of an episode or season: a whole number from 1 on."""
    match = _WHOLE.fullmatch(text.strip())
    return (int(match[1]) or None) if match else None


def flag(text: str) -> bool | None:
    """Return whether something is explicit, as Apple writes it now (true) and wrote it once (yes, explicit, clean)."""
    word = text.strip().lower()
    return word in _TRUE if word in _TRUE | _FALSE else None


def kind(text: str) -> str | None:
    """Return the kind of an episode."""
    word = text.strip().lower()
    return word if word in KINDS else None


def transcript(url: str, type_: str, language: str, base: str | None) -> Transcript | None:
    """Return a transcript, None if its address or its type is none that players can use."""
    address = attached.fetched(url, base)
    if address is None:
        return None
    suffix = urlsplit(address).path.rpartition(".")[2].lower()
    found = attached.media_type(type_, address) or TRANSCRIPT_SUFFIXES.get(suffix)
    if found is None:
        return None
    return Transcript(url=address, type=_OTHER_NAMES.get(found, found), language=language_tag(language))
