"""docs/validate.md names every rule, as it is: what it asks, and where that is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from feedmill.render.rules import TABLES, Table

PAGE = (Path(__file__).parents[4] / "docs" / "validate.md").read_text(encoding="utf-8")


def rows(table: Table[Any]) -> str:
    """The rows of the page that are about a table."""
    told = []
    for rule in table.rules:
        matched = re.fullmatch(r"(.*?)(?: \((.*)\))?", rule.explained)
        assert matched
        asks, source = matched[1].rstrip("."), (matched[2] or "").replace("<", "&lt;")
        told.append(f"| `{rule.name}` | {rule.severity.value} | {asks} | {source} |")
    return "\n".join(told)


@pytest.mark.parametrize("name", TABLES)
def test_every_rule_is_in_the_page(name: str) -> None:
    assert rows(TABLES[name]) in PAGE


def test_the_page_names_no_other_rule() -> None:
    named = set(re.findall(r"^\| `([a-z0-9-]+)` \| (?:error|warning)", PAGE, re.MULTILINE))
    assert named - {rule.name for table in TABLES.values() for rule in table.rules} == {
        "well-formed",
        "a-feed",
        "doctype",
    }


@pytest.mark.parametrize("name", TABLES)
def test_every_rule_says_what_it_asks_where_that_is_written_and_what_to_do(name: str) -> None:
    for rule in TABLES[name].rules:
        assert rule.explained.endswith("." if name == "Readers" else ")"), rule.name
        assert rule.hint.endswith("."), rule.name
