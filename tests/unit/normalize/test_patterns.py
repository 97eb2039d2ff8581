from __future__ import annotations

import tracemalloc

import pytest

from feedmill.normalize import patterns
from feedmill.normalize.patterns import Patterns

HOSTILE = "(a|aa)+$"
SLOW = "a" * 100 + "b"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def made(said: list[str], monkeypatch: pytest.MonkeyPatch) -> Patterns:
    monkeypatch.setattr(patterns, "LONGEST_MATCH", 0.02)
    monkeypatch.setattr(patterns, "LONGEST_LOOK", 0.05)
    return Patterns(said.append)


def test_matching(made: Patterns, said: list[str]) -> None:
    assert made.found("harga", "", "Harga beras")
    assert not made.found("harga$", "Harga beras")
    assert said == []


@pytest.mark.parametrize(
    ("pattern", "template", "text", "result"),
    [
        ("b+", "x", "abba Bb", "axa Bx"),
        ("(?i)b+", "x", "abba Bb", "axa x"),
        ("b", "", "abba", "aa"),
        (r"(\w+) (?P<last>\w+)", r"\g<last>, \1", "Ada Lovelace", "Lovelace, Ada"),
        ("(x)?a", r"[\1]", "a", "[]"),
        ("$", "!", "a", "a!"),
    ],
)
def test_replacing(made: Patterns, said: list[str], pattern: str, template: str, text: str, result: str) -> None:
    assert made.replaced(pattern, template, [text]) == [result]
    assert said == []


def test_a_pattern_that_takes_long_is_no_match_and_reported_once(made: Patterns, said: list[str]) -> None:
    for _ in range(5):
        assert not made.found(HOSTILE, SLOW)
        assert made.replaced(HOSTILE, "", ["b", SLOW]) == ["b", SLOW]
    assert said == [f"the pattern {HOSTILE!r} takes too long on some text, which stays as it is; make it simpler"]
    assert made.found("b$", SLOW)  # others go on


def test_a_pattern_whose_time_is_used_up_rests(made: Patterns) -> None:
    made._spent["b"] = 100.0
    assert not made.found("b", "b")
    assert made.replaced("b", "x", ["b"]) == ["b"]


@pytest.mark.parametrize("template", ["x" * 1000, r"\g<0>" * 200])
def test_a_text_cannot_be_made_huge(said: list[str], template: str) -> None:
    text = "aaaaaaaaaa " * 5000
    assert Patterns(said.append).replaced("a+" if "g" in template else "a", template, [text]) == [text]
    assert len(said) == 1
    assert "far longer" in said[0]


def test_nor_for_a_moment(said: list[str]) -> None:
    text = "a" * 500_000
    tracemalloc.start()
    try:
        assert Patterns(said.append).replaced("(a+)", r"\1" * 100, [text]) == [text]
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert len(said) == 1


def test_usual_work_is_not_counted(made: Patterns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "_USUAL", 1000)
    made.replaced("a", "b", ["a"])
    assert not made.found("c", "a")
    assert made._spent == {}
