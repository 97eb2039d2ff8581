"""When a hub is asked what: the plan, and what becomes of a subscription, by table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from factories import NOW
from feedmill.model import HubSubscription, Intent
from feedmill.websub import LEASE, Act, Step, Wish, asking, callback, denied, failed, plan, verified

URL = "https://feeds.example.org/"
HUB, OTHER = "https://hub.example/", "https://other.example/"
TOPIC = "https://up.example/feed"
WISH = Wish(source="up", hubs=(HUB, OTHER), topic=TOPIC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def known(hub: str = HUB, **fields: object) -> HubSubscription:
    """A subscription that was never asked for, but for `fields`."""
    id_ = str(fields.pop("id", "i"))
    told = {"due": NOW, "callback": callback(URL, id_)} | fields
    return HubSubscription(id=id_, source="up", hub=hub, secret="s", **{"topic": TOPIC} | told)  # type: ignore[arg-type]


def live(hub: str = HUB, **fields: object) -> HubSubscription:
    return known(hub, **{"verified": NOW - DAY, "lease_until": NOW + DAY, "due": NOW + HOUR} | fields)


def step(act: Act, of: HubSubscription | None = None, hub: str = HUB, **fields: object) -> Step:
    due = fields.get("due", of.due if of and act is Act.SUBSCRIBE else NOW)
    return Step(act=act, due=due, source="up", hub=of.hub if of else hub, topic=of.topic if of else TOPIC, known=of)  # type: ignore[arg-type]


LIVE, PENDING, NEW = live(), known(asked=NOW, due=NOW + HOUR), known()
FAILING = known(failures=2, error="x", due=NOW + HOUR)
OVER = live(lease_until=NOW, due=NOW - HOUR)
LEAVING = live(intent=Intent.UNSUBSCRIBE, asked=NOW, due=NOW + HOUR)
LEFT_BADLY = replace(LEAVING, asked=None, failures=1)


@pytest.mark.parametrize(
    ("subscriptions", "expected"),
    [
        ([], [step(Act.SUBSCRIBE)]),
        ([NEW], [step(Act.SUBSCRIBE, NEW)]),
        ([PENDING], [step(Act.SUBSCRIBE, PENDING)]),
        ([LIVE], [step(Act.SUBSCRIBE, LIVE)]),
        ([OVER], [step(Act.SUBSCRIBE, OVER)]),
        # the hub that pushes is kept, else the one that failed least, the first of equals
        ([FAILING], [step(Act.SUBSCRIBE, hub=OTHER)]),
        ([FAILING, live(OTHER, id="o")], [step(Act.SUBSCRIBE, live(OTHER, id="o"))]),
        ([FAILING, known(OTHER, id="o", failures=3)], [step(Act.SUBSCRIBE, FAILING)]),
        ([replace(LIVE, failures=5)], [step(Act.SUBSCRIBE, replace(LIVE, failures=5))]),
        ([LIVE, live(OTHER, id="o")], [step(Act.SUBSCRIBE, LIVE), step(Act.UNSUBSCRIBE, live(OTHER, id="o"))]),
        # what fits no longer is ended, and the new one does not wait for that
        (
            [live(topic="https://old.example/")],
            [step(Act.SUBSCRIBE), step(Act.UNSUBSCRIBE, live(topic="https://old.example/"))],
        ),
        ([live("https://gone.example/")], [step(Act.SUBSCRIBE), step(Act.UNSUBSCRIBE, live("https://gone.example/"))]),
        (
            [live(callback="https://was.example/websub/i")],
            [step(Act.SUBSCRIBE), step(Act.UNSUBSCRIBE, live(callback="https://was.example/websub/i"))],
        ),
        ([LEAVING], [step(Act.SUBSCRIBE), step(Act.FORGET, LEAVING, due=NOW + HOUR)]),
    ],
)
def test_a_source_that_is_to_be_pushed(subscriptions: list[HubSubscription], expected: list[Step]) -> None:
    assert plan([WISH], subscriptions, URL, NOW) == expected


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (LIVE, step(Act.UNSUBSCRIBE, LIVE)),
        (PENDING, step(Act.UNSUBSCRIBE, PENDING)),
        (NEW, step(Act.FORGET, NEW)),
        (FAILING, step(Act.FORGET, FAILING)),
        (OVER, step(Act.FORGET, OVER)),
        (LEAVING, step(Act.FORGET, LEAVING, due=NOW + HOUR)),
        (LEFT_BADLY, step(Act.UNSUBSCRIBE, LEFT_BADLY, due=NOW + HOUR)),
        (replace(LEFT_BADLY, failures=3), step(Act.FORGET, replace(LEFT_BADLY, failures=3))),
        (replace(LEFT_BADLY, lease_until=NOW), step(Act.FORGET, replace(LEFT_BADLY, lease_until=NOW))),
    ],
)
def test_a_subscription_that_nobody_wants_any_more(one: HubSubscription, expected: Step) -> None:
    assert plan([], [one], URL, NOW) == [expected]
    assert plan([WISH], [one], None, NOW) == [expected], "this server has no address any more"


def test_asking_waits_an_hour_for_the_hub_to_ask_back() -> None:
    asked = asking(NEW, Intent.SUBSCRIBE, NOW)
    assert (asked.asked, asked.due, asked.failures) == (NOW, NOW + HOUR, 0)
    assert not asked.live(NOW)
    again = asking(asked, Intent.SUBSCRIBE, NOW + HOUR)
    assert (again.failures, again.error) == (1, "the hub took the request, but never asked back")
    assert again.due == NOW + 2 * HOUR


@pytest.mark.parametrize(("failures", "minutes"), [(0, 5), (1, 10), (2, 20), (8, 1280), (9, 1440), (10_000, 1440)])
def test_failures_are_followed_by_longer_and_longer_waits(failures: int, minutes: int) -> None:
    after = failed(known(failures=failures, asked=NOW), "no answer", NOW)
    assert (after.failures, after.error, after.asked) == (failures + 1, "no answer", None)
    assert after.due == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("lease", "granted", "renewed"),
    [
        (LEASE, 10 * DAY, 8 * DAY),
        (timedelta(seconds=300), timedelta(seconds=300), timedelta(seconds=240)),
        (9999 * DAY, 30 * DAY, 24 * DAY),
        (timedelta(seconds=1), timedelta(seconds=1), timedelta(seconds=60)),
    ],
)
def test_a_lease_is_renewed_before_it_ends(lease: timedelta, granted: timedelta, renewed: timedelta) -> None:
    after = verified(known(asked=NOW, failures=3, error="x"), lease, NOW)
    assert (after.lease_until, after.due) == (NOW + granted, NOW + renewed)
    assert (after.asked, after.failures, after.error) == (None, 0, None)
    assert after.live(NOW + granted - timedelta(seconds=1))
    assert not after.live(NOW + granted)
    if renewed > granted:
        return
    renewing = asking(after, Intent.SUBSCRIBE, after.due)
    assert renewing.live(after.due), "it pushes while it is renewed"
    assert failed(renewing, "x", after.due).live(after.due)


def test_a_denied_subscription_is_asked_for_again_the_next_day() -> None:
    after = denied(LIVE, "not for you", NOW)
    assert (after.lease_until, after.due, after.failures) == (None, NOW + DAY, 1)
    assert after.error == "the hub denied the subscription: not for you"


def test_taking_leave_begins_to_count_anew() -> None:
    leaving = asking(replace(LIVE, failures=7), Intent.UNSUBSCRIBE, NOW)
    assert (leaving.intent, leaving.failures) == (Intent.UNSUBSCRIBE, 0)
    assert not leaving.live(NOW)


def test_a_secret_is_in_no_log() -> None:
    assert "secret" not in repr(NEW)
