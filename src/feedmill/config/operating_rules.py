"""The rules of config.toml for whoever runs a site: between the web server, private feeds, old addresses and alerts.

Like `checks`, they read what TOML gave. This module must not know how a flaw is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from feedmill.config import addresses, listening, operating, schema, secrets, values
from feedmill.config.findings import Flaw
from feedmill.config.tables import Table, good, table, tables

__all__ = ["check"]


def check(data: Table, root: Path, environ: Mapping[str, str]) -> Iterator[Flaw]:
    """Yield every flaw of `[serve]`, `[alerts]`, aliases and the folder of private feeds."""
    yield from _serve(table(data, "serve"))
    yield from _alerts(table(data, "alerts"), _published(data, root), root, environ)
    yield from _aliases(data)
    yield from _private(data, root)


def _serve(serve: Table) -> Iterator[Flaw]:
    fields = operating.Serve.model_fields
    public = good(listening.address, serve.get("address", fields["address"].default))
    admin = good(listening.address_or_none, serve.get("admin", fields["admin"].default))
    if public is not None and public == admin and listening.host_and_port(public)[1] != 0:
        message = f'must not be the same as "address", {values.shown(public)}; choose another port, or "none"'
        yield Flaw(("serve", "admin"), message)


def _alerts(alerts: Table, published: Path | None, root: Path, environ: Mapping[str, str]) -> Iterator[Flaw]:
    mail = alerts.get("email")
    if isinstance(mail, dict):
        path = ("alerts", "email")
        for key, other in (("username", "password_env"), ("password_env", "username")):
            if key in mail and other not in mail:
                yield Flaw((*path, other), f'is missing, and "{key}" needs it')
        name = good(values.variable, mail.get("password_env"))
        if name is not None:
            try:
                secrets.password(name, environ)
            except ValueError as error:
                yield Flaw((*path, "password_env"), f"names what is not there: {error}")
    feed = good(addresses.folder, alerts.get("feed"))
    if feed is not None and published is not None and addresses.local(feed, root).is_relative_to(published):
        message = "must be a file outside the folder to publish into, since everything in that is public"
        yield Flaw(("alerts", "feed"), f'{message}; choose another, such as ".feedmill/problems.xml"')


def _aliases(data: Table) -> Iterator[Flaw]:
    """Yield the old paths that two feeds claim, or that are a page of the web server's own."""
    first: dict[str, str] = {}
    for index, feed in tables(data, "feeds"):
        written = feed.get("aliases")
        for item, one in enumerate(written if isinstance(written, list) else ()):
            path = good(listening.alias, one)
            if path is None:
                continue
            place = ("feeds", index, "aliases", item)
            name = str(feed.get("name", ""))
            if first.setdefault(path, name) != name:
                yield Flaw(place, f"is an alias of the feed {values.shown(first[path])} too; keep one of them")
            if path.split("/")[1].partition("?")[0] in values.RESERVED_NAMES:
                yield Flaw(place, f"must be another path: {values.shown(path)} is kept for a page of Feedmill's own")


def _private(data: Table, root: Path) -> Iterator[Flaw]:
    """The folder of private feeds is a folder of its own, away from what everybody may see."""
    written = table(data, "publish").get("private", schema.Publish.model_fields["private"].default)
    folder = good(addresses.folder, written)
    published = _published(data, root)
    if folder is None or published is None or published in (root, *root.parents):
        return
    private = addresses.local(folder, root)
    if private in (root, *root.parents) or private.is_relative_to(published) or published.is_relative_to(private):
        message = "must be a folder of its own, outside the one to publish into"
        yield Flaw(("publish", "private"), f'{message}; choose another, such as ".feedmill/private"')


def _published(data: Table, root: Path) -> Path | None:
    written = table(data, "publish").get("directory", schema.Publish.model_fields["directory"].default)
    directory = good(addresses.publish_directory, written)
    return addresses.local(directory, root) if directory is not None else None
