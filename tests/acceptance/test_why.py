"""`feedmill why`, and what `publish --dry-run` shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sites import Site, document, rss
from upstream import Upstream


def write(folder: Path, *numbers: int, more: str = "") -> None:
    for number in numbers:
        text = f"---\ntitle: Article {number}\ndate: 2026-10-{number:02d}T07:00:00Z\n{more}---\nWords of {number}.\n"
        (folder / f"{number}.md").write_text(text)


@pytest.fixture
def news(site: Site) -> Path:
    folder = site.articles()
    site.feed()
    return folder


def why(site: Site, words: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(site.run("why", "--json", words).out)
    return told


def reasons(site: Site, words: str) -> dict[str, str | None]:
    (told,) = why(site, words)
    return {feed["feed"]: feed["reason"] for feed in told["feeds"]}


def test_an_entry_is_found_by_title_id_and_address(site: Site, upstream: Upstream) -> None:
    site.upstream("up", document(upstream, "/feed", rss(("1", "One"), ("2", "Two"))))
    site.feed()
    site.publish()
    (told,) = why(site, "one")
    assert (told["title"], told["source"], told["url"]) == ("One", "up", "https://up.example/1")
    assert {"kind": "guid", "value": "1"} in told["known_as"]
    for words in (told["id"], "http://www.up.example/1?utm_source=x", "1"):
        assert [one["id"] for one in why(site, words)] == [told["id"]], words
    (feed,) = told["feeds"]
    assert (feed["carried"], feed["reason"]) == (True, None)
    assert feed["first_published"] is not None
    human = site.run("why", "One").out
    assert "One" in human
    assert "in          all, since" in human


def test_for_each_feed_that_lacks_it_the_rule_is_named(site: Site, news: Path) -> None:
    write(news, 1, 2, 3)
    site.config += '\n[[sources]]\nname = "other"\nkind = "files"\npath = "other"\n'
    (site.root / "other").mkdir()
    for name, rules in {
        "elsewhere": 'sources = ["other"]',
        "filed": 'categories = ["Politik"]',
        "few": "limit = 1",
        "without": 'exclude = ["Article 1"]',
        "young": 'max_age = "1d"',
    }.items():
        site.feed(name, rules)
    site.publish()
    told = reasons(site, "Article 1")
    assert told["all"] is None
    assert told["elsewhere"] == "it takes nothing from news: sources = ['other']"
    assert "categories" in str(told["filed"])
    assert told["few"] == "2 entries are newer, and limit = 1"
    assert "exclude = 'Article 1'" in str(told["without"])
    assert "max_age" in str(told["young"])


def test_what_is_withdrawn_or_to_come_is_told_as_such(site: Site, news: Path) -> None:
    write(news, 1)
    (news / "2.md").write_text("---\ntitle: Article 2\ndate: 2999-01-01\n---\nWords.\n")
    site.publish()
    (news / "1.md").unlink()
    site.publish()
    assert "withdrawn at" in str(reasons(site, "Article 1")["all"])
    assert "still to come" in str(reasons(site, "Article 2")["all"])


def test_a_story_that_another_source_tells(site: Site, upstream: Upstream) -> None:
    for name in ("first", "second"):
        site.upstream(name, document(upstream, f"/{name}", rss(("1", f"Story of {name}"))))
    site.feed()
    site.publish()
    assert "the same story is told by first" in str(reasons(site, "Story of second")["all"])


def test_an_archived_entry_names_its_document(site: Site, news: Path) -> None:
    site.config = site.config.replace('title = "Feed all"', 'title = "Feed all"\nlimit = 2')
    for number in (1, 2, 3, 4):
        write(news, number)
        site.publish()
    (told,) = why(site, "Article 1")
    assert told["feeds"][0]["archive"] == 1
    assert "it is in archive document 1" in site.run("why", "Article 1").out


def test_what_nobody_knows_is_said_so(site: Site, news: Path) -> None:
    ran = site.run("why", "100%")
    assert ran.code == 1
    assert "No entry is known by '100%'" in ran.err
    assert not (site.root / ".feedmill").exists(), "asking leaves no trace"


def test_a_dry_run_shows_what_subscribers_would_see(site: Site, news: Path) -> None:
    write(news, 1, 2)
    site.publish()
    write(news, 3)
    (news / "1.md").unlink()
    (news / "2.md").write_text("---\ntitle: Article 2\ndate: 2026-10-02T07:00:00Z\n---\nCorrected.\n")
    (told,) = site.publish("--dry-run").report["changes"]
    assert told["feed"] == "all"
    assert [[entry["title"] for entry in told[kind]] for kind in ("appear", "change", "disappear")] == [
        ["Article 3"], ["Article 2"], ["Article 1"],
    ]  # fmt: skip
    human = site.run("publish", "--dry-run").out
    for line in ("+ Article 3", "~ Article 2", "- Article 1"):
        assert line in human
    site.publish()
    assert site.publish("--dry-run").report["changes"] == []
    assert "changes" not in site.publish().report
