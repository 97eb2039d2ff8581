"""What an operator is told: each thing once when it begins, and once when it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from factories import NOW
from feedmill.alerts import headline, incidents, line, news
from feedmill.model import Alerts, FeedState, Incident, Notice, SourceState, Trouble
from feedmill.polling import fell_silent

RULES = Alerts(after_failures=3)
DAY = timedelta(days=1)
SOURCE = SourceState(name="s")
FEED = FeedState(name="all", updated=NOW)


def found(
    source: SourceState = SOURCE,
    feed: FeedState = FEED,
    *known: Incident,
    silent: timedelta | None = None,
    rules: Alerts = RULES,
) -> list[tuple[str, Trouble]]:
    present = incidents(rules, {"s": source}, {"all": feed}, {"s": silent}, known, NOW)
    return [(one.subject, one.kind) for one in present]


def incident(kind: Trouble, subject: str = "source s") -> Incident:
    return Incident(subject=subject, kind=kind, message="m", since=NOW - DAY * 3)


@pytest.mark.parametrize(("failures", "told"), [(0, False), (2, False), (3, True), (40, True)])
def test_a_source_that_failed_several_times_in_a_row(failures: int, told: bool) -> None:
    assert found(replace(SOURCE, failures=failures)) == ([("source s", Trouble.FAILING)] if told else [])


def test_it_fails_until_it_is_collected_though_the_rule_becomes_milder() -> None:
    known = incident(Trouble.FAILING)
    assert found(replace(SOURCE, failures=1), FEED, known) == [("source s", Trouble.FAILING)]
    assert found(replace(SOURCE, failures=0), FEED, known) == []


def test_a_source_that_is_gone_is_told_at_once() -> None:
    assert found(replace(SOURCE, failures=1, gone=True)) == [("source s", Trouble.GONE)]


def test_a_feed_that_is_held_or_could_not_be_published() -> None:
    assert found(feed=replace(FEED, held="why")) == [("feed all", Trouble.HELD)]
    assert found(feed=replace(FEED, error="why")) == [("feed all", Trouble.UNPUBLISHED)]


def test_a_feed_that_somebody_rolled_back_is_nothing_to_tell() -> None:
    assert found(feed=replace(FEED, held="rolled back", pinned=2)) == []


def test_a_silent_source_unless_nobody_wants_to_know() -> None:
    assert found(silent=DAY * 30) == [("source s", Trouble.SILENT)]
    assert found(silent=DAY * 30, rules=replace(RULES, silence=False)) == []


def test_a_silent_source_is_silent_until_it_was_looked_at() -> None:
    known = incident(Trouble.SILENT)
    present = list(incidents(RULES, {"s": replace(SOURCE, failures=1)}, {}, {}, [known], NOW))
    assert [(one.subject, one.kind) for one in present] == [("source s", Trouble.SILENT)]
    assert found(SOURCE, FEED, known) == []


def test_each_is_told_once_and_once_when_it_is_over() -> None:
    failing = incident(Trouble.FAILING)
    assert news([], [failing], {"source s"}, NOW) == ([failing], [])
    assert news([failing], [failing], {"source s"}, NOW) == ([], [])
    begun, (over,) = news([failing], [], {"source s"}, NOW)
    assert (begun, over.message) == ([], "it was collected again, after 3 days")


def test_what_is_configured_no_more_is_over_in_other_words() -> None:
    _, (over,) = news([incident(Trouble.FAILING)], [], {"source other"}, NOW)
    assert over.message == "it is not configured any more"


def test_a_notice_is_one_line_and_several_have_a_headline() -> None:
    begun = Notice(number=1, subject="source s", kind=Trouble.FAILING, over=False, message="m", at=NOW)
    over = replace(begun, over=True)
    assert [line(begun), line(over)] == ["source s: m", "source s: well again: m"]
    assert headline([begun]) == "1 problem"
    assert headline([begun, begun, over]) == "2 problems, 1 well again"
    assert headline([over]) == "1 well again"


@pytest.mark.parametrize(
    ("ages", "silent"),
    [
        ([7, 8, 9, 10, 11, 12], True),  # a daily one, after a week
        ([2, 3, 4, 5, 6, 7], False),  # it may have a holiday
        ([20, 27, 34, 41, 48, 55], False),  # a weekly one, after twenty days
        ([22, 29, 36, 43, 50, 57], True),
        ([20, 21, 22, 23, 24, 40], False),  # it had a long pause before
        ([300, 301, 302, 303, 304], False),  # too few to know
        ([-5, -4, -3, -2, -1, 0], False),  # what is dated ahead tells nothing
        ([], False),
    ],
)
def test_silence_is_measured_by_a_sources_own_gaps(ages: list[int], silent: bool) -> None:
    dates = [NOW - DAY * age - timedelta(minutes=1) for age in ages]
    assert (fell_silent(dates, NOW) is not None) == silent


def test_a_source_that_brings_several_at_once_has_one_update_then() -> None:
    batch = [NOW - DAY * 300 + timedelta(seconds=second) for second in range(50)]
    assert fell_silent(batch, NOW) is None


def test_a_lively_source_is_given_two_days() -> None:
    hourly = [NOW - timedelta(hours=40 + number) for number in range(20)]
    assert fell_silent(hourly, NOW) is None
    assert fell_silent(hourly, NOW + timedelta(hours=10)) == timedelta(hours=50)
