"""Feeds that are held, forced, and rolled back, through the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sites import Site

MARK = "`feedmill publish --force --feed all`"


@pytest.fixture
def news(site: Site) -> Path:
    """A site of six articles, published."""
    folder = site.articles()
    site.feed()
    for number in range(1, 7):
        write(folder, number)
    assert site.publish().code == 0
    return folder


def write(folder: Path, number: int, words: str = "Words.") -> None:
    text = f"---\ntitle: Article {number}\ndate: 2026-10-{number:02d}T07:00:00Z\n---\n{words}\n"
    (folder / f"{number}.md").write_text(text, encoding="utf-8")


def empty(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def held(site: Site, feed: int = 0) -> str | None:
    told: str | None = site.run("status", "--json").report["feeds"][feed]["held"]
    return told


def versions(site: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.run("rollback", "all", "--list", "--json").report["versions"]
    return found


def test_an_emptied_folder_holds_the_feed(site: Site, news: Path) -> None:
    before = site.digests()
    empty(news)
    ran = site.publish()
    assert ran.code == 1
    assert (ran.feed("all")["status"], ran.feed("all")["entries"]) == ("failed", 6)
    for words in ("it would lose 6 of its 6 entries: “Article 6”, “Article 5”, “Article 4” and 3 more", MARK):
        assert words in ran.feed("all")["error"]
    assert site.digests() == before
    assert "would lose 6 of its 6" in str(held(site))
    assert "would lose 6 of its 6" in site.run("status").out
    assert site.run("check").code == 0, "what is published is as it was"
    again = site.publish()
    assert (again.code, site.digests()) == (1, before)
    assert again.feed("all")["error"] == ran.feed("all")["error"]


def test_what_comes_back_releases_the_feed(site: Site, news: Path) -> None:
    before = site.digests()
    empty(news)
    site.publish()
    for number in range(1, 7):
        write(news, number)
    ran = site.publish()
    assert (ran.code, ran.feed("all")["status"]) == (0, "unchanged")
    assert held(site) is None
    assert site.digests() == before


def test_force_publishes_what_is_held(site: Site, news: Path) -> None:
    for number in range(1, 5):
        (news / f"{number}.md").unlink()
    assert site.publish().code == 1
    ran = site.publish("--force", "--feed", "all")
    assert (ran.code, ran.feed("all")["status"]) == (0, "written")
    assert site.titles() == ["Article 6", "Article 5"]
    assert held(site) is None
    assert site.publish().feed("all")["status"] == "unchanged"


def test_a_rehearsal_tells_that_the_feed_would_be_held(site: Site, news: Path) -> None:
    empty(news)
    ran = site.publish("--dry-run")
    assert ran.code == 1
    assert "would lose" in ran.feed("all")["error"]
    assert held(site) is None


def test_other_feeds_are_published_while_one_is_held(site: Site, news: Path) -> None:
    write(site.articles("other"), 9)
    site.feed("both", 'sources = ["other"]')
    site.config = site.config.replace('name = "all"', 'name = "all"\nsources = ["news"]')
    assert site.publish().code == 0
    empty(news)
    write(site.root / "other", 10)
    ran = site.publish()
    assert (ran.code, ran.feed("all")["status"], ran.feed("both")["status"]) == (1, "failed", "written")


@pytest.mark.parametrize("rules", ["limit = 1", 'include = ["Article 1"]', "sources = []"])
def test_a_change_of_the_configuration_is_meant(site: Site, news: Path, rules: str) -> None:
    if rules == "sources = []":
        write(site.articles("other"), 9)
        rules = 'sources = ["other"]'
    site.config = site.config.replace('title = "Feed all"', f'title = "Feed all"\n{rules}')
    ran = site.publish()
    assert (ran.code, ran.feed("all")["entries"]) == (0, 1)


def test_a_feed_that_is_new_after_a_lost_state_is_not_held(site: Site, news: Path) -> None:
    for file in (site.root / ".feedmill").iterdir():
        file.unlink()
    (news / "6.md").unlink()
    assert site.publish().code == 0


def test_ids_that_would_change_after_a_lost_state_hold_the_feed(site: Site, news: Path) -> None:
    """A renamed article keeps its id as long as the state is there; without it, readers would see it again."""
    link = "link: https://example.org/1\n"
    (news / "1.md").write_text(f"---\ntitle: Article 1\ndate: 2026-10-01\n{link}---\nWords.\n", encoding="utf-8")
    site.publish()
    (news / "1.md").rename(news / "first.md")
    assert site.publish().code == 0
    before = site.digests()
    for file in (site.root / ".feedmill").iterdir():
        file.unlink()
    ran = site.publish()
    assert ran.code == 1
    assert "would change the id of “Article 1” from tag:example.org,2026-10-01:news/1" in ran.feed("all")["error"]
    assert site.digests() == before
    assert site.publish("--force", "--feed", "all").code == 0


def test_a_version_is_brought_back_and_kept(site: Site, news: Path) -> None:
    good = site.digests()
    write(news, 1, "Other words.")
    site.publish()
    bad = site.digests()
    ran = site.run("rollback", "all")
    assert ran.code == 0
    assert "all: it was rolled back to version 1 of 20" in ran.out
    assert MARK in ran.out
    assert site.digests() == good
    write(news, 7)
    ran = site.publish()
    assert (ran.code, ran.feed("all")["status"]) == (1, "failed")
    assert "rolled back to version 1" in ran.feed("all")["error"]
    assert site.digests() == good
    assert "rolled back to version 1" in site.run("status").out
    assert site.run("check").code == 0
    assert site.publish("--force", "--feed", "all").code == 0
    assert site.titles()[0] == "Article 7"
    assert site.digests() not in (good, bad)
    assert site.publish().code == 0
    assert held(site) is None


def test_a_version_that_somebody_damaged_is_put_in_place_again(site: Site, news: Path) -> None:
    good = site.digests()
    write(news, 1, "Other words.")
    site.publish()
    site.run("rollback", "all")
    site.files()["all/rss.xml"].unlink()
    site.publish()
    assert site.digests() == good


def test_rolling_back_further_and_forward_again(site: Site, news: Path) -> None:
    kept = [site.digests()]
    for number in range(7, 10):
        write(news, number)
        site.publish()
        kept.append(site.digests())
    for expected in (kept[2], kept[1], kept[0]):
        assert site.run("rollback", "all").code == 0
        assert site.digests() == expected
    assert site.run("rollback", "all").code == 2
    assert site.run("rollback", "all", "--to", "4", "--json").report["files"] == ["all/atom.xml", "all/rss.xml"]
    assert site.digests() == kept[3]


def test_the_last_five_versions_are_kept(site: Site, news: Path) -> None:
    for number in range(7, 14):
        write(news, number)
        site.publish()
        site.publish()
    found = versions(site)
    assert [(version["number"], version["entries"]) for version in found] == [
        (8, 13), (7, 12), (6, 11), (5, 10), (4, 9),
    ]  # fmt: skip
    assert [version["number"] for version in found if version["current"]] == [8]
    assert all(version["files"] == ["all/atom.xml", "all/rss.xml"] for version in found)
    assert "published now" in site.run("rollback", "all", "--list").out
    ran = site.run("rollback", "all", "--to", "1")
    assert ran.code == 2
    assert "there are: 4, 5, 6, 7, 8." in ran.err


def test_usage(site: Site, news: Path) -> None:
    ran = site.run("rollback", "al")
    assert (ran.code, "did you mean 'all'?" in ran.err) == (2, True)
    assert "no version of 'all' before 1 is kept" in site.run("rollback", "all").err


def test_a_format_that_was_added_since_stays_as_it_is(site: Site, news: Path) -> None:
    site.config = site.config.replace('title = "Feed all"', 'title = "Feed all"\nformats = ["rss"]')
    write(news, 1, "Other words.")
    site.publish()
    site.config = site.config.replace('formats = ["rss"]', "")
    write(news, 2, "Other words.")
    site.publish()
    ran = site.run("rollback", "all")
    assert "all/atom.xml was not published then, and stays as it is." in ran.out
