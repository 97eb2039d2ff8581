"""Languages: tags made BCP 47, and a guess where nobody said.

This module must not know which document a text came from, nor what the site's language is.
"""

from __future__ import annotations

import re

import pycld2

from feedmill.normalize.plaintext import plain

__all__ = ["detect_language", "language_tag", "plausibility"]

# RFC 5646 section 2.1, without private use alone and grandfathered tags: language, script, region, variants, the rest.
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{5,8})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|\d{3}))?"
    r"(?P<rest>(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?)",
    re.IGNORECASE,
)
_RENAMED = {"in": "id", "iw": "he", "ji": "yi", "jw": "jv", "mo": "ro"}  # IANA registry: deprecated, preferred

_ENOUGH = 40  # letters, of which a Chinese or Japanese one says as much as four; below, the detector guesses
_SAMPLE = 20_000  # characters
_DOMINANT = 70  # per cent of the text


def language_tag(text: str) -> str | None:
    """Return `text` as a BCP 47 language tag in its usual case, `id_ID` as `id-ID`; None if it is none."""
    tag = text.strip().replace("_", "-").partition(".")[0]
    match = _TAG.fullmatch(tag)
    if match is None or len(tag) > 35:
        return None
    language, *extended = match["language"].lower().split("-")
    parts = [_RENAMED.get(language, language), *extended]
    if match["script"]:
        parts.append(match["script"].title())
    if match["region"]:
        parts.append(match["region"].upper())
    return "-".join(parts) + match["rest"].lower()


def detect_language(text: str) -> str | None:
    """Return the BCP 47 tag of the language that plain `text` is written in.

    None where there is too little of it, or where the detector is not sure.
    """
    sample = plain(text[:_SAMPLE])
    if not _says_enough(sample):
        return None
    code, share, _ = _guess(sample)
    return language_tag(code) if share >= _DOMINANT and not code.startswith("xx") else None


def _says_enough(sample: str) -> bool:
    said = 0
    for character in sample:
        if character.isalpha():
            said += 1 if character < "\u2e80" else 4
            if said >= _ENOUGH:
                return True
    return False


def plausibility(text: str) -> float:
    """Return how much `text` looks like its likeliest language; 0 where it looks like none.

    For comparing readings of the same bytes: the number has no unit.
    """
    code, _, score = _guess(plain(text[:_SAMPLE]))
    return score if code else 0.0


def _guess(sample: str) -> tuple[str, int, float]:
    """The detector's first guess: its code ("" if it is not sure), the share of the text in per cent, the score."""
    try:
        reliable, _, guesses = pycld2.detect(sample, isPlainText=True)
    except pycld2.error:  # characters that it takes for broken UTF-8
        return "", 0, 0.0
    _, code, share, score = guesses[0]
    return (code, share, score) if reliable and code != "un" else ("", 0, 0.0)
