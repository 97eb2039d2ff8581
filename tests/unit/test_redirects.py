"""When a permanent redirect is believed."""

from __future__ import annotations

from dataclasses import replace

from feedmill.model import SourceState
from feedmill.redirects import after_failure, followed

NEW, OTHER = "https://new.example/feed", "https://other.example/feed"
UNMOVED = SourceState(name="s")


def after(*looks: str | None, state: SourceState = UNMOVED) -> SourceState:
    """The state after looks that permanent redirects led to these addresses; "failed" is a look that failed."""
    for look in looks:
        if look == "failed":
            state = after_failure(replace(state, failures=state.failures + 1))
        else:
            state = followed(replace(state, failures=0), look)
    return state


def test_three_looks_in_a_row_that_end_at_one_place_are_believed() -> None:
    assert after(NEW).address is None
    assert after(NEW, NEW).address is None
    believed = after(NEW, NEW, NEW)
    assert (believed.address, believed.moved_to, believed.moved_looks) == (NEW, None, 0)


def test_what_was_met_is_told_before_it_is_believed() -> None:
    assert (after(NEW, NEW).moved_to, after(NEW, NEW).moved_looks) == (NEW, 2)


def test_a_look_without_redirect_or_to_another_place_begins_anew() -> None:
    assert after(NEW, NEW, None, NEW).address is None
    assert after(NEW, NEW, OTHER).address is None
    assert after(NEW, NEW, OTHER, OTHER, OTHER).address == OTHER
    assert after(NEW, NEW, "failed", NEW).address is None


def test_what_was_believed_stays_and_may_move_again() -> None:
    believed = after(NEW, NEW, NEW)
    assert after(None, None, state=believed).address == NEW
    assert after(OTHER, OTHER, state=believed).address == NEW
    assert after(OTHER, OTHER, OTHER, state=believed).address == OTHER


def test_an_address_that_was_believed_and_fails_is_doubted() -> None:
    believed = after(NEW, NEW, NEW)
    assert after("failed", "failed", state=believed).address == NEW
    assert after("failed", "failed", None, "failed", state=believed).address == NEW
    assert after("failed", "failed", "failed", state=believed).address is None
