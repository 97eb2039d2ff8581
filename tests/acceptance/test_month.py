"""A month of looks by a simulated clock, at a real server that keeps count: nobody is asked early or needlessly."""

from __future__ import annotations

from datetime import timedelta

from benchmarks.month import FEEDS, START, simulate

NAMES = (
    "every 6 hours",
    "daily at six",
    "weekdays",
    "weekly",
    "hourly, max-age 2 hours",
    "every 6 hours, 503 for two days",
)


def test_a_month_of_polling_is_polite_and_misses_nothing() -> None:
    """Promise 6: every hint that a server gives is honoured."""
    feeds = [feed for feed in FEEDS if feed.name in NAMES]
    saw = dict(zip([feed.name for feed in feeds], simulate(feeds, 30), strict=True))
    assert {name: result.early for name, result in saw.items()} == dict.fromkeys(saw, 0)
    assert {name: result.unconditional for name, result in saw.items()} == dict.fromkeys(saw, 0)
    for feed in feeds:
        published = [date for date in feed.dates(30) if START < date < START + timedelta(days=29)]
        assert len(saw[feed.name].delays) >= len(published) > 3, f"{feed.name}: entries were missed"
    every_hour = 30 * 24
    assert saw["weekly"].requests < every_hour / 15
    assert saw["daily at six"].requests < every_hour / 3
    assert saw["daily at six"].median_delay < timedelta(hours=2)
    assert saw["weekly"].median_delay < timedelta(hours=24)
