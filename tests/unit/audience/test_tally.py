"""Visits added up: who counts, how often, and what is kept of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audience_visits import visit
from feedmill.audience import tally as module
from feedmill.audience.distinct import KEPT, Distinct
from feedmill.audience.tally import MOST_READERS, OTHERS, Tally
from feedmill.model import Readership, Visit

SALT = b"0123456789abcdef"
VISIT = visit()


def feedly(number: int, **fields: str) -> Visit:
    return visit(f"Feedly/1.0 ({number} subscribers)", **fields)


def counted(*visits: Visit, salt: bytes = SALT) -> dict[str, Readership]:
    """The sums by the program's name."""
    tally = Tally(salt)
    for one in visits:
        tally.add(one)
    return {one.reader: one for one in tally.sums()}


def test_a_client_counts_once_however_often_it_comes() -> None:
    sums = counted(VISIT, visit(status=304, sent=0, saved=100), visit(address="192.0.2.2", conditional=False))
    assert sums["newsboat"].subscribers == 2
    assert (sums["newsboat"].requests, sums["newsboat"].unconditional, sums["newsboat"].not_modified) == (3, 1, 1)
    assert (sums["newsboat"].sent, sums["newsboat"].saved) == (200, 100)


def test_declared_subscribers_of_one_address_are_maxed_and_of_several_added_up() -> None:
    sums = counted(
        feedly(100), feedly(120), feedly(110, address="192.0.2.9"), feedly(20, path="/feeds/all/atom.xml"),
    )  # fmt: skip
    assert sums["Feedly"].subscribers == 140


def test_feed_ids_are_added_up() -> None:
    sums = counted(
        visit("Feedbin feed-id:1 - 22 subscribers"),
        visit("Feedbin feed-id:2 - 3 subscribers"),
        visit("Feedbin feed-id:1 - 21 subscribers", address="192.0.2.7"),
    )
    assert sums["Feedbin"].subscribers == 25


def test_a_service_that_declares_nothing_has_one_subscriber_at_least() -> None:
    sums = counted(*(visit("Superfeedr bot/2.0", address=f"192.0.2.{last}") for last in range(9)))
    assert sums["Superfeedr"].subscribers == 1


def test_readers_at_home_that_declare_count_for_each_home() -> None:
    sums = counted(
        *(visit("FreshRSS/2 (3 subscribers)", address=f"192.0.2.{last}") for last in (1, 2, 2)),
    )
    assert sums["FreshRSS"].subscribers == 6


@pytest.mark.parametrize("user_agent", ["Mozilla/5.0 (X11) Gecko/1 Firefox/128", "Googlebot/2.1", "curl/8", ""])
def test_browsers_bots_and_tools_are_no_subscribers(user_agent: str) -> None:
    (only,) = counted(visit(user_agent)).values()
    assert (only.subscribers, only.requests) == (0, 1)


@pytest.mark.parametrize(("status", "subscribers"), [(200, 1), (226, 1), (304, 1), (429, 1), (404, 0), (401, 0)])
def test_whoever_is_told_that_there_is_nothing_is_no_subscriber(status: int, subscribers: int) -> None:
    assert counted(visit(status=status))["newsboat"].subscribers == subscribers


def test_an_address_of_ipv6_is_its_network_since_the_rest_changes() -> None:
    sums = counted(
        visit(address="2001:db8:1:2:a::1"),
        visit(address="2001:db8:1:2:b::7"),
        visit(address="2001:db8:1:3::1"),
        visit(address="192.0.2.1"),
        visit(address="::ffff:192.0.2.1"),
    )
    assert sums["newsboat"].subscribers == 3


def test_nothing_that_is_kept_tells_an_address() -> None:
    kept = repr(list(counted(VISIT, feedly(3), visit("FreshRSS/2 (3 subscribers)")).values()))
    assert "192.0.2" not in kept
    assert "c0000201" not in kept.lower()
    assert counted(VISIT)["newsboat"].seen != counted(VISIT, salt=b"another")["newsboat"].seen


def test_a_closed_day_keeps_numbers_alone() -> None:
    tally = Tally(SALT)
    tally.add(VISIT)
    tally.add(feedly(12))
    assert [(one.reader, one.subscribers, one.said, one.seen) for one in tally.sums(closed=True)] == [
        ("Feedly", 12, None, None),
        ("newsboat", 1, None, None),
    ]


def test_a_day_that_was_closed_goes_on() -> None:
    first, second = Tally(SALT), Tally(b"another salt")
    first.add(VISIT)
    second.join(first.sums(closed=True))
    second.add(visit(address="192.0.2.2"))
    assert [one.subscribers for one in second.sums()] == [2]


def test_names_without_end_are_taken_together() -> None:
    sums = counted(*(visit(f"reader-{number:x}q/1", address=f"192.0.{number % 250}.1") for number in range(1000)))
    assert len(sums) == MOST_READERS + 1
    assert sums[OTHERS].requests == 1000 - MOST_READERS


def test_programs_without_end_are_not_looked_up_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_AGENTS", 3)
    sums = counted(*(visit(f"thing-{number}q/1") for number in range(10)), VISIT)
    assert (sums[OTHERS].requests, sums[OTHERS].subscribers, sums["newsboat"].subscribers) == (7, 0, 1)


visits = st.builds(
    visit,
    st.sampled_from(["newsboat/2", "Feedly (5 subscribers)", "Feedly (6 subscribers)", "Liferea/1", "curl/8"]),
    address=st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1"]),
    status=st.sampled_from([200, 304, 226, 404]),
    path=st.sampled_from(["/a", "/b"]),
)


@given(st.lists(visits), st.lists(visits))
def test_counted_apart_and_joined_is_counted_together(first: list[Visit], second: list[Visit]) -> None:
    apart, more = Tally(SALT), Tally(SALT)
    for one in first:
        apart.add(one)
    for one in second:
        more.add(one)
    joined = Tally(b"")
    joined.join(apart.sums())
    joined.join(more.sums())
    assert {one.reader: one for one in joined.sums()} == counted(*first, *second)


@pytest.mark.parametrize("number", [0, 1, KEPT - 1])
def test_few_are_counted_exactly(number: int) -> None:
    assert len(Distinct(range(number))) == number


def test_many_are_estimated_within_five_percent_in_bounded_memory() -> None:
    from hashlib import blake2b

    many = Distinct()
    for number in range(200_000):
        many.add(int.from_bytes(blake2b(str(number).encode(), digest_size=8).digest()))
    assert len(many.pack()) == 8 * KEPT
    assert 190_000 < len(many) < 210_000
    assert len(Distinct.unpack(many.pack())) == len(many)
