"""Recordings -> drafts: tags, notes, transcripts and covers become entries with enclosures.

Notes are read as articles are, and go before tags. This module must not know how the files were opened.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from html import escape
from math import isfinite
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

import msgspec

from feedmill.errors import NormalizeError
from feedmill.model import (
    Alias,
    AliasKind,
    Chapter,
    Document,
    Draft,
    Enclosure,
    Episode,
    Fetched,
    Media,
    MediaTags,
    Normalized,
    Problem,
    Recording,
    Site,
    Source,
    Thumbnail,
    Transcript,
)
from feedmill.normalize.article.compose import compose, title_of_name
from feedmill.normalize.article.decode import decode
from feedmill.normalize.article.facts import Facts, Manuscript
from feedmill.normalize.article.frontmatter import person, split
from feedmill.normalize.article.markdown import read_markdown
from feedmill.normalize.article.text import read_text
from feedmill.normalize.attached import media_type
from feedmill.normalize.dates import article_date, path_date
from feedmill.normalize.episodes import duration
from feedmill.normalize.language import language_tag
from feedmill.normalize.links import MEDIA_SCHEMES, absolute
from feedmill.normalize.plaintext import plain

__all__ = ["normalize"]

_log = logging.getLogger(__name__)

Report = Callable[[str], None]


def normalize(source: Source, site: Site, fetched: Fetched, now: datetime) -> Normalized:
    """Return the drafts of the recordings in `fetched`.

    One that cannot be read is a problem, and its name is in `failed`; one whose notes say that it is a draft is in
    `unpublished`.
    """
    drafts: list[Draft] = []
    problems: list[Problem] = []
    failed: set[str] = set()
    unpublished: set[str] = set()
    for document in fetched.documents:
        where = f"{source.name}: {document.name}"

        def report(message: str, where: str = where) -> None:
            problems.append(Problem(where=where, message=message))

        try:
            draft = _draft(document, source, site, now, report)
        except NormalizeError as error:
            message = f"{error.what.rstrip('.')}. {error.hint}" if error.hint else error.what
            problems.append(Problem(where=error.where or where, message=message))
            failed.add(document.name)
        except Exception:  # noqa: BLE001 - one recording must never keep the others from being published
            _log.exception(
                "recording %s of source %s could not be read",
                document.name,
                source.name,
                extra={"source": source.name},
            )
            report("a fault in Feedmill kept it from being read. Please report it; the log has more.")
            failed.add(document.name)
        else:
            if draft is None:
                unpublished.add(document.name)
            else:
                drafts.append(draft)
    return Normalized(
        drafts=tuple(drafts), unpublished=frozenset(unpublished), failed=frozenset(failed), problems=tuple(problems)
    )


def _draft(document: Document, source: Source, site: Site, now: datetime, report: Report) -> Draft | None:
    recording = _recording(document, source)
    address = _Addresses(source)
    tags = recording.files[0].tags
    said = _said(tags, document.name, source, site)
    notes = _notes(recording, source, report)
    if notes.facts.draft:
        return None
    cover = Facts(image=address.of(recording.cover) if recording.cover else "")
    title = Facts(title=title_of_name(PurePosixPath(document.name)))
    facts = notes.facts.over(cover).over(said).over(title)
    media = tuple(_media(recording, address))
    body = (notes.body or _prose(tags.description)) + _chapters(tags.chapters)
    draft = compose(Manuscript(facts=facts, body=body or _linked(media)), document, source, site, now, report)
    return replace(
        draft,
        aliases=tuple(_aliases(recording, draft)),
        enclosures=tuple(Enclosure(url=one.url, type=one.type, length=one.length) for one in media) + draft.enclosures,
        media=media,
        episode=_episode(draft.episode or Episode(), recording, address, media, draft.thumbnails),
    )


def _recording(document: Document, source: Source) -> Recording:
    try:
        recording = msgspec.json.decode(document.body, type=Recording)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NormalizeError(
            f"this is not a recording ({error})",
            where=f"{source.name}: {document.name}",
            hint="Use `kind` as it fits the source.",
        ) from error
    if not recording.files:
        raise NormalizeError(
            "there is no file in it", where=f"{source.name}: {document.name}", hint="Put one into the folder."
        )
    return recording


class _Addresses:
    """Where the files of a source can be fetched."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def of(self, path: str) -> str:
        """Return the address of a file.

        Raises:
            NormalizeError: it can have none.
        """
        folder = self._source.files_url
        url = absolute(folder + quote(path), None, schemes=MEDIA_SCHEMES) if folder else None
        if url is None:
            raise NormalizeError(
                "the file can have no address",
                where=f"{self._source.name}: {path}",
                hint="Correct `files_url`, or make the path shorter.",
            )
        return url


def _said(tags: MediaTags, name: str, source: Source, site: Site) -> Facts:
    """The facts in the file itself. Its date gives way to one in its name, which people choose on purpose."""
    zone = source.timezone or site.timezone
    named = path_date(name, zone) is not None
    people = (person(artist) for artist in tags.artists)
    terms = dict.fromkeys(plain(term) for term in (tags.album, *tags.genres))
    return Facts(
        title=plain(tags.title),
        authors=tuple(dict.fromkeys(one for one in people if one is not None)),
        categories=tuple(term for term in terms if term),
        # A year alone is no date: players ask for it, and taggers fill it in.
        published=None if named else article_date(tags.date, zone),
        rights=tags.rights,
    )


def _notes(recording: Recording, source: Source, report: Report) -> Manuscript:
    """What somebody wrote about the recording.

    Raises:
        NormalizeError: they cannot be read.
    """
    name = recording.notes
    if name is None or not recording.text.strip():
        return Manuscript(facts=Facts(), body="")
    where = f"{source.name}: {name}"
    facts, text = split(decode(recording.text, where), where, report)
    if PurePosixPath(name).suffix.lower() == ".md":
        return read_markdown(facts, text)
    return Manuscript(facts=facts, body=_prose(text))


def _prose(text: str) -> str:
    """Plain text as HTML, all of it: without a title, as notes have none."""
    return read_text(Facts(title="-"), text.splitlines()).body


def _chapters(chapters: Iterable[Chapter]) -> str:
    items = (f"<li>{_clock(chapter.start)} {escape(plain(chapter.title), quote=False)}</li>" for chapter in chapters)
    listed = "".join(items)
    return f"<ul>{listed}</ul>" if listed else ""


def _linked(media: Iterable[Media]) -> str:
    """Where nothing is said, the files themselves, for readers that know no enclosures."""
    return "".join(
        f'<p><a href="{escape(one.url)}">{escape(unquote(one.url.rpartition("/")[2]), quote=False)}</a></p>'
        for one in media
    )


def _clock(seconds: float) -> str:
    """A time in a recording as players show it: `4:05`, `1:02:03`."""
    minutes, second = divmod(int(seconds) if isfinite(seconds) else 0, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def _media(recording: Recording, address: _Addresses) -> Iterator[Media]:
    for file in recording.files:
        url = address.of(file.path)
        kind = "video/ogg" if file.tags.film else media_type(None, url)
        length = file.tags.duration
        yield Media(
            url=url,
            type=kind,
            medium=kind.partition("/")[0] if kind else None,
            length=file.size,
            duration=duration(length),
        )


def _episode(
    said: Episode,
    recording: Recording,
    address: _Addresses,
    media: tuple[Media, ...],
    pictures: tuple[Thumbnail, ...],
) -> Episode:
    """What notes say of the episode, and where they are silent, the files."""
    chapters = ((chapter.start, plain(chapter.title)) for chapter in recording.files[0].tags.chapters)
    return replace(
        said,
        duration=said.duration or media[0].duration,
        image=pictures[0].url if pictures else None,
        transcripts=said.transcripts + tuple(_transcripts(recording, address)),
        chapters=tuple(Chapter(start=start, title=title) for start, title in chapters if title and isfinite(start)),
    )


def _transcripts(recording: Recording, address: _Addresses) -> Iterator[Transcript]:
    """The transcripts; `ep1.en.vtt` is an English one of `ep1.mp3`."""
    endings = {PurePosixPath(file.path).suffix.lower() for file in recording.files}
    stem = PurePosixPath(recording.files[0].path).stem
    for path in recording.transcripts:
        url = address.of(path)
        rest = PurePosixPath(path).stem.removeprefix(stem)
        tongue = language_tag(rest.removeprefix(".")) if rest.lower() not in endings else None
        kind = media_type(None, url)
        if kind:
            yield Transcript(url=url, type=kind, language=tongue)


def _aliases(recording: Recording, draft: Draft) -> Iterator[Alias]:
    """What the recording is matched by: its files' bytes and paths, and its path whatever the format."""
    for file in recording.files:
        yield Alias(kind=AliasKind.DIGEST, value=file.digest)
    yield from (alias for alias in draft.aliases if alias.kind is not AliasKind.DIGEST)
    for file in recording.files[1:]:
        yield Alias(kind=AliasKind.PATH, value=file.path)
    yield Alias(kind=AliasKind.PATH, value=PurePosixPath(draft.name).with_suffix("").as_posix())
