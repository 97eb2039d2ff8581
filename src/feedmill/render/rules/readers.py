"""What readers stumble over in a feed of any format, whatever its own rules say.

What a rule asks is in its docstring: docs/validate.md is made of them. This module must not know any format: it looks
at a `Telling`, that `telling` makes of a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from feedmill.render.rules.table import Table
from feedmill.render.rules.values import absolute, is_web

__all__ = ["RULES", "Served", "Telling", "Told"]

Found = Iterator[tuple[int, str]]

_SLACK = timedelta(minutes=10)
"""Clocks differ: a date this far ahead is the present."""

_ACTIVE = frozenset({"script", "iframe", "object", "embed", "applet", "form", "meta", "base", "link", "style"})
_LINKING = ("href", "src", "poster", "data")
_HANDLER = re.compile(r"on[a-z]{3,}", re.IGNORECASE)
_TAG = re.compile(r"</?(?:a|b|i|p|br|em|strong|span|div|img|font|code|h[1-6]|ul|ol|li)\b[^<>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an entry says, in any format. `html` are its texts that are HTML, each resolved against `base`."""

    line: int
    id: str | None = None
    url: str | None = None
    title: str | None = None
    dates: tuple[tuple[int, datetime | None], ...] = ()
    html: tuple[tuple[int, str], ...] = ()
    base: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """How a document came: its address after redirects, and the media type that its server gave it."""

    url: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A document as readers take it. `self_url` is what it calls its own address, `media_types` are its format's."""

    now: datetime
    entries: tuple[Told, ...]
    media_types: tuple[str, ...]
    self_url: tuple[int, str] | None = None
    served: Served | None = None
    dated: bool = True


RULES: Table[Telling] = Table()


@RULES.warning("Give every entry an id that never changes, so that readers know it again when its address changes.")
def missing_id(telling: Telling) -> Found:
    """Every entry has an id."""
    for entry in telling.entries:
        if not entry.id:
            yield entry.line, "an entry has no id"


@RULES.warning("Give every entry the date when it was published; without one readers show the time when they saw it.")
def missing_date(telling: Telling) -> Found:
    """Every entry has a date."""
    for entry in telling.entries:
        if telling.dated and not entry.dates:
            yield entry.line, "an entry has no date"


@RULES.warning("Publish the entry when its time has come; some readers hide it, others keep it on top.")
def future_date(telling: Telling) -> Found:
    """No entry is dated later than now."""
    for entry in telling.entries:
        for line, moment in entry.dates:
            if moment and moment > telling.now + _SLACK:
                yield line, f"an entry is dated {moment:%Y-%m-%d %H:%M} UTC, which is still to come"


@RULES.warning("Correct the date.")
def ancient_date(telling: Telling) -> Found:
    """No entry is older than the web."""
    for entry in telling.entries:
        for line, moment in entry.dates:
            if moment and moment.year < 1990:
                yield line, f"an entry is dated {moment:%Y-%m-%d}, before there was a web"


@RULES.warning("Link every entry to its own page.")
def shared_link(telling: Telling) -> Found:
    """Entries link to different pages: some readers take two entries with one address for the same."""
    seen: set[str] = set()
    for entry in telling.entries:
        if entry.url and entry.url in seen:
            yield entry.line, f"two entries link to `{entry.url[:80]}`"
        seen.add(entry.url or "")


@RULES.warning("Write whole addresses: in a reader there is no page that they could be relative to.")
def relative_url(telling: Telling) -> Found:
    """Addresses in content are absolute."""
    for entry, line, tree in _contents(telling):
        for element in tree.iter(etree.Element):
            told = next((element.get(name, "") for name in _LINKING if _is_relative(element.get(name))), None)
            if told and not entry.base:
                yield line, f"the content has a relative address: `{told[:80]}`"
                break


@RULES.warning("Take it out; readers remove it, and some refuse the whole entry.")
def active_content(telling: Telling) -> Found:
    """Content has no scripts, frames, forms, event handlers or `javascript:` addresses."""
    for _, line, tree in _contents(telling):
        for element in tree.iter(etree.Element):
            what = _active(element)
            if what:
                yield line, f"the content has {what}"
                break


@RULES.warning("Write the title as plain text; many readers show the markup itself.")
def title_markup(telling: Telling) -> Found:
    """Titles have no markup."""
    for entry in telling.entries:
        if entry.title and _TAG.search(entry.title):
            yield entry.line, f"a title has markup in it: `{entry.title[:60]}`"


@RULES.warning("Let the server send the media type of the format, so that browsers and readers know it for a feed.")
def media_type(telling: Telling) -> Found:
    """A feed is served under the media type of its format."""
    kind = telling.served.media_type if telling.served else None
    if telling.served and kind not in telling.media_types:
        yield 1, f"the server calls it {kind or 'nothing'}, not {' or '.join(telling.media_types[:2])}"


@RULES.warning("Let the feed name the address that readers shall keep; a wrong one moves subscribers, or is ignored.")
def self_mismatch(telling: Telling) -> Found:
    """The address that a feed says is its own is the one that it was had from."""
    if telling.self_url and telling.served and telling.self_url[1] != telling.served.url:
        line, told = telling.self_url
        yield line, f"the feed says that its address is `{told[:80]}`, and it was had from `{telling.served.url[:80]}`"


@RULES.warning("Name the whole address of the feed.")
def self_address(telling: Telling) -> Found:
    """The address that a feed says is its own is one on the web."""
    if telling.self_url and not is_web(telling.self_url[1]):
        yield (
            telling.self_url[0],
            f"the feed says that its address is `{telling.self_url[1][:80]}`, which none can follow",
        )


def _contents(telling: Telling) -> Iterator[tuple[Told, int, etree._Element]]:
    for entry in telling.entries:
        for line, text in entry.html:
            tree = _tree(text)
            if tree is not None:
                yield entry, line, tree


def _tree(text: str) -> etree._Element | None:
    if "<" not in text:
        return None
    parser = etree.HTMLParser(no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        found: etree._Element | None = etree.fromstring(f"<div>{text}</div>", parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return found


def _is_relative(told: str | None) -> bool:
    return bool(told and told.strip() and not told.startswith("#")) and not absolute(_encoded(str(told)))


def _encoded(told: str) -> str:
    """What browsers make of an address: blanks around it are nothing, and what is illegal in it is encoded."""
    return re.sub(r"[\s<>\"{}|\\^`]", "%20", told.strip())


def _active(element: etree._Element) -> str | None:
    tag = str(element.tag)
    if tag in _ACTIVE:
        return f"a <{tag}>"
    for name, value in [(str(name), str(value)) for name, value in element.items()]:
        if _HANDLER.fullmatch(name):
            return f"an event handler, `{name}`"
        if value.strip().lower().startswith(("javascript:", "vbscript:")):
            return f"a script as an address, in `{name}`"
    return None
