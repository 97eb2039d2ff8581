"""Entries -> bytes: one module a format, and the registry of them. No I/O.

Third parties add a format by an entry point in the group `feedmill.renderers` that names a `Renderer`. This
package must not know how entries were chosen or where the bytes go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from feedmill.errors import RenderError
from feedmill.model import Edition, Entry
from feedmill.render._history import document_name, is_archive_name

__all__ = ["RENDERERS", "Renderer", "document_name", "is_archive_name", "renderer", "renderer_names"]

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


class _BuiltIn(Mapping[str, Renderer]):
    """The formats that come with Feedmill, each imported when it is first asked for: until something is published, and
    for formats that nobody wants, their libraries cost neither time nor memory."""

    _MODULES: Mapping[str, str] = {"rss": "rss", "atom": "atom", "json": "jsonfeed", "html": "html", "opml": "opml"}

    def __init__(self) -> None:
        self._loaded: dict[str, Renderer] = {}

    def __getitem__(self, name: str) -> Renderer:
        if name not in self._loaded:
            module = import_module(f"feedmill.render.{self._MODULES[name]}")
            self._loaded[name] = Renderer(
                name=name,
                file_name=module.FILE_NAME,
                media_type=module.MEDIA_TYPE,
                render=module.render,
                check=module.check,
                archives=name not in ("html", "opml"),
            )
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._MODULES

    def __iter__(self) -> Iterator[str]:
        return iter(self._MODULES)

    def __len__(self) -> int:
        return len(self._MODULES)


RENDERERS: Mapping[str, Renderer] = _BuiltIn()


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
