"""Which entries make a feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import NOW, SITE, SPEC, entry
from feedmill.model import Category, Entry, Order, Person
from feedmill.select import excluded_by, matching_sources, select


def chosen(entries: list[Entry], rivals: list[list[Entry]] | None = None, **rules: Any) -> list[str]:
    published = rules.pop("published", ())
    ranks = rules.pop("ranks", {})
    return [e.id for e in select(replace(SPEC, **rules), [(entries, rivals or [])], published, ranks, NOW)]


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (("*",), ["news", "news-en", "planet"]),
        (("news",), ["news"]),
        (("news*",), ["news", "news-en"]),
        (("planet", "news"), ["news", "planet"]),
        (("News",), []),
    ],
)
def test_sources_are_names_or_globs(patterns: tuple[str, ...], names: list[str]) -> None:
    assert matching_sources(replace(SPEC, sources=patterns), ["news", "news-en", "planet"]) == names


def test_the_name_of_a_list_takes_all_feeds_that_it_lists() -> None:
    names = ["news", "planet", "planet/a-1", "planet/b-2", "planet-x", "other/planet-3"]
    assert matching_sources(replace(SPEC, sources=("planet",)), names) == ["planet", "planet/a-1", "planet/b-2"]
    assert matching_sources(replace(SPEC, sources=("planet/a-*",)), names) == ["planet/a-1"]
    assert matching_sources(replace(SPEC, sources=("p*t",)), names) == ["planet", "planet/a-1", "planet/b-2"]


RICH = entry(
    title="Harbour opens",
    content="<p>The new <b>ferry</b> leaves daily.</p>",
    summary="A short word",
    categories=(Category(term="local", label="Local News"),),
    authors=(Person(name="Dewi", email="dewi@example.org"),),
    language="en-GB",
)


@pytest.mark.parametrize(
    "rules",
    [
        {"categories": ("LOCAL",)},
        {"categories": ("local news", "x")},
        {"authors": ("dewi",)},
        {"authors": ("DEWI@example.org",)},
        {"languages": ("en",)},
        {"languages": ("EN-gb",)},
        {"include": ("harbour",)},
        {"include": ("nothing", "new +ferry")},
        {"include": ("short WORD",)},
        {"exclude": ("train",)},
        {"exclude": ("<b>",)},
        {"max_age": timedelta(days=22)},
    ],
)
def test_a_rule_that_fits_lets_the_entry_in(rules: dict[str, Any]) -> None:
    assert excluded_by(replace(SPEC, **rules), RICH, NOW) is None


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ({"categories": ("loc",)}, "categories"),
        ({"authors": ("Budi",)}, "authors"),
        ({"languages": ("id", "e")}, "languages"),
        ({"include": ("train",)}, "include"),
        ({"exclude": ("zzz", "FERRY")}, "exclude"),
        ({"max_age": timedelta(days=20)}, "max_age"),
    ],
)
def test_a_rule_that_does_not_fit_names_itself(rules: dict[str, Any], named: str) -> None:
    reason = excluded_by(replace(SPEC, **rules), RICH, NOW)
    assert reason is not None
    assert named in reason


def test_an_entry_that_names_no_author_or_language_is_the_sites() -> None:
    site = replace(SITE, author=Person(name="Desk"), language="id")
    bare = entry()
    assert excluded_by(replace(SPEC, site=site, authors=("Desk",), languages=("id",)), bare, NOW) is None
    assert excluded_by(replace(SPEC, authors=("Desk",)), bare, NOW) is not None


def test_a_future_date_waits_for_its_time() -> None:
    later = entry(published=NOW + timedelta(seconds=1))
    assert chosen([later]) == []
    assert chosen([entry(published=NOW)]) == [later.id]


def test_max_age_counts_by_the_date_that_orders_the_feed() -> None:
    revised = entry(published=NOW - timedelta(days=9), updated=NOW)
    assert chosen([revised], max_age=timedelta(days=1)) == []
    assert chosen([revised], max_age=timedelta(days=1), order=Order.UPDATED) == [revised.id]


def test_the_limit_stops_reading() -> None:
    def endless() -> Any:
        number = 0
        while True:
            yield entry(id=f"urn:x:{number}")
            number += 1

    assert [e.id for e in select(replace(SPEC, limit=3), [(endless(), [])], (), {}, NOW)] == [
        "urn:x:0",
        "urn:x:1",
        "urn:x:2",
    ]


ONE, OTHER = entry(source="one", id="urn:x:1"), entry(source="other", id="urn:x:2")
RANKS = {"one": 0, "other": 1}


def test_one_story_from_two_sources_comes_once_from_the_first_in_the_configuration() -> None:
    assert chosen([OTHER, ONE], [[ONE, OTHER]], ranks=RANKS) == [ONE.id]


def test_a_story_that_the_feed_already_carried_keeps_its_id() -> None:
    assert chosen([OTHER, ONE], [[ONE, OTHER]], ranks=RANKS, published={("other", OTHER.id)}) == [OTHER.id]


def test_a_story_whose_first_telling_is_filtered_out_comes_from_the_other() -> None:
    told = replace(ONE, title="Advertisement")
    assert chosen([told, OTHER], [[told, OTHER]], ranks=RANKS, exclude=("advert",)) == [OTHER.id]


def test_a_story_that_no_source_tells_by_the_rules_of_the_feed_is_no_story() -> None:
    one, two = entry(id="urn:x:1", source="one", title="Ad"), entry(id="urn:x:2", source="two", title="Ad")
    assert chosen([one, two], [[one, two]], exclude=("^ad$",)) == []


def test_one_page_under_many_entries_of_a_source_is_no_common_story() -> None:
    twice = replace(ONE, id="urn:x:3")
    assert chosen([ONE, twice, OTHER], [[ONE, twice, OTHER]], ranks=RANKS) == [ONE.id, twice.id, OTHER.id]


def test_a_story_whose_first_telling_is_too_old_for_the_feed_comes_from_the_other() -> None:
    recent = [entry(source="one", id=f"urn:x:{n}", published=NOW - timedelta(hours=n)) for n in (10, 11)]
    old = replace(ONE, published=NOW - timedelta(days=9))
    fresh = replace(OTHER, published=NOW)
    assert chosen([fresh, *recent, old], [[old, fresh]], ranks=RANKS, limit=2) == [fresh.id, recent[0].id]
    assert chosen([fresh, *recent, old], [[old, fresh]], ranks=RANKS, limit=3) == [*(e.id for e in recent), old.id]


def test_several_stories_in_common_come_once_each() -> None:
    a1, a2 = entry(source="one", id="urn:x:a1"), entry(source="other", id="urn:x:a2")
    b1, b2 = entry(source="one", id="urn:x:b1"), entry(source="other", id="urn:x:b2")
    assert chosen([a1, a2, b1, b2], [[a1, a2], [b1, b2]], ranks=RANKS) == [a1.id, b1.id]


@given(st.permutations([ONE, OTHER, entry(source="third", id="urn:x:3")]), st.integers(0, 2))
def test_the_choice_does_not_depend_on_the_order_of_rivals(group: list[Entry], carried: int) -> None:
    published = {(group[carried].source, group[carried].id)}
    assert chosen(group, [group], ranks=RANKS, published=published) == [group[carried].id]
