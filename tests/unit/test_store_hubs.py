"""What is remembered of upstream hubs: subscriptions, and pushes until they are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from factories import NOW
from feedmill.model import HubSubscription, Intent, Pushed, SourceState
from feedmill.store import Receipt, Store
from feedmill.store.hubs import MOST_WAITING

ONE = HubSubscription(
    id="i", source="up", hub="https://hub.example/", topic="https://up.example/", callback="https://x.example/websub/i",
    secret="s", due=NOW,
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'state.sqlite3'}")
    yield opened
    opened.close()


def test_subscriptions_are_remembered_as_they_are(store: Store) -> None:
    full = replace(
        ONE,
        id="j",
        intent=Intent.UNSUBSCRIBE,
        asked=NOW,
        verified=NOW,
        lease_until=NOW,
        failures=2,
        error="x",
        refused=3,
    )
    store.hubs.add(ONE)
    store.hubs.add(full)
    assert store.hubs.subscriptions() == [ONE, full]
    assert store.hubs.subscription("j") == full
    assert store.hubs.subscription("k") is None


def test_a_subscription_is_changed_or_forgotten(store: Store) -> None:
    store.hubs.add(ONE)
    assert store.hubs.change("i", lambda one: replace(one, failures=one.failures + 1)) == replace(ONE, failures=1)
    assert store.hubs.subscription("i") == replace(ONE, failures=1)
    assert store.hubs.change("i", lambda _: None) is None
    assert store.hubs.subscriptions() == []
    assert store.hubs.change("i", lambda one: one) is None, "there is none any more"


def test_pushes_wait_in_the_order_in_which_they_came(store: Store) -> None:
    assert store.hubs.receive("up", b"1", "text/xml", NOW) is Receipt.STORED
    assert store.hubs.receive("up", b"2", None, NOW) is Receipt.STORED
    assert store.hubs.receive("else", b"1", None, NOW) is Receipt.STORED
    assert [(one.body, one.content_type) for one in store.hubs.waiting("up")] == [(b"1", "text/xml"), (b"2", None)]
    assert store.hubs.states() == {"up": Pushed(waiting=True), "else": Pushed(waiting=True)}


def test_a_push_that_came_before_is_known_also_when_it_was_read(store: Store) -> None:
    store.hubs.receive("up", b"1", None, NOW)
    assert store.hubs.receive("up", b"1", None, NOW) is Receipt.REPEATED
    (push,) = store.hubs.waiting("up")
    store.record_look(SourceState(name="up"), NOW, push=push)
    assert store.hubs.waiting("up") == []
    assert store.hubs.states() == {"up": Pushed()}
    assert store.hubs.receive("up", b"1", None, NOW) is Receipt.REPEATED
    assert store.hubs.receive("up", b"2", None, NOW) is Receipt.STORED


def test_empty_pushes_are_not_taken_for_one(store: Store) -> None:
    assert store.hubs.receive("up", b"", None, NOW) is Receipt.STORED
    assert store.hubs.receive("up", b"", None, NOW + timedelta(seconds=1)) is Receipt.STORED
    assert len(store.hubs.waiting("up")) == 2


def test_only_so_many_wait(store: Store) -> None:
    for number in range(MOST_WAITING):
        assert store.hubs.receive("up", b"%d" % number, None, NOW) is Receipt.STORED
    assert store.hubs.receive("up", b"more", None, NOW) is Receipt.FULL
    store.hubs.unreadable(store.hubs.waiting("up")[0], NOW)
    assert store.hubs.receive("up", b"more", None, NOW) is Receipt.STORED


def test_only_so_many_are_remembered(store: Store) -> None:
    for number in range(150):
        store.hubs.receive("up", b"%d" % number, None, NOW)
        (push,) = store.hubs.waiting("up")
        store.record_look(SourceState(name="up"), NOW, push=push)
    assert store.hubs.receive("up", b"149", None, NOW) is Receipt.REPEATED
    assert store.hubs.receive("up", b"51", None, NOW) is Receipt.REPEATED
    assert store.hubs.receive("up", b"49", None, NOW) is Receipt.STORED


def test_what_could_not_be_read_is_dropped_and_noted(store: Store) -> None:
    store.hubs.receive("up", b"bad", None, NOW)
    store.hubs.unreadable(store.hubs.waiting("up")[0], NOW)
    assert store.hubs.waiting("up") == []
    assert store.hubs.states() == {"up": Pushed(unreadable=NOW)}


def test_what_hubs_promised(store: Store) -> None:
    store.hubs.add(ONE)
    assert store.hubs.states() == {}
    store.hubs.change("i", lambda one: replace(one, lease_until=NOW))
    assert store.hubs.states() == {"up": Pushed(until=NOW)}
    store.hubs.change("i", lambda one: replace(one, intent=Intent.UNSUBSCRIBE))
    assert store.hubs.states() == {}


def test_pushes_of_sources_that_are_gone_are_forgotten(store: Store) -> None:
    for source in ("up", "gone"):
        store.hubs.receive(source, b"1", None, NOW)
    store.hubs.forget_pushes(["up"])
    assert store.hubs.states().keys() == {"up"}
