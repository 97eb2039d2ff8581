"""Plain text fit for a feed: only characters that XML can carry, on one line, cut at whole words.

This module must not know HTML: what goes in is text already.
"""

from __future__ import annotations

import re
from functools import cache

__all__ = ["is_clean", "plain", "repair", "summarize", "xml_safe"]

# XML 1.0 (fifth edition) section 2.2, production Char. Lone surrogates are outside it too.
_FORBIDDEN = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
# XML allows these and asks authors to avoid them; HTML calls them parse errors.
_DISCOURAGED = (
    "[\x7f\ufdd0-\ufdef"
    + "".join(f"{chr(p + 0xFFFE)}{chr(p + 0xFFFF)}" for p in range(0x10000, 0x110000, 0x10000))
    + "]"
)
_C1 = re.compile("[\x80-\x9f]")
# The same for ASCII, which is most of the web's markup: several times faster.
_CONTROLS = dict.fromkeys(set(range(0x20)) - {9, 10, 13})
_CONTROLS_AND_DEL = {**_CONTROLS, 0x7F: None}
_NO_WORDS_WITHOUT = re.compile(r"[\s\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef\u0e00-\u0e7f]")
# What is neither forbidden nor discouraged nor repaired; beyond that a character has to be looked at.
_SUSPECT = "[^\x20-\x7e\t\n\r\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0001fffd]"
_USUAL_ASCII = bytes({*range(0x20, 0x7F), 9, 10, 13})
_DANGLING = " \t\n,;:–—-(“‘\"'"
ELLIPSIS = "…"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # Sets of so many characters take milliseconds each to compile, and most texts need none of them.
    return re.compile(pattern)


def xml_safe(text: str) -> str:
    """Return `text` without the characters that XML 1.0 forbids (section 2.2), lone surrogates included."""
    if text.isascii():
        return text.translate(_CONTROLS)
    forbidden = _compiled(_FORBIDDEN)
    return forbidden.sub("", text) if forbidden.search(text) else text  # a copy may be many megabytes


def is_clean(text: str) -> bool:
    """Return whether `repair` would leave `text` as it is; a rare character may be suspected in vain."""
    if text.isprintable():  # characters beyond the first planes, too, which `repair` would leave
        return True
    if text.isascii():  # a search takes ten times as long
        return not text.encode().translate(None, _USUAL_ASCII)
    return _compiled(_SUSPECT).search(text) is None


def repair(text: str) -> str:
    """Return `text` XML-legal, and without the characters that HTML and XML both discourage.

    A C1 control is nearly always a windows-1252 quote or dash that was read as Latin-1, and becomes what it
    was meant to be, as numeric references do in HTML (WHATWG HTML section 13.2.5.80).
    """
    if is_clean(text):
        return text
    if text.isascii():
        return text.translate(_CONTROLS_AND_DEL)
    return _C1.sub(_as_windows_1252, _compiled(_DISCOURAGED).sub("", xml_safe(text)))


def _as_windows_1252(match: re.Match[str]) -> str:
    if match[0] == "\x85":
        return "\u2026"
    return match[0].encode("latin-1").decode("cp1252", "ignore")


def plain(text: str) -> str:
    """Return `text` as one line of plain text: XML-legal, white space collapsed and trimmed.

    Markup is not understood: `<b>` stays `<b>`.
    """
    return " ".join(repair(text).split())


def summarize(text: str, limit: int = 300) -> str:
    """Return the beginning of `text` on one line, at most `limit` characters long.

    It is cut between words and then ends with an ellipsis. Where a script writes no spaces, it is cut
    between characters.
    """
    line = plain(text[: limit * 2])  # nearly always more than enough, and then its first words are those of all
    if len(line) <= limit and len(text) > limit * 2:
        line = plain(text[: limit * 20])
    if len(line) <= limit:
        return line
    head = line[:limit]  # one character is for the ellipsis, or for the space behind a word that just fits
    cut = head.rfind(" ")
    if cut < limit // 2:
        cut = _last_boundary(head)
    return head[:cut].rstrip(_DANGLING) + ELLIPSIS


def _last_boundary(head: str) -> int:
    """Where to cut text of a script without spaces, or a single endless word."""
    for at in range(len(head) - 1, len(head) // 2, -1):
        if _NO_WORDS_WITHOUT.match(head[at]):
            return at
    return len(head) - 1
