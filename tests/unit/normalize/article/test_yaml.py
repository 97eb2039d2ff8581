"""Front matter in YAML is what the base loader of PyYAML makes of it, or is refused with its words."""

from __future__ import annotations

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from feedmill.errors import NormalizeError
from feedmill.normalize.article.frontmatter import _yaml

LINES = st.sampled_from(
    "title: a,t: 'b: c',t: \"b\\n\",tags: [a; b; [c]],- x,  - y,k: {a: b; [c]: d},? [a],: z,a: &x 1,b: *x,b: * x,n: ~,"
    "d: 2026-11-02,t: |,  text,#c,k: !!int 3,a: a,[1]: 2,,...,x".replace(";", "\0").split(",")
).map(lambda line: line.replace("\0", ","))


def told(block: str) -> object:
    try:
        return _yaml(block, "x")
    except NormalizeError as error:
        return f"{error.where}: {error.what}"


def by_the_loader(block: str) -> object:
    try:
        values = yaml.load(block, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        return f"x:{line}: the front matter is not YAML: {error.problem or error.context}"
    if isinstance(values, list) and values:
        return "x:1: the front matter is a list"
    return None if isinstance(values, str) and values else values or {}


@given(st.lists(LINES, max_size=6).map("\n".join))
@example("a: &x [1]\nb: *x\nc: [*x, *x]")
@example("a: &x [*x]")
@example("k: {[c]: d}")
def test_it_is_what_the_loader_makes_of_it(block: str) -> None:
    assert told(block) == by_the_loader(block)
