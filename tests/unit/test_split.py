"""What a feed is split by, and the permanent slugs of its parts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import SITE, SPEC, entry
from feedmill.model import Category, Entry, Origin, Person, Split, SplitBy
from feedmill.split import divided, new_splits, values

CATEGORY = SplitBy.CATEGORY


def filed(*terms: str, **fields: object) -> Entry:
    return entry(categories=tuple(Category(term=term) for term in terms), **fields)


def slugs(*labels: str, known: tuple[Split, ...] = ()) -> dict[str, str]:
    entries = [filed(label, id=f"urn:x:{number}") for number, label in enumerate(labels)]
    return {split.label: split.slug for split in new_splits(SPEC, CATEGORY, entries, known)}


@pytest.mark.parametrize(
    ("by", "one", "expected"),
    [
        (CATEGORY, filed("Politik", "Harga  Beras"), [("politik", "Politik"), ("harga beras", "Harga Beras")]),
        (CATEGORY, filed("politik", "Politik"), [("politik", "politik")]),
        (CATEGORY, entry(categories=(Category(term="p", label="Politik"),)), [("politik", "Politik")]),
        (CATEGORY, entry(), []),
        (SplitBy.AUTHOR, entry(authors=(Person(name="Siti"), Person(email="a@b.c"))),
         [("siti", "Siti"), ("a@b.c", "a@b.c")]),
        (SplitBy.AUTHOR, entry(), [("redaksi", "Redaksi")]),
        (SplitBy.SOURCE, entry(source="wire"), [("wire", "wire")]),
        (SplitBy.SOURCE, entry(source="wire", origin=Origin(title="The Wire")), [("wire", "The Wire")]),
        (SplitBy.LANGUAGE, entry(language="en-GB"), [("en-gb", "en-GB")]),
        (SplitBy.LANGUAGE, entry(), [("en", "en")]),
    ],
)  # fmt: skip
def test_what_an_entry_is_filed_under(by: SplitBy, one: Entry, expected: list[tuple[str, str]]) -> None:
    spec = replace(SPEC, site=replace(SITE, author=Person(name="Redaksi")))
    assert list(values(spec, by, one)) == expected


def test_slugs_are_words_in_any_script() -> None:
    assert slugs("Harga Beras", "Ökonomie", "Политика", "!!!") == {
        "Harga Beras": "harga-beras",
        "Ökonomie": "okonomie",
        "Политика": "politika",
        "!!!": "e84c538e7fe2",
    }


def test_values_that_would_have_one_slug_are_told_apart_and_folders_are_kept_free() -> None:
    assert slugs("C", "C#", "C++") == {"C": "c", "C#": "c-2", "C++": "c-3"}
    assert slugs("Archive") == {"Archive": "archive-2"}


def test_a_slug_once_given_is_never_given_again() -> None:
    known = (Split(slug="c", by=CATEGORY, value="c++", label="C++"),)
    assert slugs("C", "C++", known=known) == {"C": "c-2"}


def test_a_slug_is_not_given_to_what_something_else_is_split_by() -> None:
    known = (Split(slug="c", by=SplitBy.AUTHOR, value="c", label="C"),)
    assert slugs("C", known=known) == {"C": "c-2"}


def test_the_most_frequent_value_has_the_first_choice() -> None:
    assert slugs("C#", "C", "C") == {"C": "c", "C#": "c-2"}


def test_entries_are_divided_in_their_order_and_some_are_filed_twice() -> None:
    one, two, three = (filed(*terms, id=f"urn:x:{terms}") for terms in (["A", "B"], ["a"], ["A"]))
    assert divided(SPEC, CATEGORY, [one, two, three], 2) == {"a": [one, two], "b": [one]}


@given(st.lists(st.lists(st.text(max_size=8), max_size=4), max_size=20))
def test_every_value_has_a_slug_of_its_own(terms: list[list[str]]) -> None:
    entries = [filed(*some, id=f"urn:x:{number}") for number, some in enumerate(terms)]
    splits = new_splits(SPEC, CATEGORY, entries, ())
    assert {split.value for split in splits} == divided(SPEC, CATEGORY, entries, 1).keys()
    assert len({split.slug for split in splits}) == len(splits)
    assert all(split.slug.isascii() and split.slug.replace("-", "").isalnum() for split in splits)
    assert new_splits(SPEC, CATEGORY, entries, splits) == []
