"""A feed whose inputs are as they were is not made again, and whatever could make it another one is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from factories import NOW, SPEC, article
from feedmill import runs
from feedmill.errors import WriteFailed
from feedmill.model import Category, FeedSpec, History, SplitBy, Status
from feedmill.pipeline import publishing as module
from feedmill.publish import Folder
from feedmill.select import select
from feedmill.store import Store
from world import World

DAY = timedelta(days=1)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tmp_path, monkeypatch)
    world.drafts["s"] = [article("a", published=NOW - DAY), article("b", published=NOW - 2 * DAY)]
    return world


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The feeds that were selected, one after the other."""
    found: list[str] = []

    def noting(spec: FeedSpec, *rest: object) -> object:
        found.append(spec.name)
        return select(spec, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "select", noting)
    return found


def run(world: World, spec: FeedSpec = SPEC, *names: str, force: bool = False) -> Status:
    report = runs.run(world.pipeline(*(names or ("s",)), feeds=(spec,)), force=force)
    return report.feeds[0].status


def atom(world: World) -> str:
    return (world.root / "feeds" / "all" / "atom.xml").read_text()


def test_an_unchanged_feed_is_not_made_again_and_its_outcome_says_the_same(world: World, made: list[str]) -> None:
    site = world.pipeline("s")
    first = runs.run(site).feeds[0]
    again = runs.run(site).feeds[0]
    assert made == ["all"]
    assert again == replace(first, status=Status.UNCHANGED)
    run(world, force=True)
    assert made == ["all", "all"]


def edit(world: World) -> None:
    world.drafts["s"][0] = replace(world.drafts["s"][0], content="<p>Edited.</p>")


def withdraw(world: World) -> None:
    del world.drafts["s"][1]
    world.present = {"a"}


def add(world: World) -> None:
    world.drafts["s"].append(article("c", published=NOW - 3 * DAY))


def damage(world: World) -> None:
    (world.root / "feeds" / "all" / "atom.xml").write_text("<feed/>")


def remove(world: World) -> None:
    (world.root / "feeds" / "all" / "rss.xml").unlink()


@pytest.mark.parametrize("change", [edit, withdraw, add, damage, remove])
def test_whatever_changes_a_feed_is_seen(world: World, made: list[str], change: Callable[[World], None]) -> None:
    world.present = {"a", "b"}
    run(world)
    change(world)
    assert run(world) is Status.WRITTEN
    assert made == ["all", "all"]
    assert run(world) is Status.UNCHANGED
    assert made == ["all", "all"]


def test_other_rules_make_another_feed(world: World) -> None:
    run(world)
    assert run(world, replace(SPEC, title="Another title")) is Status.WRITTEN
    assert run(world, replace(SPEC, title="Another title", limit=1)) is Status.WRITTEN


def test_a_source_that_is_taken_from_now_is_seen(world: World) -> None:
    run(world)
    world.drafts["t"] = [article("other", id="urn:x:other", published=NOW - DAY)]
    assert run(world, SPEC, "s", "t") is Status.WRITTEN


def test_an_embargo_that_ends_is_seen(world: World) -> None:
    world.drafts["s"].append(article("soon", published=NOW + DAY))
    run(world)
    world.now += DAY - timedelta(seconds=1)
    assert run(world) is Status.UNCHANGED
    world.now += timedelta(seconds=1)
    assert run(world) is Status.WRITTEN
    assert "soon" in atom(world)


def test_an_entry_that_grows_too_old_is_seen(world: World) -> None:
    spec = replace(SPEC, max_age=3 * DAY)
    run(world, spec)
    world.now += DAY
    assert run(world, spec) is Status.UNCHANGED
    world.now += timedelta(seconds=1)
    assert run(world, spec) is Status.WRITTEN


def test_an_entry_that_expires_is_seen(world: World) -> None:
    world.drafts["s"][0] = replace(world.drafts["s"][0], expires=NOW + DAY)
    run(world)
    world.now += DAY
    assert run(world) is Status.WRITTEN


def test_a_tombstone_that_falls_is_seen(world: World) -> None:
    world.present = {"a", "b"}
    run(world)
    withdraw(world)
    run(world)
    assert "deleted-entry" in atom(world)
    world.now += timedelta(days=30)
    assert run(world) is Status.WRITTEN
    assert "deleted-entry" not in atom(world)


def test_a_clock_that_is_set_back_is_seen(world: World, made: list[str]) -> None:
    run(world)
    world.now -= DAY
    run(world)
    assert made == ["all", "all"]


def test_what_a_crash_left_half_written_is_removed_all_the_same(world: World, made: list[str]) -> None:
    run(world)
    leftover = world.root / "feeds" / "all" / ".feedmill-x.tmp"
    leftover.touch()
    run(world)
    assert made == ["all"]
    assert not leftover.exists()


def test_a_theme_may_be_edited_by_hand_so_that_its_feeds_are_made_each_time(
    world: World, made: list[str], tmp_path: Path
) -> None:
    theme = tmp_path / "theme"
    theme.mkdir()
    (theme / "feed.html").write_text("<html><head></head><body>{{ feed.title }}</body></html>")
    spec = replace(SPEC, theme=str(theme))
    run(world, spec)
    run(world, spec)
    assert made == ["all", "all"]


def test_a_feed_of_which_nothing_could_be_recorded_is_made_again(
    world: World, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between the swap and the record heals by itself."""
    with monkeypatch.context() as crashing:
        crashing.setattr(Store, "record_feed", lambda *_, **__: 1 / 0)
        runs.run(world.pipeline("s"))
    run(world)
    assert made == ["all", "all"]
    assert [entry.name for entry in world.store.carried("all", SPEC.order)] == ["a", "b"]


SPLIT = replace(SPEC, split_by=SplitBy.CATEGORY)


def split(world: World, spec: FeedSpec = SPLIT) -> dict[str, Status]:
    return {feed.name: feed.status for feed in runs.run(world.pipeline("s", feeds=(spec,))).feeds}


@pytest.fixture
def divided(world: World, made: list[str]) -> World:
    for place, category in enumerate(("a", "b")):
        world.drafts["s"][place] = replace(world.drafts["s"][place], categories=(Category(term=category),))
    assert split(world) == dict.fromkeys(("all", "all/a", "all/b"), Status.WRITTEN)
    made.clear()
    return world


def test_a_feed_that_is_split_stands_with_all_its_parts(divided: World, made: list[str]) -> None:
    assert split(divided) == dict.fromkeys(("all", "all/a", "all/b"), Status.UNCHANGED)
    assert made == []
    (divided.root / "feeds" / "all" / "b" / "rss.xml").unlink()
    assert split(divided) == {"all": Status.UNCHANGED, "all/a": Status.UNCHANGED, "all/b": Status.WRITTEN}
    edit(divided)
    assert split(divided) == {"all": Status.WRITTEN, "all/a": Status.WRITTEN, "all/b": Status.UNCHANGED}


def test_a_part_that_failed_is_made_again_with_the_others(divided: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Folder.swap

    def failing(folder: Folder, path: str, body: bytes) -> bool:
        if path.startswith("all/c/"):
            raise WriteFailed("cannot be written")
        return real(folder, path, body)

    add(divided)
    divided.drafts["s"][-1] = replace(divided.drafts["s"][-1], categories=(Category(term="c"),))
    with monkeypatch.context() as broken:
        broken.setattr(Folder, "swap", failing)
        assert split(divided)["all/c"] is Status.FAILED
    assert split(divided)["all/c"] is Status.WRITTEN
    assert set(split(divided).values()) == {Status.UNCHANGED}


def test_a_part_that_a_crash_kept_from_being_known_is_made(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.drafts["s"][0] = replace(world.drafts["s"][0], categories=(Category(term="a"),))
    with monkeypatch.context() as crashing:
        crashing.setattr(Store, "add_splits", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            split(world)
    assert split(world) == {"all": Status.UNCHANGED, "all/a": Status.WRITTEN}


def test_an_entry_that_is_too_old_tells_its_story_in_no_other_part(world: World, made: list[str]) -> None:
    """What a part carries depends on the age of entries of other parts, so that these are made each time."""
    spec = replace(SPLIT, max_age=10 * DAY)
    world.drafts["s"][0] = replace(world.drafts["s"][0], categories=(Category(term="a"),))
    split(world, spec)
    made.clear()
    split(world, spec)
    assert made == ["all"], "to be divided again"


def test_a_complete_feed_without_room_tells_so_each_time(
    world: World, made: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    spec = replace(SPEC, history=History.COMPLETE, limit=1)
    run(world, spec)
    run(world, spec)
    assert caplog.text.count("too many to be complete") == 2
