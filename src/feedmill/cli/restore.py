"""`feedmill restore`: a copy of the state, put back whoever is at work on it."""

from __future__ import annotations

from pathlib import Path

import click

from feedmill import times
from feedmill.cli.exits import Exit
from feedmill.cli.log import printable
from feedmill.cli.options import Common, common_options
from feedmill.cli.report import print_json
from feedmill.cli.site import say_waiting
from feedmill.store import restore

__all__ = ["command"]


@click.command(name="restore")
@click.argument("copy", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@common_options
def command(common: Common, *, copy: Path) -> int:
    """Put the copy in FILE in the place of the state.

    A run that is under way is waited for; a running service goes on with what the copy says. The state that it
    replaces is kept beside it, under a name with the date. The next run writes the feeds anew.
    """
    config = common.config()
    restored = restore(config.state_url, copy, times.now(), say_waiting)
    kept = str(restored.kept) if restored.kept else None
    if common.as_json:
        print_json({"file": str(copy), "entries": restored.entries, "kept": kept})
    elif not common.quiet:
        click.echo(f"{printable(str(copy))} is the state now: {restored.entries} entries")
        if kept:
            click.echo(f"what was there before: {printable(kept)}")
        click.echo("the next run writes the feeds anew; `feedmill publish` is one")
    return Exit.WELL
