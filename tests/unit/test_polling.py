"""When a source is looked at again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import NOW, folder, upstream
from feedmill.model import Schedule
from feedmill.polling import cron_trigger, next_look

SCHEDULE = Schedule()
HOUR = timedelta(hours=1)


def wait(**facts: object) -> timedelta:
    source = facts.pop("source", upstream())
    due = next_look(source, SCHEDULE, "UTC", NOW, **facts)  # type: ignore[arg-type]
    assert due is not None
    return due - NOW


def test_a_source_is_looked_at_again_after_the_schedules_interval() -> None:
    assert HOUR <= wait() <= HOUR * 1.1


def test_its_own_interval_wins() -> None:
    assert timedelta(minutes=5) <= wait(source=folder(every=timedelta(minutes=5))) <= timedelta(minutes=5.5)


def test_jitter_differs_by_source_and_is_the_same_again() -> None:
    waits = {wait(source=upstream(name)) for name in "abcdefgh"}
    assert len(waits) > 4
    assert wait(source=upstream("a")) == wait(source=upstream("a"))


@given(st.text("abc-", min_size=1), st.integers(60, 10**6), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
def test_a_look_is_never_early(name: str, seconds: int, moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    every = timedelta(seconds=seconds)
    due = next_look(upstream(name, every=every), SCHEDULE, "UTC", now)
    assert due is not None
    assert every - timedelta(seconds=1) <= due - now <= every * 1.1


def test_failures_double_the_wait_up_to_the_maximum() -> None:
    waits = [wait(failures=number) for number in range(8)]
    for number, hours in enumerate([1, 2, 4, 8, 16, 24, 24, 24]):
        assert HOUR * hours <= waits[number] <= HOUR * hours * 1.1


def test_any_number_of_failures_has_an_end() -> None:
    assert wait(failures=10**6) <= timedelta(hours=26.4)


def test_a_long_interval_is_not_shortened_by_failures() -> None:
    assert wait(source=upstream(every=timedelta(days=7)), failures=3) >= timedelta(days=7)


def test_a_folder_is_looked_at_as_ever() -> None:
    assert wait(source=folder(), failures=9) <= HOUR * 1.1


def test_a_server_can_only_lengthen_the_wait() -> None:
    assert wait(wait_until=NOW + timedelta(days=3)) == timedelta(days=3)
    assert wait(wait_until=NOW + timedelta(minutes=1)) >= HOUR


def test_a_source_that_is_gone_is_not_asked_again() -> None:
    assert next_look(upstream(), SCHEDULE, "UTC", NOW, gone=True) is None


@pytest.mark.parametrize(
    ("expression", "zone", "expected"),
    [
        ("0 6 * * mon-fri", "UTC", "2026-11-23T06:00:00+00:00"),  # NOW is a Sunday
        ("0 6 * * mon-fri", "Asia/Jakarta", "2026-11-22T23:00:00+00:00"),
        ("0 18 * * 0", "UTC", "2026-11-22T18:00:00+00:00"),  # Sunday is 0
        ("0 18 * * 7", "UTC", "2026-11-22T18:00:00+00:00"),  # and 7
        ("0 18 * * 1", "UTC", "2026-11-23T18:00:00+00:00"),
        ("0 0 * * 5-7", "UTC", "2026-11-27T00:00:00+00:00"),
        ("0 0 * * 6-0", "UTC", "2026-11-28T00:00:00+00:00"),
        ("0 13 * * */2", "UTC", "2026-11-22T13:00:00+00:00"),  # Sunday, Tuesday, Thursday, Saturday
        ("0 0 * * 4/2", "UTC", "2026-11-26T00:00:00+00:00"),
        ("*/5 * * * *", "UTC", "2026-11-22T12:05:00+00:00"),
        ("0 0 1 * mon", "UTC", "2026-11-23T00:00:00+00:00"),  # either day field may match
        ("0 0 1 * *", "UTC", "2026-12-01T00:00:00+00:00"),
    ],
)
def test_cron_means_what_cron_means(expression: str, zone: str, expected: str) -> None:
    due = next_look(folder(cron=expression), SCHEDULE, zone, NOW)
    assert due == datetime.fromisoformat(expected)


def test_cron_is_kept_in_spite_of_failures_but_not_of_the_server() -> None:
    source = upstream(cron="0 * * * *")
    assert wait(source=source, failures=5) == HOUR
    assert wait(source=source, wait_until=NOW + timedelta(days=2)) == timedelta(days=2)


def test_a_day_that_never_comes_is_never() -> None:
    assert next_look(folder(cron="0 0 30 2 *"), SCHEDULE, "UTC", NOW) is None


@pytest.mark.parametrize("expression", ["", "* * * *", "61 * * * *", "* * * * 8", "* * * * funday", "a b c d e"])
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        cron_trigger(expression, "UTC")
