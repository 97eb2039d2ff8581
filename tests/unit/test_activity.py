"""What was done is remembered in numbers: looks by day and in all, the last runs; and not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from factories import NOW, entry
from feedmill import runs
from feedmill.errors import NetworkError
from feedmill.model import Changes, FeedSpec, Run, SourceState, Tally
from feedmill.store import Store
from feedmill.store.activity import DAYS_KEPT, RUNS_KEPT
from world import World

TODAY = NOW.date()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'state.sqlite3'}")
    yield opened
    opened.close()


def look(store: Store, name: str = "s", *, days: int = 0, new: int = 0, failed: int = 0, **told: object) -> None:
    """Record a look of so many days ago."""
    now = NOW - timedelta(days=days)
    entries = tuple(entry(id=f"{name} {days} {number}", source=name) for number in range(new))
    changes = Changes(new=entries, revisions={one.id: "r" for one in entries})
    store.record_look(SourceState(name=name, failures=failed), now, changes=changes, **told)  # type: ignore[arg-type]


def run(number: int) -> Run:
    return Run(began=NOW + timedelta(minutes=number), seconds=number)


def test_looks_are_added_up_by_source_and_day(store: Store) -> None:
    look(store, received=1000, new=3)
    look(store, not_modified=True)
    look(store, failed=1)
    look(store, "other", received=7)
    look(store, days=1, received=50)
    of_today = Tally(looks=3, not_modified=1, failed=1, received=1000, new=3)
    found = store.activity.days_of(["s", "never"], TODAY - timedelta(days=5), TODAY)
    assert found == {"s": {TODAY: of_today, TODAY - timedelta(days=1): Tally(1, received=50)}, "never": {}}
    assert store.activity.days(TODAY) == {TODAY: of_today + Tally(1, received=7)}
    assert store.activity.totals() == {"s": of_today + Tally(1, received=50), "other": Tally(1, received=7)}


def test_days_go_when_they_are_old_and_totals_stay(store: Store) -> None:
    look(store, days=DAYS_KEPT + 1)
    look(store, days=DAYS_KEPT)
    store.activity.record_run(run(0))
    assert list(store.activity.days(date.min)) == [TODAY - timedelta(days=DAYS_KEPT)]
    assert store.activity.totals() == {"s": Tally(2)}


def test_the_last_runs_are_kept_and_numbered_on(store: Store) -> None:
    for number in range(RUNS_KEPT + 5):
        assert store.activity.record_run(run(number)) == number + 1
    kept = store.activity.runs()
    assert [one.number for one in kept] == list(range(RUNS_KEPT + 5, 5, -1))
    assert kept[0].began == run(RUNS_KEPT + 4).began
    assert [one.number for one in store.activity.runs(2)] == [RUNS_KEPT + 5, RUNS_KEPT + 4]


def test_entries_are_counted_by_the_days_of_their_dates(store: Store) -> None:
    dated = [entry(id=str(n), source="s", published=NOW - timedelta(days=n // 2)) for n in range(4)]
    store.record_look(
        SourceState(name="s"), NOW, changes=Changes(new=tuple(dated), revisions=dict.fromkeys("0123", "r"))
    )
    counts = {TODAY: 2, TODAY - timedelta(days=1): 2}
    assert store.activity.published(TODAY - timedelta(days=1), ["s", "other"]) == {"s": counts}
    assert store.activity.published(TODAY) == {"": {TODAY: 2}}


def test_a_watcher_sees_what_anybody_writes_and_nothing_else(store: Store, tmp_path: Path) -> None:
    with store.activity.watch() as changed:
        assert not changed()
        look(store)
        assert changed()
        assert not changed()
        other = Store(f"sqlite:///{tmp_path / 'state.sqlite3'}")
        look(other)
        other.close()
        assert changed()
        store.source_states()
        assert not changed()


def test_a_run_is_put_on_record_with_what_it_came_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, monkeypatch)
    world.failures["ill"] = NetworkError("it does not answer")
    site = world.pipeline("well", "ill")
    runs.run(site)
    runs.run(site, due=True)  # nothing is due, and nothing is written
    (found,) = world.store.activity.runs()
    assert (found.number, found.began) == (1, NOW)
    assert found.sources == {"unchanged": 1, "failed": 1}
    assert found.errors == (("ill", "it does not answer"),)
    assert world.store.activity.totals() == {"well": Tally(1), "ill": Tally(1, failed=1)}


def test_a_prospect_is_what_would_be_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from factories import SPEC, item

    spec: FeedSpec = SPEC
    world = World(tmp_path, monkeypatch)
    world.drafts["s"] = [item("a"), item("b")]
    site = world.pipeline("s", feeds=(spec,))
    runs.run(site, feeds=["nothing"])
    runs.run(site, sources=["s"], feeds=[])
    assert site.store.carried("all", spec.order) == []
    assert {one.title for one in site.prospect(spec)} == {"Title of a", "Title of b"}
