"""[feeds.podcast]: what is asked of a show, and what is said when it is missing."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from feedmill.config import json_schema, load
from feedmill.config.podcasts import CATEGORIES, category, default_guid
from feedmill.errors import ConfigError
from feedmill.model import Person, Podcast

SITE = """
[site]
title = "T"
url = "https://example.org/"
description = "About."
{site}
[[sources]]
name = "n"
kind = "files"
path = "n"

[[feeds]]
name = "show"
title = "Show"
{feed}
"""
LEAST = '[feeds.podcast]\nimage = "art.jpg"\ncategories = ["News"]\nexplicit = false\n'


def podcast(tmp_path: Path, feed: str, site: str = "") -> Podcast | None:
    text = SITE.format(site=site, feed=feed)
    (tmp_path / "config.toml").write_text(text)
    (spec,) = load(tmp_path / "config.toml", {}).feeds
    assert list(Draft202012Validator(json_schema()).iter_errors(tomllib.loads(text))) == []
    return spec.podcast


def findings(tmp_path: Path, feed: str) -> list[str]:
    (tmp_path / "config.toml").write_text(SITE.format(site="", feed=feed))
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "config.toml", {})
    return [str(finding).partition('(1st): "')[2] for finding in caught.value.findings]


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    said = """[feeds.podcast]
image = "/art.png"
categories = ["society & culture>Documentary", "News"]
explicit = true
kind = "serial"
owner = { name = "O", email = "o@example.org" }
locked = true
guid = "917393E3-1b1e-5cef-ace4-edaa54e1f810"
funding = [{ url = "https://example.org/give", text = "Give" }]
"""
    text = SITE.format(site="", feed=said)
    (tmp_path / "config.toml").write_text(text)
    (spec,) = load(tmp_path / "config.toml", {}).feeds
    assert spec.podcast == Podcast(
        image="https://example.org/art.png",
        categories=("Society & Culture > Documentary", "News"),
        explicit=True,
        kind="serial",
        owner=Person(name="O", email="o@example.org"),
        locked=True,
        guid="917393e3-1b1e-5cef-ace4-edaa54e1f810",
        funding=(("https://example.org/give", "Give"),),
    )


def test_the_least_that_must_be_said(tmp_path: Path) -> None:
    assert podcast(tmp_path, "") is None
    assert podcast(tmp_path, LEAST) == Podcast(
        image="https://example.org/art.jpg",
        categories=("News",),
        guid=default_guid("https://example.org/feeds/show/rss.xml"),
    )


def test_the_owner_is_the_author_whose_address_is_known(tmp_path: Path) -> None:
    known = podcast(tmp_path, LEAST, 'author = { name = "A", email = "a@example.org" }')
    assert known is not None
    assert known.owner == Person(name="A", email="a@example.org")
    unknown = podcast(tmp_path, LEAST, 'author = { name = "A" }')
    assert unknown is not None
    assert unknown.owner is None


@pytest.mark.parametrize(
    ("address", "guid"),
    [
        ("https://mp3s.nashownotes.com/pc20rss.xml", "917393e3-1b1e-5cef-ace4-edaa54e1f810"),
        ("http://podnews.net/rss//", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
    ],
)
def test_the_guid_is_that_of_the_podcast_namespace(address: str, guid: str) -> None:
    """The examples of its own page."""
    assert default_guid(address) == guid


@pytest.mark.parametrize(
    ("feed", "found"),
    [
        (
            "[feeds.podcast]\n",
            [
                'podcast.image" is missing; add image = "https://example.org/artwork.jpg"',
                'podcast.categories" is missing; add categories = ["Society & Culture > Documentary"]',
                'podcast.explicit" is missing; add explicit = false',
            ],
        ),
        (LEAST.replace("art.jpg", "art.webp"), ['podcast.image" must be the address of a JPEG or PNG file']),
        (LEAST.replace('["News"]', "[]"), ['podcast.categories" must not be an empty list']),
        (LEAST.replace("false", '"no"'), ['podcast.explicit" must be true or false without quotes']),
        (LEAST + 'kind = "series"', ['podcast.kind" must be "episodic" or "serial", not "series"']),
        (LEAST + 'guid = "mine"', ['podcast.guid" must be a UUID such as']),
        (LEAST + 'funding = "x"', ['podcast.funding" must be a list of tables']),
        (LEAST + 'owner = "x"', ['podcast.owner" must be a table such as { name = "The Editors" }, not text']),
        (LEAST + 'owner = { name = "x" }', ['podcast.owner.email" is missing; add email = "podcast@example.org"']),
        ('formats = ["atom", "json"]\n' + LEAST, ['podcast" needs the format "rss"']),
        ("podcast = true", ['podcast" must be a table such as { image =']),
    ],
)
def test_what_is_missing_or_wrong(tmp_path: Path, feed: str, found: list[str]) -> None:
    said = findings(tmp_path, feed)
    assert len(said) == len(found), said
    for one, words in zip(said, found, strict=True):
        assert one.startswith(words)


def test_a_show_needs_a_description(tmp_path: Path) -> None:
    text = SITE.format(site="", feed=LEAST).replace('description = "About."', "")
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(ConfigError, match='"description" is missing, and directories of podcasts want one'):
        load(tmp_path / "config.toml", {})
    (tmp_path / "config.toml").write_text(text.replace('title = "Show"', 'title = "Show"\ndescription = "Here."'))
    assert load(tmp_path / "config.toml", {}).feeds


def test_formats_of_all_feeds_count(tmp_path: Path) -> None:
    text = SITE.format(site='[publish]\nformats = ["atom"]', feed=LEAST)
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(ConfigError, match='needs the format "rss"'):
        load(tmp_path / "config.toml", {})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Documentary", "Society & Culture > Documentary"),
        ("Arts > Documentary", "Society & Culture > Documentary"),
        ("Socety & Culture", "Society & Culture"),
        ("xyzzy", "write it as"),
    ],
)
def test_a_category_that_apple_does_not_have(written: str, meant: str) -> None:
    with pytest.raises(ValueError, match="must be one of Apple's categories") as caught:
        category(written)
    assert meant in str(caught.value)


def test_apples_list_is_whole() -> None:
    """19 categories and 91 subcategories, as Apple counts them."""
    assert len([name for name in CATEGORIES if ">" not in name]) == 19
    assert len(CATEGORIES) == len(set(CATEGORIES)) == 19 + 91
