"""Runs over a site whose sources are plain functions: what is collected, published, and due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from factories import NOW, SPEC, article, item
from feedmill import runs
from feedmill.config import Config
from feedmill.errors import CheckFailed, FeedmillError, NotifyError, StatusError, WriteFailed
from feedmill.model import (
    Alias,
    AliasKind,
    FeedOutcome,
    Fetched,
    Hints,
    Outcome,
    Schedule,
    Status,
    Validators,
)
from feedmill.pipeline import Pipeline, publishing
from feedmill.publish import Folder
from feedmill.render import RENDERERS
from feedmill.store import Store
from world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path, monkeypatch)
    yield made
    made.store.close()


def statuses(outcomes: tuple[Outcome, ...]) -> dict[str, str]:
    return {outcome.source: outcome.status.value for outcome in outcomes}


def test_outcomes_come_in_the_order_of_the_configuration_and_each_is_watched(world: World) -> None:
    seen: list[Outcome | FeedOutcome] = []
    report = runs.run(world.pipeline("c", "a", "b"), watch=seen.append)
    assert [outcome.source for outcome in report.sources] == ["c", "a", "b"]
    assert len(seen) == 4


def test_a_defect_in_one_source_is_its_failure_alone(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.failures["bad"] = ZeroDivisionError("oh")
    world.drafts["good"] = [article("a")]
    report = runs.run(world.pipeline("bad", "good"))
    assert statuses(report.sources) == {"bad": "failed", "good": "updated"}
    assert "unexpected ZeroDivisionError: oh" in (report.sources[0].error or "")
    assert report.feeds[0].status is Status.WRITTEN


def test_a_defect_met_at_a_trial_is_told_as_an_error(world: World, caplog: pytest.LogCaptureFixture) -> None:
    site = world.pipeline("bad")
    world.unreadable["bad"] = ZeroDivisionError("oh")
    with pytest.raises(FeedmillError, match="unexpected ZeroDivisionError: oh"):
        site.attempt(site.config.sources[0])


@pytest.mark.parametrize(
    ("arguments", "new"),
    [
        ({}, 0),
        ({"force": True}, 0),
        ({"sources": ["s"]}, 0),
        ({"force": True, "feeds": ["all"]}, 0),
        ({"force": True, "sources": ["s"]}, 9),
    ],
)
def test_only_force_and_the_name_of_a_source_release_what_is_held(
    world: World, arguments: dict[str, Any], new: int
) -> None:
    site = world.pipeline("s", "other")
    world.drafts["s"] = [item("now", published_at_first=NOW)]
    runs.run(site)
    world.drafts["s"] = [item(str(age), published_at_first=NOW - timedelta(days=age)) for age in range(1, 10)]
    assert runs.run(site).sources[0].new == 0
    outcome = runs.run(site, **arguments).sources[0]
    assert (outcome.new, world.store.held_counts().get("s", 0)) == (new, 9 - new)
    assert bool(outcome.problems) == (not new)


def test_a_look_that_cannot_be_read_does_not_keep_the_validators(world: World) -> None:
    """Else the next look would be answered 304, and the entries never come."""
    world.unreadable["s"] = ValueError("login page")
    site = world.pipeline("s")
    runs.run(site)
    world.unreadable.clear()
    runs.run(site)
    assert world.tools["s"].validators == Validators()
    runs.run(site)
    assert world.tools["s"].validators == Validators(etag="of s")


def test_a_change_of_settings_that_shape_entries_reads_everything_again(world: World) -> None:
    site = world.pipeline("s")
    runs.run(site)
    source = site.config.sources[0]
    for changed in ({"every": timedelta(days=1)}, {"language": "fr"}):
        values = {name: getattr(site.config, name) for name in Config.__slots__}
        values["sources"] = (type(source)(name="s", kind="feed", url=source.url, **changed),)
        runs.run(Pipeline(Config(**values), world.store, site.destination, clock=lambda: world.now))
        expected = Validators(etag="of s") if "every" in changed else Validators()
        assert world.tools["s"].validators == expected


def test_failures_are_counted_and_forgotten_after_a_success(world: World) -> None:
    site = world.pipeline("s")
    world.failures["s"] = StatusError("no", status=500)
    runs.run(site)
    runs.run(site)
    assert world.store.source_state("s").failures == 2
    del world.failures["s"]
    runs.run(site)
    state = world.store.source_state("s")
    assert (state.failures, state.error, state.last_success) == (0, None, NOW)


def test_what_is_due_is_the_earliest_of_sources_and_embargoes(world: World) -> None:
    site = world.pipeline("s", "t")
    assert runs.next_due(site) == NOW
    world.drafts["s"] = [article("a", published=NOW + timedelta(minutes=5))]
    runs.run(site)
    assert runs.next_due(site) == NOW + timedelta(minutes=5)
    world.now = NOW + timedelta(minutes=5)
    assert (runs.next_due(site) or NOW) >= NOW + timedelta(hours=1)


def test_a_due_run_publishes_what_an_embargo_held(world: World) -> None:
    site = world.pipeline("s")
    world.drafts["s"] = [article("a", published=NOW + timedelta(minutes=5))]
    assert runs.run(site).feeds[0].entries == 0
    world.now = NOW + timedelta(minutes=5)
    report = runs.run(site, due=True)
    assert statuses(report.sources) == {"s": "skipped"}
    assert (report.feeds[0].status, report.feeds[0].entries) == (Status.WRITTEN, 1)


@pytest.mark.parametrize(
    ("jump", "status"),
    [(timedelta(days=-1), "unchanged"), (timedelta(days=365), "unchanged"), (timedelta(minutes=1), "skipped")],
)
def test_a_clock_that_jumps_silences_no_source(world: World, jump: timedelta, status: str) -> None:
    site = world.pipeline("s")
    runs.run(site)
    world.now = NOW + jump
    assert statuses(runs.run(site, due=True).sources) == {"s": status}


def corrected(site: Pipeline, **changes: Any) -> Pipeline:
    """The same site after its first source was changed in config.toml."""
    first, *others = site.config.sources
    config = replace(site.config, sources=(replace(first, **changes), *others))
    return Pipeline(config, site.store, site.destination, clock=site.clock)


@pytest.mark.parametrize(
    "failure",
    [
        StatusError("gone", status=410),
        StatusError("later", status=429, wait=timedelta(days=5)),
        StatusError("nowhere", status=404),
    ],
)
def test_a_corrected_address_is_asked_at_once(world: World, failure: Exception) -> None:
    site = world.pipeline("s")
    world.failures["s"] = failure
    runs.run(site)
    assert statuses(runs.run(site, due=True).sources) == {"s": "skipped"}
    del world.failures["s"]
    better = corrected(site, url="https://up.example/better")
    assert statuses(runs.run(better, due=True).sources) == {"s": "unchanged"}


@pytest.mark.parametrize(
    ("failure", "due"),
    [
        (StatusError("gone", status=410), None),
        (StatusError("later", status=429, wait=timedelta(days=5)), NOW + timedelta(days=5)),
    ],
)
def test_other_changes_of_settings_do_not_forget_what_the_server_asked_for(
    world: World, failure: Exception, due: datetime | None
) -> None:
    site = world.pipeline("s")
    world.failures["s"] = failure
    runs.run(site)
    del world.failures["s"]
    other = corrected(site, language="fr")
    assert statuses(runs.run(other).sources) == {"s": "skipped"}
    assert runs.next_due(other) == due


def test_other_changes_of_settings_do_not_forget_where_a_source_moved(world: World) -> None:
    site = world.pipeline("s")
    here = site.config.sources[0].url or ""
    world.moves[here] = "https://new.example/feed"
    for _ in range(3):
        runs.run(site)
    runs.run(corrected(site, language="fr"))
    assert world.tools["s"].address == "https://new.example/feed"
    assert world.tools["s"].validators == Validators()
    better = corrected(site, url="https://up.example/better")
    better.attempt(better.config.sources[0])
    assert world.tools["s"].address == "https://up.example/better"


def test_a_failure_after_a_change_of_settings_does_not_bring_the_old_validators_back(world: World) -> None:
    site = world.pipeline("s")
    runs.run(site)
    other = corrected(site, url="https://up.example/other")
    world.failures["s"] = StatusError("no", status=500)
    runs.run(other)
    del world.failures["s"]
    runs.run(other)
    assert world.tools["s"].validators == Validators()


def test_a_shorter_interval_counts_at_once(world: World) -> None:
    site = world.pipeline("s")
    runs.run(site)
    world.now = NOW + timedelta(minutes=20)
    assert statuses(runs.run(site, due=True).sources) == {"s": "skipped"}
    assert statuses(runs.run(corrected(site, every=timedelta(minutes=15)), due=True).sources) == {"s": "unchanged"}


def test_a_wait_that_a_server_asks_for_is_kept_though_the_clock_is_set_back(world: World) -> None:
    site = world.pipeline("s")
    world.failures["s"] = StatusError("later", status=429, wait=timedelta(hours=2))
    runs.run(site)
    world.now = NOW - timedelta(hours=1)
    assert runs.next_due(site) == NOW + timedelta(hours=2)
    assert statuses(runs.run(site, due=True).sources) == {"s": "skipped"}


def test_a_wait_that_a_wrong_clock_wrote_down_is_not_kept_for_a_year(world: World) -> None:
    site = world.pipeline("s")
    world.failures["s"] = StatusError("later", status=429, wait=timedelta(hours=2))
    world.now = NOW + timedelta(days=365)
    runs.run(site)
    world.now = NOW
    del world.failures["s"]
    assert statuses(runs.run(site).sources) == {"s": "unchanged"}


class Killed(BaseException):
    """As sudden as kill -9."""


def killed_before_the_record(site: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a site that dies when its documents are swapped, and before that is recorded."""

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Store, "record_feed", killed)
        with pytest.raises(Killed):
            runs.run(site)


def test_a_story_that_readers_saw_before_a_crash_keeps_its_id(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 1 and promise 4, where the power fails between the swap of a document and its record."""
    story = Alias(kind=AliasKind.URL, value="//up.example/story")
    site = world.pipeline("a", "b")
    told = article("x", id="urn:x:of-b", published=NOW)
    world.drafts["b"] = [replace(told, aliases=(story,))]
    killed_before_the_record(site, monkeypatch)
    world.drafts["a"] = [replace(told, id="urn:x:of-a", aliases=(story,))]
    runs.run(site)
    published = (world.root / "feeds" / "all" / "atom.xml").read_text()
    assert "urn:x:of-b" in published
    assert "urn:x:of-a" not in published


def test_one_page_under_many_entries_hides_no_other_story(world: World) -> None:
    page = Alias(kind=AliasKind.URL, value="//p.example/")
    several = [article(name, name) for name in ("one", "two", "three")]
    world.drafts["a"] = [replace(draft, aliases=(*draft.aliases, page)) for draft in several]
    lone = article("four", "four", id="urn:x:four")
    world.drafts["b"] = [replace(lone, aliases=(*lone.aliases, page))]
    assert runs.run(world.pipeline("a", "b")).feeds[0].entries == 4


def test_what_the_schema_forbids_is_the_failure_of_its_source_alone(world: World) -> None:
    world.drafts["bad"] = [article("a", id="")]
    world.drafts["good"] = [article("b")]
    report = runs.run(world.pipeline("bad", "good"))
    assert statuses(report.sources) == {"bad": "failed", "good": "updated"}
    assert "the state refuses" in (report.sources[0].error or "")


def test_a_feed_that_works_again_loses_its_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.drafts["s"] = [article("a")]
    site = world.pipeline("s")
    runs.run(site)

    def full(*_: object) -> bool:
        raise WriteFailed("cannot be written")

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "swap", full)
        runs.run(site)
    assert world.store.feed_states()["all"].error is not None
    runs.run(site)
    assert world.store.feed_states()["all"].error is None


def test_a_stopped_run_publishes_what_it_has_and_says_what_it_left(world: World) -> None:
    stop = Event()
    stop.set()
    world.drafts["s"] = [article("a")]
    site = world.pipeline("s", "t")
    runs.run(site, sources=["s"])
    report = runs.run(site, stop=stop)
    assert statuses(report.sources) == {"s": "skipped", "t": "skipped"}
    assert report.feeds[0].entries == 1


def test_a_document_that_fails_its_check_replaces_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 2: a feed that fails its own check is not published: the last good one stays."""
    world.drafts["s"] = [article("a")]
    site = world.pipeline("s")
    runs.run(site)
    published = {path: path.read_bytes() for path in (world.root / "feeds" / "all").iterdir()}
    broken = RENDERERS["atom"]

    def refuse(*_: object) -> None:
        raise CheckFailed("it is not what it should be", where="atom.xml, line 1")

    changed = type(broken)(name="atom", file_name="atom.xml", media_type="x", render=broken.render, check=refuse)
    monkeypatch.setattr(publishing, "renderer", lambda name: changed if name == "atom" else RENDERERS[name])
    world.drafts["s"] = [article("a"), article("b")]
    report = runs.run(site)
    assert report.feeds[0].status is Status.FAILED
    assert {path: path.read_bytes() for path in (world.root / "feeds" / "all").iterdir()} == published
    assert "not what it should be" in (world.store.feed_states()["all"].error or "")


def test_the_date_of_a_feed_is_its_newest_and_never_goes_back(world: World) -> None:
    """Promise 3: no clock in the output: feed dates come from entries."""
    site = world.pipeline("s")
    runs.run(site)
    empty = (world.root / "feeds" / "all" / "atom.xml").read_text()
    assert "<updated>1990-01-01T00:00:00" in empty
    world.drafts["s"] = [article("a", published=datetime(2026, 5, 1, 7, tzinfo=NOW.tzinfo))]
    runs.run(site)
    assert world.store.feed_states()["all"].updated == datetime(2026, 5, 1, 7, tzinfo=NOW.tzinfo)
    world.drafts["s"] = [article("a", published=datetime(2026, 4, 1, 7, tzinfo=NOW.tzinfo))]
    runs.run(site)
    assert world.store.feed_states()["all"].updated == datetime(2026, 5, 1, 7, tzinfo=NOW.tzinfo)


def test_a_crash_between_the_swap_and_its_record_heals(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 4, at the one place where a file is written and the record is not."""
    world.drafts["s"] = [article("a")]
    site = world.pipeline("s")
    killed_before_the_record(site, monkeypatch)
    assert (world.root / "feeds" / "all" / "rss.xml").exists()
    assert world.store.feed_states()["all"].entries == 0
    report = runs.run(site)
    assert report.feeds[0].status is Status.UNCHANGED
    assert world.store.feed_states()["all"].entries == 1


# --- what servers and feeds say ----------------------------------------------------------------------


OLD, NEW = "https://up.example/feed", "https://new.example/feed"


def test_an_address_that_moved_for_good_is_asked_after_three_looks(world: World) -> None:
    site = world.pipeline("s")
    world.moves[OLD] = NEW
    asked = []
    for _ in range(5):
        runs.run(site)
        asked.append(world.tools["s"].address)
    assert asked == [OLD, OLD, OLD, NEW, NEW]
    assert world.store.source_state("s").address == NEW
    assert world.tools["s"].validators == Validators(etag="of s"), "it is the same feed"


def test_a_corrected_address_is_asked_instead_of_one_that_was_believed(world: World) -> None:
    site = world.pipeline("s")
    world.moves[OLD] = NEW
    for _ in range(3):
        runs.run(site)
    better = "https://up.example/better"
    runs.run(corrected(site, url=better))
    assert world.tools["s"].address == better
    assert world.store.source_state("s").address is None


def test_a_believed_address_that_fails_is_doubted_and_the_sources_own_asked_again(world: World) -> None:
    site = world.pipeline("s")
    world.moves[OLD] = NEW
    for _ in range(3):
        runs.run(site)
    world.failures["s"] = StatusError("no", status=404)
    for _ in range(3):
        runs.run(site)
        assert world.tools["s"].address == NEW
    runs.run(site)
    assert world.tools["s"].address == OLD


def test_hints_outlive_an_unchanged_look_and_count_by_the_present_schedule(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = world.pipeline("s")
    world.hints = Hints(ttl=timedelta(hours=5))
    runs.run(site)
    assert runs.next_due(site) == NOW + timedelta(hours=5)
    monkeypatch.setattr(world, "collect", lambda source, _: Fetched(source=source.name, unchanged=True))
    world.now = NOW + timedelta(hours=5)
    runs.run(site, due=True)
    assert runs.next_due(site) == NOW + timedelta(hours=10)
    hurried = Pipeline(
        replace(site.config, schedule=Schedule(max=timedelta(hours=2))), site.store, site.destination, site.clock
    )
    assert runs.next_due(hurried) == NOW + timedelta(hours=7)


def test_how_long_an_answer_is_fresh_is_told_anew_by_each_answer(world: World) -> None:
    site = world.pipeline("s")
    world.fresh_for = timedelta(hours=5)
    runs.run(site)
    assert runs.next_due(site) == NOW + timedelta(hours=5)
    world.fresh_for = None
    world.now = NOW + timedelta(hours=5)
    runs.run(site, due=True)
    assert timedelta(hours=1) <= (runs.next_due(site) or NOW) - world.now <= timedelta(hours=1.1)


def test_an_unchanged_answer_that_names_no_freshness_leaves_the_one_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = world.pipeline("s")
    world.fresh_for = timedelta(hours=5)
    runs.run(site)
    world.now = NOW + timedelta(hours=5)
    monkeypatch.setattr(world, "collect", lambda source, _: Fetched(source=source.name, unchanged=True))
    runs.run(site, due=True)
    assert runs.next_due(site) == NOW + timedelta(hours=10)


def test_an_unchanged_answer_that_is_not_fresh_takes_the_freshness_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = world.pipeline("s")
    world.fresh_for = timedelta(hours=5)
    runs.run(site)
    stale = Fetched(source="s", unchanged=True, fresh_for=timedelta())
    monkeypatch.setattr(world, "collect", lambda *_: stale)
    runs.run(site)
    assert (runs.next_due(site) or NOW) - NOW <= timedelta(hours=1.1)


def test_a_source_is_looked_at_by_the_dates_of_its_entries(world: World) -> None:
    site = world.pipeline("s")
    dates = [NOW - timedelta(hours=12) * number for number in range(8)]
    world.drafts["s"] = [article(f"{date}", content=f"{date}", published=date) for date in dates]
    runs.run(site)
    assert timedelta(hours=6) <= (runs.next_due(site) or NOW) - NOW <= timedelta(hours=6.6)


def test_a_host_that_asks_for_rest_twice_is_left_alone_with_all_its_sources(world: World) -> None:
    site = world.pipeline("a", "b")
    rest = StatusError("later", status=503, wait=timedelta(hours=2))
    world.failures = {"a": rest, "b": rest}
    assert statuses(runs.run(site).sources) == {"a": "failed", "b": "failed"}
    third = world.pipeline("a", "b", "c")
    outcome = runs.run(third).sources[2]
    assert (outcome.status, outcome.next) == (Status.SKIPPED, NOW + timedelta(hours=2))
    assert "up.example asked to be left alone until" in (outcome.error or "")
    assert statuses(runs.run(third, force=True).sources)["c"] == "unchanged"


def test_a_host_behind_a_redirect_asks_for_itself_alone(world: World) -> None:
    site = world.pipeline("a", "b")
    rest = StatusError("later", status=429, wait=timedelta(hours=2))
    rest.host = "behind.example"
    world.failures = {"a": rest, "b": rest}
    runs.run(site)
    assert {host: known.strikes for host, known in world.store.host_states().items()} == {"behind.example": 2}
    assert statuses(runs.run(world.pipeline("c")).sources) == {"c": "unchanged"}
    world.host = "behind.example"
    runs.run(world.pipeline("d"))
    assert world.store.host_states() == {}, "it answered well"


def test_within_one_run_too_a_host_that_asked_for_rest_twice_is_asked_no_more(world: World) -> None:
    site = world.pipeline("a", "b", "c")
    world.failures = dict.fromkeys(("a", "b", "c"), StatusError("later", status=429, wait=timedelta(hours=2)))
    assert sorted(statuses(runs.run(site).sources).values()) == ["failed", "failed", "skipped"]


def test_an_answer_from_a_host_makes_its_next_request_for_rest_a_first_one(world: World) -> None:
    site = world.pipeline("a", "b")
    rest = StatusError("later", status=429, wait=timedelta(minutes=5))
    world.failures = {"a": rest}
    runs.run(site)
    runs.run(site)
    assert world.store.host_states() == {}
    world.now = NOW + timedelta(hours=1)
    world.failures = {"b": rest}
    runs.run(site, sources=["b"])
    assert world.store.host_states()["up.example"].wait_until is None


def test_other_failures_are_no_matter_of_the_host(world: World) -> None:
    site = world.pipeline("a", "b")
    world.failures = dict.fromkeys(("a", "b"), StatusError("broken", status=500, wait=timedelta(hours=2)))
    runs.run(site)
    assert world.store.host_states() == {}


# --- hubs ---------------------------------------------------------------------------------------------


HUB = "https://hub.example/"


class Hubs:
    """Hubs that are told, or fail."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []
        self.down = False

    def tell(self, hub: str, topics: Sequence[str], _: str) -> None:
        self.told.append((hub, len(topics)))
        if self.down:
            raise NotifyError("down", where=hub)


def with_hub(world: World, hubs: Hubs) -> Pipeline:
    spec = replace(SPEC, hubs=(HUB,))
    site = world.pipeline("s", feeds=(spec,))
    return Pipeline(site.config, site.store, site.destination, site.clock, tell=hubs.tell)


def test_a_hub_that_fails_is_told_again_after_twice_the_time_and_then_given_up(world: World) -> None:
    hubs = Hubs()
    hubs.down = True
    site = with_hub(world, hubs)
    world.drafts["s"] = [article("a")]
    runs.run(site)
    waits = []
    while (due := world.store.next_ping()) is not None:
        waits.append((due - world.now).total_seconds() / 60)
        assert runs.next_due(site) == min(due, runs.next_due(site) or due)
        world.now = due
        runs.run(site, due=True)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert len(hubs.told) == 12


def test_a_change_while_the_hub_is_down_asks_it_no_earlier_and_is_told_with_the_rest(world: World) -> None:
    hubs = Hubs()
    hubs.down = True
    site = with_hub(world, hubs)
    world.drafts["s"] = [article("a")]
    runs.run(site)
    world.drafts["s"] = [article("a"), article("b")]
    runs.run(site)
    assert hubs.told == [(HUB, 2)]
    hubs.down = False
    world.now += timedelta(minutes=1)
    runs.run(site, due=True)
    assert hubs.told == [(HUB, 2), (HUB, 2)]
    assert world.store.pings() == []


def test_a_hub_is_told_of_what_a_crash_kept_from_being_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hubs = Hubs()
    site = with_hub(world, hubs)
    world.drafts["s"] = [article("a")]
    killed_before_the_record(site, monkeypatch)
    assert hubs.told == []
    runs.run(site)
    assert hubs.told == [(HUB, 2)]


def test_a_change_while_the_hub_is_down_wakes_nobody_before_its_time(world: World) -> None:
    hubs = Hubs()
    hubs.down = True
    spec, other = replace(SPEC, hubs=(HUB,)), replace(SPEC, name="other", hubs=(HUB,))
    made = world.pipeline("s", feeds=(spec,))
    world.drafts["s"] = [article("a")]
    runs.run(Pipeline(made.config, made.store, made.destination, made.clock, tell=hubs.tell))
    more = replace(made.config, feeds=(spec, other))
    site = Pipeline(more, made.store, made.destination, made.clock, tell=hubs.tell)
    runs.run(site)
    assert runs.next_due(site) == NOW + timedelta(minutes=1)
    assert len(hubs.told) == 1
