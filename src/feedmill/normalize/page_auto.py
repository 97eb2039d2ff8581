"""Finds the articles of a page by itself: the largest group of alike, repeated blocks with a link and a title.

The rule stands in docs/sources.md. It depends on the page alone: the same page always gives the same articles. This
module must not know what becomes of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import urldefrag, urlsplit

from feedmill.normalize import page_parts as parts
from feedmill.normalize.identity import canonical_url
from feedmill.normalize.page_parts import HEADINGS, Block
from feedmill.normalize.page_tree import Element, Page

__all__ = ["find_blocks"]

_LEAST = 3  # articles that make a group
_MOST = 500  # articles of a page
_MOST_LINKS = 10_000
_MOST_GROUPS = 40  # that are looked at closely: those with the most words
_LONGEST = 80  # letters of a title that count for its group
_WORDY = 20  # letters that make a title of a link that stands alone
_TAIL = 4  # elements behind a heading that belong to its article

_FURNITURE_TAGS = frozenset({"nav", "footer", "dialog", "menu", "aside"})
_FURNITURE_ROLES = frozenset(
    {"navigation", "contentinfo", "search", "banner", "complementary", "menu", "menubar", "dialog", "alertdialog"}
)
_FURNITURE_WORDS = frozenset(
    (
        *("ads", "advert", "advertisement", "banner", "breadcrumb", "breadcrumbs", "comment", "comments", "cookie"),
        *("footer", "login", "menu", "menus", "modal", "nav", "navbar", "navigation", "pager", "pagination", "popup"),
        *("related", "share", "sharing", "sidebar", "social", "subscribe", "tags", "toolbar"),
    )
)
_NOT_WORDS = frozenset({"has", "no", "with", "without"})
_NAMED = frozenset({"div", "section", "ul", "ol", "dl", "header", "table", "td", "span", "p"})
_ABOUT_STORY = frozenset({"article", "main", "section", "li"})
_IN_PLACES = frozenset({"td", "th"})
_VARYING = frozenset({"odd", "even", "first", "last", "alt", "active", "clear", "clearfix", "sticky", "new"})
_BARE = HEADINGS | {"a", "b", "dt", "p", "span", "strong", "td", "tr"}


@dataclass(frozen=True, slots=True)
class _Candidate:
    block: Block
    link: Element
    title: str
    score: int


def find_blocks(page: Page, zone: str, now: datetime) -> list[tuple[Block, Element]]:
    """Return the articles of `page`, each with its link, in their order; none if no three of them are alike."""
    best: list[_Candidate] = []
    for links in _groups(page):
        found = [one for one in (_judged(block, own, page, zone, now) for block, own in _blocks(links)) if one]
        titles = {one.title for one in found}
        if len(titles) >= _LEAST and len(found) * 2 >= len(links) and _score(found) > _score(best):
            best = found
    return [(one.block, one.link) for one in best]


def _score(found: Iterable[_Candidate]) -> int:
    return sum(one.score for one in found)


def _judged(block: Block, own: Element, page: Page, zone: str, now: datetime) -> _Candidate | None:
    """Weigh one article: headings, dates and long titles speak for it; short words alone make none."""
    linked, _ = parts.link(block, page.base, own=own)
    title = parts.title(block, linked)
    size = parts.measure(title)
    headed = any(one.tag in HEADINGS for element in block for one in islice(element.iter(), 200))
    dated = parts.date(block, title, zone, now) is not None
    if size < 2 or (size < _WORDY and not headed and not dated):
        return None
    score = 10 + min(size, _LONGEST) // 8 + 10 * headed + 10 * dated + 5 * bool(parts.teaser(block, title))
    return _Candidate(block, own, title, score)


# --- groups -----------------------------------------------------------------------------------------


def _groups(page: Page) -> list[list[Element]]:
    """Return the links of the page in groups of the same structure, the wordiest first, each address once."""
    keys = _structure(page.root)
    here = canonical_url(page.url)
    groups: dict[int, dict[str, Element]] = defaultdict(dict)
    for one in islice(page.root.iter("a"), _MOST_LINKS):
        url = parts.address(one.get("href"), page.base) if one in keys else None
        if url and not _is_home(url, page.url) and canonical_url(url) != here:
            groups[keys[one]].setdefault(urldefrag(url).url, one)
    found = [list(links.values())[:_MOST] for links in groups.values() if len(links) >= _LEAST]
    return sorted(found, key=_wordiness, reverse=True)[:_MOST_GROUPS]


def _wordiness(links: list[Element]) -> int:
    texts = ("".join(map(str, islice(one.itertext(), 20)))[:200] for one in links)
    return sum(1 + min(parts.measure(text), _LONGEST) for text in texts)


def _is_home(url: str, page: str) -> bool:
    there, here = urlsplit(url), urlsplit(page)
    return there.netloc == here.netloc and there.path in ("", "/") and not there.query


def _structure(root: Element) -> dict[Element, int]:
    """Number all elements but furniture, so that those in alike places have the same number.

    A place is the path from the root: of each element on it the tag and the class that it shares with most of its
    siblings, and of a table's cell the column.
    """
    keys = {root: 0}
    numbers: dict[tuple[int, str, str], int] = {}
    for parent in root.iter():
        key = keys.get(parent)
        if key is None:
            continue
        children = list(parent)
        for child, name in zip(children, _names(children), strict=True):
            if not _is_furniture(child):
                keys[child] = numbers.setdefault((key, str(child.tag), name), len(numbers) + 1)
    return keys


def _names(siblings: list[Element]) -> Iterator[str]:
    """Name each of some siblings by its class that most others of its tag have too."""
    classes = [tuple(one.get("class", "").split()[:20]) for one in siblings]
    shared: Counter[tuple[str, str]] = Counter()
    for one, names in zip(siblings, classes, strict=True):
        shared.update((str(one.tag), form) for name in set(names) for form in {name, _numberless(name)})
    column = 0
    for one, names in zip(siblings, classes, strict=True):
        tag = str(one.tag)
        column += tag in _IN_PLACES
        known = [name for name in names if name.lower() not in _VARYING]
        if known and all(shared[tag, name] == 1 for name in known):
            known = [form for name in known if shared[tag, form := _numberless(name)] >= _LEAST] or known
        name = min(known, key=lambda form: (-shared[tag, form], form), default="")
        yield f"{name} {column}" if tag in _IN_PLACES else name


def _numberless(name: str) -> str:
    return "".join("#" if sign.isdigit() else sign for sign in name)


def _is_furniture(element: Element) -> bool:
    """Whether an element is there to find one's way about, not to be read."""
    tag = element.tag
    if tag in _FURNITURE_TAGS or element.get("role") in _FURNITURE_ROLES or element.get("hidden") is not None:
        return True
    if tag == "header" and not any(one.tag in _ABOUT_STORY for one in element.iterancestors()):
        return True
    if tag not in _NAMED:
        return False
    named = parts.words(element)
    return bool(named & _FURNITURE_WORDS) and not named & _NOT_WORDS


# --- blocks -------------------------------------------------------------------------------------------


def _blocks(links: list[Element]) -> Iterator[tuple[Block, Element]]:
    """Yield the article around each link, and the link: all that holds this link of the group and no other."""
    holds: Counter[Element] = Counter()
    for one in links:
        holds.update(one.iterancestors())
    known = set(links)
    for one in links:
        block = one
        for around in one.iterancestors():
            if holds[around] > 1:
                break
            block = around
        yield ((block, *_behind(block, holds, known)) if block.tag in _BARE else (block,)), one


def _behind(block: Element, holds: Counter[Element], links: set[Element]) -> Iterator[Element]:
    """Yield what follows a heading, or a row, until the next one: its date and its teaser."""
    for one in islice(block.itersiblings(), _TAIL):
        if holds[one] or one in links or one.tag in HEADINGS or one.tag in _FURNITURE_TAGS:
            return
        yield one
