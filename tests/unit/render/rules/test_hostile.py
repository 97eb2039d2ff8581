"""Whatever a document is, it gets a verdict: nothing in it can make a rule fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from documents import ATOM, JSON, RDF, RSS
from feedmill.render.rules import Served, entries_in, examine

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SERVED = Served(url="https://example.org/feed", media_type=None)

VALUES: list[Any] = [
    None,
    True,
    1,
    -1.5,
    10**400,
    "",
    "x",
    "http://[",
    "//x",
    "9999-99-99T99:99:99Z",
    [],
    {},
    [1],
    [[]],
    [{}],
    {"a": []},
]


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in children:
        yield from paths(inner, (*path, key))


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:20])
def test_any_value_at_any_place_of_a_json_feed(value: Any) -> None:
    whole = json.loads(JSON)
    for *parents, last in [path for path in paths(whole) if path]:
        broken = deepcopy(whole)
        at = broken
        for key in parents:
            at = at[key]
        at[last] = value
        text = json.dumps(broken, indent=1)
        verdict = examine(text.encode(), NOW, SERVED)
        assert all(1 <= finding.line <= text.count("\n") + 1 for finding in verdict.findings)


TEXTS = [
    "",
    " ",
    "x y",
    "http://[",
    "http://a:b/",
    "-",
    "\u0660",
    "99 99",
    "Mon, 99 Nov 99999 99:99:99 +9999",
    "<p",
    "&#1;<a href='",
]


@pytest.mark.parametrize("body", [RSS, ATOM, RDF], ids=["rss", "atom", "rdf"])
@pytest.mark.parametrize("told", TEXTS)
def test_any_text_at_any_place_of_a_document(body: str, told: str) -> None:
    whole = etree.fromstring(body.encode())
    for number, element in enumerate(whole.iter("*")):
        for name in (None, *element.keys()):
            broken = deepcopy(whole)
            target = list(broken.iter("*"))[number]
            if name is None:
                target.text = told
            else:
                target.set(name, told)
            text = etree.tostring(broken)
            assert examine(text, NOW, SERVED).format
            entries_in(text)


@pytest.mark.parametrize("body", [RSS, ATOM, RDF], ids=["rss", "atom", "rdf"])
def test_any_element_gone_or_elsewhere(body: str) -> None:
    whole = etree.fromstring(body.encode())
    for number in range(1, len(list(whole.iter("*")))):
        for place in (None, 0, number // 2):
            broken = deepcopy(whole)
            elements = list(broken.iter("*"))
            target = elements[number]
            parent = target.getparent()
            assert parent is not None
            parent.remove(target)
            if place is not None and elements[place] not in target.iter("*"):
                elements[place].append(target)
            assert examine(etree.tostring(broken), NOW, SERVED).format


@given(st.sampled_from([RSS, ATOM, JSON, RDF]), st.data())
def test_bytes_that_were_damaged_on_the_way(body: str, data: st.DataObject) -> None:
    whole = body.encode()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 80)))
    broken = whole[:start] + data.draw(st.binary(max_size=8)) + whole[end:]
    assert all(finding.line >= 1 and finding.hint for finding in examine(broken, NOW, SERVED).findings)
    entries_in(broken)


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    assert not examine(body, NOW).valid
