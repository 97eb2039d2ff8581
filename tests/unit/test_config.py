"""A right config.toml becomes the right values; a file that cannot be read becomes a finding."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from textwrap import dedent
from uuid import NAMESPACE_URL, uuid5

import pytest

from feedmill import __version__, model
from feedmill.config import Config, load
from feedmill.errors import ConfigError

LEAST = """
[site]
title = "Kabar Harian"
url = "https://example.org"

[[sources]]
name = "newsroom"
kind = "files"
path = "sources/newsroom"

[[feeds]]
name = "all"
title = "Everything"
"""

FULL = """
[site]
title = "Kabar  Harian"
url = "https://example.org/berita/?lang=id"
feeds_url = "https://feeds.example.org"
language = "id"
timezone = "Asia/Jakarta"
author = { name = "Redaksi", email = "redaksi@example.org", uri = "https://example.org/redaksi" }
description = "Berita."
rights = "© Kabar Harian"
icon = "/icon.png"
logo = "logo.png"
id_authority = "redaksi@Example.org"

[state]
url = "sqlite:////var/lib/feedmill/state.sqlite3"

[publish]
directory = "../public"
formats = ["atom"]
limit = 7
precompress = false

[fetch]
contact = "mailto:ops@example.org"
timeout = "1m"
connect_timeout = "2s"
max_body = "5MB"
workers = 3
per_host = 2
host_delay = "0s"
allow_private_networks = true
allow_hosts = ["Feeds.LAN", "10.0.0.7/8", "[::1]"]

[schedule]
every = "30m"
min = "5m"
max = "1d"

[[sources]]
name = "newsroom"
kind = "files"
path = "/srv/articles"
every = "5m"
language = "en"
timezone = "Europe/London"
link = "https://example.org/{path}.html"
furniture = ["Scroll to Top", "Baca juga:*"]
max_file = "512KiB"

[[sources]]
name = "kernel"
kind = "feed"
url = "https://user:secret@www.kernel.org/feeds/kdist.xml?a=1"
cron = "0  6 * * MON-Fri"

[[feeds]]
name = "all"
title = "Everything"
description = "All of it."
language = "id-ID"
sources = ["news*", "kernel"]
categories = ["Linux"]
authors = ["Linus"]
languages = ["id"]
include = ['\\blinux\\b']
exclude = ["spam|scam"]
max_age = "2w"
limit = 1000
formats = ["rss"]
order = "updated"
content = "summary"

[[feeds]]
name = "plain"
title = "Plain"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(dedent(text), encoding="utf-8")
    return path


def findings(path: Path, environ: dict[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(path, environ or {})
    assert caught.value.file == str(path)
    return caught.value.findings


def defaults(kind: type) -> dict[str, object]:
    return {field.name: field.default for field in fields(kind)}


def test_the_least_configuration_has_all_defaults(tmp_path: Path) -> None:
    path = write(tmp_path, LEAST)
    site = model.Site(
        title="Kabar Harian",
        url="https://example.org/",
        feeds_url="https://example.org/feeds/",
        id_authority="example.org",
    )
    assert load(path, {}) == Config(
        file=path,
        root=tmp_path,
        site=site,
        state_url=f"sqlite:///{tmp_path}/.feedmill/state.sqlite3",
        directory=str(tmp_path / "feeds"),
        fetch=model.FetchSettings(user_agent=f"Feedmill/{__version__} (+https://example.org/)"),
        schedule=model.Schedule(),
        sources=(model.Source(name="newsroom", kind="files", path=tmp_path / "sources/newsroom"),),
        feeds=(
            model.FeedSpec(
                name="all",
                title="Everything",
                id=uuid5(NAMESPACE_URL, "tag:example.org:feeds/all").urn,
                base_url="https://example.org/feeds/all/",
                site=site,
            ),
        ),
        private=str(tmp_path / ".feedmill/private"),
        serve=model.ServeSettings(),
        alerts=None,
        precompress=False,
    )


def test_every_key_reaches_its_value(tmp_path: Path) -> None:
    config = load(write(tmp_path / ".", FULL), {})
    assert config.site == model.Site(
        title="Kabar Harian",
        url="https://example.org/berita/?lang=id",
        feeds_url="https://feeds.example.org/",
        id_authority="redaksi@example.org",
        language="id",
        timezone="Asia/Jakarta",
        author=model.Person(name="Redaksi", email="redaksi@example.org", uri="https://example.org/redaksi"),
        description="Berita.",
        rights="© Kabar Harian",
        icon="https://example.org/icon.png",
        logo="https://example.org/berita/logo.png",
    )
    assert config.state_url == "sqlite:////var/lib/feedmill/state.sqlite3"
    assert config.directory == str(tmp_path.parent / "public")
    assert config.fetch == model.FetchSettings(
        user_agent=f"Feedmill/{__version__} (+https://example.org/berita/?lang=id; mailto:ops@example.org)",
        timeout=timedelta(minutes=1),
        connect_timeout=timedelta(seconds=2),
        max_body=5_000_000,
        workers=3,
        per_host=2,
        host_delay=timedelta(0),
        allow_private_networks=True,
        allow_hosts=("feeds.lan", "10.0.0.0/8", "::1"),
    )
    assert config.schedule == model.Schedule(
        every=timedelta(minutes=30), min=timedelta(minutes=5), max=timedelta(days=1)
    )
    assert config.sources == (
        model.Source(
            name="newsroom",
            kind="files",
            path=Path("/srv/articles"),
            every=timedelta(minutes=5),
            language="en",
            timezone="Europe/London",
            link="https://example.org/{path}.html",
            furniture=("Scroll to Top", "Baca juga:*"),
            max_file=512 * 1024,
        ),
        model.Source(
            name="kernel",
            kind="feed",
            url="https://user:secret@www.kernel.org/feeds/kdist.xml?a=1",
            cron="0 6 * * mon-fri",
        ),
    )
    first, second = config.feeds
    assert first == model.FeedSpec(
        name="all",
        title="Everything",
        id=uuid5(NAMESPACE_URL, "tag:redaksi@example.org:feeds/all").urn,
        base_url="https://feeds.example.org/all/",
        site=config.site,
        description="All of it.",
        language="id-ID",
        sources=("news*", "kernel"),
        categories=("Linux",),
        authors=("Linus",),
        languages=("id",),
        include=(r"\blinux\b",),
        exclude=("spam|scam",),
        max_age=timedelta(weeks=2),
        limit=1000,
        formats=("rss",),
        order=model.Order.UPDATED,
        content=model.Content.SUMMARY,
    )
    assert (second.limit, second.formats) == (7, ("atom",)), "defaults of [publish]"


def test_ids_of_feeds_outlive_addresses(tmp_path: Path) -> None:
    before = load(write(tmp_path, LEAST.replace("example.org", "old.example")), {}).feeds[0]
    moved = LEAST.replace('url = "https://example.org"', 'url = "https://new.example"\nid_authority = "old.example"')
    after = load(write(tmp_path, moved), {}).feeds[0]
    assert after.id == before.id
    assert after.base_url != before.base_url


@pytest.mark.parametrize(
    ("address", "authority", "feeds_url"),
    [
        ("https://EXAMPLE.org:8443/blog", "example.org", "https://EXAMPLE.org:8443/blog/feeds/"),
        (
            "https://bücher.example/ä b".replace(" ", "%20"),
            "xn--bcher-kva.example",
            "https://xn--bcher-kva.example/%C3%A4%20b/feeds/",
        ),
        ("http://127.0.0.1:8000/", "127.0.0.1", "http://127.0.0.1:8000/feeds/"),
        ("https://example.org/?lang=id#top", "example.org", "https://example.org/feeds/"),
    ],
)
def test_authority_and_feeds_url_follow_from_url(tmp_path: Path, address: str, authority: str, feeds_url: str) -> None:
    site = load(write(tmp_path, LEAST.replace("https://example.org", address)), {}).site
    assert (site.id_authority, site.feeds_url) == (authority, feeds_url)


def test_user_agent_is_a_header_whatever_the_site(tmp_path: Path) -> None:
    text = LEAST.replace("https://example.org", "https://exämple.org/a(b)/ü")
    contact = '\n[fetch]\ncontact = "https://example.org/(kontak)/é"\n'
    agent = load(write(tmp_path, text + contact), {}).fetch.user_agent
    assert agent.isascii()
    assert agent.isprintable()
    assert agent.count("(") == agent.count(")") == 1


def test_paths_are_relative_to_the_file_and_not_to_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site").mkdir()
    write(tmp_path / "site", LEAST)
    monkeypatch.chdir(tmp_path)
    config = load(Path("site/config.toml"), {})
    assert config.root == tmp_path / "site"
    assert config.file == tmp_path / "site/config.toml"
    assert config.sources[0].path == tmp_path / "site/sources/newsroom"
    assert config.directory == str(tmp_path / "site/feeds")


def test_the_environment_overrides_the_state(tmp_path: Path) -> None:
    path = write(tmp_path, LEAST + '\n[state]\nurl = "sqlite:///file.db"\n')
    assert load(path, {"FEEDMILL_STATE_URL": "sqlite:///other.db"}).state_url == f"sqlite:///{tmp_path}/other.db"
    assert load(path, {"FEEDMILL_STATE_URL": ""}).state_url == f"sqlite:///{tmp_path}/file.db"


def test_a_wrong_override_is_reported_beside_the_flaws_of_the_file_and_keeps_its_password(tmp_path: Path) -> None:
    path = write(tmp_path, LEAST + "colour = 1\n")
    found = findings(path, {"FEEDMILL_STATE_URL": "postgresql+psycopg://me:secret@db/feedmill"})
    assert [finding.partition(": ")[0] for finding in found] == [
        f"{path}:14",
        "environment variable FEEDMILL_STATE_URL",
    ]
    assert "not available in this version" in found[1]
    assert "secret" not in found[1]


def test_an_overridden_state_in_the_file_is_still_judged(tmp_path: Path) -> None:
    path = write(tmp_path, LEAST + '\n[state]\nurl = "mysql://x"\n')
    assert len(findings(path, {"FEEDMILL_STATE_URL": "sqlite:///x.db"})) == 1


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
    assert load(path, {}).site.title == "Kabar Harian"
    path.write_bytes(b"\xef\xbb\xbf" + (LEAST + "colour = 1\n").replace("\n", "\r\n").encode())
    assert findings(path)[0].startswith(f"{path}:14: ")


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path / "config.toml")
    hint = "name the file with -c, or begin with a copy of the config.toml that comes with Feedmill"
    assert finding == f"{tmp_path}/config.toml: there is no such file; {hint}"


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path)
    assert finding.endswith(f"this is a folder; name the file in it, as in -c {tmp_path}/config.toml")


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    path = write(tmp_path, LEAST)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert "cannot be read: Permission denied" in findings(path)[0]


def test_a_path_through_a_file_cannot_be_read(tmp_path: Path) -> None:
    path = write(tmp_path, LEAST) / "config.toml"
    assert "cannot be read: Not a directory" in findings(path)[0]


def test_a_path_that_cannot_be_is_a_finding() -> None:
    assert "cannot be read" in findings(Path("a\0b"))[0]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'\x7fELF\x02\0\0"', ": this is not a UTF-8 text file; save it as UTF-8, or name another file with -c"),
        ("[site]".encode("utf-16"), ": this is not a UTF-8 text file; save it as UTF-8, or name another file with -c"),
        (b'[site]\ntitle = "Caf\xe9"\n', ":2: this line is not UTF-8 (byte 0xe9); save the file as UTF-8"),
    ],
)
def test_files_that_are_not_utf8(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(raw)
    assert findings(path) == (f"{path}{said}",)


SYNTAX = [
    ("[site]\ntitle = Kabar\n", ":2:9: ", "text needs quotes", "    title = Kabar\n            ^"),
    ("[site]\n\ttitle = Kabar", ":2:10: ", "text needs quotes", "     title = Kabar\n             ^"),
    ('x = "a\n', ":1:7: ", "must end on its line", '    x = "a\n          ^'),
    (
        '[feeds]\ninclude = ["\\bx"]\nexclude = ["\\d"]',
        ":3:15: ",
        "single quotes",
        '    exclude = ["\\d"]\n                  ^',
    ),
    ("a = 1\na = 2\n", ":2:6: ", "written twice", "    a = 2\n         ^"),
    ("a = [1,\n2", ":2:2: ", 'close the list with "]"', "    2\n     ^"),
    ("# " + "x" * 300 + "\n" + "k" * 300 + "\n", ":2:301: ", "Expected '='", "k" * 99 + "\n    " + " " * 99 + "^"),
]


@pytest.mark.parametrize(("text", "place", "said", "shown"), SYNTAX)
def test_syntax_errors_show_their_line(tmp_path: Path, text: str, place: str, said: str, shown: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    (finding,) = findings(path)
    assert finding.startswith(f"{path}{place}this is not TOML: ")
    assert said in finding
    assert finding.endswith(shown)


@pytest.mark.parametrize("text", ["x = " + "[" * 5000 + "]" * 5000, "x = " + "9" * 5000])
def test_what_tomllib_cannot_hold_is_a_finding(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    assert len(findings(path)) == 1


def test_reading_a_configuration_loads_nothing_heavy_but_pydantic(tmp_path: Path) -> None:
    path = write(tmp_path, LEAST)
    heavy = ["alembic", "apscheduler", "feedgen", "feedparser", "idna", "lxml", "requests", "sqlalchemy"]
    program = (
        "import sys; from pathlib import Path; from feedmill.config import load; "
        f"load(Path({str(path)!r}), {{}}); print(*sorted(set({heavy}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_defaults_in_the_file_are_those_of_the_values(tmp_path: Path) -> None:
    config = load(write(tmp_path, LEAST), {})
    for value in (config.fetch, config.schedule, config.sources[0], config.feeds[0], config.site):
        for name, default in defaults(type(value)).items():
            if isinstance(default, str | int | timedelta):
                assert getattr(value, name) == default, name
