"""What is wrong with a site, in plain words, the worst first; pure.

This module must not know how it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from feedmill.model import SourceState
from feedmill.serve.dashboard.words import ago, many
from feedmill.serve.health import FAILURES_IN_A_ROW, overdue
from feedmill.serve.survey import Survey

__all__ = ["Trouble", "consequence", "troubles"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that needs somebody: `what` is wrong with the source, feed or hub of this `name`, its `cause` as it was
    told, and what happens or is to be done (`then`). `kind` is `feed`, `source`, `hub` or `site`."""

    kind: str
    name: str
    what: str
    cause: str = ""
    then: str = ""


def troubles(survey: Survey, now: datetime, *, running: bool | None) -> list[Trouble]:
    """Return what is wrong, the worst first."""
    return [*_site(survey, now, running=running), *_feeds(survey), *_sources(survey, now), *_hubs(survey, now)]


def consequence(state: SourceState, now: datetime) -> str:
    """Return what it means that a source fails, and what happens next."""
    times = "The last look failed" if state.failures == 1 else f"The last {state.failures:,} looks failed"
    since = f"; it was well {ago(state.last_success, now)}" if state.last_success else "; it was never well"
    stays = " Its last good entries stay in the feeds." if state.last_success else ""
    if state.gone:
        return f"{times}{since}.{stays} It is asked no more."
    later = ""
    if state.next_look is not None:
        later = f" It is tried again {ago(state.next_look, now)}." if state.next_look > now else " It is due now."
    return f"{times}{since}.{stays}{later}"


def _site(survey: Survey, now: datetime, *, running: bool | None) -> Iterator[Trouble]:
    if running is False:
        then = "Look into its log, and start it again: what is published stays, but nothing new comes."
        yield Trouble("site", "", "The service has stopped", then=then)
    late = overdue(survey, now)
    if late:
        what = f"{many(len(late), 'source')} should have been looked at more than an hour ago"
        then = "Is `feedmill run`, or cron with `feedmill publish --due`, at work? A run may also take too long."
        yield Trouble("site", "", what, then=then)


def _feeds(survey: Survey) -> Iterator[Trouble]:
    for spec in survey.specs:
        state = survey.feeds.get(spec.name)
        if state is None:
            continue
        if state.error:
            then = "What was published last stays; the next run tries again."
            yield Trouble("feed", spec.name, "could not be published", state.error, then)
        elif state.held:
            what = "was rolled back, and stays so" if state.pinned is not None else "is held back"
            yield Trouble(
                "feed", spec.name, what, state.held, "See what would change, and release it if that is meant."
            )


def _sources(survey: Survey, now: datetime) -> Iterator[Trouble]:
    states = [survey.state(source.name) for source in survey.sources]
    ill = [state for state in states if state.gone or state.failures >= FAILURES_IN_A_ROW]
    for state in sorted(ill, key=lambda state: (not state.gone, -state.failures)):
        what = "is gone for good" if state.gone else "fails"
        yield Trouble("source", state.name, what, state.error or "", consequence(state, now))
    for name, number in survey.held.items():
        if number:
            what = f"has {many(number, 'entry', 'entries')} that feeds do not get: many old ones came at once"
            then = f"If they are meant: feedmill publish --force --source {name}"
            yield Trouble("source", name, what, then=then)


def _hubs(survey: Survey, now: datetime) -> Iterator[Trouble]:
    for hub in sorted({ping.hub for ping in survey.pings if ping.failures}):
        waiting = [ping for ping in survey.pings if ping.hub == hub and ping.failures]
        error = next((ping.error for ping in waiting if ping.error), "")
        due = ago(max(now, min(ping.due for ping in waiting)), now)
        what = f"is still to be told of {many(len(waiting), 'document')}"
        yield Trouble("hub", hub, what, error, f"It is told again {'now' if due == 'just now' else due}.")
