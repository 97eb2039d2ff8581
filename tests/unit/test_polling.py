"""When a source is looked at again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import NOW, folder, upstream
from feedmill import polling
from feedmill.model import Hints, HostState, Schedule
from feedmill.polling import asked_for_rest, cron_trigger, next_look

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
    assert every <= due - now <= every * 1.1 + timedelta(seconds=1)


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


def test_a_rhythm_is_for_what_is_asked_over_the_network() -> None:
    assert timedelta(hours=5) <= wait(rhythm=timedelta(hours=5)) <= timedelta(hours=5.5)
    assert wait(source=folder(), rhythm=timedelta(hours=5)) <= HOUR * 1.1


def test_a_fixed_interval_and_a_cron_win_over_the_rhythm() -> None:
    assert wait(source=upstream(every=HOUR), rhythm=timedelta(hours=5)) <= HOUR * 1.1
    assert wait(source=upstream(cron="0 * * * *"), rhythm=timedelta(hours=5)) == HOUR


def test_failures_double_the_rhythm() -> None:
    assert timedelta(hours=10) <= wait(rhythm=timedelta(hours=5), failures=1) <= timedelta(hours=11)


HINTS = [
    Hints(fresh_for=timedelta(hours=3)),
    Hints(ttl=timedelta(hours=3)),
    Hints(period=timedelta(hours=3)),
    Hints(period=timedelta(hours=3), base=datetime(2000, 1, 1, tzinfo=UTC)),  # NOW is noon
    Hints(skip_hours=frozenset({12, 13, 14})),
]


@pytest.mark.parametrize("hints", HINTS, ids=str)
def test_a_hint_lengthens_the_wait_and_wins_over_every_setting(hints: Hints) -> None:
    sources = (upstream(), upstream(every=timedelta(minutes=1)), upstream(cron="* * * * *"))
    for source in sources:
        assert timedelta(hours=3) <= wait(source=source, hints=hints) <= timedelta(hours=4.1)


@pytest.mark.parametrize("hints", HINTS, ids=str)
def test_a_hint_never_shortens_the_wait(hints: Hints) -> None:
    day = timedelta(hours=20)
    assert wait(source=upstream(every=day), hints=hints) == wait(source=upstream(every=day))


@pytest.mark.parametrize(
    "hints",
    [
        Hints(fresh_for=timedelta(days=7)),
        Hints(ttl=timedelta(days=366)),
        Hints(period=timedelta(days=365)),
        Hints(period=timedelta(days=365), base=NOW - timedelta(days=1)),
        Hints(skip_hours=frozenset(range(24))),
        Hints(skip_days=frozenset(range(7))),
    ],
    ids=str,
)
def test_no_hint_makes_a_wait_longer_than_the_maximum(hints: Hints) -> None:
    assert wait(hints=hints) == SCHEDULE.max
    assert wait(source=upstream(every=timedelta(days=30)), hints=hints) >= timedelta(days=30)


def test_a_cron_fires_at_its_own_times_only_also_after_a_hint() -> None:
    due = next_look(upstream(cron="30 * * * *"), SCHEDULE, "UTC", NOW, hints=Hints(ttl=timedelta(hours=2)))
    assert due == NOW + timedelta(hours=2, minutes=30)


@pytest.mark.parametrize(
    ("cron", "skipped", "expected"),
    [
        ("0 13 * * *", {13}, timedelta(hours=1)),  # NOW is noon; there is no other time up to the maximum
        ("0 13,15 * * *", {13}, timedelta(hours=3)),
        ("30 * * * *", {12, 13}, timedelta(hours=2, minutes=30)),
        ("* * * * *", set(range(24)), timedelta(hours=24)),
    ],
)
def test_a_cron_passes_over_those_of_its_times_that_are_skipped(
    cron: str, skipped: set[int], expected: timedelta
) -> None:
    schedule = Schedule(max=timedelta(minutes=30) if cron == "0 13 * * *" else timedelta(hours=24))
    hints = Hints(skip_hours=frozenset(skipped))
    assert next_look(upstream(cron=cron), schedule, "UTC", NOW, hints=hints) == NOW + expected


def test_a_daily_cron_in_a_skipped_hour_fires_every_day() -> None:
    hints, ended = Hints(skip_hours=frozenset({12})), NOW + timedelta(seconds=3)
    assert next_look(upstream(cron="0 12 * * *"), SCHEDULE, "UTC", ended, hints=hints) == NOW + timedelta(days=1)


def test_skipped_days_are_passed_over() -> None:
    schedule = Schedule(max=timedelta(days=7))
    due = next_look(upstream(), schedule, "UTC", NOW, hints=Hints(skip_days=frozenset({6, 0})))  # NOW is a Sunday
    assert due is not None
    assert due.strftime("%a") == "Tue"
    assert due.hour == 0


def test_an_answer_that_is_fresh_is_not_asked_for_again_not_even_a_fraction_early() -> None:
    now = NOW.replace(microsecond=700_000)
    due = next_look(upstream(), SCHEDULE, "UTC", now, hints=Hints(fresh_for=timedelta(hours=2)))
    assert due is not None
    assert timedelta(hours=2) <= due - now < timedelta(hours=2, seconds=1)


@given(
    st.builds(
        Hints,
        fresh_for=st.none() | st.timedeltas(timedelta(), timedelta(days=7)),
        ttl=st.none() | st.timedeltas(timedelta(minutes=1), timedelta(days=366)),
        period=st.none() | st.timedeltas(timedelta(minutes=1), timedelta(days=365)),
        base=st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        skip_hours=st.frozensets(st.integers(0, 23)),
        skip_days=st.frozensets(st.integers(0, 6)),
    ),
    st.timedeltas(timedelta(minutes=1), timedelta(days=3)),
)
def test_whatever_the_hints_the_wait_is_between_the_interval_and_the_maximum(hints: Hints, every: timedelta) -> None:
    plain, hinted = wait(source=upstream(every=every)), wait(source=upstream(every=every), hints=hints)
    assert plain <= hinted <= max(SCHEDULE.max, plain)


# --- the rhythm -------------------------------------------------------------------------------------


def rhythm(*ago: float, looks: str = "", schedule: Schedule = SCHEDULE) -> timedelta:
    """The rhythm of a source whose entries were published so many hours ago."""
    return polling.rhythm([NOW - timedelta(hours=hours) for hours in ago], looks, schedule, NOW)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        ((), 1),  # nothing is known: the schedule's start value
        ((0,), 1),
        ((5, 0), 1),
        ((80, 40), 10),  # two updates tell no gap, only a silence
        ((24, 12, 0), 6),  # half a gap before the next is expected
        ((32, 20, 8), 2),  # four hours before it
        ((35, 23, 11), 0.75),  # a sixteenth of the gap when it is expected
        ((38, 26, 14), 1),
        ((44, 32, 20), 4),  # overdue: less dense again
        ((148, 136, 124), 24),  # asleep
        ((3, 2, 1, 0), 0.5),
        ((0.75, 0.5, 0.25, 0), 0.25),  # the minimum
        ((24 * 21, 24 * 14, 24 * 7, 0), 24),  # the maximum
    ],
)
def test_the_wait_suits_the_dates_of_the_entries(ago: tuple[float, ...], expected: float) -> None:
    assert rhythm(*ago) == hours(expected)


def test_entries_that_come_together_are_one_update() -> None:
    together = [when + minutes / 60 for when in (24, 12, 0) for minutes in (0, 3, 6, 9)]
    assert hours(5.5) <= rhythm(*together) <= hours(6.5)
    assert rhythm(*(minute / 60 for minute in range(9))) == hours(1), "an undated feed's first look tells nothing"


def test_dates_to_come_do_not_count() -> None:
    assert rhythm(24, 12, 0, -500) == rhythm(24, 12, 0)


def test_one_long_pause_does_not_hide_the_rhythm() -> None:
    assert rhythm(3000, 36, 24, 12, 0) == rhythm(36, 24, 12, 0)


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ("1111", 3),
        ("01111", 3),
        ("111", 6),
        ("11110", 6),
        ("0" * 15, 6),
        ("0" * 16, 12),
        ("1" + "0" * 16, 12),
        ("1" + "0" * 15, 6),
    ],
)
def test_looks_that_always_or_never_find_something_correct_the_rhythm(looks: str, expected: float) -> None:
    assert rhythm(24, 12, 0, looks=looks) == hours(expected)


@given(st.lists(st.floats(-100, 10_000), max_size=60), st.text("01", max_size=20))
def test_the_rhythm_is_kept_within_the_schedule(ago: list[float], looks: str) -> None:
    assert SCHEDULE.min <= rhythm(*ago, looks=looks) <= SCHEDULE.max


# --- hosts ------------------------------------------------------------------------------------------


def test_a_host_that_asks_for_rest_once_has_no_more_than_its_source_left_alone() -> None:
    once = asked_for_rest(HostState(host="h"), HOUR, NOW)
    assert once == HostState(host="h", strikes=1)


def test_a_host_that_asks_for_rest_again_is_left_alone() -> None:
    once = asked_for_rest(HostState(host="h"), HOUR, NOW)
    twice = asked_for_rest(once, HOUR, NOW)
    assert twice == HostState(host="h", strikes=2, wait_until=NOW + HOUR)
    assert asked_for_rest(twice, HOUR / 2, NOW).wait_until == NOW + HOUR, "a shorter wait takes nothing back"
    assert asked_for_rest(twice, HOUR * 5, NOW).wait_until == NOW + HOUR * 5


# --- cron -------------------------------------------------------------------------------------------


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


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("facts", "least", "most"),
    [
        # once a day, whatever its own settings say, and not before what already was later
        ({"pushed_until": NOW + 10 * DAY}, DAY, DAY),
        ({"pushed_until": NOW + 10 * DAY, "source": upstream(every=timedelta(minutes=5))}, DAY, DAY),
        ({"pushed_until": NOW + 10 * DAY, "source": upstream(every=timedelta(days=7))}, 7 * DAY, 7.7 * DAY),
        ({"pushed_until": NOW + 10 * DAY, "rhythm": timedelta(minutes=15)}, DAY, DAY),
        ({"pushed_until": NOW + 10 * DAY, "source": upstream(cron="30 * * * *")}, DAY + HOUR / 2, DAY + HOUR / 2),
        ({"pushed_until": NOW + 10 * DAY, "wait_until": NOW + 3 * DAY}, 3 * DAY, 3 * DAY),
        ({"pushed_until": NOW + 10 * DAY, "hints": Hints(skip_hours=frozenset({12}))}, DAY, DAY),
        # when the lease ends, the other rules are back
        ({"pushed_until": NOW + HOUR * 5}, HOUR * 5, HOUR * 5),
        ({"pushed_until": NOW + HOUR / 2}, HOUR, HOUR * 1.1),
        ({"pushed_until": NOW - DAY}, HOUR, HOUR * 1.1),
        ({"pushed_until": None}, HOUR, HOUR * 1.1),
        ({"pushed_until": NOW + 10 * DAY, "failures": 3}, DAY, DAY),
    ],
)
def test_what_a_hub_pushes_is_looked_at_once_a_day(facts: dict[str, object], least: timedelta, most: timedelta) -> None:
    assert least <= wait(**facts) <= most


def test_what_is_gone_is_not_looked_at_though_a_hub_pushes_it() -> None:
    assert next_look(upstream(), SCHEDULE, "UTC", NOW, gone=True, pushed_until=NOW + DAY) is None
