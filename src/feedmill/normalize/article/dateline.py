"""News datelines: the place, agency and day that open a story (`LONDON, 3 Nov (Reuters) —`).

This module must not know which document the story is in.
"""

from __future__ import annotations

import re

__all__ = ["dateline_length", "without_dateline"]

_LONGEST = 90  # characters
_END = re.compile(r"(?:\s+(?:-{1,3}|[–—])\s+|\s*(?:--|[–—])\s*)(?=\S)")
_GROUP = re.compile(r"\(([^()]{1,40})\)")
_PARTICLES = frozenset(
    {
        "al",
        "an",
        "da",
        "dan",
        "de",
        "del",
        "den",
        "der",
        "di",
        "do",
        "dos",
        "du",
        "el",
        "la",
        "las",
        "le",
        "los",
        "of",
        "the",
        "upon",
    }
)
_DAY = re.compile(
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?|senin|selasa|rabu|kamis|jum['’]?at|sabtu|minggu|ahad|"
    r"jan(?:uar[yi])?\.?|[fp]eb(?:ruar[yi])?\.?|mar(?:ch|et)?\.?|apr(?:il)?\.?|may|mei|june?\.?|juni|july?\.?|juli|aug(?:ust)?\.?|"
    r"ag(?:ustus|t|s|u)\.?|sept?(?:ember)?\.?|o[ck]t(?:ober)?\.?|no[vp](?:ember)?\.?|de[cs](?:ember)?\.?|"
    r"\d{1,2}(?:st|nd|rd|th)?|\d{4}|\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?|wi[bt]a?|gmt|utc)",
    re.IGNORECASE,
)
_OUTLET = re.compile(r"[A-Za-z][\w-]*(?:\.[A-Za-z]{2,4}){1,2}")


def dateline_length(text: str) -> int:
    """Return how many characters of `text` are its dateline, with the dash and the space after; 0 without one.

    A dateline is one to four parts between commas, each a place, an outlet or a day, with agencies in parentheses,
    then a dash, then the beginning of a sentence.
    """
    end = _END.search(text, 0, _LONGEST + 5)
    if end is None or end.start() > _LONGEST or not _begins_a_sentence(text[end.end() :]):
        return 0
    head = _GROUP.sub("", text[: end.start()])
    parts = [part.strip() for part in head.split(",")]
    if not 1 <= len(parts) <= 4 or any(not (_is_name(part) or _is_day(part)) for part in parts):
        return 0
    return end.end() if any(_is_name(part) and not _is_day(part) for part in parts) else 0


def without_dateline(text: str) -> str:
    """Return `text` without its dateline."""
    return text[dateline_length(text) :]


def _begins_a_sentence(text: str) -> bool:
    first = text.lstrip("\"'“‘«([")[:1]
    return bool(first) and not first.islower() and (first.isalpha() or first.isdigit())


def _is_name(part: str) -> bool:
    """`Jakarta`, `NEW YORK`, `Rio de Janeiro`, `KOMPAS.com`, `CNN Indonesia`, `Washington, D.C.`."""
    words = part.split()
    if not 1 <= len(words) <= 4 or (words[0].lower() in _PARTICLES and words[0].islower()):
        return False
    return all(_is_proper(word) or word in _PARTICLES for word in words)


def _is_proper(word: str) -> bool:
    if _OUTLET.fullmatch(word):
        return True
    letters = re.sub(r"[.'’/-]", "", word)
    return letters.isalnum() and letters[0].isalpha() and any(character.isupper() for character in letters[:4])


def _is_day(part: str) -> bool:
    words = part.split()
    return 1 <= len(words) <= 4 and all(_DAY.fullmatch(word) for word in words)
