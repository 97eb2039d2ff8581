"""Plain text as mail has it -> HTML: flowed or wrapped lines joined, quotations nested, addresses made links.

This module must not know the message around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from feedmill.normalize.mail.letter import says_view
from feedmill.normalize.mail.private import EMAIL, MASK, Private
from feedmill.normalize.textblocks import URL, linked

__all__ = ["read_plain"]

_QUOTE = re.compile(r"[> ]*>")
_MOST_LINES = 20_000  # what follows them becomes one, since each costs a paragraph's memory
_DEEPEST = 8  # quotations in quotations that are told apart
_WRAPPED = 55  # characters; a shorter line was ended by its author
_NEW_LINE = re.compile(r"\s|[-*•–·>|#]|\d{1,3}[.)]\s|https?://")
_BLANKS = re.compile(r"\n{3,}")
_SIGNATURE = "-- "
_RULE = re.compile(r"[-_=*~#]{5,}")
_CLOSING = ".,;:!?…)]}"

Line = tuple[int, str]


def read_plain(text: str, private: Private, *, flowed: bool = False, delsp: bool = False) -> tuple[str, str | None]:
    """Return plain text as HTML, not yet sanitized, and the address of the message's copy on the web if it names one.

    Args:
        text: with `\\n` line ends.
        private: what must not be published.
        flowed: it is format=flowed (RFC 3676).
        delsp: with `flowed`, the space at the end of a flowed line is not part of the text.
    """
    *rows, rest = _BLANKS.sub("\n\n", private.masked(text)).split("\n", _MOST_LINES)
    rows.append(rest.replace("\n", " "))
    lines = _joined(rows, delsp=delsp) if flowed else [_level(row) for row in rows]
    kept, view = _published(lines, private)
    return "".join(_quoted(kept, wrapped=not flowed)), view


def _level(row: str) -> Line:
    """How deep a line is quoted, and what it says."""
    marks = _QUOTE.match(row)
    if marks is None:
        return 0, row.rstrip()
    rest = row[marks.end() :]
    return min(marks[0].count(">"), _DEEPEST), rest.removeprefix(" ").rstrip()


def _joined(rows: Sequence[str], *, delsp: bool) -> list[Line]:
    """Join the flowed lines of each paragraph: RFC 3676 section 4."""
    lines: list[tuple[int, list[str]]] = []
    open_ = False
    for row in rows:
        depth = len(row) - len(row.lstrip(">"))
        said = row[depth:].removeprefix(" ")  # stuffed, where it would begin with a space, ">" or "From "
        depth = min(depth, _DEEPEST)
        flows = said.endswith(" ") and said != _SIGNATURE
        words = said[:-1] if flows and delsp else said
        if open_ and lines[-1][0] == depth and said != _SIGNATURE:
            lines[-1][1].append(words)
        else:
            lines.append((depth, [words]))
        open_ = flows
    return [(depth, "".join(words).rstrip()) for depth, words in lines]


def _published(lines: Sequence[Line], private: Private) -> tuple[list[Line], str | None]:
    """Leave out the addresses that are the subscriber's alone; find the copy on the web."""
    said = [line for _, line in lines]
    linked_lines = ["://" in line or "@" in line for line in said]
    leaving = private.lines([URL.sub("…", line) for line in said], linked_lines)  # an address may say it by chance
    kept: list[Line] = []
    view: str | None = None
    before = ""
    for number, (depth, line) in enumerate(lines):
        found = [match[0].rstrip(_CLOSING) for match in URL.finditer(line)]
        offered = says_view(URL.sub("", line).strip()) or (bool(found) and len(line) < 8000 and says_view(before))
        if view is None and offered and found and not private.is_private(found[0]) and number not in leaving:
            view = found[0]
        kept.append((depth, _without(line, private, everything=number in leaving)))
        before = line if line.strip() else before
    return kept, view


def _without(line: str, private: Private, *, everything: bool) -> str:
    def clean(match: re.Match[str]) -> str:
        url = match[0].rstrip(_CLOSING)
        if everything or len(url) > 8000 or private.is_private(url):
            return match[0][len(url) :]
        return private.without_subscriber(url) + match[0][len(url) :]

    cleaned = URL.sub(clean, line)
    if everything:
        cleaned = EMAIL.sub(MASK, cleaned)
    return re.sub(r"<\s{0,9}>|\(\s{0,9}\)|\[\s{0,9}\]", "", cleaned) if cleaned != line else line


def _quoted(lines: Iterable[Line], *, wrapped: bool) -> Iterator[str]:
    depth = 0
    for level, group in groupby(lines, key=lambda line: line[0]):
        yield "<blockquote>" * (level - depth) + "</blockquote>" * (depth - level)
        depth = level
        yield from _paragraphs([said for _, said in group], wrapped=wrapped)
    yield "</blockquote>" * depth


def _paragraphs(lines: Sequence[str], *, wrapped: bool) -> Iterator[str]:
    for blank, group in groupby(lines, key=lambda line: not line.strip() or line.strip() == _SIGNATURE.strip()):
        if blank:
            continue
        parts: list[str] = []
        before = ""
        for line in group:
            if _RULE.fullmatch(line.strip()):
                if parts:
                    yield f"<p>{''.join(parts)}</p>"
                yield "<hr>"
                parts, before = [], ""
                continue
            if parts:
                goes_on = wrapped and len(before) >= _WRAPPED and not _NEW_LINE.match(line)
                parts.append(" " if goes_on else "<br>")
            parts.append(linked(line))
            before = line
        if parts:
            yield f"<p>{''.join(parts)}</p>"
