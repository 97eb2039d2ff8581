"""Plain text articles, as they are scraped or typed -> a manuscript.

The first line is the title, paragraphs are separated by blank lines. This module must not know
which lines were furniture: they are gone already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from feedmill.normalize.article.facts import Facts, Manuscript
from feedmill.normalize.plaintext import plain, summarize
from feedmill.normalize.textblocks import linked

__all__ = ["read_text"]

_LONGEST_TITLE = 250  # characters; a longer first line is a paragraph, and the story has no headline
_LONGEST_WRAPPED = 120  # characters; longer lines were not wrapped by hand, so each is a paragraph
_BULLET = re.compile(r"(?:[-*•–‣·]|\d{1,3}[.)])\s+\S")


def read_text(facts: Facts, lines: Sequence[str]) -> Manuscript:
    """Return the article that `lines` (plain text, without furniture) are; facts said elsewhere go before its own."""
    title, body = _headline(lines) if not facts.title else (facts.title, list(lines))
    paragraphs = "\n".join(f"<p>{_marked_up(paragraph)}</p>" for paragraph in _paragraphs(body))
    return Manuscript(facts=facts.over(Facts(title=title)), body=paragraphs)


def _headline(lines: Sequence[str]) -> tuple[str, list[str]]:
    filled = [at for at, line in enumerate(lines) if line.strip()]
    if not filled:
        return "", []
    first = plain(lines[filled[0]])
    if len(first) > _LONGEST_TITLE:
        return summarize(first, 100), list(lines)
    return first, list(lines[filled[0] + 1 :])


def _paragraphs(lines: Sequence[str]) -> Iterator[list[str]]:
    """Each paragraph as the lines that stay apart in it: one, or the items of a list."""
    lines = _without_blank_ends(lines)
    if "" not in lines:
        yield from ([line] for line in lines)
        return
    for block in _blocks(lines):
        if any(len(line) > _LONGEST_WRAPPED for line in block):
            yield from ([line] for line in block)
        elif any(_BULLET.match(line) for line in block[1:]):
            yield list(_items(block))
        else:
            yield [" ".join(block)]


def _without_blank_ends(lines: Sequence[str]) -> list[str]:
    return "\n".join(plain(line) for line in lines).strip("\n").split("\n") if any(map(plain, lines)) else []


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in [*lines, ""]:
        if line:
            block.append(line)
        elif block:
            yield block
            block = []


def _items(block: Iterable[str]) -> Iterator[str]:
    """Join the wrapped lines of each item of a list."""
    item = ""
    for line in block:
        if item and _BULLET.match(line):
            yield item
            item = ""
        item = f"{item} {line}" if item else line
    yield item


def _marked_up(lines: Iterable[str]) -> str:
    return "<br>".join(linked(line) for line in lines)
