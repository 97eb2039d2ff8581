"""Dates as people and programs write them."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.normalize.dates import article_date, feed_date, name_date
from feedmill.times import iso

ZONE = "Asia/Jakarta"  # UTC+7, no summer time
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def shown(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-02", "2026-11-01T17:00:00Z"),
        ("2026-11-02 07:00", "2026-11-02T00:00:00Z"),
        ("2026-11-02T07:00:00Z", "2026-11-02T07:00:00Z"),
        ("2026-11-02T07:00:00.987+07:00", "2026-11-02T00:00:00Z"),
        ("2026-11-02T07:00+0700", "2026-11-02T00:00:00Z"),
        ("20261102T0700", "2026-11-02T00:00:00Z"),
        ("2026/11/02", "2026-11-01T17:00:00Z"),
        ("02/11/2026", "2026-11-01T17:00:00Z"),
        ("11/25/2026", "2026-11-24T17:00:00Z"),
        ("2 Nov 2026", "2026-11-01T17:00:00Z"),
        ("November 2nd, 2026", "2026-11-01T17:00:00Z"),
        ("Nov. 2, 2026 5:00 PM EST", "2026-11-02T22:00:00Z"),
        ("Mon, 02 Nov 2026 07:00:00 GMT", "2026-11-02T07:00:00Z"),
        ("Mon, 02 Nov 2026 07:00:00 +0900", "2026-11-01T22:00:00Z"),
        ("Senin, 2 November 2026 pukul 07.30 WIB", "2026-11-02T00:30:00Z"),
        ("Jumat (6/11/2026)", "2026-11-05T17:00:00Z"),
        ("17 Agustus 2026", "2026-08-16T17:00:00Z"),
        ("1 Desember 2026 12:00 WITA", "2026-12-01T04:00:00Z"),
        ("5 Mei 2026", "2026-05-04T17:00:00Z"),
        ("2026-11-02 07:00 Europe/Berlin", "2026-11-02T06:00:00Z"),
        (20261102, "2026-11-01T17:00:00Z"),
        (1793602800, "2026-11-02T07:00:00Z"),
        (1793602800000, "2026-11-02T07:00:00Z"),
        (date(2026, 11, 2), "2026-11-01T17:00:00Z"),
        (datetime(2026, 11, 2, 7), "2026-11-02T00:00:00Z"),  # noqa: DTZ001 - as YAML and TOML give it
        (datetime(2026, 11, 2, 7, tzinfo=timezone(timedelta(hours=-5))), "2026-11-02T12:00:00Z"),
        ("2030-01-01", "2029-12-31T17:00:00Z"),  # an embargo
    ],
)
def test_article_date(value: object, expected: str) -> None:
    assert shown(article_date(value, ZONE)) == expected


@pytest.mark.parametrize(
    "value",
    [
        None, "", "  ", "kemarin", "soon", "November 2026", "2026", "10", "7:30", "2026-13-45", "31 Februari 2026", 3.5,
        True,
        "0001-01-01", "1899-12-31", "9999-12-31", 10**30, "9" * 5000, [], {}, datetime.max, datetime.min,  # noqa: DTZ901
    ],
)  # fmt: skip
def test_no_believable_article_date(value: object) -> None:
    assert article_date(value, ZONE) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon, 02 Nov 2026 07:00:00 +0700", "2026-11-02T00:00:00Z"),
        ("Mon, 2 Nov 26 07:00 EST", "2026-11-02T12:00:00Z"),
        ("Mon, 02 Nov 2026 07:00:00 CET", "2026-11-02T06:00:00Z"),
        ("2026-11-02", "2026-11-02T00:00:00Z"),
        ("2026-11-02T07:00", "2026-11-02T07:00:00Z"),
        ("2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z"),
        ("2 November 2026", "2026-11-02T00:00:00Z"),
    ],
)
def test_feed_date(text: str, expected: str) -> None:
    assert shown(feed_date(text, NOW)) == expected


@pytest.mark.parametrize(
    "text", [None, "", "yesterday", "Thu, 01 Jan 1970 00:00:00 GMT", "1989-12-31", "2026-11-22T12:00:01Z", "2099-01-01"]
)
def test_missing_absurd_and_future_feed_dates_are_none(text: str | None) -> None:
    assert feed_date(text, NOW) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2026-11-02-judul", "2026-11-01T17:00:00Z"),
        ("20261102", "2026-11-01T17:00:00Z"),
        ("judul_2026_11_02", "2026-11-01T17:00:00Z"),
        ("2026-11-02T0700-judul", "2026-11-02T00:00:00Z"),
        ("2026-11-02T07:00:30Z", "2026-11-02T07:00:30Z"),
        ("20261102-0730 judul", "2026-11-02T00:30:00Z"),
        ("2026-13-01-judul", None),
        ("2026-11-021", None),
        ("1234567890", None),
        ("2026-11", None),
        ("judul", None),
    ],
)
def test_name_date(name: str, expected: str | None) -> None:
    assert shown(name_date(name, ZONE)) == expected


NEARLY_DATES = st.lists(
    st.sampled_from(
        [
            "2026",
            "11",
            "02",
            "Nov",
            "Senin",
            "pukul",
            "07.30",
            "7:00",
            "WIB",
            "PM",
            "+0700",
            "-",
            "/",
            ",",
            "T",
            " ",
            "Z",
            "1e9",
            "٣",
        ]
    ),
    max_size=10,
).map("".join)


@given(
    st.one_of(st.text(alphabet=st.characters(), max_size=120), NEARLY_DATES, st.integers(), st.datetimes(), st.dates())
)
def test_no_value_upsets_it(value: object) -> None:
    for moment in (article_date(value, ZONE), feed_date(str(value), NOW), name_date(str(value), ZONE)):
        if moment is not None:
            assert moment.utcoffset() == timedelta(0)
            assert moment.microsecond == 0
            assert 1900 <= moment.year <= 9000


@given(st.datetimes(min_value=datetime(1901, 1, 1), max_value=datetime(8999, 1, 1)))  # noqa: DTZ001
def test_what_is_written_in_iso_is_read_back(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC, microsecond=0)
    assert article_date(moment.isoformat(), ZONE) == moment
    assert article_date(moment.isoformat(sep=" "), ZONE) == moment
