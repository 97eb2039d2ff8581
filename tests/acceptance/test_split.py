"""Feeds split by category, author, source and language, through the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from sites import Site


def write(folder: Path, name: str, day: int, *categories: str, author: str = "Siti", language: str = "id") -> None:
    facts = f"title: {name}\ndate: 2026-10-{day:02d}T07:00:00Z\ncategories: [{', '.join(categories)}]\n"
    text = f"---\n{facts}author: {author}\nlanguage: {language}\n---\nWords of {name}.\n"
    (folder / f"{name}.md").write_text(text)


@pytest.fixture
def news(site: Site) -> Path:
    folder = site.articles()
    write(folder, "one", 1, "Harga Beras", "Politik")
    write(folder, "two", 2, "politik", author="Budi", language="en")
    return folder


def outcomes(site: Site) -> dict[str, str]:
    return {feed["name"]: feed["status"] for feed in site.publish().report["feeds"]}


def test_a_feed_for_each_category(site: Site, news: Path) -> None:
    site.feed(rules='split_by = "category"')
    assert outcomes(site) == {"all": "written", "all/harga-beras": "written", "all/politik": "written"}
    assert site.titles("all/politik/atom.xml") == ["two", "one"]
    assert site.titles("all/harga-beras/rss.xml") == ["one"]
    parsed = site.read("all/politik/atom.xml").feed
    assert parsed.title in ("Feed all: Politik", "Feed all: politik")
    (own,) = [link.href for link in parsed.links if link.rel == "self"]
    assert own == "https://example.org/feeds/all/politik/atom.xml"
    assert parsed.id != site.read("all/atom.xml").feed.id
    assert set(outcomes(site).values()) == {"unchanged"}


def test_a_podcast_is_split_into_shows_with_ids_of_their_own(site: Site, news: Path) -> None:
    show = 'image = "art.jpg"\ncategories = ["News"]\nexplicit = false'
    site.feed(rules=f'description = "D"\nsplit_by = "author"\n[feeds.podcast]\n{show}')
    site.publish()
    shows = [site.read(f"{name}/rss.xml").feed for name in ("all", "all/budi", "all/siti")]
    assert len({one.podcast_guid for one in shows}) == 3
    assert {one.image.href for one in shows} == {"https://example.org/art.jpg"}


@pytest.mark.parametrize(
    ("by", "expected"),
    [("author", {"all/budi", "all/siti"}), ("source", {"all/news"}), ("language", {"all/id", "all/en"})],
)
def test_other_ways_to_split(site: Site, news: Path, by: str, expected: set[str]) -> None:
    site.feed(rules=f'split_by = "{by}"')
    assert outcomes(site).keys() == {"all"} | expected


def test_addresses_are_permanent(site: Site, news: Path) -> None:
    """Another value that would have the same slug never takes the address of one that was published."""
    site.feed(rules='split_by = "category"')
    write(news, "three", 3, "C")
    site.publish()
    before = site.read("all/c/atom.xml").feed.id
    (news / "three.md").unlink()
    write(news, "four", 4, "C++")
    assert "all/c-2" in outcomes(site)
    assert site.titles("all/c-2/atom.xml") == ["four"]
    assert site.read("all/c/atom.xml").feed.id == before


def test_what_is_filed_elsewhere_leaves_the_part(site: Site, news: Path) -> None:
    site.feed(rules='split_by = "category"')
    site.publish()
    write(news, "one", 1, "Politik")
    assert outcomes(site)["all/harga-beras"] == "written"
    assert site.titles("all/harga-beras/atom.xml") == []
    assert set(outcomes(site).values()) == {"unchanged"}


def test_the_last_article_of_a_part_is_withdrawn_from_it_too(site: Site, news: Path) -> None:
    site.feed(rules='split_by = "category"')
    site.publish()
    (news / "one.md").unlink()
    assert outcomes(site)["all/harga-beras"] == "written"
    for name in ("rss.xml", "atom.xml"):
        assert "Words of one" not in (site.root / "feeds/all/harga-beras" / name).read_text()
    assert "deleted-entry" in (site.root / "feeds/all/harga-beras/atom.xml").read_text()
    assert set(outcomes(site).values()) == {"unchanged"}


def test_what_a_feed_was_split_by_before_is_pruned_and_keeps_its_addresses(site: Site, news: Path) -> None:
    write(news, "three", 3, "news", "sport")
    site.feed(rules='split_by = "category"')
    site.publish()
    before = site.read("all/news/atom.xml").feed.id
    site.config = site.config.replace('"category"', '"source"')
    assert outcomes(site).keys() == {"all", "all/news-2"}
    assert "removed all/sport/atom.xml" in site.run("publish", "--prune").out
    assert not (site.root / "feeds/all/news/atom.xml").exists()
    site.config = site.config.replace('"source"', '"category"')
    assert {"all/news", "all/sport"} < outcomes(site).keys()
    assert site.read("all/news/atom.xml").feed.id == before


def test_parts_are_shown_checked_and_pruned_with_their_feed(site: Site, news: Path) -> None:
    site.feed(rules='split_by = "category"')
    site.publish()
    assert [feed["name"] for feed in site.run("status", "--json").report["feeds"]] == [
        "all", "all/harga-beras", "all/politik",
    ]  # fmt: skip
    ran = site.run("check")
    assert "feed all/politik: all/politik/atom.xml is valid, 2 entries" in ran.out
    assert "removed" not in site.run("publish", "--prune").out
    site.config = site.config.replace('split_by = "category"', "")
    assert "removed all/politik/atom.xml" in site.run("publish", "--prune").out
    assert set(site.files()) == {"all/rss.xml", "all/atom.xml"}


def test_each_part_has_a_history_of_its_own(site: Site, news: Path) -> None:
    site.feed(rules='split_by = "category"\nlimit = 2')
    for day in range(3, 7):
        write(news, f"more{day}", day, "Politik")
        site.publish()
    titles, document = set(), "all/politik/atom.xml"
    while document:
        parsed = site.read(document)
        titles |= {entry.title for entry in parsed.entries}
        document = "".join(link.href for link in parsed.feed.links if link.rel == "prev-archive")
        document = document.replace("https://example.org/feeds/", "")
    assert titles == {"two", "more3", "more4", "more5", "more6"}, "what was published, and no more"
