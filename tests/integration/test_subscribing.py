"""Hubs are asked to push, over real HTTP: what they are sent, and what becomes of it however they answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from factories import NOW
from factories import upstream as source
from feedmill import runs
from feedmill.model import FetchSettings, Hints, HubSubscription, Intent, ServeSettings
from feedmill.pipeline import Pipeline
from upstream import Asked, Handler, Upstream
from world import World

URL = "https://feeds.example.org/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path, monkeypatch)
    yield made
    made.store.close()


class Site:
    """A site in the world of plain functions, that speaks to real hubs."""

    def __init__(self, world: World, upstream: Upstream, *names: str) -> None:
        self.world, self.upstream = world, upstream
        self.names = names or ("s",)
        self.serve(URL)

    def serve(self, url: str | None, *names: str) -> None:
        """Go on with another configuration."""
        plain = self.world.pipeline(*names or self.names)
        fetch = FetchSettings(
            user_agent="x", allow_hosts=("127.0.0.1",), host_delay=timedelta(), timeout=timedelta(seconds=1)
        )
        config = replace(plain.config, serve=ServeSettings(url=url), fetch=fetch)
        self.pipeline = Pipeline(
            config, self.world.store, plain.destination, clock=lambda: self.world.now, tell=lambda *_: None
        )

    def hub(self, path: str = "/hub", status: int = 202, **headers: str) -> str:
        return self.upstream.serve(path, status, b"", **headers)

    def run(self, after: timedelta = timedelta()) -> None:
        self.world.now += after
        runs.run(self.pipeline, due=True)

    @property
    def subscriptions(self) -> list[HubSubscription]:
        return self.world.store.hubs.subscriptions()

    @property
    def told(self) -> list[dict[str, str]]:
        return [form(one) for one in self.upstream.asked]


def form(asked: Asked) -> dict[str, str]:
    return {name.removeprefix("hub."): value for name, (value,) in parse_qs(asked.body.decode()).items()}


@pytest.fixture
def site(world: World, upstream: Upstream) -> Site:
    return Site(world, upstream)


def test_a_hub_is_asked_for_a_subscription_with_a_secret_callback(site: Site) -> None:
    site.world.hints = Hints(hubs=(site.hub(),), topic="https://up.example/topic")
    site.run()
    (one,) = site.subscriptions
    assert site.told == [
        {
            "mode": "subscribe",
            "topic": "https://up.example/topic",
            "callback": f"{URL}websub/{one.id}",
            "lease_seconds": "864000",
            "secret": one.secret,
        }
    ]
    assert len(one.id) == 32, "192 bits"
    assert len(one.secret) == 64, "less than the 200 bytes that a hub must take"
    assert (one.asked, one.due) == (NOW, NOW + HOUR)
    site.run()
    assert len(site.told) == 1, "it has an hour to ask back"
    assert site.world.store.hubs.states() == {}, "nothing is promised yet"


def test_a_feed_that_does_not_say_what_it_is_called_is_called_by_its_address(site: Site) -> None:
    site.world.hints = Hints(hubs=(site.hub(),))
    site.run()
    assert site.told[0]["topic"] == source().url


def test_each_subscription_has_a_callback_and_a_secret_of_its_own(world: World, upstream: Upstream) -> None:
    site = Site(world, upstream, "a", "b", "c")
    world.hints = Hints(hubs=(site.hub(),))
    site.run()
    assert len({one.id for one in site.subscriptions} | {one.secret for one in site.subscriptions}) == 6


def test_a_lease_is_renewed_with_the_same_callback_and_secret(site: Site) -> None:
    site.world.hints = Hints(hubs=(site.hub(),))
    site.run()
    (one,) = site.subscriptions
    site.world.store.hubs.change(
        one.id, lambda one: replace(one, asked=None, lease_until=NOW + 10 * DAY, due=NOW + 8 * DAY)
    )
    site.run(7 * DAY)
    assert len(site.told) == 1
    site.run(DAY)
    first, second = site.told
    assert first == second


def test_one_that_never_asks_back_is_asked_again(site: Site) -> None:
    site.world.hints = Hints(hubs=(site.hub(),))
    site.run()
    assert runs.next_due(site.pipeline) == NOW + HOUR
    site.run(HOUR)
    assert len(site.told) == 2
    (one,) = site.subscriptions
    assert (one.failures, one.error) == (1, "the hub took the request, but never asked back")


def test_a_refusal_is_remembered_and_tried_again_later(site: Site) -> None:
    site.world.hints = Hints(hubs=(site.hub(status=400),))
    site.run()
    (one,) = site.subscriptions
    assert (one.failures, one.asked, one.due) == (1, None, NOW + HOUR / 12)
    assert one.error == f"{site.upstream.url('/hub')}: the server answered 400 Bad Request"
    site.run(HOUR / 12)
    assert site.subscriptions[0].due == NOW + HOUR / 12 + HOUR / 6


def test_what_a_hub_asks_for_is_kept(site: Site) -> None:
    site.world.hints = Hints(hubs=(site.hub(status=503, Retry_After="7200"),))
    site.run()
    assert site.subscriptions[0].due == NOW + 2 * HOUR


def test_of_several_hubs_the_next_is_asked_when_one_fails(site: Site) -> None:
    site.world.hints = Hints(hubs=(site.hub("/one", 500), site.hub("/two")))
    site.run()
    site.run(HOUR / 12)
    assert [one.path for one in site.upstream.asked] == ["/one", "/two"]


def test_a_hub_that_cannot_be_reached_is_not_tried_for_every_source(world: World, upstream: Upstream) -> None:
    site = Site(world, upstream, "a", "b", "c")
    upstream.routes["/hub"] = Handler.stall
    world.hints = Hints(hubs=(upstream.url("/hub"),))
    site.run()
    assert len(upstream.asked) == 1
    assert [one.failures for one in site.subscriptions] == [1, 1, 1]


def test_one_run_asks_a_hub_only_so_often_and_the_next_goes_on(world: World, upstream: Upstream) -> None:
    site = Site(world, upstream, *(f"s{number:02d}" for number in range(25)))
    world.hints = Hints(hubs=(site.hub(),))
    site.run()
    assert len(site.told) == 20
    assert runs.next_due(site.pipeline) == world.now, "there is more to do"
    site.run()
    assert len(site.told) == 25


def test_a_hub_that_verifies_while_it_answers_has_verified(site: Site) -> None:
    def verify(handler: Handler) -> None:
        (one,) = site.subscriptions
        site.world.store.hubs.change(one.id, lambda one: replace(one, asked=None, lease_until=NOW + DAY, due=NOW + DAY))
        handler.raw(b"nonsense")

    site.upstream.routes["/hub"] = verify
    site.world.hints = Hints(hubs=(site.upstream.url("/hub"),))
    site.run()
    (one,) = site.subscriptions
    assert (one.lease_until, one.failures, one.due) == (NOW + DAY, 0, NOW + DAY)


@pytest.mark.parametrize("why", ["the source goes", "no hub", "another topic", "no address", "gone"])
def test_what_nobody_wants_any_more_is_ended_at_the_hub(site: Site, why: str) -> None:
    world = site.world
    world.hints = Hints(hubs=(site.hub(),), topic="https://up.example/topic")
    site.run()
    (one,) = site.subscriptions
    world.store.hubs.change(one.id, lambda one: replace(one, asked=None, lease_until=NOW + 10 * DAY, due=NOW + 8 * DAY))
    state = world.store.source_state("s")
    match why:
        case "the source goes":
            site.serve(URL, "other")
            world.hints = Hints()
        case "no hub":
            world.store.record_look(replace(state, hints=Hints()), NOW)
        case "another topic":
            hints = replace(state.hints, topic="https://up.example/renamed")
            world.store.record_look(replace(state, hints=hints), NOW)
        case "no address":
            site.serve(None)
        case _:
            world.store.record_look(replace(state, gone=True), NOW)
    site.run()
    left = next(told for told in site.told if told["mode"] == "unsubscribe")
    assert left == {"mode": "unsubscribe", "topic": "https://up.example/topic", "callback": f"{URL}websub/{one.id}"}
    known = world.store.hubs.subscription(one.id)
    assert known is not None
    assert (known.intent, known.asked) == (Intent.UNSUBSCRIBE, NOW)
    assert "s" not in world.store.hubs.states() or why == "another topic", "it is polled again"
    site.run(HOUR)
    assert world.store.hubs.subscription(one.id) is None, "it never asked back, and is forgotten"


def test_pushes_of_a_source_that_went_are_dropped(site: Site) -> None:
    site.world.hints = Hints(hubs=(site.hub(),))
    site.run()
    site.world.store.hubs.receive("s", b"<rss/>", None, NOW)
    site.serve(URL, "other")
    site.run()
    assert "s" not in site.world.store.hubs.states()


def test_without_an_address_of_this_server_nobody_is_asked(site: Site) -> None:
    site.serve(None)
    site.world.hints = Hints(hubs=(site.hub(),))
    site.run()
    assert (site.told, site.subscriptions) == ([], [])
