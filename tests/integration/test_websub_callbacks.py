"""Where hubs call back, over real HTTP: what is verified, taken, ignored and refused."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

import pytest
import requests

from factories import NOW
from feedmill.errors import StateError
from feedmill.model import HubSubscription, Intent
from feedmill.serve.asgi import ASGI
from feedmill.serve.websub import callbacks
from feedmill.store import Store
from feedmill.store.hubs import MOST_WAITING
from listening import listening

TOPIC = "https://up.example/feed?a=1&b=2"
ASKED = HubSubscription(
    id="i", source="up", hub="https://hub.example/", topic=TOPIC, callback="https://x.example/websub/i",
    secret="s3cret", asked=NOW, due=NOW,
)  # fmt: skip
LIVE = replace(ASKED, asked=None, verified=NOW, lease_until=NOW + timedelta(days=1))
BODY = b"<rss version='2.0'><channel/></rss>"
MAX_BODY = 1000


@dataclass
class Called:
    """A server that hubs call, and what is remembered there."""

    store: Store
    url: str = ""
    now: datetime = NOW
    woken: list[None] = field(default_factory=list)

    def knows(self, one: HubSubscription) -> None:
        self.store.hubs.add(one)

    @property
    def known(self) -> HubSubscription | None:
        return self.store.hubs.subscription("i")

    @property
    def bodies(self) -> list[bytes]:
        return [push.body for push in self.store.hubs.waiting("up")]

    def verify(self, id_: str = "i", **parameters: str | None) -> requests.Response:
        told = {"mode": "subscribe", "topic": TOPIC, "challenge": "ch<b>&", "lease_seconds": "864000"} | parameters
        query = urlencode({f"hub.{name}": value for name, value in told.items() if value is not None})
        return requests.get(f"{self.url}websub/{id_}?{query}", timeout=30)

    def push(self, body: bytes = BODY, *, secret: str = "s3cret", id_: str = "i", **headers: str) -> requests.Response:
        told = {"Content-Type": "application/rss+xml; charset=utf-8", "X-Hub-Signature": signature(body, secret)}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        told = {name: value for name, value in told.items() if value}
        return requests.post(f"{self.url}websub/{id_}", body, headers=told, timeout=30)


def signature(body: bytes, secret: str = "s3cret", method: str = "sha256") -> str:
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


@pytest.fixture
def called(tmp_path: Path) -> Iterator[Called]:
    store = Store(f"sqlite:///{tmp_path / 'state.sqlite3'}")
    here = Called(store)
    app = callbacks(store.hubs, lambda: here.now, MAX_BODY, lambda: here.woken.append(None))
    with listening(cast("ASGI", app)) as address:
        here.url = f"http://{address}/"
        yield here
    store.close()


# --- verification of intent


def test_a_subscription_that_was_asked_for_is_verified(called: Called) -> None:
    called.knows(ASKED)
    answer = called.verify()
    assert (answer.status_code, answer.text) == (200, "ch<b>&")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    known = called.known
    assert known is not None
    assert (known.asked, known.lease_until) == (None, NOW + timedelta(days=10))
    assert known.live(NOW)
    assert called.woken, "the renewal is to be booked"
    assert called.verify().status_code == 200, "a hub whose answer was lost asks again"


@pytest.mark.parametrize(
    ("id_", "parameters"),
    [
        ("j", {}),
        ("i", {"topic": "https://up.example/other"}),
        ("i", {"topic": TOPIC + "/"}),
        ("i", {"topic": None}),
        ("i", {"mode": "unsubscribe"}),
        ("i", {"mode": "publish"}),
        ("i", {"mode": None}),
        ("i", {"challenge": None}),
        ("i", {"challenge": ""}),
        ("i", {"challenge": "x" * 2001}),
        ("i", {"lease_seconds": None}),
        ("i", {"lease_seconds": "0"}),
        ("i", {"lease_seconds": "-1"}),
        ("i", {"lease_seconds": "soon"}),
        ("i", {"lease_seconds": "\u0663"}),
        ("i", {"lease_seconds": "9" * 30}),
    ],
)
def test_what_was_not_asked_for_is_not_verified(called: Called, id_: str, parameters: dict[str, str | None]) -> None:
    called.knows(ASKED)
    answer = called.verify(id_, **parameters)
    assert answer.status_code == 404
    assert "ch<b>" not in answer.text
    assert called.known == ASKED
    assert not called.woken


def test_a_parameter_that_is_there_twice_counts_as_none(called: Called) -> None:
    called.knows(ASKED)
    query = urlencode([("hub.mode", "subscribe"), ("hub.topic", "https://else.example/"), ("hub.topic", TOPIC)])
    answer = requests.get(f"{called.url}websub/i?{query}&hub.challenge=c&hub.lease_seconds=60", timeout=30)
    assert answer.status_code == 404


def test_an_end_that_was_asked_for_is_verified(called: Called) -> None:
    called.knows(replace(LIVE, intent=Intent.UNSUBSCRIBE, asked=NOW))
    assert called.verify().status_code == 404, "it is not to be subscribed to"
    answer = called.verify(mode="unsubscribe", lease_seconds=None)
    assert (answer.status_code, answer.text) == (200, "ch<b>&")
    assert called.known is None


def test_a_denial_is_taken_note_of(called: Called) -> None:
    called.knows(LIVE)
    answer = called.verify(mode="denied", challenge=None, lease_seconds=None, reason="no\nroom")
    assert (answer.status_code, answer.text) == (200, "")
    known = called.known
    assert known is not None
    assert not known.live(NOW)
    assert known.error == "the hub denied the subscription: noroom"
    assert called.push().status_code == 404


# --- pushes


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signed_push_is_stored_before_it_is_acknowledged(called: Called, method: str) -> None:
    called.knows(LIVE)
    assert called.push(X_Hub_Signature=signature(BODY, method=method)).status_code == 202
    (push,) = called.store.hubs.waiting("up")
    assert (push.body, push.content_type) == (BODY, "application/rss+xml; charset=utf-8")
    assert len(called.woken) == 1


@pytest.mark.parametrize("signed", ["", "sha256=00", signature(BODY, "another"), signature(b"else"), "md5=00", "x"])
def test_a_wrong_signature_is_acknowledged_and_ignored(called: Called, signed: str) -> None:
    called.knows(LIVE)
    assert called.push(X_Hub_Signature=signed).status_code == 202
    assert called.bodies == []
    assert not called.woken
    known = called.known
    assert known is not None
    assert known.refused == 1


def test_a_replay_is_acknowledged_and_not_run_again(called: Called) -> None:
    called.knows(LIVE)
    assert [called.push().status_code for _ in range(3)] == [202, 202, 202]
    assert called.bodies == [BODY]
    assert len(called.woken) == 1


def test_nothing_is_taken_that_was_never_verified_or_is_over(called: Called) -> None:
    assert called.push().status_code == 404, "unknown"
    called.knows(ASKED)
    assert called.push().status_code == 404, "not verified"
    called.store.hubs.change("i", lambda _: LIVE)
    called.now = NOW + timedelta(days=1)
    assert called.push().status_code == 410, "the lease has ended"
    called.now = NOW
    called.store.hubs.change("i", lambda one: replace(one, intent=Intent.UNSUBSCRIBE))
    assert called.push().status_code == 410, "it was unsubscribed"
    assert called.bodies == []


def test_a_push_that_is_too_large_is_refused(called: Called) -> None:
    called.knows(LIVE)
    assert called.push(b"x" * MAX_BODY).status_code == 202
    assert called.push(b"x" * (MAX_BODY + 1)).status_code == 413
    chunks = (b"x" * 600 for _ in range(2))
    answer = requests.post(f"{called.url}websub/i", chunks, timeout=30)
    assert answer.status_code == 413, "without a length, too"
    assert len(called.bodies) == 1


def test_a_push_as_large_as_feeds_get_is_taken(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'large.sqlite3'}")
    store.hubs.add(LIVE)
    body = b"x" * (8 * 1024 * 1024)
    with listening(cast("ASGI", callbacks(store.hubs, lambda: NOW, len(body), lambda: None))) as address:
        called = Called(store, f"http://{address}/")
        assert called.push(body).status_code == 202
    assert [push.body for push in store.hubs.waiting("up")] == [body]
    store.close()


def test_a_coded_push_is_refused(called: Called) -> None:
    called.knows(LIVE)
    assert called.push(Content_Encoding="gzip").status_code == 415
    assert called.push(Content_Encoding="identity").status_code == 202


def test_a_hub_is_told_to_come_later_while_too_many_wait(called: Called) -> None:
    called.knows(LIVE)
    for number in range(MOST_WAITING):
        assert called.push(b"%d" % number).status_code == 202
    answer = called.push(b"more")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


def test_a_hub_is_told_to_come_later_while_the_state_cannot_be_used(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    called.knows(LIVE)

    def broken(*_: object) -> None:
        raise StateError("the disk is full")

    monkeypatch.setattr(called.store.hubs, "receive", broken)
    answer = called.push()
    assert (answer.status_code, "disk" in answer.text) == (503, False)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS"])
def test_other_methods_are_refused(called: Called, method: str) -> None:
    called.knows(ASKED)
    query = urlencode({"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c", "hub.lease_seconds": "60"})
    assert requests.request(method, f"{called.url}websub/i?{query}", timeout=30).status_code == 405
    assert called.known == ASKED


@pytest.mark.parametrize("path", ["websub", "websub/", "websub/i/x", "websub/%00", "websub/" + "x" * 5000])
def test_other_addresses_are_unknown(called: Called, path: str) -> None:
    called.knows(LIVE)
    assert requests.get(called.url + path, timeout=30).status_code == 404
    assert requests.post(called.url + path, BODY, timeout=30).status_code == 404
