"""`feedmill publish`, as people and cron run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sites import Site, document, rss
from upstream import Handler, Upstream

FIRST = "---\ntitle: First\ndate: 2026-10-01T07:00:00Z\n---\nThe first words.\n"
SECOND = "---\ntitle: Second\ndate: 2026-10-02T07:00:00Z\n---\nThe second words.\n"


@pytest.fixture
def news(site: Site) -> Path:
    """A folder with two articles, in a site with one feed."""
    folder = site.articles()
    (folder / "first.md").write_text(FIRST)
    (folder / "second.md").write_text(SECOND)
    site.feed()
    return folder


def test_articles_become_rss_and_atom(site: Site, news: Path) -> None:
    ran = site.publish()
    assert ran.code == 0
    assert ran.source("news")["status"] == "updated"
    assert (ran.source("news")["new"], ran.source("news")["error"]) == (2, None)
    assert ran.feed("all") == {
        "name": "all",
        "status": "written",
        "entries": 2,
        "files": ["all/rss.xml", "all/atom.xml"],
        "error": None,
        "problems": [],
    }
    assert site.titles("all/rss.xml") == site.titles("all/atom.xml") == ["Second", "First"]
    assert site.read().feed.title == "Feed all"
    assert site.read().entries[0].id == "tag:example.org,2026-10-02:news/second"


def test_the_report_has_exactly_the_promised_form(site: Site, news: Path) -> None:
    report = site.publish().report
    assert report.keys() == {"sources", "feeds", "site", "site_errors", "seconds"}
    assert report["sources"][0].keys() >= {"name", "status", "new", "changed", "withdrawn", "error", "next"}
    assert report["feeds"][0].keys() == {"name", "status", "entries", "files", "error", "problems"}
    assert datetime.fromisoformat(report["sources"][0]["next"]) > datetime.now(UTC)


def test_people_get_a_table_with_the_paths(site: Site, news: Path) -> None:
    ran = site.run("publish")
    assert " feeds/all/rss.xml" in ran.out
    assert "2 new, 0 changed, 0 withdrawn; 1 of 1 feeds written" in ran.out
    assert "INFO news: updated, 2 new" in ran.err


def test_quiet_says_nothing_when_all_is_well(site: Site, news: Path) -> None:
    ran = site.run("publish", "-q")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_quiet_says_what_is_wrong_though_the_rest_is_published(site: Site, news: Path) -> None:
    """Cron sends a mail where there is something to say."""
    (news / "broken.md").write_text("---\ntitle: [unclosed\n---\nWords.\n")
    ran = site.run("publish", "-q", "--due")
    assert (ran.code, ran.out) == (0, "")
    assert "news: broken.md" in ran.err


def test_nothing_new_touches_no_file_and_asks_upstreams_conditionally(
    site: Site, news: Path, upstream: Upstream
) -> None:
    """Promise 3: same entries, same bytes; a file is rewritten only when its bytes differ."""
    site.upstream("up", document(upstream, "/feed", rss(("2", "Two"), ("1", "One"))))
    assert site.publish().code == 0
    before = site.marks()
    assert len(before) == 2
    again = site.publish()
    assert again.code == 0
    assert [source["status"] for source in again.report["sources"]] == ["unchanged", "unchanged"]
    assert again.feed("all")["status"] == "unchanged"
    assert site.marks() == before
    assert [asked.headers.get("If-None-Match") is not None for asked in upstream.asked] == [False, True]


def test_an_edit_rewrites_only_the_feeds_that_carry_it_and_keeps_the_id(site: Site, news: Path) -> None:
    """Promise 1: an id, once published, never changes."""
    other = site.articles("other")
    (other / "x.md").write_text(SECOND.replace("Second", "Elsewhere"))
    site.feed("news", 'sources = ["news"]')
    site.feed("other", 'sources = ["other"]')
    site.publish()
    marks, ids = site.marks(), site.ids("news/atom.xml")
    (news / "first.md").write_text(FIRST.replace("first words", "better words"))
    ran = site.publish()
    assert (ran.source("news")["changed"], ran.source("news")["new"]) == (1, 0)
    touched = {name for name, mark in site.marks().items() if marks[name] != mark}
    assert touched == {"all/rss.xml", "all/atom.xml", "news/rss.xml", "news/atom.xml"}
    assert site.ids("news/atom.xml") == ids
    edited = next(entry for entry in site.read().entries if entry.title == "First")
    assert "better words" in edited.content[0].value
    assert edited.updated > edited.published


def test_a_renamed_article_keeps_its_id(site: Site, news: Path) -> None:
    site.publish()
    ids = site.ids()
    (news / "sub").mkdir()
    (news / "first.md").rename(news / "sub" / "renamed.md")
    ran = site.publish()
    assert (ran.source("news")["new"], ran.source("news")["withdrawn"]) == (0, 0)
    assert site.ids() == ids


def test_ids_survive_the_loss_of_the_state(site: Site, news: Path) -> None:
    site.publish()
    before = site.digests()
    for path in (site.root / ".feedmill").iterdir():
        path.unlink()
    site.publish()
    assert site.digests() == before


def test_a_deleted_article_leaves_the_feeds(site: Site, news: Path) -> None:
    site.publish()
    (news / "second.md").unlink()
    assert site.publish().source("news")["withdrawn"] == 1
    assert site.titles() == ["First"]


def test_a_draft_is_not_published(site: Site, news: Path) -> None:
    (news / "second.md").write_text(SECOND.replace("title:", "draft: true\ntitle:"))
    site.publish()
    assert site.titles() == ["First"]


def test_an_embargoed_article_waits(site: Site, news: Path) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    (news / "third.md").write_text(f"---\ntitle: Third\ndate: {tomorrow:%Y-%m-%dT%H:%M:%SZ}\n---\nLater.\n")
    assert site.publish().source("news")["new"] == 3
    assert site.titles() == ["Second", "First"]


def test_a_bad_article_is_reported_and_the_rest_is_published(site: Site, news: Path) -> None:
    (news / "broken.md").write_text("---\ntitle: [unclosed\n---\nWords.\n")
    (news / "binary.txt").write_bytes(b"\0\1\2\3")
    (news / "empty.md").write_text("")
    ran = site.publish()
    assert ran.code == 0
    told = "\n".join(ran.source("news")["problems"])
    for name in ("broken.md", "binary.txt", "empty.md"):
        assert f"news: {name}" in told
    assert site.titles() == ["Second", "First"]
    again = site.publish()
    assert "\n".join(again.source("news")["problems"]) == told


def test_an_article_that_breaks_stays_as_it_was(site: Site, news: Path) -> None:
    """Promise 5: errors never become content."""
    site.publish()
    before = site.digests()
    (news / "first.md").write_text("---\ntitle: [unclosed\n---\nWords.\n")
    site.publish()
    assert site.digests() == before


def test_a_failing_source_keeps_its_entries_in_the_feeds(site: Site, news: Path, upstream: Upstream) -> None:
    """Promise 5: a broken source keeps its last good entries; the failure goes to the report."""
    site.upstream("up", document(upstream, "/feed", rss(("1", "Upstream entry"))))
    site.publish()
    before = site.digests()
    upstream.serve("/feed", 500, b"<html>Internal error</html>")
    ran = site.publish()
    assert ran.code == 1
    assert ran.source("up")["status"] == "failed"
    assert "500" in ran.source("up")["error"]
    assert site.digests() == before
    upstream.serve("/feed", 200, b"<html><body>Please log in</body></html>", Content_Type="text/html")
    assert site.publish().source("up")["status"] == "failed"
    assert site.digests() == before


def test_a_folder_that_vanishes_withdraws_nothing(site: Site, news: Path) -> None:
    site.publish()
    before = site.digests()
    news.rename(site.root / "away")
    ran = site.publish()
    assert ran.code == 1
    assert "cannot be read" in ran.source("news")["error"]
    assert site.digests() == before


def test_nothing_is_published_before_anything_was_collected(site: Site, upstream: Upstream) -> None:
    """Promise 2: with the state lost and the network down, the last good file stays."""
    site.upstream("up", upstream.serve("/feed", 500))
    site.feed()
    published = site.root / "feeds" / "all" / "rss.xml"
    published.parent.mkdir(parents=True)
    published.write_text("the last good one")
    ran = site.publish()
    assert ran.code == 3
    assert ran.feed("all")["status"] == "failed"
    assert published.read_text() == "the last good one"


def test_the_same_story_from_two_sources_comes_once(site: Site, upstream: Upstream) -> None:
    story = rss(("story", "Story"))
    site.upstream("one", document(upstream, "/one", story))
    site.upstream("two", document(upstream, "/two", story.replace(b">story<", b">other-guid<")))
    site.feed()
    site.feed("two", 'sources = ["two"]')
    assert site.publish().code == 0
    assert site.titles() == ["Story"]
    assert site.titles("two/atom.xml") == ["Story"]


def test_a_feed_that_cannot_be_written_leaves_the_others(site: Site, news: Path) -> None:
    site.feed("second")
    (site.root / "feeds").mkdir()
    (site.root / "feeds" / "all").write_text("a file where a folder should be")
    ran = site.publish()
    assert ran.code == 1
    assert ran.feed("all")["status"] == "failed"
    assert "cannot be written" in ran.feed("all")["error"]
    assert ran.feed("second")["status"] == "written"


# --- which sources, which feeds, when


def test_due_collects_only_what_is_due(site: Site, news: Path, upstream: Upstream) -> None:
    site.upstream("up", document(upstream, "/feed", rss(("1", "One"))))
    site.publish()
    (news / "first.md").unlink()
    ran = site.publish("--due")
    assert ran.code == 0
    assert [source["status"] for source in ran.report["sources"]] == ["skipped", "skipped"]
    assert len(upstream.asked) == 1
    assert site.titles() == ["Second", "First", "One"] or sorted(site.titles()) == ["First", "One", "Second"]


def test_a_source_and_a_feed_can_be_named(site: Site, news: Path) -> None:
    (site.articles("other") / "x.md").write_text(SECOND.replace("Second", "Elsewhere"))
    site.feed("news", 'sources = ["news"]')
    site.feed("other", 'sources = ["other"]')
    ran = site.publish("--source", "other")
    assert [source["name"] for source in ran.report["sources"]] == ["other"]
    assert [feed["name"] for feed in ran.report["feeds"]] == ["all", "other"]
    ran = site.publish("--feed", "news")
    assert [source["name"] for source in ran.report["sources"]] == ["news"]
    assert [feed["name"] for feed in ran.report["feeds"]] == ["news"]


def test_a_name_that_does_not_exist_is_a_usage_error(site: Site, news: Path) -> None:
    ran = site.publish("--source", "newss")
    assert ran.code == 2
    assert "there is no source 'newss'; did you mean 'news'?" in ran.err


def test_a_server_that_says_later_is_left_alone_unless_forced(site: Site, upstream: Upstream) -> None:
    site.upstream("up", document(upstream, "/feed", rss(("1", "One"))))
    site.feed()
    site.publish()
    upstream.serve("/feed", 429, Retry_After="3600")
    assert site.publish().source("up")["status"] == "failed"
    asked = len(upstream.asked)
    ran = site.publish()
    assert ran.source("up")["status"] == "skipped"
    assert "asked to be left alone until" in ran.source("up")["error"]
    assert len(upstream.asked) == asked
    site.publish("--force")
    assert len(upstream.asked) == asked + 1
    assert site.titles() == ["One"]


def test_a_server_that_says_gone_is_not_asked_again_unless_forced(site: Site, upstream: Upstream) -> None:
    body = rss(("1", "One"))
    site.upstream("up", document(upstream, "/feed", body))
    site.feed()
    site.publish()
    upstream.serve("/feed", 410)
    ran = site.publish()
    assert (ran.source("up")["status"], ran.source("up")["next"]) == ("failed", None)
    assert site.publish().source("up")["status"] == "skipped"
    assert site.publish("--due").source("up")["status"] == "skipped"
    document(upstream, "/feed", body)
    assert site.publish("--force").source("up")["status"] == "unchanged"
    assert site.publish().source("up")["status"] == "unchanged"


def test_a_dry_run_tells_and_keeps_nothing(site: Site, news: Path) -> None:
    ran = site.publish("--dry-run")
    assert ran.feed("all")["status"] == "written"
    assert site.files() == {}
    assert not (site.root / ".feedmill").exists()
    site.publish()
    before = site.marks()
    (news / "first.md").unlink()
    assert site.publish("--dry-run").source("news")["withdrawn"] == 1
    assert site.marks() == before
    assert site.publish().source("news")["withdrawn"] == 1


def test_files_of_a_feed_that_is_no_longer_configured_are_removed_only_when_asked(site: Site, news: Path) -> None:
    site.feed("second", 'formats = ["rss"]')
    site.publish()
    site.config = site.config.replace("second", "third")
    site.publish()
    assert "second/rss.xml" in site.files()
    ran = site.run("publish", "--prune")
    assert "removed second/rss.xml" in ran.out
    assert site.files().keys() == {"all/rss.xml", "all/atom.xml", "third/rss.xml"}
    assert not (site.root / "feeds" / "second").exists()


def test_a_file_that_cannot_be_removed_is_reported_and_the_rest_goes(site: Site, news: Path) -> None:
    site.feed("second")
    site.publish()
    site.config = site.config.replace("second", "third")
    stuck = site.root / "feeds" / "second" / "rss.xml"
    stuck.unlink()
    stuck.mkdir()
    told = site.publish("--prune")
    assert told.code == 1
    assert told.feed("third")["status"] == "written"
    assert told.report["removed"] == ["second/atom.xml"]
    assert [problem for problem in told.report["problems"] if "second/rss.xml: cannot be removed" in problem]
    assert "ERROR" in told.err
    people = site.run("publish", "--prune")
    assert (people.code, "not removed: " in people.out) == (1, True)
    stuck.rmdir()
    stuck.write_text("it is a file again")
    assert site.publish("--prune").report["removed"] == ["second/rss.xml"]
    assert site.publish("--prune").report["removed"] == []


def test_a_dry_run_tells_what_would_be_removed(site: Site, news: Path) -> None:
    site.feed("second", 'formats = ["rss"]')
    site.publish()
    site.config = site.config.replace("second", "third")
    assert site.publish("--prune", "--dry-run").report["removed"] == ["second/rss.xml"]
    assert "would remove second/rss.xml" in site.run("publish", "--prune", "--dry-run").out
    assert "second/rss.xml" in site.files()


def test_what_a_crash_left_behind_is_cleaned_up(site: Site, news: Path) -> None:
    site.publish()
    (site.root / "feeds" / "all" / ".feedmill-x.tmp").write_text("half a fee")
    site.publish()
    assert [path.name for path in (site.root / "feeds" / "all").iterdir() if path.name.startswith(".")] == []


def test_two_at_once_take_turns_and_lose_nothing(site: Site, news: Path) -> None:
    """Promise 4: nothing collected is lost and nothing is published twice, by two runs at once."""
    for number in range(100):
        (news / f"{number}.md").write_text(FIRST.replace("First", f"Number {number}"))
    site.config = site.config.replace("[fetch]", "[publish]\nlimit = 500\n\n[fetch]")
    processes = [site.popen("publish", "--json") for _ in range(4)]
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, outputs
    assert len(site.ids()) == 102
    assert len(set(site.ids().values())) == 102


# --- the configuration


def test_every_error_of_the_configuration_is_told_at_once(site: Site, news: Path) -> None:
    site.config += "[publsh]\nlimit = 0\n"
    site.config = site.config.replace('path = "news"', 'pth = "news"')
    ran = site.publish()
    assert ran.code == 2
    assert ran.out == ""
    assert 'did you mean "path"' in ran.err
    assert "did you mean [publish]" in ran.err


def test_a_missing_configuration_says_what_to_do(site: Site) -> None:
    ran = site.run("publish", "-c", "nowhere.toml")
    assert ran.code == 2
    assert "nowhere.toml" in ran.err


def test_the_environment_names_configuration_and_state(
    site: Site, news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.save()
    (site.root / "config.toml").rename(site.root / "other.toml")
    monkeypatch.setattr(
        Site,
        "environment",
        os.environ
        | {
            "FEEDMILL_CONFIG": str(site.root / "other.toml"),
            "FEEDMILL_STATE_URL": f"sqlite:///{tmp_path}/elsewhere.db",
        },
    )
    monkeypatch.setattr(Site, "save", lambda _: None)
    assert site.publish().code == 0
    assert (tmp_path / "elsewhere.db").exists()
    assert not (site.root / ".feedmill").exists()


def test_a_damaged_state_is_reported_and_left(site: Site, news: Path) -> None:
    site.save()
    state = site.root / ".feedmill" / "state.sqlite3"
    state.parent.mkdir()
    state.write_text("this was a database once, I am sure of it")
    ran = site.publish()
    assert ran.code == 3
    assert "is not a state database" in ran.err
    assert state.read_text() == "this was a database once, I am sure of it"


def test_text_from_outside_cannot_command_the_terminal(site: Site, news: Path) -> None:
    (news / "\x1b[31mred\n.md").write_bytes(b"\0")
    ran = site.run("publish")
    assert "\x1b" not in ran.out + ran.err
    assert r"\x1b[31mred\n.md" in ran.out


# --- stopped


def under_way(site: Site, upstream: Upstream, answer: Callable[[Handler], None]) -> subprocess.Popen[str]:
    """Start `publish`; return when it waits for an answer of an upstream."""
    asked = threading.Event()

    def route(handler: Handler) -> None:
        asked.set()
        answer(handler)

    upstream.routes["/feed"] = route
    site.upstream("up", upstream.url("/feed"))
    site.feed()
    site.config = site.config.replace('timeout = "5s"', 'timeout = "60s"')
    process = site.popen("publish", "--json")
    site.services.append(process)
    assert asked.wait(60)
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(("status", "code"), [(200, 1), (500, 3)])
def test_the_first_signal_lets_it_finish_what_is_under_way(
    site: Site, upstream: Upstream, number: signal.Signals, status: int, code: int
) -> None:
    """Stopped is not all well; and where nothing could be published, that is what the exit code says."""
    go = threading.Event()

    def slowly(handler: Handler) -> None:
        go.wait(30)
        handler.reply(status, rss(("1", "Under way")), Content_Type="application/rss+xml")

    process = under_way(site, upstream, slowly)
    process.send_signal(number)
    go.set()
    out, err = process.communicate(timeout=60)
    assert (process.returncode, json.loads(out)["feeds"][0]["status"] == "written") == (code, code == 1), err


@pytest.mark.parametrize(
    ("first", "second"),
    [(signal.SIGINT, signal.SIGINT), (signal.SIGTERM, signal.SIGINT), (signal.SIGINT, signal.SIGTERM)],
)
def test_a_second_signal_ends_it_at_once(
    site: Site, upstream: Upstream, first: signal.Signals, second: signal.Signals
) -> None:
    process = under_way(site, upstream, Handler.stall)
    process.send_signal(first)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=1)  # two of a kind at once would be one to the system
    assert process.poll() is None
    process.send_signal(second)
    assert process.wait(timeout=30) == -second
