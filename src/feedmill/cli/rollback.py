"""`feedmill rollback`: an earlier version of a feed, brought back."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from feedmill.cli.exits import Exit
from feedmill.cli.options import Common, common_options
from feedmill.cli.report import print_json
from feedmill.cli.site import opened, say_waiting
from feedmill.cli.tables import table, when
from feedmill.model import FeedSpec, FeedState, Version
from feedmill.pipeline import paths
from feedmill.times import iso

__all__ = ["command"]


@click.command(name="rollback")
@click.argument("feed")
@click.option("--to", "number", type=int, metavar="N", help="The version to bring back; default: the one before.")
@click.option("--list", "listing", is_flag=True, help="Show the versions that are kept, and change nothing.")
@common_options
def command(common: Common, *, feed: str, number: int | None, listing: bool) -> int:
    """Bring back an earlier version of FEED.

    It stays until `feedmill publish --force --feed FEED` releases it: no run replaces it before. A feed that another
    was split into is named as in `all/sport`, and goes on with the other.
    """
    config = common.config()
    with opened(config) as pipeline, pipeline.store.turn(say_waiting):
        spec = _spec(feed, pipeline.specs())
        versions = pipeline.store.versions(spec.name)
        current = _current(versions, pipeline.store.feed_state(spec.name))
        if listing:
            _list(common, spec, versions, current)
            return Exit.WELL
        version = _wanted(spec, versions, current, number)
        files = pipeline.roll_back(spec, version)
        held = (pipeline.store.feed_state(spec.name) or FeedState(name=spec.name, updated=version.published)).held
    missing = [path for path in paths(spec) if path not in files]
    if common.as_json:
        print_json(
            {"feed": spec.name, **_data(version, version.number), "files": files, "missing": missing, "held": held}
        )
    elif not common.quiet:
        click.echo(f"{spec.name}: {held}")
        for path in missing:
            click.echo(f"{path} was not published then, and stays as it is.")
    return Exit.WELL


def _spec(name: str, feeds: Sequence[FeedSpec]) -> FeedSpec:
    for spec in feeds:
        if spec.name == name:
            return spec
    names = [spec.name for spec in feeds]
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names)}."
    raise click.UsageError(f"there is no feed {name!r}; {hint}")


def _current(versions: Sequence[Version], state: FeedState | None) -> int:
    """Return the number of the version that is published now, 0 if none is."""
    if state is not None and state.pinned is not None:
        return state.pinned
    return versions[0].number if versions else 0


def _wanted(spec: FeedSpec, versions: Sequence[Version], current: int, number: int | None) -> Version:
    if not versions:
        raise click.UsageError(f"no version of {spec.name!r} is kept yet; each publishing that changes it keeps one.")
    earlier = [version.number for version in versions if version.number < current]
    if number is None and not earlier:
        raise click.UsageError(f"no version of {spec.name!r} before {current} is kept.")
    wanted = earlier[0] if number is None else number
    for version in versions:
        if version.number == wanted:
            if not version.paths:
                raise click.UsageError(f"version {wanted} of {spec.name!r} was too large to be kept.")
            return version
    kept = ", ".join(str(version.number) for version in reversed(versions))
    raise click.UsageError(f"there is no version {wanted} of {spec.name!r}; there are: {kept}.")


def _data(version: Version, current: int) -> dict[str, Any]:
    return {
        "number": version.number,
        "published": iso(version.published),
        "entries": version.entries,
        "bytes": version.size,
        "current": version.number == current,
    }


def _list(common: Common, spec: FeedSpec, versions: Sequence[Version], current: int) -> None:
    if common.as_json:
        data = [{**_data(version, current), "files": list(version.paths)} for version in versions]
        print_json({"feed": spec.name, "versions": data})
        return
    rows = table("version", "published", "entries", "")
    for version in versions:
        kept = "" if version.paths else "too large to be kept"
        note = "published now" if version.number == current else kept
        rows.add_row(Text(str(version.number)), Text(when(version.published)), Text(str(version.entries)), Text(note))
    Console(highlight=False, width=None).print(rows)
