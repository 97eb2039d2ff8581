"""The parts of one article on a page, where nobody says what they are: title, link, date, picture, teaser.

docs/sources.md has the rules. This module must not know how the articles were found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice
from typing import TypeAlias

from feedmill.normalize.links import MEDIA_SCHEMES, absolute, srcset
from feedmill.normalize.page_dates import shown_date
from feedmill.normalize.page_tree import Element, lines
from feedmill.normalize.plaintext import summarize

__all__ = ["HEADINGS", "Block", "address", "date", "image", "image_of", "link", "measure", "teaser", "title", "words"]

Block: TypeAlias = tuple[Element, ...]
"""The elements of one article, siblings in their order."""

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

_MOST = 2_000  # elements of a block that are looked at
_MOST_DATES = 30  # texts that may be one
_LONGEST_TITLE = 500  # characters
_LEAST_TEASER = 40  # letters of a line; shorter ones are names, places and buttons
_LEAST_TITLE = 20
_SMALLEST = 50  # pixels each way; smaller pictures are signs

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_GENERIC = re.compile(
    r"(?i)\W*(?:read (?:the )?(?:more|full|rest)\b.*|continue reading\b.*|more|details?|view(?: all)?|selengkapnya"
    r"|(?:baca|lihat) (?:selengkapnya|lebih lanjut|juga|detail|semua)\b.*|baca|unduh"
    r"|download|link|here|click here|klik di sini)\W*"
)
_TITLE_WORDS = frozenset({"title", "headline", "judul", "heading"})
_DATE_WORDS = frozenset({"date", "datetime", "time", "timestamp", "tanggal", "tgl", "waktu", "published", "posted"})
_DATE_PROPERTIES = frozenset({"datePublished", "dateCreated"})
_SIGN_WORDS = frozenset({"avatar", "gravatar", "icon", "logo", "emoji", "ads", "sponsor"})
_PICTURES = ("data-src", "data-lazy-src", "data-original", "data-lazy", "src", "poster", "content", "href")
_PICTURE_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_BACKGROUND = re.compile(r"""(?i)background(?:-image)?\s{0,9}:[^;]{0,200}?url\(\s{0,9}["']?([^"')\s]{1,2000})""")


def measure(text: str) -> int:
    """Return how many letters and digits are in `text`; a Chinese or Japanese one says as much as three."""
    return sum(1 if sign < "\u2e80" else 3 for sign in text if sign.isalnum())


def words(element: Element) -> frozenset[str]:
    """Return the words of an element's classes and id, in small letters."""
    named = f"{element.get('class', '')} {element.get('id', '')}"[:500]
    return frozenset(word.lower() for word in _WORD.findall(named))


def address(href: str | None, base: str) -> str | None:
    """Return the absolute address of a web page that `href` leads to; None if it leads to none."""
    return absolute(href, base, schemes=MEDIA_SCHEMES) if href and not href.lstrip().startswith("#") else None


def link(block: Block, base: str, *, own: Element | None = None) -> tuple[Element | None, str | None]:
    """Return the link of an article with its address: the one in a heading, else `own`, else the one with most words.

    An article may be inside of its link.
    """
    around = next(chain(block[0].iterancestors("a")), None)
    found = [(one, url) for one in _every(block) if one.tag == "a" and (url := address(one.get("href"), base))]
    if not found:
        url = address(around.get("href"), base) if around is not None else None
        return (around, url) if url else (None, None)
    in_heading = [pair for pair in found if _heading_around(pair[0], block) is not None]
    if own is not None and not in_heading:
        found = [pair for pair in found if pair[0] is own] or found
    return max(in_heading or found, key=lambda pair: measure(_text(pair[0])[:_LONGEST_TITLE]))


def title(block: Block, linked: Element | None) -> str:
    """Return the title of an article whose link is `linked`: its heading, else its link's words."""
    within = linked is not None and any(one in block for one in chain([linked], linked.iterancestors()))
    said = _text(linked) if linked is not None and within else ""
    if linked is not None and said and (heading := _heading_around(linked, block)) is not None:
        several = sum(1 for _ in islice(heading.iter("a"), 2)) > 1
        return summarize(said if several else _text(heading), _LONGEST_TITLE)
    headings = [text for one in _every(block) if one.tag in HEADINGS and (text := _text(one))]
    best = max(headings, key=measure, default="")
    inside = linked is not None and any(one.tag in HEADINGS for one in islice(linked.iter(), _MOST))
    if best and (inside or measure(best) >= measure(said) or _GENERIC.fullmatch(said)):
        return summarize(best, _LONGEST_TITLE)
    named = next((text for one in _every(block) if words(one) & _TITLE_WORDS and (text := _text(one))), "")
    if named and (not said or _GENERIC.fullmatch(said) or linked is None or len(linked)):
        return summarize(named, _LONGEST_TITLE)
    return summarize(_of_link(linked if within else None, said) or _first_line(block), _LONGEST_TITLE)


def date(block: Block, heading: str, zone: str, now: datetime) -> datetime | None:
    """Return when an article appeared: its `<time>`, else what is called a date, else a date beside its title.

    Dates later than `now` are what an article is about, and do not count.
    """
    told = chain(_machine_dates(block), _named_dates(block), (line for line in lines(*block) if line != heading))
    for text in islice((one for one in told if one), _MOST_DATES):
        moment = shown_date(text, zone, now) if len(text) <= _LONGEST_TITLE else None
        if moment is not None and moment <= now:
            return moment
    return None


def image(block: Block, base: str) -> str | None:
    """Return the address of an article's first picture that is not a mere sign."""
    for one in _every(block):
        if (one.tag == "img" and not _is_sign(one)) or "url(" in one.get("style", ""):
            found = image_of(one, base)
            if found:
                return found
    return None


def image_of(element: Element, base: str) -> str | None:
    """Return the address of the picture that an element shows, also where a script would load it later."""
    for name in _PICTURES:
        if found := absolute(element.get(name, ""), base, schemes=MEDIA_SCHEMES):
            return found
    for name in _PICTURE_SETS:
        if found := srcset(element.get(name, ""), base):
            return found.partition(",")[0].partition(" ")[0]
    painted = _BACKGROUND.search(element.get("style", ""))
    return absolute(painted[1], base, schemes=MEDIA_SCHEMES) if painted else None


def teaser(block: Block, heading: str) -> str:
    """Return the first whole sentences of an article that stand beside its title; often there are none."""
    told = [line for line in lines(*block) if line != heading and measure(line) >= _LEAST_TEASER]
    return summarize(" ".join(told))


def _every(block: Block) -> Iterator[Element]:
    return islice(chain.from_iterable(element.iter() for element in block), _MOST)


def _text(element: Element) -> str:
    return " ".join(lines(element))


def _heading_around(element: Element, block: Block) -> Element | None:
    """The heading that `element` is in, if that belongs to the block."""
    for one in chain([element], element.iterancestors()):
        if one.tag in HEADINGS:
            return one
        if one in block:
            return None
    return None


def _of_link(linked: Element | None, said: str) -> str:
    if linked is None:
        return ""
    told = lines(linked)
    if len(told) > 1:
        said = next((line for line in told if measure(line) >= _LEAST_TITLE), max(told, key=measure))
    if said and not _GENERIC.fullmatch(said):
        return said
    pictured = next((one.get("alt", "") for one in islice(linked.iter("img"), 1)), "")
    return linked.get("title", "") or linked.get("aria-label", "") or pictured or said


def _first_line(block: Block) -> str:
    return next(iter(lines(*block)), "")


def _machine_dates(block: Block) -> Iterator[str]:
    for one in _every(block):
        if one.tag == "time" or one.get("itemprop", "") in _DATE_PROPERTIES:
            yield from (one.get("datetime", ""), one.get("content", ""), _text(one))


def _named_dates(block: Block) -> Iterator[str]:
    for one in _every(block):
        if words(one) & _DATE_WORDS:
            yield from (_text(one), one.get("title", ""), one.get("datetime", ""))


def _is_sign(element: Element) -> bool:
    sizes = [element.get(side, "").strip().removesuffix("px") for side in ("width", "height")]
    small = all(size.isdecimal() and len(size) < 5 and int(size) < _SMALLEST for size in sizes)
    return small or bool(words(element) & _SIGN_WORDS)
