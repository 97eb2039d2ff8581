"""Which kinds of source and which formats exist: built in, or brought by an installed package.

This module must not import a collector or a renderer: it only knows their names.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import NamedTuple

from feedmill.config.values import did_you_mean, one_of, shown, text

__all__ = ["BUILT_IN_FORMATS", "BUILT_IN_KINDS", "KEYS", "NONE", "format_name", "kind"]

BUILT_IN_KINDS = ("files", "feed", "mail", "media", "opml", "page")
BUILT_IN_FORMATS = ("rss", "atom", "json", "html", "opml")


class Keys(NamedTuple):
    """Which keys a source of one kind must have, which would do nothing, and of which it must have exactly one."""

    needs: tuple[str, ...]
    excludes: tuple[str, ...]
    either: tuple[str, ...] = ()


_WEB_ONLY = ("auth", "headers", "fulltext")
NONE = Keys(needs=(), excludes=())
KEYS = {
    "files": Keys(needs=("path",), excludes=("url", "files_url", "select", "password_env", "attachments", *_WEB_ONLY)),
    "feed": Keys(
        needs=("url",),
        excludes=("path", "link", "furniture", "max_file", "files_url", "select", "password_env", "attachments"),
    ),
    "media": Keys(
        needs=("path", "files_url"), excludes=("url", "furniture", "select", "password_env", "attachments", *_WEB_ONLY)
    ),
    "page": Keys(
        needs=("url",), excludes=("path", "link", "furniture", "max_file", "files_url", "password_env", "attachments")
    ),
    "opml": Keys(
        needs=(),
        excludes=("link", "furniture", "files_url", "select", "password_env", "attachments"),
        either=("path", "url"),
    ),
    "mail": Keys(needs=(), excludes=("link", "furniture", "select", *_WEB_ONLY), either=("path", "url")),
}


def kind(value: object) -> str:
    """A kind of source; others than the built-in ones are entry points of the group `feedmill.collectors`."""
    return _known(text(value), BUILT_IN_KINDS, "feedmill.collectors")


def format_name(value: object) -> str:
    """A format of feed; others than the built-in ones are entry points of the group `feedmill.renderers`."""
    return _known(text(value), BUILT_IN_FORMATS, "feedmill.renderers")


def _known(word: str, built_in: Sequence[str], group: str) -> str:
    if word in built_in:
        return word
    # Looking through the installed packages takes time, so only a name from elsewhere pays for it.
    there = (*built_in, *sorted(entry_points(group=group).names - set(built_in)))
    if word in there:
        return word
    meant = did_you_mean(word, there)
    hint = f'; did you mean "{meant}"?' if meant else ""
    raise ValueError(f"must be {one_of(there)}, not {shown(word)}{hint}")
