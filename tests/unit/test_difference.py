"""Two states of a feed compared."""

from __future__ import annotations

from datetime import timedelta

from factories import ENTRY, entry
from feedmill.difference import Difference, difference
from feedmill.model import Category

A, B, C = (entry(id=f"urn:x:{name}", title=name) for name in "abc")


def test_what_appears_and_disappears() -> None:
    assert difference([A, B], [B, C]) == Difference(appear=(C,), disappear=(A,))


def test_what_a_reader_sees_is_what_changes() -> None:
    corrected = entry(id=A.id, title="a", content="<p>Other words.</p>")
    assert difference([A], [corrected]) == Difference(change=(corrected,))
    retouched = entry(id=A.id, title="a", categories=(Category(term="x"),), updated=ENTRY.updated + timedelta(hours=1))
    assert difference([A], [retouched]) == Difference()


def test_another_order_is_no_difference_and_another_source_is_another_entry() -> None:
    assert difference([A, B], [B, A]) == Difference()
    other = entry(id=A.id, title="a", source="other")
    assert difference([A], [other]) == Difference(appear=(other,), disappear=(A,))
