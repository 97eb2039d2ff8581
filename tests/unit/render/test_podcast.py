"""Podcasts: what a channel and an episode carry in each format, and what directories would mind."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from factories import CARRIERS, edition
from feedmill.model import (
    Chapter,
    Enclosure,
    Entry,
    Episode,
    FeedSpec,
    Media,
    Person,
    Podcast,
    Transcript,
)
from feedmill.render import RENDERERS, atom, rss
from feedmill.render.directories import shortcomings

UPDATED = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "golden" / "podcast"
NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "psc": "http://podlove.org/simple-chapters",
}


@pytest.fixture
def show(spec: FeedSpec) -> FeedSpec:
    """A feed that says everything a podcast can."""
    podcast = Podcast(
        image="https://example.org/artwork.jpg",
        categories=("Society & Culture > Documentary", "News"),
        explicit=False,
        kind="serial",
        owner=Person(name="Redaksi Suara", email="suara@example.org"),
        locked=True,
        funding=(("https://example.org/dukung?a=1&b=2", "Dukung & bagikan"),),
        guid="917393e3-1b1e-5cef-ace4-edaa54e1f810",
    )
    return replace(spec, podcast=podcast)


@pytest.fixture
def episode() -> Episode:
    return Episode(
        duration=3723,
        image="https://example.org/ep1.png",
        explicit=True,
        season=2,
        number=17,
        kind="full",
        transcripts=(
            Transcript(url="https://example.org/ep1.id.vtt", type="text/vtt", language="id"),
            Transcript(url="https://example.org/ep1.srt", type="application/x-subrip"),
        ),
        chapters=(Chapter(start=0.0, title="Pembuka"), Chapter(start=3661.25, title="A & <b>")),
        chapters_url="https://example.org/ep1.json",
    )


def channel(spec: FeedSpec, *entries: Entry) -> Any:
    body = rss.render(edition(spec, entries, UPDATED))
    rss.check(body, entries)
    return etree.fromstring(body).find("channel")


def texts(element: Any, path: str) -> list[str | None]:
    return [found.text for found in element.findall(path, NAMES)]


@pytest.mark.parametrize("name", CARRIERS)
def test_the_bytes_are_those_that_were_written_down(name: str, show: FeedSpec, entry: Entry, episode: Episode) -> None:
    renderer = RENDERERS[name]
    body = renderer.render(edition(show, [replace(entry, episode=episode)], UPDATED))
    renderer.check(body, [entry])
    assert body == (GOLDEN / renderer.file_name).read_bytes()


def test_what_a_channel_says(show: FeedSpec) -> None:
    found = channel(show)
    assert [dict(one.attrib) for one in found.findall("itunes:image", NAMES)] == [{"href": show.podcast.image}]  # type: ignore[union-attr]
    categories = found.findall("itunes:category", NAMES)
    assert [(one.get("text"), [inner.get("text") for inner in one]) for one in categories] == [
        ("Society & Culture", ["Documentary"]),
        ("News", []),
    ]
    said = {name: texts(found, f"itunes:{name}") for name in ("author", "explicit", "type")}
    assert said == {"author": ["Redaksi"], "explicit": ["false"], "type": ["serial"]}
    assert texts(found, "itunes:owner/itunes:name") == ["Redaksi Suara"]
    assert texts(found, "itunes:owner/itunes:email") == ["suara@example.org"]
    assert texts(found, "podcast:guid") == ["917393e3-1b1e-5cef-ace4-edaa54e1f810"]
    assert texts(found, "podcast:medium") == ["podcast"]
    (locked,) = found.findall("podcast:locked", NAMES)
    assert (locked.text, locked.get("owner")) == ("yes", "suara@example.org")
    (funding,) = found.findall("podcast:funding", NAMES)
    assert (funding.text, funding.get("url")) == ("Dukung & bagikan", "https://example.org/dukung?a=1&b=2")
    assert found.findtext("image/url") == "https://example.org/artwork.jpg"


def test_a_podcast_without_an_episode_yet_has_the_usual_prefixes(show: FeedSpec) -> None:
    body = rss.render(edition(show, [], UPDATED)).decode()
    assert "<itunes:explicit>" in body
    assert "<podcast:guid>" in body


def test_a_podcast_that_says_little(show: FeedSpec) -> None:
    found = channel(replace(show, podcast=Podcast(explicit=True)))
    assert texts(found, "itunes:explicit") == ["true"]
    assert texts(found, "itunes:type") == ["episodic"]
    (locked,) = found.findall("podcast:locked", NAMES)
    assert (locked.text, dict(locked.attrib)) == ("no", {})
    for absent in ("itunes:image", "itunes:category", "itunes:owner", "podcast:guid", "podcast:funding"):
        assert found.find(absent, NAMES) is None
    assert found.findtext("image/url") == "https://example.org/logo.png"


def test_what_an_item_says(show: FeedSpec, entry: Entry, episode: Episode) -> None:
    item = channel(show, replace(entry, episode=episode)).find("item")
    itunes = {name: texts(item, f"itunes:{name}") for name in ("duration", "explicit", "season", "episode")}
    assert itunes == {"duration": ["3723"], "explicit": ["true"], "season": ["2"], "episode": ["17"]}
    assert texts(item, "itunes:episodeType") == ["full"]
    assert item.find("itunes:image", NAMES).get("href") == episode.image
    assert (texts(item, "podcast:season"), texts(item, "podcast:episode")) == (["2"], ["17"])
    assert [dict(one.attrib) for one in item.findall("podcast:transcript", NAMES)] == [
        {"url": "https://example.org/ep1.id.vtt", "type": "text/vtt", "language": "id"},
        {"url": "https://example.org/ep1.srt", "type": "application/x-subrip"},
    ]
    assert [dict(one.attrib) for one in item.findall("podcast:chapters", NAMES)] == [
        {"url": "https://example.org/ep1.json", "type": "application/json+chapters"}
    ]
    assert [(one.text, one.get("href")) for one in item.findall("podcast:person", NAMES)] == [
        ("Sari", "https://example.org/sari"),
        ("Budi", None),
    ]


@pytest.mark.parametrize("form", [rss, atom])
def test_chapters_and_durations_are_in_both_xml_formats(
    form: Any, show: FeedSpec, entry: Entry, episode: Episode
) -> None:
    body = form.render(edition(show, [replace(entry, episode=episode)], UPDATED))
    root = etree.fromstring(body)
    assert [dict(one.attrib) for one in root.iter("{http://podlove.org/simple-chapters}chapter")] == [
        {"start": "00:00:00.000", "title": "Pembuka"},
        {"start": "01:01:01.250", "title": "A & <b>"},
    ]
    sounds = [one for one in root.iter("{*}content") if one.get("url") == entry.enclosures[0].url]
    assert [(one.get("duration"), one.get("medium"), one.get("fileSize")) for one in sounds] == [
        ("3723", "audio", "1234")
    ]


def test_media_that_say_how_long_they_play_are_believed(show: FeedSpec, entry: Entry) -> None:
    address = entry.enclosures[0].url
    sounds = tuple(Media(url=address, duration=lasts) for lasts in (None, 5, 7))
    told = replace(entry, media=sounds, episode=Episode(duration=6))
    item = channel(show, told).find("item")
    assert [one.get("duration") for one in item.findall("media:content", NAMES)] == [None, "5", "7"]
    assert texts(item, "itunes:duration") == ["6"]
    (found,) = json.loads(RENDERERS["json"].render(edition(show, [told], UPDATED)))["items"]
    assert found["attachments"][0]["duration_in_seconds"] == 5


def test_what_an_atom_entry_says(show: FeedSpec, entry: Entry, episode: Episode) -> None:
    entries = [
        replace(entry, id=f"urn:x:{n}", links=(), episode=replace(episode, explicit=flag))
        for n, flag in enumerate((True, False, None))
    ]
    root: Any = etree.fromstring(atom.render(edition(show, entries, UPDATED)))
    assert texts(root, "a:entry/media:rating") == ["adult", "nonadult"]
    related = root.find("a:entry", NAMES).findall("a:link[@rel='related']", NAMES)
    assert [(one.get("href"), one.get("type"), one.get("hreflang")) for one in related] == [
        ("https://example.org/ep1.id.vtt", "text/vtt", "id"),
        ("https://example.org/ep1.srt", "application/x-subrip", None),
    ]
    assert root.findtext("a:logo", namespaces=NAMES) == "https://example.org/artwork.jpg"


def test_what_json_says(show: FeedSpec, entry: Entry, episode: Episode) -> None:
    feed = json.loads(RENDERERS["json"].render(edition(show, [replace(entry, episode=episode)], UPDATED)))
    (item,) = feed["items"]
    assert feed["icon"] == "https://example.org/artwork.jpg"
    assert item["image"] == "https://example.org/ep1.png"
    assert [one.get("duration_in_seconds") for one in item["attachments"]] == [3723, None]


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_a_feed_without_episodes_declares_nothing_of_podcasts(name: str, spec: FeedSpec, entry: Entry) -> None:
    body = RENDERERS[name].render(edition(spec, [entry], UPDATED))
    for namespace in ("itunes", "podcastindex", "podlove"):
        assert namespace.encode() not in body


# --- what directories would mind ---------------------------------------------------------------------

SOUND = Enclosure(url="https://e.org/a.mp3", type="audio/mpeg", length=9)


@pytest.mark.parametrize(
    ("enclosures", "episode", "kind", "said"),
    [
        ((SOUND,), Episode(), "episodic", []),
        ((SOUND,), None, "episodic", []),
        ((Enclosure(url="https://e.org/a.m4a", length=9),), None, "episodic", []),
        ((), Episode(), "serial", ["has no sound or film, so that directories of podcasts leave it out"]),
        ((replace(SOUND, length=None),), None, "episodic", ["has a file whose size nobody knows"]),
        ((replace(SOUND, type="audio/ogg"),), None, "episodic", ["is of the type audio/ogg, which not every"]),
        ((replace(SOUND, url="https://e.org/a", type=None),), None, "episodic", ["has a file of a type nobody knows"]),
        ((replace(SOUND, url="ftp://e.org/a.mp3"),), None, "episodic", ["cannot be fetched over HTTP"]),
        ((SOUND,), Episode(number=1), "serial", []),
        ((SOUND,), Episode(kind="trailer"), "serial", []),
        ((SOUND,), Episode(season=1, kind="full"), "serial", ["has no number"]),
        ((SOUND,), None, "serial", ["has no number"]),
        ((SOUND,), Episode(image="https://e.org/a.webp"), "episodic", ["neither JPEG nor PNG: https://e.org/a.webp"]),
        ((SOUND,), Episode(image="https://e.org/a.JPG?x"), "episodic", []),
    ],
)
def test_what_directories_would_mind(
    enclosures: tuple[Enclosure, ...],
    episode: Episode | None,
    kind: str,
    said: list[str],
    show: FeedSpec,
    entry: Entry,
) -> None:
    podcast = replace(show, podcast=Podcast(kind=kind))
    found = shortcomings(podcast, [replace(entry, enclosures=enclosures, episode=episode)])
    assert [problem.where for problem in found] == [f"all: {entry.title}"] * len(said)
    for problem, words in zip(found, said, strict=True):
        assert words in problem.message


def test_a_feed_that_is_no_podcast_has_nothing_to_mind(spec: FeedSpec, entry: Entry) -> None:
    assert shortcomings(spec, [replace(entry, enclosures=())]) == ()


def test_of_many_shortcomings_the_first_are_told(show: FeedSpec, entry: Entry) -> None:
    found = shortcomings(show, [replace(entry, enclosures=())] * 23)
    assert len(found) == 21
    assert str(found[-1]) == "all: and 3 more that directories of podcasts would mind"
