"""Recordings become entries: what is said in notes, names and tags, and which goes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import NOW, SITE
from feedmill.model import (
    Alias,
    AliasKind,
    Category,
    Chapter,
    Document,
    Draft,
    Enclosure,
    Episode,
    Fetched,
    Media,
    MediaFile,
    MediaTags,
    Normalized,
    Person,
    Recording,
    Source,
    Thumbnail,
    Transcript,
)
from feedmill.normalize.media import normalize

SOURCE = Source(name="pod", kind="media", files_url="https://cdn.example/pod/")
MODIFIED = datetime(2026, 11, 20, 7, tzinfo=UTC)


def file(path: str = "ep.mp3", **tags: Any) -> MediaFile:
    return MediaFile(path=path, size=1234, digest=f"digest of {path}", tags=MediaTags(**tags))


def read(recording: Recording, source: Source = SOURCE) -> Normalized:
    document = Document(name=recording.files[0].path, body=msgspec.json.encode(recording), modified=MODIFIED)
    return normalize(source, SITE, Fetched(source=source.name, documents=(document,)), NOW)


def draft(*files: MediaFile, source: Source = SOURCE, notes: str | None = None, text: str = "", **other: Any) -> Draft:
    came = read(Recording(files=files, notes=notes, text=text.encode(), **other), source)
    assert came.problems == ()
    (one,) = came.drafts
    return one


def test_tags_become_an_entry() -> None:
    one = draft(
        file(
            title="Pasar  apung",
            duration=61.6,
            artists=("Sari", "Budi <budi@example.org>"),
            album="Kabar",
            genres=("Talk", "Kabar"),
            date="2026-11-02 07:30",
            description="Tentang pasar.\n\nLihat https://example.org/pasar.",
            rights="2026 Kabar",
            chapters=(Chapter(start=0, title="Awal"), Chapter(start=3723.5, title="A & <b>")),
        )
    )
    assert (one.name, one.title, one.url) == ("ep.mp3", "Pasar apung", None)
    assert one.id == "tag:example.org,2026-11-02:pod/ep"
    assert one.published == datetime(2026, 11, 2, 7, 30, tzinfo=UTC)
    assert one.authors == (Person(name="Sari"), Person(name="Budi", email="budi@example.org"))
    assert one.categories == (Category(term="Kabar"), Category(term="Talk"))
    assert one.rights == "2026 Kabar"
    assert '<p>Lihat <a href="https://example.org/pasar">' in one.content
    assert one.content.endswith("<ul><li>0:00 Awal</li><li>1:02:03 A &amp; &lt;b&gt;</li></ul>")
    assert one.summary.startswith("Tentang pasar.")
    url = "https://cdn.example/pod/ep.mp3"
    assert one.enclosures == (Enclosure(url=url, type="audio/mpeg", length=1234),)
    assert one.media == (Media(url=url, type="audio/mpeg", medium="audio", length=1234, duration=62),)


def test_a_file_without_tags_is_called_by_its_name() -> None:
    one = draft(file("2026/2026-11-02-pasar_apung.wav"))
    assert one.title == "Pasar apung"
    assert one.published == datetime(2026, 11, 2, tzinfo=UTC)
    assert one.id == "tag:example.org,2026-11-02:pod/2026/2026-11-02-pasar_apung"
    href = "https://cdn.example/pod/2026/2026-11-02-pasar_apung.wav"
    assert one.content == f'<p><a href="{href}">2026-11-02-pasar_apung.wav</a></p>'


def test_addresses_are_encoded() -> None:
    assert draft(file("Musim 1/épisode #1?.mp3")).enclosures[0].url == (
        "https://cdn.example/pod/Musim%201/%C3%A9pisode%20%231%3F.mp3"
    )


def test_several_formats_are_one_entry() -> None:
    one = draft(file("ep.mp3", title="T"), file("ep.ogg", film=True), file("ep.mkv"))
    assert [enclosure.type for enclosure in one.enclosures] == ["audio/mpeg", "video/ogg", "video/matroska"]
    assert [media.medium for media in one.media] == ["audio", "video", "video"]


def test_markdown_notes_go_before_tags() -> None:
    notes = "---\ndate: 2026-11-05\nauthor: Tuti\n---\n# Judul\n\nIsi *catatan*.\n"
    one = draft(
        file("2026-11-03-ep.mp3", title="Tag", artists=("A",), album="L", date="2026-11-02", description="Tag."),
        notes="2026-11-03-ep.md",
        text=notes,
    )
    assert (one.title, one.published) == ("Judul", datetime(2026, 11, 5, tzinfo=UTC))
    assert (one.authors, one.categories) == ((Person(name="Tuti"),), (Category(term="L"),))
    assert one.content == "<p>Isi <em>catatan</em>.</p>"


def test_text_notes_are_all_text() -> None:
    one = draft(file(title="Tag"), notes="ep.txt", text="---\nsummary: S\n---\nFirst line.\n\nSecond <b>.\n")
    assert (one.title, one.summary) == ("Tag", "S")
    assert one.content == "<p>First line.</p>\n<p>Second &lt;b&gt;.</p>"


def test_empty_notes_say_nothing() -> None:
    assert draft(file(description="Tag."), notes="ep.md", text=" \n").content == "<p>Tag.</p>"


@pytest.mark.parametrize(
    ("name", "tag", "expected"),
    [
        ("2026-11-03-ep.mp3", "2026-11-02", datetime(2026, 11, 3, tzinfo=UTC)),
        ("2026/11/03/ep.mp3", "2026-11-02", datetime(2026, 11, 3, tzinfo=UTC)),
        ("ep.mp3", "2026-11-02", datetime(2026, 11, 2, tzinfo=UTC)),
        ("ep.mp3", "2026", None),
        ("ep.mp3", "soon", None),
    ],
)
def test_where_dates_come_from(name: str, tag: str, expected: datetime | None) -> None:
    one = draft(file(name, date=tag))
    assert one.published == expected
    assert one.published_at_first == MODIFIED


def test_dates_are_in_the_source_s_time_zone() -> None:
    one = draft(file(date="2026-11-02"), source=replace(SOURCE, timezone="Asia/Jakarta"))
    assert one.published == datetime(2026, 11, 2, tzinfo=UTC) - timedelta(hours=7)


def test_a_draft_is_not_published() -> None:
    came = read(Recording(files=(file(),), notes="ep.md", text=b"---\ndraft: true\n---\n"))
    assert (came.drafts, came.unpublished) == ((), frozenset({"ep.mp3"}))


def test_notes_that_cannot_be_read_leave_the_recording_as_it_was() -> None:
    came = read(Recording(files=(file(),), notes="ep.md", text=b"---\ntitle: [\n---\n"))
    assert (came.drafts, came.failed) == ((), frozenset({"ep.mp3"}))
    assert "pod: ep.md:" in str(came.problems[0])
    assert "not YAML" in str(came.problems[0])


def test_a_cover_beside_the_file_is_its_picture() -> None:
    assert draft(file(), cover="sub/cover one.jpg").thumbnails == (
        Thumbnail(url="https://cdn.example/pod/sub/cover%20one.jpg"),
    )
    own = draft(file(), cover="cover.jpg", notes="ep.md", text="---\nimage: /own.png\n---\n")
    assert own.thumbnails == (Thumbnail(url="https://example.org/own.png"),)


def test_transcripts_have_type_and_language() -> None:
    one = draft(file("s/ep.ogg"), transcripts=("s/ep.ogg.srt", "s/ep.pt_BR.vtt", "s/ep.vtt"))
    base = "https://cdn.example/pod/s/"
    assert one.episode == Episode(
        transcripts=(
            Transcript(url=f"{base}ep.ogg.srt", type="application/x-subrip"),
            Transcript(url=f"{base}ep.pt_BR.vtt", type="text/vtt", language="pt-BR"),
            Transcript(url=f"{base}ep.vtt", type="text/vtt"),
        )
    )


def test_a_recording_is_an_episode_by_what_stands_in_it_and_beside_it() -> None:
    chapters = (Chapter(start=0, title=" Awal "), Chapter(start=3723.5, title="A & <b>"), Chapter(start=5, title=" "))
    one = draft(file(duration=61.6, chapters=chapters), file("ep.ogg", duration=5.0), cover="ep.jpg")
    assert one.episode == Episode(
        duration=62,
        image="https://cdn.example/pod/ep.jpg",
        chapters=(Chapter(start=0, title="Awal"), Chapter(start=3723.5, title="A & <b>")),
    )


def test_notes_say_what_episode_it_is() -> None:
    notes = "---\nseason: 2\nepisode: 17\nexplicit: true\nduration: 2:00\ntranscript: /own.vtt\n---\nIsi.\n"
    one = draft(file(duration=61.6), notes="ep.md", text=notes, transcripts=("ep.vtt",))
    assert one.episode == Episode(
        duration=120,
        season=2,
        number=17,
        explicit=True,
        transcripts=(
            Transcript(url="https://example.org/own.vtt", type="text/vtt"),
            Transcript(url="https://cdn.example/pod/ep.vtt", type="text/vtt"),
        ),
    )


def test_the_link_pattern_gives_the_address() -> None:
    source = replace(SOURCE, link="https://example.org/{path}")
    assert draft(file("s/ep.mp3"), source=source).url == "https://example.org/s/ep"


def test_an_enclosure_of_the_notes_is_added() -> None:
    one = draft(file(), notes="ep.md", text="---\nenclosure: https://example.org/slides.pdf\n---\n")
    assert [enclosure.url for enclosure in one.enclosures] == [
        "https://cdn.example/pod/ep.mp3",
        "https://example.org/slides.pdf",
    ]


def test_a_recording_is_known_by_its_bytes_and_by_its_path_in_any_format() -> None:
    assert draft(file("s/ep.mp3"), file("s/ep.ogg")).aliases == (
        Alias(kind=AliasKind.DIGEST, value="digest of s/ep.mp3"),
        Alias(kind=AliasKind.DIGEST, value="digest of s/ep.ogg"),
        Alias(kind=AliasKind.PATH, value="s/ep.mp3"),
        Alias(kind=AliasKind.PATH, value="s/ep.ogg"),
        Alias(kind=AliasKind.PATH, value="s/ep"),
    )


def test_a_path_that_no_address_can_hold_is_a_problem() -> None:
    came = read(Recording(files=(file("é" * 4000 + ".mp3"),)))
    assert came.drafts == ()
    assert "can have no address" in str(came.problems[0])


@pytest.mark.parametrize("body", [b"", b"{}", b"[" * 100_000, b'{"files": []}', b'{"files": [{"path": 3}]}', b"\xff"])
def test_what_is_no_recording_is_a_problem(body: bytes) -> None:
    came = normalize(SOURCE, SITE, Fetched(source="pod", documents=(Document(name="x", body=body),)), NOW)
    assert (came.drafts, came.failed, len(came.problems)) == ((), frozenset({"x"}), 1)


WORDS = st.text(max_size=50) | st.sampled_from(["<script>", "2026-11-02", "\ud7ff\x00\x0b", "a, b"])
TAGS = st.builds(
    MediaTags,
    duration=st.none() | st.floats(),
    title=WORDS,
    artists=st.lists(WORDS, max_size=3).map(tuple),
    album=WORDS,
    genres=st.lists(WORDS, max_size=3).map(tuple),
    date=WORDS,
    description=WORDS,
    rights=WORDS,
    chapters=st.lists(st.builds(Chapter, start=st.floats(), title=WORDS), max_size=3).map(tuple),
)
PATHS = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(tags=TAGS, path=PATHS, notes=st.none() | st.sampled_from(["x.md", "x.txt"]), text=st.binary(max_size=200))
def test_whatever_is_written_gives_a_clean_entry_or_a_problem(
    tags: MediaTags, path: str, notes: str | None, text: bytes
) -> None:
    one = MediaFile(path=f"{path}.mp3", size=1, digest="d", tags=tags)
    came = read(Recording(files=(one,), notes=notes, text=text, transcripts=(f"{path}.vtt",), cover=f"{path}.jpg"))
    assert len(came.drafts) + len(came.failed) + len(came.unpublished) == 1
    for entry in came.drafts:
        assert entry.title.strip()
        assert "<script" not in entry.content
        assert all(enclosure.url.startswith("https://cdn.example/pod/") for enclosure in entry.enclosures[:1])
    assert not any("fault" in problem.message for problem in came.problems)
