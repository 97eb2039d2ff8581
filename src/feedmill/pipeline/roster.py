"""Which sources a site has now: the configured ones, and the feeds that its subscription lists name.

This module must not know how a list is collected or read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Protocol

from feedmill.model import FeedSpec, Source, Subscription
from feedmill.select import matching_sources

__all__ = ["Roster", "relisted", "roster_of"]

_LIST = "opml"


class Memory(Protocol):
    """Where the feeds of lists are remembered: `feedmill.store.Store` explains the method."""

    def subscriptions(self, source: str) -> list[Subscription]: ...


@dataclass(frozen=True, slots=True)
class Roster:
    """The sources of a site at one moment.

    `sources` are those to look at, each list before the feeds that it names. `names` are what a feed can take entries
    from: also the feeds that left a list, since what they brought is not lost. `elsewhere` leads from a listed feed
    that another source asks for as well to the name of that source.
    """

    sources: tuple[Source, ...]
    names: tuple[str, ...]
    elsewhere: Mapping[str, str]

    def lists(self) -> list[Source]:
        """Return the subscription lists."""
        return [source for source in self.sources if source.kind == _LIST]

    def named(self, names: Collection[str]) -> list[Source]:
        """Return the sources of these names; a list stands for itself and all feeds that it names."""
        wanted = set(names)
        wanted |= {other for name, other in self.elsewhere.items() if wanted & {name, _list_of(name)}}
        return [source for source in self.sources if wanted & {source.name, source.listed_by}]

    def taken_by(self, spec: FeedSpec) -> list[str]:
        """Return the names of the sources whose entries a feed takes, in the order of the site.

        A list has no entries of its own. It is among them only while it names no feed, so that a feed of nothing can be
        told from one whose sources were never collected.
        """
        wanted = set(matching_sources(spec, self.names))
        wanted |= {self.elsewhere[name] for name in wanted & self.elsewhere.keys()}
        wanted -= {_list_of(name) for name in self.names if "/" in name}
        return [name for name in self.names if name in wanted]

    def needed_by(self, specs: Iterable[FeedSpec]) -> list[Source]:
        """Return the sources to look at before these feeds are published, the lists among them."""
        wanted: set[str] = set()
        for spec in specs:
            taken = self.taken_by(spec)
            heads = {pattern.partition("/")[0] for pattern in spec.sources}
            wanted.update(taken, map(_list_of, taken))
            wanted |= {one.name for one in self.lists() if any(fnmatchcase(one.name, head) for head in heads)}
        return [source for source in self.sources if source.name in wanted]


def roster_of(configured: Sequence[Source], memory: Memory) -> Roster:
    """Return the sources of a site, its lists as they are remembered.

    A feed that several would bring in the same way is asked for by the first alone: configured ones go first.
    """
    lists = {source.name: memory.subscriptions(source.name) for source in configured if source.kind == _LIST}
    asking = _asking(configured) if lists else {}
    sources: list[Source] = []
    names: list[str] = []
    elsewhere: dict[str, str] = {}
    for source in configured:
        sources.append(source)
        names.append(source.name)
        listed = lists.get(source.name)
        if not listed:
            continue
        names += [one.name for one in listed]
        any_of_them = _subscription(source)
        manner = _manner(any_of_them)
        for one in listed:
            if not one.present:
                continue
            first = asking.setdefault((one.name.partition("/")[2], manner), one.name)
            if first == one.name:
                sources.append(replace(any_of_them, name=one.name, url=one.url, title=one.title))
            else:
                elsewhere[one.name] = first
    return Roster(tuple(sources), tuple(names), elsewhere)


def _asking(configured: Sequence[Source]) -> dict[tuple[str, Source], str]:
    """Return which feeds are asked for by configured sources, and in which manner, each with the name of the first."""
    from feedmill.normalize.opml import handle

    asking: dict[tuple[str, Source], str] = {}
    for source in configured:
        if source.kind == "feed" and source.url:
            asking.setdefault((handle(source.url), _manner(source)), source.name)
    return asking


def relisted(before: Sequence[Subscription], came: Sequence[Subscription], *, whole: bool) -> tuple[Subscription, ...]:
    """Return what is to be remembered of a list's feeds, nothing if all is as it was.

    What is missing from a list has left it, unless the list was not read as a `whole`.
    """
    names = {one.name for one in came}
    missing = [replace(one, present=False) if whole else one for one in before if one.name not in names]
    after = (*came, *missing)
    return () if after == tuple(before) else after


def _subscription(source: Source) -> Source:
    """Return what every feed of a list is besides its name, address and title.

    What the list is asked with is for its own server alone.
    """
    alike = replace(source, kind="feed", url=None, path=None, every=None, cron=None, listed_by=source.name)
    return replace(alike, auth=None, headers=())


def _manner(source: Source) -> Source:
    """Return what is equal for sources that would make the same entries of the same feed."""
    alike = replace(source, name="", url=None, every=None, cron=None, timezone=None, listed_by=None, title="")
    return replace(alike, max_file=0)


def _list_of(name: str) -> str:
    return name.partition("/")[0]
