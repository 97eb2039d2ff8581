"""`feedmill backup`: a copy of the state, whoever is at work on it."""

from __future__ import annotations

from pathlib import Path

import click

from feedmill.cli.exits import Exit
from feedmill.cli.log import printable
from feedmill.cli.options import Common, common_options
from feedmill.cli.report import print_json
from feedmill.cli.site import is_new, opened

__all__ = ["command"]


@click.command(name="backup")
@click.argument("copy", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@common_options
def command(common: Common, *, copy: Path, force: bool) -> int:
    """Write a copy of the state to FILE.

    It is consistent, whatever runs meanwhile, and checked before FILE is there. What is not in the state is not in the
    copy: config.toml, the articles, the published folder.
    """
    if str(copy) == "-":
        raise click.UsageError("a database cannot be written to standard output; name a file.")
    config = common.config()
    if is_new(config):
        raise click.UsageError("there is no state yet; `feedmill publish` makes one.")
    with opened(config) as pipeline:
        copied = pipeline.store.back_up(copy, force=force)
    if common.as_json:
        print_json({"file": str(copy), "bytes": copied.size, "entries": copied.entries})
    elif not common.quiet:
        click.echo(f"{printable(str(copy))}: {copied.entries} entries, {copied.size} bytes")
    return Exit.WELL
