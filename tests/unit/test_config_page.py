"""`select` of a page in config.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedmill.config import load
from feedmill.errors import ConfigError
from feedmill.model import Selectors, Source

BASE = """
[site]
title = "T"
url = "https://example.org/"
[[sources]]
name = "p"
kind = "page"
url = "https://up.test/news"
{keys}
[[feeds]]
name = "all"
title = "All"
"""


def source(tmp_path: Path, keys: str = "") -> Source:
    (tmp_path / "config.toml").write_text(BASE.replace("{keys}", keys), encoding="utf-8")
    return load(tmp_path / "config.toml", {}).sources[0]


def test_no_selectors(tmp_path: Path) -> None:
    assert source(tmp_path).select is None


def test_all_selectors(tmp_path: Path) -> None:
    keys = """select = { item = "li:has(a), tr:nth-child(2n+1)", title = "h2 > a[href*='@x']", link = "@href",
    date = ":scope > time@datetime", body = ".body", image = "img@data-src" }"""
    assert source(tmp_path, keys.replace("\n    ", "")).select == Selectors(
        item="li:has(a), tr:nth-child(2n+1)",
        title="h2 > a[href*='@x']",
        link="@href",
        date=":scope > time@datetime",
        body=".body",
        image="img@data-src",
    )


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("select = {}", '"select.item" is missing; add item = "article"'),
        ('select = "article"', 'must be a table such as { item = "article" }, not text'),
        ('select = { item = "" }', '"select.item" must not be empty'),
        ('select = { item = "a >" }', '"select.item" must be a CSS selector: Expected selector'),
        ('select = { item = "a@href" }', '"select.item" must be a CSS selector'),
        ('select = { item = "a", title = "a::text" }', '"select.title" must be a CSS selector: Pseudo-elements'),
        ('select = { item = "a", body = "p@title" }', '"select.body" must be a CSS selector'),
        ('select = { item = "a", date = "svg|time@datetime" }', '"select.date" must not name a namespace'),
        ('select = { item = "a", image = ":nope@src" }', '"select.image" must be a CSS selector'),
        ('select = { item = "a", titel = "b" }', 'unknown key "select.titel"; did you mean "select.title"?'),
        (f'select = {{ item = "{"a " * 300}b" }}', "must not be longer than 500 characters"),
        (f'select = {{ item = "{":not(" * 80}a{")" * 80}" }}', 'select.item" must be a CSS selector'),
        ('path = "x"', '"path" does nothing for kind = "page"'),
    ],
)
def test_wrong_selectors(tmp_path: Path, keys: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        source(tmp_path, keys)
    assert message in str(caught.value)


def test_only_a_page_has_selectors(tmp_path: Path) -> None:
    text = BASE.replace('"page"', '"feed"').replace("{keys}", 'select = { item = "a" }')
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match='"select" does nothing for kind = "feed"'):
        load(tmp_path / "config.toml", {})
