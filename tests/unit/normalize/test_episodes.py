"""Episodes as feeds, front matter and recordings write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import NOW, SITE
from feedmill.model import (
    Chapter,
    Document,
    Draft,
    Enclosure,
    Episode,
    Fetched,
    Media,
    Normalized,
    Source,
    Thumbnail,
    Transcript,
)
from feedmill.normalize import article, episodes, syndication

PODCAST = "https://podcastindex.org/namespace/1.0"
OLD_PODCAST = "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("3723", 3723),
        ("62:03", 3723),
        ("1:02:03", 3723),
        ("01:02:03.4", 3723),
        (" 61,6 ", 62),
        ("1h 2m 3s", 3723),
        ("45 min", 2700),
        ("45 menit", 2700),
        ("0.2", 1),
        ("00:00:00", None),
        ("0", None),
        ("", None),
        ("h", None),
        ("-5", None),
        ("1:2:3:4", None),
        ("forty", None),
        ("99999999", None),
        ("9999:00:00", None),
        ("٣:٠٠", None),
        ("1e3", None),
    ],
)
def test_durations(said: str, seconds: int | None) -> None:
    assert episodes.duration(said) == seconds


@pytest.mark.parametrize(
    ("length", "seconds"), [(61.6, 62), (0.1, 1), (0.0, None), (-1.0, None), (float("nan"), None), (None, None)]
)
def test_measured_durations(length: float | None, seconds: int | None) -> None:
    assert episodes.duration(length) == seconds


@given(st.text(max_size=30))
def test_any_text_is_a_duration_or_none(text: str) -> None:
    found = episodes.duration(text)
    assert found is None or 1 <= found <= 10_000_000


@pytest.mark.parametrize(
    ("said", "number"), [("3", 3), (" 12 ", 12), ("4.0", 4), ("0", None), ("4.5", None), ("three", None), ("", None)]
)
def test_numbers(said: str, number: int | None) -> None:
    assert episodes.whole(said) == number


@pytest.mark.parametrize(
    ("said", "explicit"),
    [
        ("true", True),
        ("Yes", True),
        ("explicit", True),
        ("false", False),
        ("no", False),
        ("clean", False),
        ("maybe", None),
        ("", None),
    ],
)
def test_flags(said: str, explicit: bool | None) -> None:
    assert episodes.flag(said) is explicit


@pytest.mark.parametrize(
    ("url", "type_", "found"),
    [
        ("https://e.org/a.vtt", "", Transcript(url="https://e.org/a.vtt", type="text/vtt")),
        ("a.srt", "application/srt", Transcript(url="https://e.org/a.srt", type="application/x-subrip")),
        ("a.html", "", Transcript(url="https://e.org/a.html", type="text/html")),
        ("a", "text/plain; charset=utf-8", Transcript(url="https://e.org/a", type="text/plain")),
        ("a.docx", "", None),
        ("javascript:x", "text/vtt", None),
        ("", "text/vtt", None),
    ],
)
def test_transcripts(url: str, type_: str, found: Transcript | None) -> None:
    assert episodes.transcript(url, type_, "", "https://e.org/") == found


# --- upstream feeds ----------------------------------------------------------------------------------


def feed(items: str, podcast: str = PODCAST, body: str | None = None) -> Normalized:
    text = (
        body
        or f"""<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
        xmlns:podcast="{podcast}" xmlns:psc="http://podlove.org/simple-chapters"><channel><title>Up</title>
        <itunes:explicit>true</itunes:explicit>{items}</channel></rss>"""
    )
    document = Document(name="https://up.example/feed", url="https://up.example/feed", body=text.encode())
    source = Source(name="up", kind="feed", url="https://up.example/feed")
    return syndication.normalize(source, SITE, Fetched(source="up", documents=(document,)), NOW)


ITEM = """<item><title>Pasar</title><link>https://up.example/1</link>
<enclosure url="https://up.example/1.mp3" type="audio/mpeg" length="9"/>
<itunes:duration>1:02:03</itunes:duration><itunes:explicit>true</itunes:explicit><itunes:season>2</itunes:season>
<itunes:episode>3</itunes:episode><itunes:episodeType>Bonus</itunes:episodeType><itunes:image href="/i.png"/>
<podcast:transcript url="/1.vtt" type="text/vtt" language="en"/><podcast:transcript url="/1.srt" type="text/srt"/>
<podcast:transcript url="/1.vtt" type="text/vtt" language="en"/><podcast:transcript type="text/vtt"/>
<podcast:chapters url="/1.json" type="application/json+chapters"/><podcast:season name="Dua">9</podcast:season>
<psc:chapters version="1.2"><psc:chapter start="00:01:00.5" title="Kedua"/><psc:chapter start="0" title="Awal"/>
<psc:chapter start="x" title="?"/><psc:chapter start="1"/></psc:chapters></item>"""
EPISODE = Episode(
    duration=3723,
    image="https://up.example/i.png",
    explicit=True,
    season=2,
    number=3,
    kind="bonus",
    transcripts=(
        Transcript(url="https://up.example/1.vtt", type="text/vtt", language="en"),
        Transcript(url="https://up.example/1.srt", type="application/x-subrip"),
    ),
    chapters=(Chapter(start=0.0, title="Awal"), Chapter(start=60.5, title="Kedua")),
    chapters_url="https://up.example/1.json",
)


@pytest.mark.parametrize("namespace", [PODCAST, OLD_PODCAST])
def test_everything_that_an_upstream_says_of_an_episode(namespace: str) -> None:
    (draft,) = feed(ITEM, namespace).drafts
    assert draft.episode == EPISODE
    assert draft.thumbnails == (Thumbnail(url="https://up.example/i.png"),)


def test_the_podcast_namespace_alone_is_enough() -> None:
    item = "<item><title>T</title><podcast:season>4</podcast:season><podcast:episode>7.0</podcast:episode></item>"
    assert feed(item).drafts[0].episode == Episode(season=4, number=7)


@pytest.mark.parametrize(
    "item",
    [
        "<item><title>T</title></item>",
        "<item><title>T</title><itunes:duration>soon</itunes:duration><itunes:explicit/></item>",
        "<item><title>T</title><duration>5</duration><season>2</season></item>",
        '<item><title>T</title><feedmill-episode>{"season": "2"}</feedmill-episode></item>',
        "<item><title>T</title><itunes:author>A</itunes:author></item>",
    ],
)
def test_what_says_nothing_of_an_episode(item: str) -> None:
    (draft,) = feed(item).drafts
    assert draft.episode is None


def test_an_atom_entry_may_be_an_episode() -> None:
    body = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd">
    <title>Up</title><entry><title>T</title><id>urn:x:1</id><i:duration>5</i:duration></entry></feed>"""
    assert feed("", body=body).drafts[0].episode == Episode(duration=5)


def test_a_repaired_feed_keeps_its_episodes() -> None:
    body = (
        '<rss xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><item><title>a & b</title>'
        "<itunes:season>2</itunes:season><x:y>1</x:y><itunes:duration>9"
    )
    assert feed("", body=body).drafts[0].episode == Episode(season=2, duration=9)


def test_the_durations_of_a_json_feed() -> None:
    sound = {"url": "https://e.org/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 7, "duration_in_seconds": 61.5}
    other = {"url": "https://e.org/a.pdf", "mime_type": "application/pdf"}
    item = {"id": "1", "content_text": "x", "attachments": [other, sound]}
    body = {"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [item]}
    (draft,) = feed("", body=json.dumps(body)).drafts
    assert draft.episode == Episode(duration=61)
    assert draft.media == (Media(url="https://e.org/a.mp3", type="audio/mpeg", length=7, duration=61),)
    assert [one.url for one in draft.enclosures] == ["https://e.org/a.pdf", "https://e.org/a.mp3"]


# --- front matter ------------------------------------------------------------------------------------


def read(matter: str) -> tuple[Draft, list[str]]:
    document = Document(name="a.md", body=f"---\ntitle: T\n{matter}\n---\nIsi.\n".encode(), modified=NOW)
    came = article.normalize(Source(name="s", kind="files"), SITE, Fetched(source="s", documents=(document,)), NOW)
    return came.drafts[0], [str(problem) for problem in came.problems]


def test_front_matter_makes_an_article_an_episode() -> None:
    draft, problems = read(
        "enclosure: /a.mp3\nduration: 1:02:03\nseason: 2\nepisode: 3\nepisode_type: Trailer\nexplicit: no\n"
        "image: /i.png\ntranscript: [/a.vtt, /a.html]"
    )
    assert problems == []
    assert draft.episode == Episode(
        duration=3723,
        image="https://example.org/i.png",
        explicit=False,
        season=2,
        number=3,
        kind="trailer",
        transcripts=(
            Transcript(url="https://example.org/a.vtt", type="text/vtt"),
            Transcript(url="https://example.org/a.html", type="text/html"),
        ),
    )


def test_an_article_with_something_to_play_is_an_episode_and_others_are_not() -> None:
    assert read("enclosure: /a.mp3\nimage: /i.png")[0].episode == Episode(image="https://example.org/i.png")
    assert read("enclosure: /a.pdf\nimage: /i.png")[0].episode is None
    assert read("image: /i.png")[0].episode is None


@pytest.mark.parametrize(
    ("matter", "problem"),
    [
        ("duration: long", "`duration` cannot be understood: long; ignored. Write it as 1:02:03"),
        ("season: two", "`season` cannot be understood: two"),
        ("episode: 0", "`episode` cannot be understood: 0"),
        ("episode_type: pilot", "`episode_type` cannot be understood: pilot; ignored. Write it as trailer"),
        ("explicit: a bit", "`explicit` cannot be understood: a bit"),
        ("transcript: notes.docx", "`transcript` is not the address of a transcript (.vtt, .srt, .html, .txt, .json)"),
        ("transcript: {a: b}", "`transcript` should be an address, or a list of addresses"),
    ],
)
def test_what_cannot_be_understood_is_reported(matter: str, problem: str) -> None:
    draft, problems = read(matter)
    assert draft.episode is None
    assert len(problems) == 1
    assert problem in problems[0]


def test_toml_has_its_own_flags_times_and_numbers() -> None:
    text = '+++\ntitle = "T"\nenclosure = "/a.mp3"\nduration = 01:02:03\nseason = 2\nexplicit = true\n+++\nIsi.\n'
    document = Document(name="a.md", body=text.encode(), modified=datetime(2026, 11, 1, tzinfo=UTC))
    came = article.normalize(Source(name="s", kind="files"), SITE, Fetched(source="s", documents=(document,)), NOW)
    assert came.problems == ()
    assert came.drafts[0].episode == Episode(duration=3723, season=2, explicit=True)
    assert came.drafts[0].enclosures == (Enclosure(url="https://example.org/a.mp3", type="audio/mpeg"),)
