"""The JSON Schema of config.toml is up to date and of one mind with `load`; the reference page is complete."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from feedmill.config import json_schema, load, schema_text
from feedmill.errors import ConfigError

GOOD = """
[site]
title = "Kabar Harian"
url = "https://example.org/"
author = { name = "Redaksi" }
[state]
url = "sqlite:///.feedmill/state.sqlite3"
[publish]
directory = "feeds"
formats = ["rss", "atom"]
precompress = false
[fetch]
max_body = "10MiB"
allow_hosts = []
[schedule]
every = "1h"
[[sources]]
name = "newsroom"
kind = "files"
path = "sources/newsroom"
link = "https://example.org/{path}"
furniture = ["*Scroll to Top*"]
[[sources]]
name = "kernel"
kind = "feed"
url = "https://www.kernel.org/feeds/kdist.xml"
cron = "0 6 * * mon-fri"
[[feeds]]
name = "all"
title = "Everything"
languages = ["id"]
max_age = "2w"
access = "token"
aliases = ["/rss.xml", "/?feed=rss2"]
[serve]
address = "[::]:8000"
admin = "none"
dashboard = true
url = "https://feeds.example.org/"
trusted_proxies = ["10.0.0.0/8"]
max_polls = 0
[alerts]
webhook = "https://example.org/hook"
feed = ".feedmill/problems.xml"
email = { to = ["ops@example.org"], server = "smtps://mail.example.org" }
"""

# What is changed in the good file, and into what.
WRONG = [
    ('title = "Kabar Harian"', ""),
    ('title = "Kabar Harian"', "title = 3"),
    ('title = "Kabar Harian"', 'title = ""'),
    ('url = "https://example.org/"', 'url = "example.org"'),
    ('{ name = "Redaksi" }', '{ nama = "Redaksi" }'),
    ("sqlite:///.feedmill/state.sqlite3", "postgresql://x"),
    ('directory = "feeds"', 'directory = "s3://x/y"'),
    ('["rss", "atom"]', "[]"),
    ("precompress = false", "precompress = 1"),
    ('access = "token"', 'access = "secret"'),
    ('["/rss.xml", "/?feed=rss2"]', '["rss.xml"]'),
    ('"[::]:8000"', '"localhost"'),
    ('admin = "none"', 'admin = "off"'),
    ("max_polls = 0", "max_polls = -1"),
    ('to = ["ops@example.org"]', "to = []"),
    ('"smtps://mail.example.org"', '"mail.example.org"'),
    ('"10MiB"', "10"),
    ('every = "1h"', 'every = "1 hour"'),
    ('name = "newsroom"', 'name = "News Room"'),
    ('kind = "files"', 'kind = "page"'),
    ('path = "sources/newsroom"', ""),
    ('path = "sources/newsroom"', 'path = "x"\nurl = "https://example.org/"'),
    ("{path}", "{slug}"),
    ('["*Scroll to Top*"]', '["*"]'),
    ('url = "https://www.kernel.org/feeds/kdist.xml"', ""),
    ("cron =", 'every = "5m"\ncron ='),
    ("0 6 * * mon-fri", "0 6 * *"),
    ('name = "all"', 'name = "status"'),
    ('["id"]', '["english"]'),
    ('"2w"', "14"),
    ('max_age = "2w"', 'split_by = "colour"'),
    ("[[feeds]]", "[feeds]"),
]


def errors(text: str) -> list[Any]:
    return list(Draft202012Validator(json_schema()).iter_errors(tomllib.loads(text)))


def test_the_shipped_file_is_up_to_date() -> None:
    """If this fails: python -c 'from feedmill import config as c; print(c.schema_text(), end="")' > the file."""
    assert files("feedmill").joinpath("config.schema.json").read_text(encoding="utf-8") == schema_text()
    assert json.loads(schema_text()) == json_schema()


def test_the_schema_is_a_schema() -> None:
    assert json_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(json_schema())
    assert '"null"' not in schema_text(), "TOML has no null"


def test_a_right_file_fits(tmp_path: Path) -> None:
    assert errors(GOOD) == []
    (tmp_path / "config.toml").write_text(GOOD)
    load(tmp_path / "config.toml", {})


@pytest.mark.parametrize(("good", "wrong"), WRONG)
def test_a_wrong_file_fits_neither_the_schema_nor_load(tmp_path: Path, good: str, wrong: str) -> None:
    text = GOOD.replace(good, wrong, 1)
    assert text != GOOD
    assert errors(text)
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(ConfigError):
        load(tmp_path / "config.toml", {})


def test_every_key_has_a_meaning() -> None:
    for table in json_schema()["$defs"].values():
        for key, said in table["properties"].items():
            assert said.get("description") or "$ref" in said, key


REFERENCE = Path(__file__).parents[2] / "docs" / "configuration.md"


def rows() -> dict[tuple[str, str], str]:
    """The rows of the reference page's tables, by heading and key."""
    found: dict[tuple[str, str], str] = {}
    heading = ""
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ").strip("`[]")
        elif key := re.match(r"\| `(\w+)` \|", line):
            found[heading, key[1]] = line
    return found


def test_the_reference_page_names_every_key_and_its_default() -> None:
    schema = json_schema()
    expected: dict[tuple[str, str], Any] = {}
    for name, said in schema["properties"].items():
        reference = said.get("$ref") or said["items"]["$ref"]
        for key, rule in schema["$defs"][reference.rpartition("/")[2]]["properties"].items():
            expected[name, key] = rule.get("default")
    for within, table in (("feeds.podcast", "Podcast"), ("alerts.email", "Mail")):
        for key, rule in schema["$defs"][table]["properties"].items():
            expected[within, key] = rule.get("default")
    assert set(rows()) == set(expected)
    for place, default in expected.items():
        if default not in (None, []):
            assert f"`{json.dumps(default)}`" in rows()[place], place


def test_the_example_of_the_reference_page_works(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", REFERENCE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "config.toml").write_text(example, encoding="utf-8")
    assert load(tmp_path / "config.toml", {}).feeds
    assert errors(example) == []
