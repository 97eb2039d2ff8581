"""Numbers, sizes and times in words; parts of lists; charts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from lxml import etree

from factories import NOW
from feedmill.serve.dashboard import charts
from feedmill.serve.dashboard.paging import page_of
from feedmill.serve.dashboard.words import FILTERS, ago, date_and_time, many, size, span


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "just now"), (-29, "just now"), (45, "in less than a minute"),
        (-60, "1 minute ago"), (-3599, "59 minutes ago"),
        (7200, "in 2 hours"), (-86_400, "1 day ago"), (-86_400 * 1234, "1,234 days ago"),
    ],
)  # fmt: skip
def test_how_long_ago(seconds: int, told: str) -> None:
    assert ago(NOW + timedelta(seconds=seconds), NOW) == told


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9949, "9.9 kB"), (9960, "10 kB"), (999_400, "999 kB"),
     (999_600, "1.0 MB"), (5 * 10**12, "5.0 TB"), (5 * 10**16, "50,000 TB")],
)  # fmt: skip
def test_sizes(number: int, told: str) -> None:
    assert size(number) == told


def test_words() -> None:
    assert (many(1, "entry", "entries"), many(0, "look"), many(12_000, "look")) == (
        "1 entry",
        "0 looks",
        "12,000 looks",
    )
    assert span(timedelta(minutes=90)) == "1 hour"
    assert date_and_time(NOW, "Asia/Jakarta") == "22 Nov 2026, 19:00"
    told = FILTERS["told"]
    assert told("run `a <b>` now") == "run <code>a &lt;b&gt;</code> now"
    assert told("a ` alone <x>") == "a ` alone &lt;x&gt;"
    assert told(None) == ""
    assert (FILTERS["percent"](1, 3), FILTERS["percent"](0, 0)) == ("33 %", "–")
    assert (FILTERS["seconds"](0.0446), FILTERS["seconds"](75.25)) == ("45 ms", "75.2 s")


@pytest.mark.parametrize(
    ("asked", "number", "shown"),
    [("", 1, [0, 1, 2]), ("2", 2, [3, 4, 5]), ("3", 3, [6]), ("4", 3, [6]), ("0", 1, [0, 1, 2]), ("-1", 1, [0, 1, 2]),
     ("x", 1, [0, 1, 2]), ("9" * 5000, 3, [6]), ("٣", 1, [0, 1, 2]), ("²", 1, [0, 1, 2])],
)  # fmt: skip
def test_any_part_of_a_list_can_be_asked_for(asked: str, number: int, shown: list[int]) -> None:
    page = page_of(range(7), asked, 3)
    assert (page.number, page.pages, page.shown) == (number, 3, shown)
    assert (page.first, page.last) == (shown[0] + 1, shown[-1] + 1)


def test_an_empty_list_has_one_part() -> None:
    page = page_of(list[int](), "7", 3)
    assert (page.number, page.pages, page.first, page.last, page.shown) == (1, 1, 0, 0, [])


DAYS = charts.all_days(date(2026, 10, 24), date(2026, 11, 22))


@pytest.mark.parametrize(
    "drawn",
    [
        charts.spark("<title> & co", (0, 3, 1) * 10),
        charts.spark("nothing", (0,) * 30),
        charts.days_chart("one", DAYS, (("a", tuple(range(30))),)),
        charts.days_chart("none", DAYS, (("a", (0,) * 30), ("b", (0,) * 30), ("c", (0,) * 30))),
        charts.days_chart("much", DAYS, (("a", (10**15,) * 30),)),
        charts.days_chart("line", DAYS, (("a", (None, 5, 7) * 10),), line=True),
        charts.days_chart("unknown", DAYS, (("a", (None,) * 30),), line=True),
    ],
)
def test_a_chart_is_svg_that_runs_and_fetches_nothing(drawn: bytes) -> None:
    root = etree.fromstring(drawn)
    names = {etree.QName(element).localname for element in root.iter("*")}
    assert "script" not in names
    assert b"http" not in drawn.replace(b"http://www.w3.org/", b"")
    assert root[0].tag.endswith("title")
    assert "prefers-color-scheme" in "".join(map(str, root.itertext()))


def test_the_same_numbers_are_the_same_picture() -> None:
    charts.spark.cache_clear()
    first = charts.spark("x", (1, 2, 3))
    charts.spark.cache_clear()
    assert charts.spark("x", (1, 2, 3)) == first


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 1), (1, 1), (4, 4), (5, 6), (9, 10), (41, 60), (100, 100), (101, 150)]
)
def test_the_scale_is_of_round_numbers(highest: int, top: int) -> None:
    scale = charts._scale(highest)
    assert (scale[0], scale[-1]) == (0, top)
    assert len(scale) <= 6
