"""Archives, tombstones and entries that expire, through the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from sites import Site


def write(folder: Path, *numbers: int, more: str = "") -> None:
    for number in numbers:
        text = f"---\ntitle: Article {number}\ndate: 2026-10-{number:02d}T07:00:00Z\n{more}---\nWords of {number}.\n"
        (folder / f"{number}.md").write_text(text)


@pytest.fixture
def news(site: Site) -> Path:
    folder = site.articles()
    site.feed(rules="limit = 4")
    return folder


def test_a_late_subscriber_finds_everything_in_the_archive(site: Site, news: Path) -> None:
    for number in range(1, 10):
        write(news, number)
        assert site.publish().code == 0
    titles: set[str] = set()
    document = "all/atom.xml"
    while document:
        parsed = site.read(document)
        titles |= {entry.title for entry in parsed.entries}
        earlier = [link.href for link in parsed.feed.links if link.rel == "prev-archive"]
        document = "".join(earlier).replace("https://example.org/feeds/", "")
    assert titles == {f"Article {number}" for number in range(1, 10)}
    assert len(site.titles()) == 4
    ran = site.run("publish", "--prune")
    assert "removed" not in ran.out, "archive documents belong to the feed"
    assert site.publish().feed("all")["status"] == "unchanged"
    assert site.run("check").code == 0


def test_a_deleted_article_leaves_a_tombstone_in_atom(site: Site, news: Path) -> None:
    write(news, 1, 2)
    site.publish()
    gone = site.ids()["Article 1"]
    (news / "1.md").unlink()
    site.publish()
    text = (site.root / "feeds/all/atom.xml").read_text()
    assert f'<at:deleted-entry ref="{gone}" when="' in text
    assert site.titles() == ["Article 2"]
    assert "deleted-entry" not in (site.root / "feeds/all/rss.xml").read_text()


def test_an_article_that_expired_is_withdrawn(site: Site, news: Path) -> None:
    write(news, 1)
    write(news, 2, more="expires: 2999-01-01\n")
    site.publish()
    assert site.titles() == ["Article 2", "Article 1"]
    write(news, 2, more="expires: 2026-10-20\n")
    assert site.publish().source("news")["withdrawn"] == 1
    assert site.titles() == ["Article 1"]
