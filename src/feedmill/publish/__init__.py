"""Bytes -> where readers find them: atomically, and only where they differ.

This package must not know what the bytes mean.
"""

from __future__ import annotations

from pathlib import Path

from feedmill.config import Config
from feedmill.publish.apart import Apart
from feedmill.publish.folder import Folder, Rehearsal

__all__ = ["Apart", "Folder", "Rehearsal", "place_of"]


def place_of(config: Config, *, rehearsal: bool = False) -> Folder | Apart:
    """Return where the feeds of a site are published; with `rehearsal` it is only compared with."""
    kind = Rehearsal if rehearsal else Folder
    public = kind(config.directory, precompress=config.precompress)
    names = [spec.name for spec in config.feeds if spec.private]
    # A feed that was private may have left something there.
    if names or Path(config.private).is_dir():
        return Apart(public, kind(config.private, precompress=False), names)
    return public
