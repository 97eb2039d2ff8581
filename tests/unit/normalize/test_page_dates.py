from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.normalize.page_dates import shown_date

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)  # noon in Jakarta


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Senin, 2 November 2026 | 14.30 WIB", "2026-11-02T07:30"),
        ("Kamis, 05/11/2026 14:30 WITA", "2026-11-05T06:30"),
        ("02 Nov 2026, 07:00 WIB", "2026-11-02T00:00"),
        ("Redaksi - Jum'at, 6 Nov 2026 - 09.05", "2026-11-06T02:05"),
        ("2 November 2026 pukul 14.30 WIT", "2026-11-02T05:30"),
        ("Diterbitkan 2 Nopember 2026", "2026-11-01T17:00"),
        ("1 Agustus 2026", "2026-07-31T17:00"),
        ("Sabtu (7/11/2026)", "2026-11-06T17:00"),
        ("Posted on November 2, 2026 by Admin", "2026-11-01T17:00"),
        ("the 2nd of November 2026 at 3:15 p.m.", "2026-11-02T08:15"),
        ("12 November 2026 at 9:05 AM EST", "2026-11-12T14:05"),
        ("Mon, 02 Nov 2026 14:30:00 +0900", "2026-11-02T05:30"),
        ("2026-11-02T14:30:00.123+08:00", "2026-11-02T06:30"),
        ("2026-11-02T14:30:00Z", "2026-11-02T14:30"),
        ("2026-11-02", "2026-11-01T17:00"),
        ("2026/11/2", "2026-11-01T17:00"),
        ("2.11.2026", "2026-11-01T17:00"),
        ("11/22/2025", "2025-11-21T17:00"),
        ("2026年11月2日 09:30", "2026-11-02T02:30"),
        ("from 2026-99-99 to 1 May 2026", "2026-04-30T17:00"),
        ("3 jam lalu", "2026-11-22T02:00"),
        ("sejam yang lalu", "2026-11-22T04:00"),
        ("12 menit lalu", "2026-11-22T04:48"),
        ("2 minggu lalu", "2026-11-08T05:00"),
        ("5 hours ago | 12 comments", "2026-11-22T00:00"),
        ("an hour ago", "2026-11-22T04:00"),
        ("Kemarin, 20:05 WIB", "2026-11-21T13:05"),
        ("yesterday", "2026-11-21T05:00"),
        ("Hari ini 08.00", "2026-11-22T01:00"),
        ("baru saja", "2026-11-22T05:00"),
    ],
)
def test_what_pages_show(text: str, expected: str) -> None:
    assert shown_date(text, "Asia/Jakarta", NOW) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "no date here 12:30", "version v1.2.2026", "31/02/2026", "2026-13-41", "0001-01-01T00:00:00Z", "2 Mar 20261"],
)
def test_what_is_no_date(text: str) -> None:
    assert shown_date(text, "Asia/Jakarta", NOW) is None


PARTS = (
    *("2026", "-", "/", ".", ":", "11", "02", "99", "Nov", "November", "2", "Senin,", "WIB", "+07:00", "T14:30"),
    *("jam", "lalu", "se", "hari", "ini", "kemarin", "ago", "999", "minutes", "年", "月"),
)
WORDS = st.sampled_from(PARTS)


@given(st.lists(WORDS | st.text(max_size=4), max_size=12), st.sampled_from(["", " "]))
def test_any_text_gives_a_believable_moment_or_none(words: list[str], between: str) -> None:
    moment = shown_date(between.join(words), "Asia/Jakarta", NOW)
    assert moment is None or (moment.tzinfo is UTC and moment.microsecond == 0 and 1900 <= moment.year <= 9000)
