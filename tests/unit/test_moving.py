"""Sources that moved for good: what may be written to the configuration of it."""

from __future__ import annotations

from typing import Any

import pytest

from factories import upstream
from feedmill.model import Auth, SourceState
from feedmill.pipeline import Move, moves

OLD = "https://up.example/feed"
SECRETS: list[dict[str, Any]] = [
    {"auth": Auth(type="bearer", secret_env="TOKEN")},
    {"headers": (("X-Key", "${TOKEN}"),)},
    {"url": "https://me:secret@up.example/feed"},
]


def moved(address: str | None, asked_url: str = OLD, **source: Any) -> list[Move]:
    state = SourceState(name="s", asked_url=asked_url, address=address)
    return list(moves([upstream("s", **source)], {"s": state}))


def test_a_source_without_secrets_may_move_anywhere() -> None:
    there = "http://new.example/feed"
    assert moved(there) == [Move("s", there, there)]


def test_one_that_has_not_moved_is_not_told() -> None:
    assert moved(None) == []
    assert list(moves([upstream("s")], {})) == []


def test_a_move_from_another_address_than_the_configuration_has_is_none() -> None:
    assert moved("https://new.example/feed", url="https://up.example/better") == []


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("there", ["https://new.example/feed", "http://up.example/feed", "https://up.example:8443/"])
def test_secrets_are_not_taken_to_another_origin(secret: dict[str, Any], there: str) -> None:
    assert moved(there, **secret) == [Move("s", there, None)]


@pytest.mark.parametrize("secret", SECRETS)
def test_within_their_origin_they_may_move(secret: dict[str, Any]) -> None:
    there = "https://up.example/new"
    kept = "https://me:secret@up.example/new" if "url" in secret else there
    assert moved(there, **secret) == [Move("s", there, kept)]
