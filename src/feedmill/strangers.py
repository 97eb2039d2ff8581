"""Drafts that no alias leads anywhere: stored entries that their upstream tells in other words, new ones, or a flood.

Upstreams change guids, addresses and platforms, and then bring their old articles once more. Whatever is recognized
here keeps its id. This module must not know how entries are stored, or what a look writes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypeVar

from feedmill.changes import revision
from feedmill.model import AliasKind, Changes, Draft, Problem, Trace, Verdict
from feedmill.times import whole_seconds

__all__ = ["identify", "notice"]

_MANY = 5
_SOME = 3
_LATE = timedelta(days=1)
_TELLING_WORDS = 200
"""Characters; shorter texts are boilerplate too often to tell alone who an entry is."""
_MOST_TITLES = 3
_TAG = re.compile(r"<[^>]*>")

T = TypeVar("T")


def identify(
    drafts: Sequence[Draft], found: Sequence[str | None], traces: Sequence[Trace], *, guarded: bool = True
) -> Verdict:
    """Say of each stranger among `drafts` which stored entry it is, and whether it is to be held.

    An entry is recognized by evidence that no other draft of the look and no other trace shares, surest first, if no
    other draft is that entry: path and title at another host, unless it is newer than all that is stored; title and
    date; path and date at another host, with the same exception. The following count
    only where they explain three strangers, and half of those that they could: title and words, whatever the date says;
    the title alone, of strangers without a date.

    A stranger is late if it is dated a day or more before the newest stored entry, and is later than the five latest
    entries that this source brought before: some sources do bring old articles. Five late strangers are a flood; so are
    three that are half of the look. In a flood, those that are not newer than the newest stored entry are recognized
    by their title alone, then by their date alone. Those that are still strangers are held: never published as new
    before somebody has looked. Strangers without a date say nothing about their age, and are never held.

    Args:
        drafts: all drafts of the look.
        found: for each, the id of the stored entry that an alias leads to; None for a stranger.
        traces: what is stored of the source, the newest entries at least.
        guarded: whether a flood is held; a first look, or one by other settings than before, is meant to bring much.
    """
    if not traces:
        return Verdict()
    crowd = _Crowd(drafts, found, traces)
    crowd.recognize(_draft_place_and_title, _trace_place_and_title, fit=crowd.may_have_moved)
    crowd.recognize(_draft_title_and_date, _trace_title_and_date)
    crowd.recognize(_draft_place_and_date, _trace_place_and_date, fit=crowd.may_have_moved)
    crowd.recognize(_draft_words, lambda trace: trace.revision, together=True)
    crowd.recognize(_draft_title, _trace_title, among=crowd.undated(), together=True)
    held: Collection[int] = ()
    if crowd.is_flood():
        crowd.recognize(_draft_title, _trace_title, among=crowd.not_newer())
        crowd.recognize(_draft_moment, lambda trace: _telling_moment(trace.published), among=crowd.not_newer())
        held = crowd.not_newer() if guarded else ()
    return Verdict(same=crowd.same, held=frozenset(held))


def notice(source: str, changes: Changes) -> tuple[Problem, ...]:
    """Return what to tell of entries that a look at `source` holds, or shows while they are held."""
    number = len(changes.held) + changes.still_held
    if not number:
        return ()
    held = "1 entry is held" if number == 1 else f"{number} entries are held"
    titles = ", ".join(repr(entry.title) for entry in changes.held[:_MOST_TITLES])
    more = ", ..." if len(changes.held) > _MOST_TITLES else ""
    why = f": {len(changes.held)} came at once and are older than what is stored ({titles}{more})" if titles else ""
    release = f"If they are meant, publish them: feedmill publish --force --source {source}"
    return (Problem(where=source, message=f"{held} back from the feeds{why}. {release}"),)


class _Crowd:
    """The strangers of one look beside what is stored; `same` are those that were recognized."""

    def __init__(self, drafts: Sequence[Draft], found: Sequence[str | None], traces: Sequence[Trace]) -> None:
        self.same: dict[int, str] = {}
        self._drafts = drafts
        self._found = found
        self._traces = traces
        self._owned = {entry_id for entry_id in found if entry_id is not None}
        shown = [trace for trace in traces if not trace.held]
        self._newest = max((trace.published for trace in shown), default=None)
        self._usual = _usual_lateness(shown)

    def recognize(
        self,
        of_draft: Callable[[Draft], object],
        of_trace: Callable[[Trace], object],
        *,
        among: Collection[int] | None = None,
        fit: Callable[[int, Trace], bool] | None = None,
        together: bool = False,
    ) -> None:
        """Take strangers for the entries that they share evidence with; None is no evidence.

        `among` are the strangers in question; `fit` is asked whether a stranger may be that entry at all. With
        `together` they are believed only if they are some, and half.
        """
        asked = set(self._strangers() if among is None else among)
        if not asked:
            return
        drafts, traces = _unshared(self._drafts, of_draft), _unshared(self._traces, of_trace)
        pairs = {
            place: self._traces[traces[evidence]]
            for evidence, place in drafts.items()
            if place in asked and evidence in traces and self._traces[traces[evidence]].id not in self._owned
        }
        same = {place: trace.id for place, trace in pairs.items() if fit is None or fit(place, trace)}
        if together and (len(same) < _SOME or 2 * len(same) < len(asked)):
            return
        self.same |= same
        self._owned.update(same.values())

    def may_have_moved(self, place: int, trace: Trace) -> bool:
        """Return whether a stranger may be that entry at another host: one that is newer than all that is stored is
        new, and at the same host its address would have told."""
        dated = _moment(self._drafts[place]) is not None
        return _story(self._drafts[place]) != trace.story and (not dated or self._lateness(place) is not None)

    def undated(self) -> list[int]:
        """Return the places of strangers that name no date."""
        return [place for place in self._strangers() if _moment(self._drafts[place]) is None]

    def not_newer(self) -> list[int]:
        """Return the places of strangers that are not newer than the newest stored entry."""
        return [place for place in self._strangers() if self._lateness(place) is not None]

    def is_flood(self) -> bool:
        """Return whether so many strangers are late that they cannot be what they seem."""
        lateness = [self._lateness(place) or timedelta() for place in self.not_newer()]
        late = sum(one >= _LATE and one > self._usual for one in lateness)
        return late >= _MANY or (late >= _SOME and 2 * late >= len(self._drafts))

    def _strangers(self) -> list[int]:
        return [place for place, entry_id in enumerate(self._found) if entry_id is None and place not in self.same]

    def _lateness(self, place: int) -> timedelta | None:
        """How much older a stranger is than the newest stored entry; None if it is newer, or says nothing."""
        moment = _moment(self._drafts[place])
        return None if moment is None or self._newest is None or moment > self._newest else self._newest - moment


def _usual_lateness(traces: Iterable[Trace]) -> timedelta:
    """How late the entries of a source may be: as late as five of those that it brought after its first look."""
    late: list[timedelta] = []
    newest: datetime | None = None
    for _, look in groupby(sorted(traces, key=_first_seen), key=_first_seen):
        dates = [trace.published for trace in look]
        if newest is not None:
            late += [newest - date for date in dates if date < newest]
        newest = max(dates) if newest is None else max(newest, *dates)
    return sorted(late, reverse=True)[_MANY - 1] if len(late) >= _MANY else timedelta()


def _first_seen(trace: Trace) -> datetime:
    return trace.first_seen


def _unshared(things: Sequence[T], evidence_of: Callable[[T], object]) -> Mapping[object, int]:
    """Return the places of things by their evidence: what several have in common tells nothing."""
    evidence = [evidence_of(thing) for thing in things]
    times = Counter(evidence)
    return {one: place for place, one in enumerate(evidence) if one is not None and times[one] == 1}


# --- evidence: of a draft, and of what is stored


def _draft_place_and_title(draft: Draft) -> object:
    place = _place(_story(draft))
    return place and (place, _draft_title(draft))


def _trace_place_and_title(trace: Trace) -> object:
    place = _place(trace.story)
    return place and (place, _trace_title(trace))


def _draft_title_and_date(draft: Draft) -> object:
    moment = _moment(draft)
    return moment and (_draft_title(draft), moment)


def _trace_title_and_date(trace: Trace) -> object:
    return _trace_title(trace), trace.published


def _draft_place_and_date(draft: Draft) -> object:
    place, moment = _place(_story(draft)), _moment(draft)
    return place and moment and (place, moment)


def _trace_place_and_date(trace: Trace) -> object:
    place = _place(trace.story)
    return place and (place, trace.published)


def _draft_words(draft: Draft) -> str | None:
    return revision(draft) if len(_TAG.sub("", draft.content)) >= _TELLING_WORDS else None


def _draft_title(draft: Draft) -> str:
    return _folded(draft.title)


def _trace_title(trace: Trace) -> str:
    return _folded(trace.title)


def _draft_moment(draft: Draft) -> datetime | None:
    return _telling_moment(_moment(draft))


def _folded(title: str) -> str:
    return " ".join(title.split()).casefold()


def _moment(draft: Draft) -> datetime | None:
    stated = draft.published or draft.published_at_first
    return whole_seconds(stated) if stated else None


def _telling_moment(moment: datetime | None) -> datetime | None:
    """A date that names minutes: a whole hour may be anybody's."""
    return moment if moment is not None and (moment.minute or moment.second) else None


def _story(draft: Draft) -> str | None:
    return next((alias.value for alias in draft.aliases if alias.kind is AliasKind.URL), None)


def _place(story: str | None) -> str | None:
    """Path and query of a canonical URL, whatever its host; None for a front page, which is nobody's."""
    _, _, place = (story or "").removeprefix("//").partition("/")
    return place or None
