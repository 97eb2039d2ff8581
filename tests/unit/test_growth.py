"""What a long history costs: every statement of everyday work finds its rows by an index that fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from alembic.command import upgrade
from alembic.config import Config
from sqlalchemy import create_engine, event

from benchmarks.growth import Bench, opened
from benchmarks.state import State, archive_files, draft, grow
from factories import NOW, SPEC, entry
from feedmill import runs
from feedmill import store as package
from feedmill.model import Archive, Changes, Entry, FeedState, Order, SourceState
from feedmill.publish import Folder
from feedmill.select import select
from feedmill.store import Store, choice
from feedmill.store.entries import encode

STATE = State(number=300, sources=5, limit=20, withdrawn=7)

GROWING = ("entries", "aliases", "feed_entries", "archive_entries")
"""The tables that grow for ever."""

WHOLE_FEED = re.compile(r"SEARCH (feed_entries|archive_entries)\w* USING .*sqlite_autoindex\w* \(feed=\?\)")
"""A search that reads all that a feed ever carried, or archived."""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    grow(f"sqlite:///{tmp_path / 'state.sqlite3'}", STATE)
    archive_files(tmp_path / "feeds", STATE, ("rss.xml", "atom.xml"))
    with opened(tmp_path, STATE) as site:
        yield site


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 's.sqlite3'}")
    yield store
    store.close()


def everyday(bench: Bench) -> None:
    """Do everything that a run does, and the service between runs."""
    bench.refresh()
    bench.refresh_with_news()
    bench.publish()
    bench.refresh()
    bench.publish()
    store, feed, names = bench.store, bench.state.feed, bench.state.names
    bench.pipeline.publish_front()
    runs.next_due(bench.pipeline)
    store.expire(bench.now)
    store.origins(names)
    store.release(names[0])
    store.carried(feed, Order.UPDATED)
    with store.news([feed]) as news:
        next(news)
    with store.candidates(feed, names, Order.UPDATED) as candidates:
        next(candidates.pages)
    store.stamps(names[0])
    store.recent_dates(names[0])
    bench.pipeline.explain(draft(names[0], 0).id)


def statements(bench: Bench) -> dict[str, Any]:
    """Return the statements of everyday work, each with some parameters."""
    found: dict[str, Any] = {}

    def note(*told: Any) -> None:
        _, _, statement, parameters, _, many = told
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            found.setdefault(statement, parameters[0] if many else parameters)

    engine = bench.store._database._engine
    event.listen(engine, "before_cursor_execute", note)
    everyday(bench)
    event.remove(engine, "before_cursor_execute", note)
    return found


def plan(store: Store, statement: str, parameters: Any) -> list[str]:
    with store._database.reading() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [row.detail for row in rows]


def test_everyday_work_reads_no_table_that_grows_from_end_to_end(bench: Bench) -> None:
    found = statements(bench)
    assert len(found) > 40
    for statement, parameters in found.items():
        for step in plan(bench.store, statement, parameters):
            told = f"{step}: {statement}"
            assert not re.match(rf"SCAN ({'|'.join(GROWING)})(_\d+)?\b", step), told
            assert not WHOLE_FEED.match(step), told


def test_counting_entries_reads_an_index_and_no_entries(bench: Bench) -> None:
    with bench.store._database.reading() as connection:
        query = "SELECT source, count(*) FROM entries WHERE withdrawn IS NULL AND held IS NULL GROUP BY source"
        (row,) = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()
    assert "COVERING INDEX" in row.detail


def test_a_state_of_before_gets_its_marks_from_what_it_holds(tmp_path: Path) -> None:
    """Two entries are archived, one of them as it no longer reads, the other is withdrawn; a third is not archived."""
    url = f"sqlite:///{tmp_path / 'state.sqlite3'}"
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(Path(package.__file__).with_name("migrations")))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        upgrade(config, "0003")
        moment = "2026-11-01 00:00:00.000000"
        connection.exec_driver_sql("INSERT INTO sources (name, settings, failures, gone) VALUES ('s', '', 0, 0)")
        connection.exec_driver_sql("INSERT INTO feeds (name, updated, entries) VALUES ('all', ?, 3)", (moment,))
        for number in (1, 2):
            connection.exec_driver_sql("INSERT INTO archives VALUES ('all', ?, ?)", (number, moment))
        for name, revision, withdrawn in (("edited", "2", None), ("gone", "1", moment), ("new", "1", None)):
            data = encode(entry(id=name, title=name))
            connection.exec_driver_sql(
                "INSERT INTO entries "
                "(source, id, name, title, published, updated, first_seen, withdrawn, revision, data)"
                " VALUES ('s', ?, '', '', ?, ?, ?, ?, ?, ?)",
                (name, moment, moment, moment, withdrawn, revision, data),
            )
            connection.exec_driver_sql("INSERT INTO feed_entries VALUES ('all', 's', ?, ?, 1)", (name, moment))
        for number, name in ((1, "edited"), (2, "gone")):
            connection.exec_driver_sql("INSERT INTO archive_entries VALUES ('all', ?, 's', ?, 0, '1')", (number, name))
    engine.dispose()
    store = Store(url)
    assert [one.title for one in store.unarchived("all")] == ["edited", "new"]
    assert store.retracted("all") == {2}
    store.close()


def test_an_entry_that_says_again_what_an_archive_says_needs_no_other(empty: Store) -> None:
    store, one = empty, entry(id="urn:x:1")

    def say(revision: str) -> None:
        changes = Changes(changed=(one,), revisions={one.id: revision})
        store.record_look(SourceState(name="s", last_look=NOW), NOW, changes=changes)

    say("first")
    archive = Archive(number=1, updated=NOW)
    store.announce(FeedState(name="all", updated=NOW), [one], NOW, [(archive, [one])])
    assert store.unarchived("all") == []
    say("second")
    assert store.unarchived("all") == [one]
    say("first")
    assert store.unarchived("all") == []


def test_a_document_whose_entries_are_withdrawn_is_retracted_until_they_are_back_or_it_is_written_anew(
    empty: Store,
) -> None:
    store, one = empty, entry(id="urn:x:1", expires=NOW)
    state = SourceState(name="s", last_look=NOW)
    there = Changes(new=(one,), revisions={one.id: "r"})
    store.record_look(state, NOW, changes=there)
    feed = FeedState(name="all", updated=NOW)
    store.announce(feed, [one], NOW, [(Archive(number=1, updated=NOW), [one])])
    assert store.retracted("all") == set()
    store.expire(NOW)
    assert store.retracted("all") == {1}
    store.record_look(state, NOW, changes=there)
    assert store.retracted("all") == set()
    store.record_look(state, NOW, changes=Changes(withdrawn=(one.id,)))
    assert store.retracted("all") == {1}
    store.record_feed(feed, [], {}, NOW, cleared=[1])
    assert store.retracted("all") == set()
    assert store.archived("all", 1) == ()
    store.record_look(state, NOW, changes=there)
    assert store.unarchived("all") == [one], "it is in no document any more"


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("order", Order)
def test_entries_read_page_by_page_make_the_feed_that_all_of_them_make(
    empty: Store, monkeypatch: pytest.MonkeyPatch, seed: int, order: Order
) -> None:
    random = Random(seed)
    names = [f"s{place}" for place in range(4)]
    every: list[Entry] = []
    stories: dict[str, str] = {}
    for name in names:
        mine = [
            entry(
                source=name,
                id=f"urn:x:{random.choice(('shared', name))}:{number}",
                published=NOW - timedelta(hours=random.randrange(20)),
                updated=NOW + timedelta(minutes=random.randrange(20)),
                title=random.choice(("wanted", "unwanted", "wanted too")),
            )
            for number in range(15)
        ]
        stories |= {one.id: f"//x/{random.randrange(20)}" for one in mine if one.id not in stories}
        every += mine
        changes = Changes(new=tuple(mine), revisions={one.id: "r" for one in mine}, stories=stories)
        empty.record_look(SourceState(name=name, last_look=NOW), NOW, changes=changes)
    empty.announce(FeedState(name="all", updated=NOW), random.sample(every, 12), NOW)
    taken, ranks = names[:3], {name: rank for rank, name in enumerate(names)}
    here = [one for one in every if one.source in taken]
    groups = [
        [one for one in here if name(one) == common]
        for name in (lambda one: stories[one.id], lambda one: one.id)
        for common in sorted({name(one) for one in here})
    ]
    rivals = [sorted(group, key=key) for group in groups if len({one.source for one in group}) > 1]
    in_order = sorted(here, key=lambda one: (-getattr(one, order.value).timestamp(), *key(one)))
    monkeypatch.setattr(choice, "_PAGE", 3)
    for spec in (replace(SPEC, limit=5), replace(SPEC, limit=20, exclude=("unwanted",)), replace(SPEC, limit=100)):
        with empty.candidates("all", taken, order) as candidates:
            found = select(spec, candidates.pages, candidates.published, ranks, NOW)
            assert found == select(spec, [(in_order, rivals)], set(empty.published("all")), ranks, NOW)


def key(one: Entry) -> tuple[str, str]:
    return one.source, one.id


def test_archive_documents_are_looked_for_when_their_folder_changed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    real = Folder.names

    def noting(folder: Folder, path: str) -> frozenset[str]:
        looked.append(path)
        return real(folder, path)

    monkeypatch.setattr(Folder, "names", noting)
    place = Path(bench.pipeline.config.directory, "all", "archive")

    def published() -> list[str]:
        looked.clear()
        bench.refresh_with_news()
        bench.publish()
        return looked

    assert published() == ["all/archive"]
    bench.publish()  # the folder was quiet for a while
    assert published() == []
    (place / "rss-0002.xml").unlink()
    assert published() == ["all/archive"]
    assert (place / "rss-0002.xml").stat().st_size
    (place / ".feedmill-left.tmp").touch()
    bench.publish()
    bench.publish()
    assert [path.name for path in place.glob(".*")] == [], "what a crash left behind is swept"


def test_a_grown_state_is_what_the_pipeline_would_have_written(bench: Bench) -> None:
    """Else what is measured on it would say nothing of a state that grew by itself."""
    store, feed = bench.store, bench.state.feed
    names = bench.state.names
    assert sum(store.entry_counts().values()) == STATE.number - len(range(0, STATE.number, 7))
    assert len(store.published(feed)) == STATE.number
    assert len(store.unarchived(feed)) <= STATE.limit
    bench.unchanged = False
    bench.refresh()
    outcome = bench.pipeline.refresh(bench.pipeline.config.sources[1], force=True)
    assert (outcome.new, outcome.changed, outcome.withdrawn) == (0, 1, 0), "one that was withdrawn came back"
    with store.candidates(feed, names, Order.PUBLISHED) as candidates:
        dates = [entry.published for entry in candidates.stream]
    assert dates == sorted(dates, reverse=True)
    assert max(dates) - min(dates) == timedelta(minutes=STATE.number - 1) - timedelta(minutes=1)
