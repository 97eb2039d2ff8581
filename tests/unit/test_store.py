"""The memory of a site: what is written is read back, and what must never happen cannot."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import upgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError

from factories import ENTRY, NOW, article, entry, item
from feedmill import store as package
from feedmill.errors import EntryRefused, StateDamaged, StateError, StateTooNew
from feedmill.model import (
    Alias,
    AliasKind,
    Changes,
    Entry,
    FeedState,
    FullText,
    Order,
    SourceState,
    Subscription,
    Trace,
    Validators,
)
from feedmill.store import Look, Store, versions
from feedmill.store.database import Database
from feedmill.store.schema import REVISION, metadata
from strategies import entries as any_entries

STATE = SourceState(name="s", last_look=NOW, last_success=NOW)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'state' / 'state.sqlite3'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store(url)
    yield opened
    opened.close()


def write(
    store: Store,
    *entries: Entry,
    aliases: tuple[tuple[Alias, str], ...] = (),
    stories: Mapping[str, str] | None = None,
) -> None:
    for source in {e.source for e in entries}:
        mine = tuple(e for e in entries if e.source == source)
        ids = {e.id for e in mine}
        store.record_look(
            SourceState(name=source, last_look=NOW),
            NOW,
            changes=Changes(
                new=mine,
                aliases=tuple(pair for pair in aliases if pair[1] in ids),
                revisions={e.id: f"revision of {e.id}" for e in mine},
                stories=stories or {},
            ),
        )


def stream(store: Store, *sources: str, order: Order = Order.PUBLISHED) -> list[Entry]:
    with store.candidates("all", sources or ("s",), order) as candidates:
        return list(candidates.stream)


def test_a_state_is_remembered(store: Store) -> None:
    state = SourceState(
        name="s",
        settings="x",
        asked_url="https://example.com/",
        validators=Validators(etag='W/"1"', last_modified="yesterday", digest="d"),
        moved_to="https://example.org/",
        last_look=NOW,
        last_success=NOW - timedelta(days=1),
        next_look=NOW + timedelta(days=1),
        wait_until=NOW + timedelta(hours=1),
        failures=3,
        error="why",
        gone=True,
    )
    assert store.source_state("s") == SourceState(name="s")
    store.record_look(state, NOW)
    assert store.source_state("s") == state
    assert store.source_states() == {"s": state}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(any_entries)
def test_every_entry_comes_back_as_it_was(store: Store, any_entry: Entry) -> None:
    any_entry = replace(any_entry, updated=max(any_entry.updated, any_entry.published))
    write(store, any_entry)
    assert any_entry in stream(store, any_entry.source)


def test_an_entry_that_an_earlier_release_wrote_is_read(store: Store, url: str) -> None:
    """It lacks what entries have since: that is empty."""
    write(store, ENTRY)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database, database:
        (data,) = database.execute("SELECT data FROM entries").fetchone()
        told = json.loads(data)
        for name in ("episode", "expires"):
            del told[name]
        database.execute("UPDATE entries SET data = ?", [json.dumps(told).encode()])
    assert stream(store) == [ENTRY]


def test_entries_come_newest_first_and_equal_dates_by_id(store: Store) -> None:
    old = entry(id="urn:x:3", published=NOW - timedelta(days=2), updated=NOW)
    one, two = entry(id="urn:x:1", published=NOW), entry(id="urn:x:2", published=NOW)
    write(store, old, two, one)
    assert [e.id for e in stream(store)] == ["urn:x:1", "urn:x:2", "urn:x:3"]
    assert [e.id for e in stream(store, order=Order.UPDATED)] == ["urn:x:1", "urn:x:2", "urn:x:3"]
    write(store, entry(id="urn:x:4", published=NOW - timedelta(days=1)))
    assert [e.id for e in stream(store)][2:] == ["urn:x:4", "urn:x:3"]
    assert [e.id for e in stream(store, order=Order.UPDATED)][2:] == ["urn:x:3", "urn:x:4"]


def test_the_ledger_tells_what_is_known_of_drafts(store: Store) -> None:
    draft = item("1", "u")
    write(store, entry(id="urn:x:1"), aliases=tuple((alias, "urn:x:1") for alias in draft.aliases))
    ledger = store.ledger("s", [draft, item("2")], whole=False)
    assert ledger.aliases == dict.fromkeys(draft.aliases, "urn:x:1")
    assert [(k.entry.id, k.revision, k.withdrawn) for k in ledger.known.values()] == [
        ("urn:x:1", "revision of urn:x:1", False)
    ]
    assert ledger.taken == {"urn:x:1"}
    assert store.ledger("other", [draft], whole=True).known == {}


def test_the_ledger_of_a_folder_holds_every_live_entry(store: Store) -> None:
    write(store, entry(id="urn:x:1"), entry(id="urn:x:2"))
    store.record_look(STATE, NOW, changes=Changes(withdrawn=("urn:x:2",)))
    assert store.ledger("s", [], whole=True).known.keys() == {"urn:x:1"}


def test_numbered_ids_are_taken_too(store: Store) -> None:
    write(store, *(entry(id=i) for i in ("urn:x:a", "urn:x:a~2", "urn:x:a~10", "urn:x:ab", "urn:x:a2")))
    assert store.ledger("s", [article("a", id="urn:x:a")], whole=False).taken == {"urn:x:a", "urn:x:a~2", "urn:x:a~10"}


def test_an_alias_never_leads_to_another_entry(store: Store) -> None:
    alias = Alias(kind=AliasKind.GUID, value="1")
    write(store, entry(id="urn:x:1"), entry(id="urn:x:2"), aliases=((alias, "urn:x:1"),))
    store.record_look(STATE, NOW, changes=Changes(aliases=((alias, "urn:x:2"),)))
    draft = item("1")
    assert store.ledger("s", [draft], whole=False).aliases[alias] == "urn:x:1"


def test_an_alias_of_an_entry_that_does_not_exist_is_refused_and_nothing_of_the_look_is_kept(store: Store) -> None:
    alias = Alias(kind=AliasKind.GUID, value="1")
    changes = Changes(new=(ENTRY,), revisions={ENTRY.id: "r"}, aliases=((alias, "urn:x:none"),))
    with pytest.raises(EntryRefused, match="FOREIGN KEY") as caught:
        store.record_look(STATE, NOW, changes=changes)
    assert isinstance(caught.value.__cause__, IntegrityError)
    assert stream(store) == []
    assert store.source_states() == {}


def looked(name: str, *new: Entry, names: tuple[tuple[Alias, str], ...] = ()) -> Look:
    changes = Changes(new=new, aliases=names, revisions={one.id: "r" for one in new})
    return Look(state=SourceState(name=name, last_look=NOW), now=NOW, changes=changes)


def test_many_looks_are_recorded_at_once(store: Store) -> None:
    ours, theirs = entry(source="one"), entry(source="two")
    assert store.record_looks([looked("one", ours), looked("two", theirs), looked("three")]) == {}
    assert stream(store, "one", "two") == [ours, theirs]
    assert store.source_states().keys() == {"one", "two", "three"}
    gone = Look(state=SourceState(name="one"), now=NOW, changes=Changes(withdrawn=(ours.id,)), stamps=({}, {"a": "1"}))
    assert store.record_looks([gone, looked("two")]) == {}
    assert stream(store, "one", "two") == [theirs]
    assert store.stamps("one") == {"a": "1"}


def test_a_look_that_is_refused_keeps_none_of_the_others_from_being_recorded(store: Store) -> None:
    nowhere = (Alias(kind=AliasKind.PATH, value="a"), "urn:x:nowhere")
    ours, theirs = entry(source="one"), entry(source="two")
    refused = store.record_looks([looked("one", ours), looked("bad", names=(nowhere,)), looked("two", theirs)])
    assert refused.keys() == {"bad"}
    assert "the state refuses" in str(refused["bad"])
    assert stream(store, "one", "two") == [ours, theirs]
    assert store.source_states().keys() == {"one", "two"}


def test_a_withdrawn_entry_leaves_the_stream_and_stays_in_the_store(store: Store) -> None:
    write(store, ENTRY, aliases=((Alias(kind=AliasKind.PATH, value="a.md"), ENTRY.id),))
    store.record_look(STATE, NOW, changes=Changes(withdrawn=(ENTRY.id,)))
    assert stream(store) == []
    known = store.ledger("s", [article("a.md")], whole=True).known
    assert [(k.entry, k.withdrawn) for k in known.values()] == [(ENTRY, True)]
    write(store, ENTRY)
    assert stream(store) == [ENTRY]


def test_of_a_folder_only_what_was_read_or_is_gone_is_known(store: Store) -> None:
    entries = [replace(ENTRY, id=f"urn:x:{name}", name=f"{name}.md") for name in ("read", "there", "gone", "renamed")]
    old = Alias(kind=AliasKind.DIGEST, value="abc")
    write(store, *entries, aliases=((old, "urn:x:renamed"),))
    draft = replace(article("read.md"), aliases=(old,))
    ledger = store.ledger("s", [draft], whole=True, unread={"there.md", "renamed.md"})
    assert ledger.known.keys() == {"urn:x:read", "urn:x:gone", "urn:x:renamed"}


def test_entries_that_were_read_in_part_keep_nothing_open(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what was announced could not be brought to the disk, and every publish would wait for a minute."""
    write(store, *(entry(id=f"urn:x:{number}") for number in range(500)))
    with store.candidates("all", ["s"], Order.PUBLISHED) as candidates:
        next(candidates.stream)
    state = FeedState(name="all", updated=NOW)
    settled: list[bool] = []
    real = Database.settle
    monkeypatch.setattr(Database, "settle", lambda database: settled.append(real(database)))
    store.announce(state, [entry(id="urn:x:1")], NOW)
    assert settled == [True]
    assert candidates is not None


def test_rivals_are_stories_and_ids_that_sources_have_in_common(store: Store) -> None:
    one, two = entry(source="one", id="urn:x:1"), entry(source="two", id="urn:x:2")
    lone, again = entry(source="one", id="urn:x:3"), entry(source="one", id="urn:x:4")
    stories = {one.id: "//x/a", two.id: "//x/a", lone.id: "//x/b", again.id: "//x/a"}
    write(store, one, two, lone, again, stories=stories)
    twin, its = entry(source="one", id="urn:x:9"), entry(source="two", id="urn:x:9", title="Twin")
    write(store, twin)
    write(store, its)
    with store.candidates("all", ["one", "two"], Order.PUBLISHED) as candidates:
        assert sorted(candidates.rivals, key=lambda group: group[0].id) == [[one, again, two], [twin, its]]
    with store.candidates("all", ["one"], Order.PUBLISHED) as candidates:
        assert candidates.rivals == []


def test_a_story_is_what_an_entry_was_first_known_by(store: Store) -> None:
    one, two = entry(source="one", id="urn:x:1"), entry(source="two", id="urn:x:2")
    write(store, one, two, stories={one.id: "//x/a", two.id: "//x/a"})
    write(store, one, stories={one.id: "//x/elsewhere"})
    write(store, one)
    with store.candidates("all", ["one", "two"], Order.PUBLISHED) as candidates:
        assert candidates.rivals == [[one, two]]


def hold(store: Store, *entries: Entry) -> None:
    revisions = {e.id: f"revision of {e.id}" for e in entries}
    store.record_look(STATE, NOW, changes=Changes(held=entries, revisions=revisions))


def test_a_held_entry_is_stored_but_no_feed_has_it_until_it_is_released(store: Store) -> None:
    free, kept = entry(id="urn:x:free"), entry(id="urn:x:kept", published=NOW + timedelta(days=1))
    write(store, free)
    hold(store, kept)
    assert stream(store) == [free]
    assert stream(store, order=Order.UPDATED) == [free]
    assert store.next_embargo(NOW) is None
    assert (store.entry_counts(), store.held_counts()) == ({"s": 1}, {"s": 1})
    assert store.recent_dates("s") == [free.published]
    write(store, replace(kept, title="Edited"))  # a known entry that changed is as held as before
    assert store.held_counts() == {"s": 1}
    assert {k.entry.id: k.held for k in store.known("s", {free.id, kept.id}).values()} == {
        free.id: False,
        kept.id: True,
    }
    assert store.release("other") == 0
    assert store.release("s") == 1
    assert stream(store) == [replace(kept, title="Edited"), free]
    assert store.next_embargo(NOW) == kept.published
    assert (store.entry_counts(), store.held_counts()) == ({"s": 2}, {})


def test_a_held_entry_tells_no_story(store: Store) -> None:
    one, two = entry(source="one", id="urn:x:1"), entry(source="s", id="urn:x:1")
    write(store, one)
    hold(store, two)
    with store.candidates("all", ["one", "s"], Order.PUBLISHED) as candidates:
        assert candidates.rivals == []


def test_traces_are_of_the_newest_entries_that_are_not_withdrawn(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [entry(id=f"urn:x:{d}", title=f"T{d}", published=NOW - timedelta(days=d)) for d in range(4)]
    write(store, *days[1:], stories={"urn:x:1": "//x/1"})
    hold(store, days[0])
    write(store, entry(source="other"))
    store.record_look(STATE, NOW, changes=Changes(withdrawn=("urn:x:2",)))
    base = Trace(id="", title="", published=NOW, first_seen=days[0].first_seen)
    assert store.traces("s")[:2] == [
        replace(base, id="urn:x:0", title="T0", revision="revision of urn:x:0", held=True),
        replace(
            base, id="urn:x:1", title="T1", revision="revision of urn:x:1", published=days[1].published, story="//x/1"
        ),
    ]
    assert [trace.id for trace in store.traces("s")] == ["urn:x:0", "urn:x:1", "urn:x:3"]
    monkeypatch.setattr("feedmill.store.entries._MOST_TRACES", 2)
    assert [trace.id for trace in store.traces("s")] == ["urn:x:0", "urn:x:1"]


def test_the_ledger_tells_which_addresses_several_entries_had(store: Store) -> None:
    one, two, lone = (entry(id=f"urn:x:{n}") for n in (1, 2, 3))
    drafts = [item("1", "home"), item("2", "home"), item("3", "page")]
    owners = {draft.id: draft.aliases for draft in drafts}
    names = {alias: id_ for id_, aliases in reversed(owners.items()) for alias in aliases}
    write(
        store, one, two, lone, aliases=tuple(names.items()), stories={one.id: "home", two.id: "home", lone.id: "page"}
    )
    address = Alias(kind=AliasKind.URL, value="home")
    assert store.ledger("s", [item("new", "home"), item("other", "page")], whole=False).shared == {address}
    assert store.ledger("s", [item("new", "page")], whole=False).shared == set()
    assert store.ledger("s", drafts, whole=False).shared == set()  # their guids say who they are
    assert store.ledger("other", [item("new", "home")], whole=False).shared == set()


def test_the_next_embargo_is_the_nearest_future_date(store: Store) -> None:
    assert store.next_embargo(NOW) is None
    write(store, *(entry(id=f"urn:x:{d}", published=NOW + timedelta(days=d)) for d in (-1, 0, 2, 5)))
    assert store.next_embargo(NOW) == NOW + timedelta(days=2)


def test_what_is_known_of_articles_pages_is_remembered(store: Store) -> None:
    old, new, undated = (
        item(guid, f"https://up.example/{guid}", published=published, teaser="<p>x</p>")
        for guid, published in (("old", NOW - timedelta(days=9)), ("new", NOW - timedelta(days=1)), ("undated", None))
    )
    pages = [
        FullText(url=f"//up.example/{draft.title}", teaser="t", due=NOW, draft=draft, failures=2)
        for draft in (old, new, undated)
    ]
    later = FullText(url="//up.example/later", teaser="t", due=NOW + timedelta(seconds=1), draft=old)
    had = FullText(url="//up.example/had", teaser="t", content="<p>x</p>")
    waiting = FullText(url="//up.example", teaser="", due=NOW)
    store.record_look(SourceState(name="s"), NOW, pages=[*pages, later, had, waiting])
    store.record_look(SourceState(name="other"), NOW, pages=[replace(had, content="")])
    assert store.due_full_texts("s", NOW, 9) == [pages[2], pages[1], pages[0]]
    assert store.due_full_texts("s", NOW, 1) == [pages[2]]
    assert store.due_full_texts("other", NOW, 9) == []
    assert store.full_texts("s", [had.url, waiting.url, "//up.example/none"]) == {had.url: had, waiting.url: waiting}
    changed = replace(pages[0], content="", due=None, draft=None, failures=0, teaser="u")
    store.record_look(SourceState(name="s"), NOW, pages=[changed])
    assert store.full_texts("s", [changed.url]) == {changed.url: changed}
    assert store.due_full_texts("s", NOW, 9) == pages[:0:-1]


def test_marks_of_documents_are_replaced(store: Store) -> None:
    store.record_look(STATE, NOW, stamps=({}, {"a": "1", "b": "1", "c": "1"}))
    store.record_look(STATE, NOW, stamps=(store.stamps("s"), {"a": "1", "b": "2", "d": "1"}))
    assert store.stamps("s") == {"a": "1", "b": "2", "d": "1"}


def test_the_feeds_of_a_list_are_remembered_in_their_order(store: Store) -> None:
    one, two, three = (
        Subscription(name=f"s/{n}", url=f"https://{n}.example/", title=f"Feed {n}", categories=("A", "B, c"))
        for n in (3, 1, 2)
    )
    assert store.subscriptions("s") == []
    store.record_look(STATE, NOW, subscriptions=(one, two))
    assert store.subscriptions("s") == [one, two]
    assert store.subscriptions("other") == []
    store.record_look(STATE, NOW)
    assert store.subscriptions("s") == [one, two]
    left = replace(one, present=False)
    store.record_look(STATE, NOW, subscriptions=(replace(two, url="https://new.example/", title=""), three, left))
    assert store.subscriptions("s") == [replace(two, url="https://new.example/", title=""), three, left]
    store.record_look(STATE, NOW, subscriptions=(one, two, three))
    assert store.subscriptions("s") == [one, two, three]


def test_the_feeds_of_a_list_and_its_look_are_one_transaction(store: Store) -> None:
    alias = Alias(kind=AliasKind.GUID, value="1")
    changes = Changes(aliases=((alias, "urn:x:none"),))
    with pytest.raises(EntryRefused):
        store.record_look(STATE, NOW, changes=changes, subscriptions=(Subscription(name="s/a", url="https://a/"),))
    assert store.subscriptions("s") == []


def test_what_a_feed_carried_is_remembered_for_ever_and_what_it_carries_now_too(store: Store) -> None:
    one, two = entry(id="urn:x:1", published=NOW), entry(id="urn:x:2")
    write(store, one, two)
    state = FeedState(name="all", updated=NOW, last_change=NOW, entries=2)
    store.record_feed(state, [two, one], {"all/rss.xml": "d1", "all/atom.xml": "d2"}, NOW)
    assert store.carried("all", Order.PUBLISHED) == [one, two]
    store.record_feed(state, [two], {"all/rss.xml": "d3"}, NOW)
    assert store.carried("all", Order.PUBLISHED) == [two]
    with store.candidates("all", ["s"], Order.PUBLISHED) as candidates:
        assert candidates.published == {("s", "urn:x:1"), ("s", "urn:x:2")}
    assert store.feed_state("all") == state
    assert store.file_digests() == {"all/rss.xml": "d3", "all/atom.xml": "d2"}
    store.forget_files(["all/atom.xml"])
    assert store.file_digests() == {"all/rss.xml": "d3"}


def test_a_failure_of_a_feed_changes_nothing_but_its_error(store: Store) -> None:
    state = FeedState(name="all", updated=NOW, last_change=NOW, entries=0)
    store.record_feed(state, [], {}, NOW)
    store.record_feed_failure(FeedState(name="all", updated=NOW + timedelta(days=1), error="why"))
    assert store.feed_states() == {"all": FeedState(name="all", updated=NOW, last_change=NOW, error="why")}


def keep(store: Store, *documents: bytes) -> None:
    """Publish each of these as a version of its own."""
    state = FeedState(name="all", updated=NOW)
    for body in documents:
        store.record_feed(state, [ENTRY], {}, NOW, version={"all/rss.xml": body})


def test_the_last_five_versions_come_back_as_they_were(store: Store) -> None:
    write(store, ENTRY)
    keep(store, *(f"{number}".encode() for number in range(1, 9)))
    found = store.versions("all")
    assert [(one.number, one.entries, one.paths, one.published) for one in found] == [
        (number, 1, ("all/rss.xml",), NOW) for number in (8, 7, 6, 5, 4)
    ]
    assert [store.version("all", number) for number in (3, 4, 8)] == [{}, {"all/rss.xml": b"4"}, {"all/rss.xml": b"8"}]
    assert store.versions("other") == []


def test_the_same_bytes_are_the_same_version(store: Store) -> None:
    write(store, ENTRY)
    keep(store, b"1", b"2", b"2", b"2", b"1")
    assert [one.number for one in store.versions("all")] == [3, 2, 1]


def test_the_state_does_not_grow_without_bound(store: Store, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "LARGEST", 100)
    write(store, ENTRY)
    keep(store, b"small", b"".join(sha256(str(number).encode()).digest() for number in range(9)))
    large, small = store.versions("all")
    assert (large.paths, large.size) == ((), 0)
    assert small.paths == ("all/rss.xml",)
    for number in range(20):
        keep(store, b"%d" % number)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        assert database.execute("SELECT count(*) FROM versions").fetchone() == (5,)
        assert database.execute("SELECT count(*) FROM version_documents").fetchone() == (5,)


def test_a_pinned_version_is_what_the_feed_carries(store: Store) -> None:
    one, two = entry(id="urn:x:1", published=NOW), entry(id="urn:x:2")
    write(store, one, two)
    state = FeedState(name="all", updated=NOW, entries=1, rules="r")
    store.record_feed(state, [one], {}, NOW, version={"all/rss.xml": b"1"})
    store.record_feed(replace(state, entries=2), [one, two], {}, NOW, version={"all/rss.xml": b"2"})
    store.pin("all", 1, "why", NOW, to_tell={"https://hub.example/": ["https://example.org/feeds/all/rss.xml"]})
    assert store.carried("all", Order.PUBLISHED) == [one]
    assert store.feed_state("all") == replace(state, last_change=NOW, pinned=1, held="why")
    assert [ping.topic for ping in store.pings()] == ["https://example.org/feeds/all/rss.xml"]
    store.record_feed(state, [two], {}, NOW)
    assert store.feed_state("all") == state, "published again, it is free"


def test_what_a_feed_carries_tells_what_was_withdrawn_since(store: Store) -> None:
    one, two = entry(id="urn:x:1", published=NOW), entry(id="urn:x:2")
    write(store, one, two)
    store.record_feed(FeedState(name="all", updated=NOW), [one, two], {}, NOW)
    store.record_look(STATE, NOW, changes=Changes(withdrawn=("urn:x:2",)))
    assert store.standing("all", Order.PUBLISHED) == [(one, False), (two, True)]


def test_a_throwaway_copy_holds_everything_and_keeps_nothing(store: Store, url: str) -> None:
    write(store, ENTRY)
    with Store.throwaway(url) as copy:
        assert stream(copy) == [ENTRY]
        write(copy, entry(id="urn:x:new"))
    assert stream(store) == [ENTRY]


def test_a_throwaway_of_no_state_makes_none(tmp_path: Path) -> None:
    with Store.throwaway(f"sqlite:///{tmp_path / 'none.sqlite3'}") as copy:
        assert stream(copy) == []
    assert list(tmp_path.iterdir()) == []


# --- the file


def migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(package.__file__).with_name("migrations")))
    return config


@pytest.mark.parametrize("first", [None, "0001", "0002", "0003"])
def test_the_schema_and_the_migrations_agree(tmp_path: Path, first: str | None) -> None:
    """A new state is made from the schema, an older one is brought there by the migrations."""
    url = f"sqlite:///{tmp_path / 's.sqlite3'}"
    engine = create_engine(url)
    if first:
        with engine.begin() as connection:
            config = migrations()
            config.attributes["connection"] = connection
            upgrade(config, first)
    Store(url).close()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == REVISION
    engine.dispose()
    assert ScriptDirectory.from_config(migrations()).get_heads() == [REVISION]


def test_what_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my precious notes, not a database at all")
    with pytest.raises(StateDamaged, match=r"notes\.txt: this is not a state database.*left as it is"):
        Store(f"sqlite:///{path}")
    assert path.read_text() == "my precious notes, not a database at all"


def test_another_programs_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE customers (name TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(StateDamaged, match="belongs to another program"):
        Store(f"sqlite:///{path}")


def test_a_newer_state_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    Store(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(StateTooNew, match=r"a newer Feedmill wrote this state \(schema 9999.*upgrade Feedmill"):
        Store(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
    connection.close()


def test_a_damaged_state_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    Store(f"sqlite:///{path}").close()
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    damaged = path.read_bytes()
    with pytest.raises(StateDamaged, match=r"damaged .*left as it is"):
        Store(f"sqlite:///{path}").source_states()
    assert path.read_bytes() == damaged


def test_a_place_where_no_state_can_be_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StateError, match="cannot be used"):
        Store(f"sqlite:///{tmp_path / 'file' / 'state.sqlite3'}")


def test_a_locked_state_is_a_clear_error(url: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedmill.store.database._BUSY_SECONDS", 0)
    hasty = Store(url)
    holder = sqlite3.connect(url.removeprefix("sqlite:///"))
    holder.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StateError, match="keeps the state database locked"):
            hasty.record_look(STATE, NOW)
    finally:
        holder.close()
        hasty.close()
    store.record_look(STATE, NOW)


def test_a_turn_keeps_others_waiting_and_says_so(url: str, store: Store) -> None:
    other = Store(url)
    said: list[str] = []

    class Waited(Exception):
        """Raised in place of waiting for ever."""

    def on_wait() -> None:
        said.append("waiting")
        raise Waited

    with store.turn() as mine:
        assert mine
        with pytest.raises(Waited), other.turn(on_wait):
            pytest.fail("two had the turn")
        assert said == ["waiting"]
        stop = Event()
        stop.set()
        with other.turn(stop=stop) as its:
            assert not its
    with other.turn(on_wait) as its:
        assert its
        assert said == ["waiting"]
    other.close()


def test_a_second_opening_in_this_process_leaves_the_first_its_locks(tmp_path: Path) -> None:
    """Another process that comes and goes would else take the first one's write-ahead log for abandoned."""
    url = f"sqlite:///{tmp_path / 'state.sqlite3'}"
    first = Store(url)
    first.record_look(SourceState(name="s", failures=1), NOW)
    Store(url).close()
    script = f"from feedmill.store import Store; Store({url!r}).close()"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    first.record_look(SourceState(name="s", failures=2), NOW)
    second = Store(url)
    assert first.source_state("s") == second.source_state("s") == SourceState(name="s", failures=2)
    for store in (first, second):
        store.close()
