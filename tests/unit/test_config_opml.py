"""Lists of feeds in config.toml, and feeds that take from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedmill.config import load
from feedmill.errors import ConfigError
from feedmill.model import Auth, Source

BASE = """
[site]
title = "T"
url = "https://example.org/"
[[sources]]
name = "planet"
kind = "opml"
{keys}
[[sources]]
name = "news"
kind = "files"
path = "news"
[[feeds]]
name = "all"
title = "All"
sources = [{sources}]
"""


def source(tmp_path: Path, keys: str, sources: str = '"*"') -> Source:
    text = BASE.replace("{keys}", keys).replace("{sources}", sources)
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    return load(tmp_path / "config.toml", {"TOKEN": "t"}).sources[0]


def test_a_list_is_a_file_or_an_address(tmp_path: Path) -> None:
    assert source(tmp_path, 'path = "feeds.opml"\nmax_file = "1MiB"').path == tmp_path / "feeds.opml"
    login = 'auth = { type = "bearer", token_env = "TOKEN" }\nheaders = { X-Key = "k" }'
    came = source(tmp_path, f'url = "https://list.example/"\n{login}\ncron = "0 6 * * *"\ntimezone = "Asia/Jakarta"')
    assert came == Source(
        name="planet",
        kind="opml",
        url="https://list.example/",
        auth=Auth(type="bearer", secret_env="TOKEN"),
        headers=(("X-Key", "k"),),
        cron="0 6 * * *",
        timezone="Asia/Jakarta",
    )


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("", '"path" is missing, and kind = "opml" needs "path" or "url"; add path = "subscriptions.opml"'),
        ('path = "x"\nurl = "https://x.example/"', '"url" cannot stand beside "path"'),
        ('url = "imaps://me@x.example/"', '"url" must be an http or https address'),
        ('url = "https://x.example/"\nmax_file = "1MiB"', '"max_file" does nothing beside "url"; remove it'),
        ('path = "x"\nauth = { type = "bearer", token_env = "TOKEN" }', '"auth" does nothing beside "path"; remove it'),
        ('path = "x"\nheaders = { X-Key = "k" }', '"headers" does nothing beside "path"; remove it'),
        ('path = "x"\ntimezone = "UTC"', 'without "cron", since the dates of feeds name their zone'),
        ('path = "x"\nselect = { item = "a" }', '"select" does nothing for kind = "opml"'),
        ('path = "x"\nlink = "https://x.example/{stem}"', '"link" does nothing for kind = "opml"'),
        ('path = "x"\nfiles_url = "https://x.example/"', '"files_url" does nothing for kind = "opml"'),
        ('path = "x"\nfurniture = ["a"]', '"furniture" does nothing for kind = "opml"'),
        ('path = "feeds/feeds.opml"', "must not hold one another"),
    ],
)
def test_wrong_ones(tmp_path: Path, keys: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        source(tmp_path, keys)
    assert message in str(caught.value)


@pytest.mark.parametrize("taken", ["planet", "plan*", "planet/*", "planet/a-example-1a2b3c4d", "*/a-*", "p?anet/x"])
def test_a_feed_can_take_what_a_list_may_name(tmp_path: Path, taken: str) -> None:
    assert source(tmp_path, 'path = "x"', f'"{taken}"').kind == "opml"


@pytest.mark.parametrize("taken", ["planett/x", "news/x", "/x", "a-*"])
def test_what_no_list_can_name_is_an_error(tmp_path: Path, taken: str) -> None:
    with pytest.raises(ConfigError, match="names no source"):
        source(tmp_path, 'path = "x"', f'"{taken}"')
