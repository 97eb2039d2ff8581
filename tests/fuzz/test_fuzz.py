"""That the fuzzing works: every target reads its seeds, and a broken promise is found."""

from __future__ import annotations

import logging
import random
from dataclasses import replace
from typing import Any

import pytest

from factories import item
from feedmill.model import Enclosure, Normalized
from fuzz import growth
from fuzz.one import mutated
from fuzz.oracle import Broken, check, no_faults
from fuzz.seeds import seeds
from fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_reads_its_seeds_and_what_is_made_of_them(name: str) -> None:
    chance, count = random.Random(1), 0
    for seed in seeds(name):
        TARGETS[name].run(seed)
        for _ in range(3):
            TARGETS[name].run(mutated(seed, 5000, TARGETS[name].words, chance))
        count += 1
    assert count
    assert TARGETS[name].words


GOOD = item("1", id="tag:up.example,2026:1", url="https://up.example/1", content="<p>x</p>")


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"title": "a\nb"},
        {"summary": "\x00"},
        {"url": "/1"},
        {"id": "not an IRI"},
        {"content": "<script>x</script>"},
        {"content": "<p onclick='x'>x</p>"},
        {"enclosures": (Enclosure(url="https://up.example/a.mp3", length=-1),)},
        {"language": "en_us"},
    ],
    ids=str,
)
def test_a_broken_promise_is_found(wrong: dict[str, Any]) -> None:
    check(Normalized(drafts=(GOOD,)))
    with pytest.raises(Broken):
        check(Normalized(drafts=(replace(GOOD, **wrong),)))


@no_faults()
def survives() -> None:
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        logging.getLogger("feedmill.normalize").exception("survived")


def test_a_fault_that_was_caught_is_found() -> None:
    with pytest.raises(ZeroDivisionError):
        survives()


def test_growth_fills_every_place() -> None:
    for name in TARGETS.keys() - {"tags"}:
        for place, fragment in growth.pairs(name):
            assert growth.filled(place, fragment, 10_000) != place
    assert growth.filled(b"<%%>%%", b"ab", 12) == b"<ababab>ababab"
