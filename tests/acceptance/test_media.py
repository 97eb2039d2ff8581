"""The podcast of docs/sources.md, from real sound to feeds, as the command makes it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from uuid import UUID, uuid5

import pytest
from lxml import etree
from mutagen.id3 import TALB, TDRC, TIT2, TPE1

import recordings
from javascript import node_reader
from sites import Site
from upstream import Upstream

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"


@pytest.fixture
def podcast(site: Site) -> Path:
    """The example's folder, with three recordings."""
    section = PAGE.read_text(encoding="utf-8").partition("## `media`")[2].partition("\n## ")[0]
    (site.config,) = re.findall(r"```toml\n(.*?)```", section, re.DOTALL)
    folder = site.root / "episodes"
    recordings.mp3(
        folder / "ep1.mp3",
        TIT2(encoding=3, text=["Pasar & apung"]),
        TPE1(encoding=3, text=["Sari"]),
        TALB(encoding=3, text=["Kabar Suara"]),
        TDRC(encoding=3, text=["2026-10-01 07:00"]),
        recordings.chapter(0, "Pembuka"),
        seconds=2,
    )
    (folder / "ep1.vtt").write_text("WEBVTT\n")
    (folder / "cover.jpg").write_bytes(b"picture")
    recordings.mp4(folder / "ep2.m4a", seconds=90)
    facts = "title: Banjir\ndate: 2026-10-02\nseason: 2\nepisode: 17\nepisode_type: bonus\nexplicit: true\n"
    (folder / "ep2.md").write_text(f"---\n{facts}---\nCatatan <script>alert(1)</script>*tebal*.\n")
    recordings.wav(folder / "Musim 2" / "2026-10-03-sunyi.wav")
    return folder


def test_a_folder_of_recordings_becomes_a_podcast(site: Site, podcast: Path) -> None:
    ran = site.publish()
    assert (ran.code, ran.source("podcast")["new"], ran.source("podcast")["problems"]) == (0, 3, [])
    assert site.titles("podcast/rss.xml") == site.titles("podcast/atom.xml") == ["Sunyi", "Banjir", "Pasar & apung"]
    for name in ("podcast/rss.xml", "podcast/atom.xml"):
        silence, flood, market = site.read(name).entries
        (sound,) = market.enclosures
        assert sound.href == "https://media.example.org/podcast/ep1.mp3"
        assert (sound.type, int(sound.length)) == ("audio/mpeg", (podcast / "ep1.mp3").stat().st_size)
        assert market.media_content[0]["duration"] == "2"
        assert market.media_thumbnail[0]["url"] == "https://media.example.org/podcast/cover.jpg"
        assert [author.name for author in market.authors] == ["Sari"]
        assert "0:00 Pembuka" in market.content[0].value
        assert market.link == "https://example.org/podcast/ep1"
        assert "<em>tebal</em>" in flood.content[0].value
        assert "alert" not in flood.content[0].value
        assert silence.enclosures[0].href == "https://media.example.org/podcast/Musim%202/2026-10-03-sunyi.wav"


def test_directories_find_what_they_ask_for(site: Site, podcast: Path) -> None:
    """By feedparser and lxml, in the words of Apple's guide and the podcast namespace."""
    ran = site.publish()
    assert ran.feed("podcast")["problems"] == [
        "podcast: Sunyi: is of the type audio/wav, which not every directory takes; all of them take MP3 and M4A"
    ]
    show = site.read("podcast/rss.xml")
    silence, flood, market = show.entries
    assert show.feed.image.href == "https://media.example.org/podcast/cover.jpg"
    assert [(tag.term, tag.scheme) for tag in show.feed.tags] == [
        (category, "http://www.itunes.com/") for category in ("News", "Daily News", "Society & Culture")
    ]
    assert show.feed.itunes_type == "episodic"
    assert show.feed.publisher_detail == {"name": "Redaksi", "email": "suara@example.org"}
    assert show.feed.podcast_guid == str(
        uuid5(UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6"), "example.org/feeds/podcast/rss.xml")
    )
    assert (market.itunes_duration, flood.itunes_duration, silence.itunes_duration) == ("2", "90", "1")
    assert (flood.itunes_season, flood.itunes_episode, flood.itunes_episodetype) == ("2", "17", "bonus")
    assert "itunes_season" not in market
    assert market.podcast_transcript == {"url": "https://media.example.org/podcast/ep1.vtt", "type": "text/vtt"}
    assert [one["title"] for one in market.psc_chapters["chapters"]] == ["Pembuka"]
    root = etree.parse(site.root / "feeds/podcast/rss.xml").getroot()
    assert [one.text for one in root.iter("{*}explicit")] == ["false", "true"]
    links = site.read("podcast/atom.xml").entries[2].links
    assert [link.href for link in links if link.rel == "related"] == ["https://media.example.org/podcast/ep1.vtt"]
    items = json.loads((site.root / "feeds/podcast/feed.json").read_bytes())["items"]
    assert [item["attachments"][0]["duration_in_seconds"] for item in items] == [1, 90, 2]


def test_what_directories_would_mind_is_said_to_people_too(site: Site, podcast: Path) -> None:
    assert "audio/wav, which not every directory takes" in site.run("publish").out


def test_a_planet_republishes_a_podcast_as_it_was(
    site: Site, podcast: Path, upstream: Upstream, tmp_path: Path
) -> None:
    site.publish()
    planet = Site(tmp_path / "planet")
    planet.root.mkdir()
    address = upstream.serve("/rss.xml", body=(site.root / "feeds/podcast/rss.xml").read_bytes())
    planet.upstream("show", address)
    planet.feed("all")
    assert planet.publish().code == 0
    tags = ("duration", "explicit", "season", "episode", "episodeType", "image", "transcript", "chapter", "enclosure")
    said = [
        [
            (element.tag, element.text, dict(element.attrib))
            for item in etree.parse(one.root / path).getroot().iter("item")
            for tag in tags
            for element in item.iter(tag if tag == "enclosure" else f"{{*}}{tag}")
        ]
        for one, path in ((site, "feeds/podcast/rss.xml"), (planet, "feeds/all/rss.xml"))
    ]
    assert said[0] == said[1]
    assert len(said[0]) > 10


@pytest.mark.needs("node")
@pytest.mark.parametrize("form", ["rss.xml", "atom.xml", "feed.json"])
def test_a_reader_of_others_finds_the_recordings(site: Site, podcast: Path, form: str) -> None:
    site.publish()
    entries = node_reader("feedsmith", site.root / "feeds" / "podcast" / form)
    assert [entry["sounds"] for entry in entries] == [
        ["https://media.example.org/podcast/Musim%202/2026-10-03-sunyi.wav"],
        ["https://media.example.org/podcast/ep2.m4a"],
        ["https://media.example.org/podcast/ep1.mp3"],
    ]


def test_nothing_new_touches_no_file(site: Site, podcast: Path) -> None:
    site.publish()
    before = site.marks()
    again = site.publish()
    assert again.source("podcast")["status"] == "unchanged"
    assert site.marks() == before


def test_an_episode_keeps_its_id_when_it_is_moved_or_saved_in_another_format(site: Site, podcast: Path) -> None:
    site.publish()
    ids = site.ids("podcast/atom.xml")
    (podcast / "ep2.m4a").rename(podcast / "Musim 2" / "banjir.m4a")
    (podcast / "ep2.md").rename(podcast / "Musim 2" / "banjir.md")
    (podcast / "ep1.mp3").unlink()
    recordings.ogg(podcast / "ep1.ogg", {"title": "Pasar & apung"})
    recordings.mp3(podcast / "Musim 2" / "2026-10-03-sunyi.mp3")
    ran = site.publish()
    told = ran.source("podcast")
    assert (told["new"], told["changed"], told["withdrawn"]) == (0, 3, 0)
    assert site.ids("podcast/atom.xml") == ids
    silence = next(entry for entry in site.read("podcast/atom.xml").entries if entry.title == "Sunyi")
    assert [sound.type for sound in silence.enclosures] == ["audio/mpeg", "audio/wav"]


def test_a_copy_is_another_episode_and_a_deleted_one_leaves(site: Site, podcast: Path) -> None:
    site.publish()
    ids = site.ids("podcast/atom.xml")
    (podcast / "copy.m4a").write_bytes((podcast / "ep2.m4a").read_bytes())
    (podcast / "ep1.mp3").unlink()
    ran = site.publish()
    assert (ran.source("podcast")["new"], ran.source("podcast")["withdrawn"]) == (1, 1)
    now = site.ids("podcast/atom.xml")
    assert now.keys() == {"Copy", "Banjir", "Sunyi"}
    assert now["Banjir"] == ids["Banjir"]


def test_ids_survive_the_loss_of_the_state(site: Site, podcast: Path) -> None:
    site.publish()
    before = site.digests()
    for path in (site.root / ".feedmill").iterdir():
        path.unlink()
    site.publish()
    assert site.digests() == before


def test_a_broken_file_is_reported_and_the_rest_goes_on(site: Site, podcast: Path) -> None:
    site.publish()
    (podcast / "ep1.mp3").write_text("<!DOCTYPE html><title>Log in</title>")
    recordings.wav(podcast / "ep4.wav")
    ran = site.publish()
    assert ran.source("podcast")["new"] == 1
    (problem,) = ran.source("podcast")["problems"]
    assert "podcast: ep1.mp3: it is not audio or video that can be read" in str(problem)
    assert "Pasar & apung" in site.titles("podcast/atom.xml")


def test_check_tries_the_source(site: Site, podcast: Path) -> None:
    assert site.publish().code == 0
    ran = site.run("check")
    assert ran.code == 0, ran.out
    assert "podcast" in ran.out
