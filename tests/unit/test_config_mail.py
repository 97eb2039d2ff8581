"""What config.toml may say about mailboxes, and that no message ever shows a password."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from feedmill.config import json_schema, load
from feedmill.errors import ConfigError
from feedmill.model import Source

SITE = '[site]\ntitle = "T"\nurl = "https://example.org/"\n[[feeds]]\nname = "all"\ntitle = "All"\n'
IMAP = 'url = "imaps://me@imap.example.org/INBOX"\npassword_env = "SECRET"'


def loaded(tmp_path: Path, keys: str, kind: str = "mail") -> Source:
    text = f'{SITE}[[sources]]\nname = "s"\nkind = "{kind}"\n{keys}\n'
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    (source,) = load(tmp_path / "config.toml", {}).sources
    return source


def fits_the_schema(keys: str, kind: str = "mail") -> bool:
    import tomllib

    text = f'{SITE}[[sources]]\nname = "s"\nkind = "{kind}"\n{keys}\n'
    return Draft202012Validator(json_schema()).is_valid(tomllib.loads(text))


@pytest.mark.parametrize(
    "keys",
    [
        'path = "mail"',
        'path = "mail"\nmax_file = "25MiB"\ntimezone = "Asia/Jakarta"\ncron = "0 6 * * *"',
        IMAP,
        'url = "imaps://me@example.org@imap.example.org:1993/Kabar%20%26"\npassword_env = "MAIL_2"',
        'url = "imap://me@127.0.0.1:1143/INBOX"\npassword_env = "P"',
        'url = "imap://me@localhost/"\npassword_env = "P"',
    ],
)
def test_right_ones(tmp_path: Path, keys: str) -> None:
    source = loaded(tmp_path, keys)
    assert (source.path is None) is (source.url is not None) is (source.password_env is not None)
    assert fits_the_schema(keys)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("", '"path" is missing, and kind = "mail" needs "path" or "url"; add path = "mail/newsletters"'),
        ('path = "m"\n' + IMAP, '"url" cannot stand beside "path"'),
        ('path = "m"\npassword_env = "P"', '"password_env" does nothing without "url"'),
        ('url = "imaps://me@imap.example.org/INBOX"', '"password_env" is missing'),
        ('url = "https://example.org/"\npassword_env = "P"', '"url" must be the address of an IMAP folder, such as'),
        ('url = "imap://me@imap.example.org/"\npassword_env = "P"', 'must begin with "imaps://"'),
        ('url = "imaps://imap.example.org/"\npassword_env = "P"', "with a user"),
        ('url = "imaps://me:hunter2@imap.example.org/"\npassword_env = "P"', "must not hold a password"),
        ('url = "imaps://me:hunter2@[::1/"\npassword_env = "P"', "must be the address of an IMAP folder"),
        ('url = "imaps://me:hunter2@imap.example.org/?x"\npassword_env = "P"', "must be the address of an IMAP folder"),
        ('url = "imaps://me@-hunter2-/"\npassword_env = "P"', "must name a host that can exist"),
        ('url = "imaps://me%0d%0a@imap.example.org/"\npassword_env = "P"', "must not hold control characters"),
        (
            'url = "imaps://me@imap.example.org/"\npassword_env = "hunter2!"',
            "must be the name of an environment variable",
        ),
        ('path = "m"\nlink = "https://example.org/{path}"', '"link" does nothing for kind = "mail"'),
        ('path = "m"\ntimezone = "UTC"', '"timezone" does nothing for kind = "mail" without "cron"'),
    ],
)
def test_wrong_ones(tmp_path: Path, keys: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        loaded(tmp_path, keys)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("keys", ["", 'path = "m"\n' + IMAP, 'url = "https://example.org/"\npassword_env = "P"'])
def test_wrong_ones_that_editors_see(keys: str) -> None:
    assert not fits_the_schema(keys)


def test_imap_and_its_password_are_for_mail_alone(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='"url" must be an http or https address; IMAP is for kind = "mail"'):
        loaded(tmp_path, 'url = "imaps://me@imap.example.org/"', kind="feed")
    with pytest.raises(ConfigError, match='"password_env" does nothing for kind = "feed"'):
        loaded(tmp_path, 'url = "https://example.org/"\npassword_env = "P"', kind="feed")
