"""What must not be published without somebody's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from factories import NOW, SPEC, entry
from feedmill.guards import SMALLEST_GUARDED, digest, objection, other_ids
from feedmill.model import Entry, Order, SplitBy


def some(number: int, **fields: Any) -> list[Entry]:
    """Entries of one source, the newest first."""
    return [
        entry(
            id=f"urn:x:{place}",
            name=f"{place}.md",
            title=f"T{place}",
            url=f"https://example.org/{place}",
            published=NOW - timedelta(days=place),
            **fields,
        )
        for place in range(number)
    ]


def why(carried: list[Entry], chosen: list[Entry], gone: set[str] | None = None, **fields: Any) -> str | None:
    """`gone` are the ids of entries that were withdrawn; all others fit, unless `unfit` names them."""
    unfit = fields.pop("unfit", ())
    published = fields.pop("published", {(e.source, e.id) for e in carried})
    spec = replace(SPEC, **fields)
    gone = {e.id for e in carried} - {e.id for e in chosen} if gone is None else gone
    standing = [(e, e.id in gone) for e in carried]
    return objection(spec, standing, chosen, published, lambda e: e.id not in unfit, NOW)


@pytest.mark.parametrize(
    ("carried", "left", "held"),
    [
        (0, 0, False),
        (1, 0, False),
        (2, 0, False),
        (3, 0, False),  # below the smallest guarded
        (4, 0, True),
        (4, 1, True),
        (4, 2, False),  # half is not more than half
        (5, 3, False),
        (5, 2, True),
        (50, 24, True),
        (50, 25, False),
    ],
)
def test_more_than_half_of_at_least_four(carried: int, left: int, held: bool) -> None:
    assert SMALLEST_GUARDED == 4
    entries = some(carried)
    assert (why(entries, entries[:left]) is not None) is held


def test_the_reason_names_what_would_be_lost() -> None:
    assert why(some(5), []) == "would lose 5 of its 5 entries: “T0”, “T1”, “T2” and 2 more"
    assert why(some(4), some(1)) == "would lose 3 of its 4 entries: “T1”, “T2”, “T3”"


def test_entries_that_newer_ones_push_out_are_no_loss() -> None:
    old, new = some(6), [replace(e, id=e.id + "n", name="n", url=None) for e in some(6)]
    assert why(old, new, gone=set()) is None


def test_entries_that_grew_too_old_or_expired_are_no_loss() -> None:
    old = [replace(e, published=NOW - timedelta(days=40), updated=NOW - timedelta(days=40)) for e in some(5)]
    ids = {e.id for e in old}
    assert why(old, [], gone=set(), unfit=ids, max_age=timedelta(days=30)) is None
    assert why(old, [], gone=set(), unfit=ids, max_age=timedelta(days=50)) is not None
    fresh = [replace(e, updated=NOW) for e in old]
    assert why(fresh, [], gone=set(), unfit=ids, max_age=timedelta(days=30), order=Order.UPDATED) is not None
    over = some(5, expires=NOW)
    assert why(over, []) is None
    assert why(some(5, expires=NOW + timedelta(seconds=1)), []) is not None


def test_entries_that_the_rules_no_longer_take_are_a_loss() -> None:
    entries = some(5)
    assert why(entries, [], gone=set(), unfit={e.id for e in entries}) is not None


def test_additions_do_not_make_up_for_a_loss() -> None:
    new = [replace(e, id=e.id + "n", name=e.name + "n", url=None) for e in some(9)]
    assert "would lose 5 of its 5" in str(why(some(5), new))


def test_an_entry_that_would_come_back_under_another_id() -> None:
    entries = some(2)
    other = replace(entries[0], id="urn:x:other", name="renamed.md")
    assert why(entries, [other, entries[1]]) == "would change the id of “T0” from urn:x:0 to urn:x:other"
    both = [other, replace(entries[1], id="urn:x:too", url=None)]  # by its document's name
    assert why(entries, both) == "would change the id of “T0” from urn:x:0 to urn:x:other, and that of 1 more"


def test_what_is_not_the_same_entry_is_no_change_of_an_id() -> None:
    entries = some(2)
    other = replace(entries[0], id="urn:x:other", name="renamed.md")
    assert why(entries, [replace(other, title="Another"), entries[1]]) is None
    assert why(entries, [replace(other, source="elsewhere"), entries[1]]) is None
    # The old one stays, or left because there was no more room: they are two.
    assert why(entries, [other, *entries]) is None
    assert why(entries, [other], gone=set()) is None
    # Readers have seen the other id.
    assert why(entries, [other], published={("s", "urn:x:0"), ("s", "urn:x:1"), ("s", "urn:x:other")}) is None
    # One page for all entries, one title for all.
    shared = [replace(e, url="https://example.org/", title="Daily", name="") for e in some(3)]
    assert why(shared, [replace(shared[0], id="urn:x:new")]) is None


def test_ids_in_published_documents_are_kept_even_if_nothing_is_remembered() -> None:
    entries = some(3)
    told = [(e.id, e.title, e.url or "") for e in entries]
    assert other_ids(told, entries) is None
    assert other_ids(told, []) is None
    other = [replace(entries[0], id="urn:x:other"), *entries[1:]]
    assert other_ids(told, other) == "would change the id of “T0” from urn:x:0 to urn:x:other"
    assert other_ids(told, [*other, replace(entries[0], title="Corrected")]) is None, "the old one is there"
    assert other_ids([*told, ("urn:x:other", "Another", "x")], other) is None, "readers know the new one"
    twice = [other[0], replace(other[0], id="urn:x:third")]
    assert other_ids([*told, ("urn:x:0b", *told[0][1:])], twice) is None
    assert other_ids(told, [replace(other[0], title="Another")]) is None
    same = [("urn:x:a", "Daily", "https://example.org/"), ("urn:x:b", "Daily", "https://example.org/")]
    assert other_ids(same, [replace(entries[0], id="urn:x:c", title="Daily", url="https://example.org/")]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"categories": ("a",)},
        {"limit": 3},
        {"max_age": timedelta(days=1)},
        {"exclude": ("x",)},
        {"max_size": 1},
        {"split": (SplitBy.AUTHOR, "x")},
    ],
    ids=str,
)
def test_other_rules_have_another_mark(change: dict[str, Any]) -> None:
    assert digest(replace(SPEC, **change), {"a": "1"}) != digest(SPEC, {"a": "1"})


def test_the_mark_is_of_rules_and_sources_alone() -> None:
    assert digest(SPEC, {"a": "1", "b": "2"}) == digest(replace(SPEC, title="Other"), {"b": "2", "a": "1"})
    assert len({digest(SPEC, {"a": "1"}), digest(SPEC, {"a": "2"}), digest(SPEC, {"a": "1", "b": ""})}) == 3
