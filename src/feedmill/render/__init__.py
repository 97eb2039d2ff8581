"""Entries -> bytes: one module a format, and the registry of them. No I/O.

Third parties add a format by an entry point in the group `feedmill.renderers` that names a `Renderer`. This
package must not know how entries were chosen or where the bytes go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from feedmill.errors import RenderError
from feedmill.model import Edition, Entry
from feedmill.render._names import FEEDS, FRONT_PAGE, NEWS, document_name, is_archive_name

__all__ = [
    "FEEDS",
    "FRONT_PAGE",
    "NEWS",
    "RENDERERS",
    "Renderer",
    "document_name",
    "is_archive_name",
    "renderer",
    "renderer_names",
]

_GROUP = "feedmill.renderers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
    """A format. `file_name` is what its document is called in the folder of a feed.

    `render` gives the same bytes for the same edition, wherever and whenever it runs, and raises RenderError.
    `check` raises CheckFailed for a body that is not a whole, valid document with exactly those entries, in that
    order. `archives` says that the format has archive documents, too.
    """

    name: str
    file_name: str
    media_type: str
    render: Callable[[Edition], bytes]
    check: Callable[[bytes, Sequence[Entry]], None]
    archives: bool = False


def _built_in(name: str, file_name: str, media_type: str, *, module: str, archives: bool = True) -> Renderer:
    """Return a format that comes with Feedmill. Its module is imported when a document of it is first made or checked:
    names cost nothing, and formats that nobody wants neither time nor memory."""

    def render(edition: Edition) -> bytes:
        return cast("bytes", import_module(f"feedmill.render.{module}").render(edition))

    def check(body: bytes, entries: Sequence[Entry]) -> None:
        import_module(f"feedmill.render.{module}").check(body, entries)

    return Renderer(
        name=name, file_name=file_name, media_type=media_type, render=render, check=check, archives=archives
    )


RENDERERS: Mapping[str, Renderer] = {
    form.name: form
    for form in (
        _built_in("rss", "rss.xml", "application/rss+xml", module="rss"),
        _built_in("atom", "atom.xml", "application/atom+xml", module="atom"),
        _built_in("json", "feed.json", "application/feed+json", module="jsonfeed"),
        _built_in("html", "index.html", "text/html", module="html", archives=False),
        _built_in("opml", "sources.opml", "text/x-opml", module="opml", archives=False),
    )
}


def renderer_names() -> tuple[str, ...]:
    """Return the names of all formats, those that come with Feedmill first."""
    others = {point.name for point in entry_points(group=_GROUP)} - RENDERERS.keys()
    return (*RENDERERS, *sorted(others))


def renderer(name: str) -> Renderer:
    """Return the format called `name`: one that comes with Feedmill, else one that an installed package adds.

    Raises:
        RenderError: there is no such format, or the package that adds it cannot be used.
    """
    if name in RENDERERS:
        return RENDERERS[name]
    points = tuple(entry_points(group=_GROUP, name=name))
    if points:
        return _load(points[0])
    known = renderer_names()
    nearest = get_close_matches(name, known, n=1)
    hint = f"Did you mean {nearest[0]!r}?" if nearest else f"The formats are: {', '.join(known)}."
    raise RenderError(f"there is no format {name!r}", where="formats", hint=hint)


def _load(point: EntryPoint) -> Renderer:
    """Another package's code is run here, and may fail in any way."""
    where = f"format {point.name!r} ({point.value})"
    hint = "Repair or remove the package that adds it, or take the format out of the configuration."
    try:
        found = point.load()
    except Exception as error:
        raise RenderError(f"it cannot be loaded: {error}", where=where, hint=hint) from error
    if not isinstance(found, Renderer):
        raise RenderError(f"it is a {type(found).__name__}, not a feedmill.render.Renderer", where=where, hint=hint)
    return found
