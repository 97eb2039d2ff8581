"""`feedmill token`: who may read private feeds, each by an address of their own."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from feedmill.cli.exits import Exit
from feedmill.cli.log import printable
from feedmill.cli.options import Common, common_options
from feedmill.cli.report import print_json
from feedmill.cli.site import opened
from feedmill.cli.tables import table, when
from feedmill.config import Config
from feedmill.model import FeedSpec, Token
from feedmill.pipeline import paths
from feedmill.times import iso

__all__ = ["command"]

_TOKEN_BYTES = 24
_LONGEST_NAME = 200


@click.group(name="token")
def command() -> None:
    """Say who may read private feeds, each by an address of their own."""


@command.command(name="add")
@click.argument("feed")
@click.argument("reader")
@common_options
def add(common: Common, *, feed: str, reader: str) -> int:
    """Let READER read the private feed FEED, and print the address.

    READER is a name by which you know them. The address is shown this once; who has it can read the feed.
    """
    config = common.config()
    spec, name = _private(config, feed), _reader(reader)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with opened(config) as pipeline:
        pipeline.store.tokens.add(spec.name, name, token, pipeline.clock())
    base = f"{config.serve.url or config.site.feeds_url}private/{token}/"
    urls = [base + path for path in paths(spec)]
    if common.as_json:
        print_json({"feed": spec.name, "reader": name, "urls": urls})
    else:
        for url in urls:
            click.echo(url)
    return Exit.WELL


@command.command(name="list")
@click.argument("feed", required=False)
@common_options
def show(common: Common, *, feed: str | None) -> int:
    """Show who may read FEED, or all private feeds, and since when."""
    config = common.config()
    name = _private(config, feed).name if feed is not None else None
    with opened(config) as pipeline:
        found = pipeline.store.tokens.all(name)
    if common.as_json:
        print_json({"tokens": [_data(token) for token in found]})
        return Exit.WELL
    _print(found)
    return Exit.WELL


@command.command(name="revoke")
@click.argument("feed")
@click.argument("reader")
@common_options
def revoke(common: Common, *, feed: str, reader: str) -> int:
    """Let READER read FEED no more: the address is good for nothing from now on."""
    config = common.config()
    name = _reader(reader)
    with opened(config) as pipeline:
        revoked = pipeline.store.tokens.revoke(feed, name, pipeline.clock())
        if not revoked:
            known = {token.reader for token in pipeline.store.tokens.all(feed) if token.revoked is None}
            there = f"there are: {', '.join(sorted(known))}" if known else "nobody has one"
            raise click.UsageError(printable(f"{name!r} has no token for {feed!r}; {there}."))
    if common.as_json:
        print_json({"feed": feed, "reader": name, "revoked": revoked})
    elif not common.quiet:
        click.echo(printable(f"{name} can read {feed} no more."))
    return Exit.WELL


def _private(config: Config, name: str) -> FeedSpec:
    private = [spec for spec in config.feeds if spec.private]
    for spec in private:
        if spec.name == name:
            return spec
    if any(spec.name == name for spec in config.feeds):
        raise click.UsageError(f'{name!r} is public; with access = "token" under its [[feeds]] it is private.')
    there = f"there are: {', '.join(spec.name for spec in private)}" if private else "no feed is private"
    raise click.UsageError(printable(f"there is no private feed {name!r}; {there}."))


def _reader(written: str) -> str:
    name = " ".join(written.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise click.UsageError(f"READER must be a name of 1 to {_LONGEST_NAME} characters that can be printed.")
    return name


def _data(token: Token) -> dict[str, Any]:
    return {
        "feed": token.feed,
        "reader": token.reader,
        "created": iso(token.created),
        "revoked": iso(token.revoked) if token.revoked else None,
    }


def _print(found: Sequence[Token]) -> None:
    rows = table("feed", "reader", "since", "revoked")
    for token in found:
        rows.add_row(Text(token.feed), Text(printable(token.reader)), when(token.created), when(token.revoked))
    Console(highlight=False, width=None).print(rows)
