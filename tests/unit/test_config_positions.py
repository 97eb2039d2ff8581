"""Line numbers of a TOML document: of everything in it, and right."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.config.positions import Path, line_numbers

TABLE: list[tuple[str, str, dict[Path, int]]] = [
    ("simple", "a = 1\n\n# c\nb = 2", {("a",): 1, ("b",): 4}),
    ("table", "[t]\nx = 1\n[t.u]\ny = 2", {("t",): 1, ("t", "x"): 2, ("t", "u"): 3, ("t", "u", "y"): 4}),
    ("implied table, then its header", "[t.u]\nx = 1\n[t]\ny = 1", {
        ("t",): 3, ("t", "u"): 1, ("t", "u", "x"): 2, ("t", "y"): 4,
    }),
    ("dotted key", "a.b.c = 1\na . d = 2", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 1, ("a", "d"): 2}),
    ("quoted keys", "\"a b\".'c.d' = 1\n[\"e]\"]\n'=' = 2", {
        ("a b",): 1, ("a b", "c.d"): 1, ("e]",): 2, ("e]", "="): 3,
    }),
    ("escaped key", '"\\u00e9" = 1', {("é",): 1}),
    (
        "array of tables",
        "[[s]]\nn = 1\n\n[[s]] # c\nn = 2\n[s.t]\nx = 1\n[[s.u]]\n[[s.u]]\ny = 1",
        {
            ("s",): 1, ("s", 0): 1, ("s", 0, "n"): 2, ("s", 1): 4, ("s", 1, "n"): 5, ("s", 1, "t"): 6,
            ("s", 1, "t", "x"): 7, ("s", 1, "u"): 8, ("s", 1, "u", 0): 8, ("s", 1, "u", 1): 9,
            ("s", 1, "u", 1, "y"): 10,
        },
    ),
    ("inline table", "a = { b = 1, c.d = { e = [1] } }", {
        ("a",): 1, ("a", "b"): 1, ("a", "c"): 1, ("a", "c", "d"): 1, ("a", "c", "d", "e"): 1,
        ("a", "c", "d", "e", 0): 1,
    }),
    (
        "list over lines",
        "a = [ # ]\n  1, 2,\n  # 3,\n\n  [4,\n   5], { x = 6 },\n]\nb = 1",
        {
            ("a",): 1, ("a", 0): 2, ("a", 1): 2, ("a", 2): 5, ("a", 2, 0): 5, ("a", 2, 1): 6, ("a", 3): 6,
            ("a", 3, "x"): 6, ("b",): 8,
        },
    ),
    ("long basic string", 'a = """\nb = 1\n"" \\""" "\n"""\nc = 1', {("a",): 1, ("c",): 5}),
    ("quotes at the end of a long string", 'a = """x"""""\nb = \'\'\'\ny\'\'\'\'\nc = ""\nd = """"""\ne = 1', {
        ("a",): 1, ("b",): 2, ("c",): 4, ("d",): 5, ("e",): 6,
    }),
    ("signs in strings", "a = ['[', \"#\\\"]\", \n'''\n]'''] # ]\nb = '='", {
        ("a",): 1, ("a", 0): 1, ("a", 1): 1, ("a", 2): 2, ("b",): 4,
    }),
    ("numbers and dates", "a = 1.5e3\nb = 1979-05-27 07:32:00.5-07:00 # c\nc = [1979-05-27,\n +1.0 , true]", {
        ("a",): 1, ("b",): 2, ("c",): 3, ("c", 0): 3, ("c", 1): 4, ("c", 2): 4,
    }),
    ("nothing", "", {}),
    ("only a comment", "# [x]\n", {}),
]  # fmt: skip


@pytest.mark.parametrize(("document", "lines"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_lines(document: str, lines: dict[Path, int]) -> None:
    assert set(paths(tomllib.loads(document))) == set(lines), "the table above is right"
    assert line_numbers(document) == lines
    windows = document.replace("\n", "\r\n")
    assert line_numbers(windows) == lines


def paths(value: Any, base: Path = ()) -> list[Path]:
    if isinstance(value, dict):
        items: list[tuple[str | int, Any]] = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    else:
        return []
    return [path for key, item in items for path in ((*base, key), *paths(item, (*base, key)))]


texts = st.text(st.characters(blacklist_categories=["Cs", "Cc"]) | st.sampled_from("\"'#[]{}=,.\\\n"), max_size=8)
leaves = st.one_of(
    texts.map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.integers().map(str),
    st.booleans().map(json.dumps),
    st.floats(allow_nan=False).map(str).map(lambda text: text.replace("inf", "0.5")),
    st.dates().map(str),
    texts.filter(lambda text: '"' not in text and "\\" not in text).map(lambda text: f'"""\n{text}"""'),
)
space = st.sampled_from(["", " ", "\n", " # ]}\n", "\n\n  "])


def lists(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    item = st.tuples(space, inner, space).map("".join)
    return st.tuples(st.lists(item, max_size=4).map(",".join), space).map(lambda parts: f"[{parts[0]}{parts[1]}]")


def tables(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.dictionaries(texts, inner, max_size=3)
    return pairs.map(
        lambda table: "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)} = {v}" for k, v in table.items()) + "}"
    )


values = st.recursive(leaves, lambda inner: lists(inner) | tables(inner), max_leaves=8)


@given(st.lists(st.tuples(texts, values, space), max_size=5))
def test_everything_that_tomllib_finds_has_a_line(rows: list[tuple[str, str, str]]) -> None:
    """Each statement stands in a table of its own, whose header says at which line it begins."""
    document, starts = "", {}
    for index, (key, value, gap) in enumerate(rows):
        document += f"{gap}\n"
        starts[index] = document.count("\n") + 2
        document += f"[t{index}]\n{json.dumps(key, ensure_ascii=False)} = {value}\n"
    lines = line_numbers(document)
    assert set(lines) == set(paths(tomllib.loads(document)))
    for index, (key, _, _) in enumerate(rows):
        assert lines[f"t{index}",] == starts[index] - 1
        assert lines[f"t{index}", key] == starts[index]
