"""What an operator is to be told: pure functions of what is remembered of sources and feeds.

- A source is *failing* once so many looks in a row failed as `[alerts] after_failures` says, until one succeeds.
- A source is *gone* when its server said so (410), until it answers again.
- A source is *silent* by the rule of `polling.fell_silent`, until it brings something.
- A feed is *held* by a change guard, until it is published. One that was rolled back is not: somebody wanted that.
- A feed is *unpublished* when it could not be published, until it can.

Each is told once when it begins, and once when it is over. This module must not know who is told, or how.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

from feedmill.model import Alerts, FeedState, Incident, Notice, SourceState, Trouble

__all__ = ["headline", "incidents", "line", "news"]

_WELL = {
    Trouble.FAILING: "it was collected again",
    Trouble.GONE: "its server answers again",
    Trouble.SILENT: "it brought something",
    Trouble.HELD: "it is held no longer",
    Trouble.UNPUBLISHED: "it was published again",
}
_UNKNOWN = "it is not configured any more"


def incidents(
    rules: Alerts,
    sources: Mapping[str, SourceState],
    feeds: Mapping[str, FeedState],
    silences: Mapping[str, timedelta | None],
    known: Collection[Incident],
    now: datetime,
) -> Iterator[Incident]:
    """Yield what is wrong with the sources and feeds of a site.

    `silences` says for how long those sources have been silent that were looked at, None for one that is not silent;
    `known` is what was wrong before.
    """
    before = {(one.subject, one.kind) for one in known}

    def incident(subject: str, kind: Trouble, message: str) -> Incident:
        return Incident(subject=subject, kind=kind, message=message, since=now)

    for name, source in sources.items():
        subject = f"source {name}"
        failures = rules.after_failures if (subject, Trouble.FAILING) not in before else 1
        silent = silences.get(name)
        if source.gone:
            yield incident(subject, Trouble.GONE, "its server says that it is gone for good, so it is not asked again")
        elif source.failures >= failures:
            often = f"it failed {source.failures} times in a row; the last time: " if source.failures > 1 else ""
            yield incident(subject, Trouble.FAILING, f"{often}{source.error or 'it failed'}")
        if silent is not None and (rules.silence or (subject, Trouble.SILENT) in before):
            message = f"it has brought nothing new for {_length(silent)}, which is unusually long for it"
            yield incident(subject, Trouble.SILENT, message)
        elif name not in silences and (subject, Trouble.SILENT) in before:  # nobody looked
            yield incident(subject, Trouble.SILENT, "")
    for name, feed in feeds.items():
        if feed.held and feed.pinned is None:
            yield incident(f"feed {name}", Trouble.HELD, feed.held)
        if feed.error:
            yield incident(f"feed {name}", Trouble.UNPUBLISHED, feed.error)


def news(
    known: Collection[Incident], present: Collection[Incident], subjects: Collection[str], now: datetime
) -> tuple[list[Incident], list[Incident]]:
    """Return which of the incidents that are `present` have begun, and which of those `known` are over: these with
    words for that. `subjects` is what the site has now."""
    before = {(one.subject, one.kind) for one in known}
    still = {(one.subject, one.kind) for one in present}
    begun = [one for one in present if (one.subject, one.kind) not in before]
    over = [
        Incident(
            subject=one.subject,
            kind=one.kind,
            since=one.since,
            message=f"{_WELL[one.kind]}, after {_length(now - one.since)}" if one.subject in subjects else _UNKNOWN,
        )
        for one in known
        if (one.subject, one.kind) not in still
    ]
    return begun, over


def line(notice: Notice) -> str:
    """Return a notice as one line of text."""
    return f"{notice.subject}: {'well again: ' if notice.over else ''}{notice.message}"


def headline(notices: Collection[Notice]) -> str:
    """Return what several notices are about, in few words."""
    problems = sum(not notice.over for notice in notices)
    well = len(notices) - problems
    told = [f"{problems} problem{'s' if problems > 1 else ''}"] if problems else []
    return ", ".join([*told, f"{well} well again"] if well else told)


def _length(time: timedelta) -> str:
    minutes = max(round(time.total_seconds() / 60), 1)
    for unit, size in (("days", 1440), ("hours", 60)):
        if minutes >= 2 * size:
            return f"{round(minutes / size)} {unit}"
    return "a minute" if minutes == 1 else f"{minutes} minutes"
