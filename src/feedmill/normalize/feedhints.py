"""What a feed says about when to ask again: RSS's `ttl`, `skipHours` and `skipDays`, the syndication module, and hubs.

All of it is advice of unknown quality: what cannot be read, or makes no sense, counts as not said. This module must not
know what is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from lxml import etree

from feedmill.model import Hints
from feedmill.normalize.dates import feed_date
from feedmill.normalize.feednames import local
from feedmill.normalize.links import MEDIA_SCHEMES, absolute

__all__ = ["hints"]

_SYNDICATION = frozenset(
    {"http://purl.org/rss/1.0/modules/syndication", "http://purl.org/rss/1.0/modules/syndication/"}
)
_RSS = frozenset({"", "http://purl.org/rss/1.0/", "http://backend.userland.com/rss2", "http://purl.org/net/rss1.1#"})
_NUMBER = re.compile(r"\s*([0-9]{1,6})(?:\.[0-9]*)?\s*")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST = timedelta(days=366)
_MOST = 100  # elements of one list; there are 24 hours and 7 days
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_FAR_FUTURE = datetime(9000, 1, 1, tzinfo=UTC)
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_MOST_HUBS = 5
_LONGEST_ADDRESS = 2000


def hints(root: etree._Element, address: str) -> Hints:
    """Return what the feed `root`, which came from `address`, says.

    `ttl` is minutes; `hour` is 0 to 23, or 24 for 0 as in the first RSS 0.91; `day` is the name of a day, both in GMT
    (https://www.rssboard.org/rss-specification). The time between updates is `updatePeriod`, daily if there is only a
    frequency, divided by `updateFrequency`, 1 if there is only a period (https://web.resource.org/rss/1.0/modules/syndication/).
    Hubs are Atom's links, in RSS too (WebSub, section 4).
    """
    channel = next((child for child in root.iterchildren(etree.Element) if local(child) == "channel"), root)
    said = {_name(element): element for element in channel.iterchildren(etree.Element)}
    links = list(islice(_links([root] if channel is root else [root, channel], address), _MOST))
    return Hints(
        hubs=tuple(dict.fromkeys(url for rels, url in links if "hub" in rels))[:_MOST_HUBS],
        topic=next((url for rels, url in links if "self" in rels), None),
        ttl=_ttl(said.get("ttl")),
        period=_period(said.get("sy:updateperiod"), said.get("sy:updatefrequency")),
        base=_base(said.get("sy:updatebase")),
        skip_hours=frozenset(_hours(said.get("skiphours"))),
        skip_days=frozenset(_days(said.get("skipdays"))),
    )


def _links(within: list[etree._Element], address: str) -> Iterator[tuple[list[str], str]]:
    """Yield the relations and the address of each Atom link among the children of the last of `within`."""
    for element in within[-1].iterchildren(etree.Element):
        if local(element) != "link" or element.get("rel") is None or len(element.get("href") or "") > _LONGEST_ADDRESS:
            continue
        base = address
        for one in (*within, element):
            base = absolute(one.get(_BASE) or "", base, schemes=MEDIA_SCHEMES) or base
        url = absolute(element.get("href") or "", base, schemes=MEDIA_SCHEMES)
        if url is not None:
            yield element.get("rel", "")[:100].lower().split(), url


def _name(element: etree._Element) -> str:
    """Return the element's name, with `sy:` for the syndication module; nothing for other vocabularies."""
    space = element.tag[1:].partition("}")[0].lower() if element.tag.startswith("{") else ""
    if space in _SYNDICATION:
        return f"sy:{local(element)}"
    return local(element) if space in _RSS else ""


def _text(element: etree._Element | None) -> str:
    return "" if element is None else (element.text or "").strip()[:100]


def _number(text: str) -> int | None:
    found = _NUMBER.fullmatch(text)
    return int(found[1]) if found else None


def _ttl(element: etree._Element | None) -> timedelta | None:
    minutes = _number(_text(element))
    return min(timedelta(minutes=minutes), _LONGEST) if minutes else None


def _period(period: etree._Element | None, frequency: etree._Element | None) -> timedelta | None:
    if period is None and frequency is None:
        return None
    span = _PERIODS.get(_text(period).lower() or "daily")
    times = _number(_text(frequency) or "1")
    return span / times if span and times else None


def _base(element: etree._Element | None) -> datetime | None:
    text = _text(element)
    return feed_date(text, _FAR_FUTURE) if text else None


def _children(element: etree._Element | None) -> Iterator[etree._Element]:
    return iter(()) if element is None else islice(element.iterchildren(etree.Element), _MOST)


def _hours(element: etree._Element | None) -> Iterator[int]:
    for child in _children(element):
        hour = _number(_text(child)) if local(child) == "hour" else None
        if hour is not None and hour <= 24:
            yield hour % 24


def _days(element: etree._Element | None) -> Iterator[int]:
    for child in _children(element):
        day = _text(child)[:3].lower() if local(child) == "day" else ""
        if day in _DAYS:
            yield _DAYS.index(day)
