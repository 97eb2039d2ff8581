"""`feedmill status`: what is known of every source and feed, without asking anybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from rich.text import Text

from feedmill.cli.exits import Exit
from feedmill.cli.log import printable
from feedmill.cli.options import Common, common_options
from feedmill.cli.report import print_json
from feedmill.cli.site import is_new, opened
from feedmill.cli.tables import print_tables, table, when
from feedmill.model import FeedSpec, FeedState, HubSubscription, Ping, Source
from feedmill.pipeline import Agenda
from feedmill.redirects import LOOKS_TO_BELIEVE
from feedmill.times import iso

__all__ = ["command"]

_LONGEST_TITLE = 40  # characters


@click.command(name="status")
@common_options
def command(common: Common) -> int:
    """Show how every source and feed is doing: last success, next look, failures, entries, last change."""
    config = common.config()
    # Asking leaves no trace: where nothing was ever stored, nothing is begun.
    with opened(config, rehearsal=is_new(config)) as pipeline:
        agenda, counts = pipeline.agenda(), pipeline.store.entry_counts()
        held = pipeline.store.held_counts()
        feeds = pipeline.store.feed_states()
        hubs = _hub_data(pipeline.store.pings())
        subscriptions = pipeline.store.hubs.subscriptions()
        specs = pipeline.specs()
        roster = pipeline.roster()
        asked = roster.sources
    sources = [
        _source_data(source, agenda) | {"entries": counts.get(source.name, 0), "held": held.get(source.name, 0)}
        for source in asked
    ]
    shown = {source.name for source in asked}
    # Feeds that left their list, or that another source asks for.
    unlisted = [{"name": name, "held": held[name]} for name in roster.names if name not in shown and held.get(name)]
    published = [_feed_data(spec, feeds.get(spec.name)) for spec in specs]
    if common.as_json:
        subscribed = [_subscription_data(one) for one in subscriptions]
        data = {"sources": sources, "unlisted": unlisted, "feeds": published, "hubs": hubs}
        print_json(data | {"subscriptions": subscribed})
    else:
        _print(list(zip(asked, sources, strict=True)), unlisted, agenda, published, feeds, hubs, subscriptions)
    return Exit.WELL


def _source_data(source: Source, agenda: Agenda) -> dict[str, Any]:
    state, following = agenda.state(source), _next(source, agenda)
    return {
        "name": source.name,
        "kind": source.kind,
        "list": source.listed_by,
        "title": source.title or None,
        "state": state.condition.value,
        "last_success": iso(state.last_success) if state.last_success else None,
        "last_look": iso(state.last_look) if state.last_look else None,
        "next": iso(following) if following else None,
        "pushed_until": _until(source, agenda),
        "left_alone": agenda.left_alone(source),
        "failures": state.failures,
        "error": state.error,
        "address": state.address,
        "moved_to": state.moved_to,
    }


def _next(source: Source, agenda: Agenda) -> datetime | None:
    """Return when a source is due; one that was never looked at has no such time."""
    return agenda.due(source) if agenda.state(source).last_look else None


def _until(source: Source, agenda: Agenda) -> str | None:
    """Return until when a hub has promised to push what is new of a source."""
    until = agenda.pushed(source).until
    return iso(until) if until is not None and until > agenda.now else None


def _name(data: dict[str, Any]) -> Text:
    """Return the name of a source, and below that of a listed feed what its list calls it."""
    name = Text(f"  {data['name']}" if data["list"] else data["name"])
    return name.append(f"  {printable(data['title'])[:_LONGEST_TITLE]}", style="dim") if data["title"] else name


def _feed_data(spec: FeedSpec, state: FeedState | None) -> dict[str, Any]:
    return {
        "name": spec.name,
        "entries": state.entries if state else 0,
        "last_change": iso(state.last_change) if state and state.last_change else None,
        "error": state.error if state else None,
        "held": state.held if state else None,
        "pinned": state.pinned if state else None,
    }


def _hub_data(pings: list[Ping]) -> list[dict[str, Any]]:
    """Return the hubs that are still to be told of changes."""
    by_hub: dict[str, list[Ping]] = {}
    for ping in pings:
        by_hub.setdefault(ping.hub, []).append(ping)
    return [
        {
            "hub": hub,
            "documents": len(waiting),
            "failures": max(ping.failures for ping in waiting),
            "next": iso(max(ping.due for ping in waiting)),
            "error": next((ping.error for ping in waiting if ping.error), None),
        }
        for hub, waiting in by_hub.items()
    ]


def _subscription_data(one: HubSubscription) -> dict[str, Any]:
    """Return what is known of a subscription at an upstream's hub, but for what only the two may know."""
    return {
        "source": one.source,
        "hub": one.hub,
        "topic": one.topic,
        "asked_to": one.intent.value,
        "lease_until": iso(one.lease_until) if one.lease_until else None,
        "failures": one.failures,
        "error": one.error,
        "refused": one.refused,
        "next": iso(one.due),
    }


def _print(
    asked: list[tuple[Source, dict[str, Any]]],
    unlisted: list[dict[str, Any]],
    agenda: Agenda,
    published: list[dict[str, Any]],
    feeds: dict[str, FeedState],
    hubs: list[dict[str, Any]],
    subscriptions: list[HubSubscription],
) -> None:
    sources = [data for _, data in asked]
    upper = table("source", "state", "last success", "next look", "failures", "entries")
    for source, data in asked:
        state = agenda.state(source)
        style = {"well": "green", "new": "yellow"}.get(data["state"], "bold red")
        upper.add_row(
            _name(data),
            Text(f"{data['state']}, pushed" if data["pushed_until"] else data["state"], style=style),
            Text(when(state.last_success)),
            Text(when(_next(source, agenda))),
            Text(str(data["failures"])),
            Text(str(data["entries"])),
        )
    lower = table("feed", "entries", "last change")
    for data in published:
        feed = feeds.get(data["name"])
        lower.add_row(Text(data["name"]), Text(str(data["entries"])), Text(when(feed.last_change if feed else None)))
    notes = [Text.assemble((d["name"], "bold"), ": ", printable(d["error"])) for d in sources + published if d["error"]]
    notes += [
        Text.assemble((d["name"], "bold"), ": ", (printable(d["held"]), "bold red")) for d in published if d["held"]
    ]
    notes += [Text.assemble((d["name"], "bold"), ": ", printable(d["left_alone"])) for d in sources if d["left_alone"]]
    for source, data in asked:
        if data["address"]:
            told = f"{data['name']}: moved for good, and is asked at {printable(data['address'])}"
            notes.append(Text(f"{told}; `feedmill check` offers to write that to the configuration"))
        elif data["moved_to"]:
            looks = agenda.state(source).moved_looks
            told = f"{data['name']}: redirects for good to {printable(data['moved_to'])}"
            notes.append(Text(f"{told}, seen at {looks} of the {LOOKS_TO_BELIEVE} looks that it takes to believe it"))
    for data in hubs:
        told = f"hub {printable(data['hub'])}: to be told of {data['documents']} documents"
        notes.append(Text(f"{told}, after {data['failures']} failures: {printable(data['error'] or '')}"))
    for one in filter(lambda one: one.error, subscriptions):
        told = f"{one.source}: hub {printable(one.hub)} does not {one.intent.value}, {one.failures} failures"
        notes.append(Text(f"{told}: {printable(one.error or '')}; the next try is at {when(one.due)}"))
    notes += [Text(_held(d["name"], d["held"])) for d in [*sources, *unlisted] if d["held"]]
    print_tables(upper, lower, notes)


def _held(source: str, number: int) -> str:
    held = "1 entry is held" if number == 1 else f"{number} entries are held"
    return f"{source}: {held} back from the feeds; publish them: feedmill publish --force --source {source}"
