"""What is known of a recording: its media files, what they say about themselves, and what stands beside them.

This module must not know how media files are read.
"""

from __future__ import annotations

from dataclasses import dataclass

from feedmill.model.entry import Chapter

__all__ = [
    "MediaFile",
    "MediaTags",
    "Recording",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaTags:
    """What a media file says about itself, as it is written there; `duration` in seconds.

    `film` says that it shows pictures, where its suffix leaves that open; `cover` that a picture is embedded.
    """

    duration: float | None = None
    title: str = ""
    artists: tuple[str, ...] = ()
    album: str = ""
    genres: tuple[str, ...] = ()
    date: str = ""
    description: str = ""
    rights: str = ""
    chapters: tuple[Chapter, ...] = ()
    cover: bool = False
    film: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """A media file: its path within the source, its size in bytes, a digest of its size and of samples of it."""

    path: str
    size: int
    digest: str
    tags: MediaTags = MediaTags()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The body, as JSON, of a document that stands for media files of one stem: a recording in one or more formats.

    `files` begins with the one that the recording is named by. The others stand beside them: `notes` is the name of a
    text about it and `text` that file's bytes, `transcripts` and `cover` are paths within the source.
    """

    files: tuple[MediaFile, ...]
    notes: str | None = None
    text: bytes = b""
    transcripts: tuple[str, ...] = ()
    cover: str | None = None
