"""The tables for whoever runs a site: where to serve, private feeds, old addresses, who is told of problems."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from feedmill import model
from feedmill.config import Config, listening, load, secrets
from feedmill.errors import ConfigError

SITE = '[site]\ntitle = "K"\nurl = "https://example.org/"\n'
SOURCE = '[[sources]]\nname = "n"\nkind = "files"\npath = "p"\n'
FEED = '[[feeds]]\nname = "all"\ntitle = "E"\n'
TOKEN = "0123456789abcdef"


def loaded(folder: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    (folder / "config.toml").write_text(SITE + SOURCE + text, encoding="utf-8")
    return load(folder / "config.toml", environ or {})


def finding(folder: Path, text: str, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, environ)
    (said,) = caught.value.findings
    return said


def test_every_key_of_serving_reaches_its_value(tmp_path: Path) -> None:
    text = """[serve]
address = "0.0.0.0:80"
admin = "none"
dashboard = true
token_env = "OPERATOR"
url = "https://feeds.example.org"
trusted_proxies = ["10.0.0.7/8", "::1"]
max_polls = 7
polls_window = "1h"
"""
    assert loaded(tmp_path, FEED + text, {"OPERATOR": TOKEN}).serve == model.ServeSettings(
        address="0.0.0.0:80",
        admin=None,
        dashboard=True,
        token_env="OPERATOR",
        url="https://feeds.example.org/",
        trusted_proxies=("10.0.0.0/8", "::1/128"),
        max_polls=7,
        polls_window=timedelta(hours=1),
    )


@pytest.mark.parametrize(
    ("text", "polls"), [("", 60), ('trusted_proxies = ["127.0.0.1"]\n', 0), ("max_polls = 0\n", 0)]
)
def test_readers_are_counted_unless_a_proxy_stands_before_them(tmp_path: Path, text: str, polls: int) -> None:
    assert loaded(tmp_path, f"{FEED}[serve]\n{text}").serve.max_polls == polls


def test_every_key_of_alerts_reaches_its_value(tmp_path: Path) -> None:
    text = """[alerts]
webhook = "https://example.org/hook"
feed = "problems.xml"
after_failures = 3
silence = false
[alerts.email]
to = ["ops@example.org", "desk@example.org"]
server = "smtps://mail.example.org"
username = "feedmill"
password_env = "MAIL"
"""
    assert loaded(tmp_path, FEED + text, {"MAIL": "secret"}).alerts == model.Alerts(
        email=model.MailSettings(
            to=("ops@example.org", "desk@example.org"),
            sender="ops@example.org",
            server="smtps://mail.example.org:465",
            username="feedmill",
            password_env="MAIL",
        ),
        webhook="https://example.org/hook",
        feed=tmp_path / "problems.xml",
        after_failures=3,
        silence=False,
    )


def test_a_private_feed_has_a_folder_of_its_own_and_no_hub(tmp_path: Path) -> None:
    text = '[publish]\nhubs = ["https://hub.example.org/"]\n'
    config = loaded(tmp_path, f'{text}{FEED}access = "token"\n[[feeds]]\nname = "open"\ntitle = "O"\n')
    assert [(spec.private, spec.hubs) for spec in config.feeds] == [(True, ()), (False, ("https://hub.example.org/",))]
    assert config.private == str(tmp_path / ".feedmill/private")


def test_aliases_are_kept_once_each_and_encoded(tmp_path: Path) -> None:
    config = loaded(tmp_path, f'{FEED}aliases = ["/rss.xml", "/?feed=rss2", "/rss.xml", "/fil-d’actualité/"]')
    assert config.feeds[0].aliases == ("/rss.xml", "/?feed=rss2", "/fil-d%E2%80%99actualit%C3%A9/")


OPERATOR = '[serve]\ntoken_env = "OPERATOR"'
WRONG = [
    ('[serve]\naddress = "localhost"', '"address" must be an address to listen at, with its port'),
    ('[serve]\naddress = "[::1"', '"address" must be an address to listen at'),
    ('[serve]\naddress = "127.0.0.1:65536"', '"address" must be an address to listen at'),
    ('[serve]\naddress = "[1::2::3]:80"', '"address" must name an address that can exist'),
    ('[serve]\naddress = "a..b:80"', '"address" must name a host that can exist'),
    ('[serve]\naddress = "127.0.0.1:8001"', '"admin" must not be the same as "address", "127.0.0.1:8001"'),
    ('[serve]\ntrusted_proxies = ["proxy.lan"]', '"trusted_proxies" (1st item) must be an IP address or a network'),
    ('[serve]\npolls_window = "0s"', '"polls_window" must be from "1s"'),
    ('[publish]\nprivate = "feeds/private"', '"private" must be a folder of its own, outside the one to publish into'),
    ('[publish]\nprivate = "."', '"private" must be a folder of its own'),
    ('[alerts]\nfeed = "feeds/problems.xml"', '"feed" must be a file outside the folder to publish into'),
    ("[alerts]\nafter_failures = 0", '"after_failures" must be from 1 to 1000'),
    ('[alerts.email]\nserver = "smtp://localhost:25"', '"email.to" is missing'),
    ('[alerts.email]\nto = ["ops"]', '"email.to" (1st item) must be an e-mail address'),
    (
        '[alerts.email]\nto = ["o@a.org"]\nserver = "smtp://u:p@a.org"',
        '"email.server" must not hold a user name or password',
    ),
    (
        '[alerts.email]\nto = ["o@a.org"]\nserver = "http://a.org"',
        '"email.server" must be the address of a mail server',
    ),
    ('[alerts.email]\nto = ["o@a.org"]\nusername = "u"', '"email.password_env" is missing, and "username" needs it'),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[text for text, _ in WRONG])
def test_what_is_wrong_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert f"]: {said}" in finding(tmp_path, FEED + text)


@pytest.mark.parametrize(
    ("aliases", "said"),
    [
        ('["rss.xml"]', 'must be a path such as "/rss.xml"'),
        ('["//example.org/rss.xml"]', "must be a path"),
        ('["https://example.org/rss.xml"]', "must be a path"),
        ('["/a/../b"]', "must be a plain path"),
        ('["/a\\\\b"]', "must be a plain path"),
        ('["/status/x"]', 'must be another path: "/status/x" is kept for a page of Feedmill\'s own'),
    ],
)
def test_an_alias_is_a_plain_path(tmp_path: Path, aliases: str, said: str) -> None:
    assert f'"aliases" (1st item) {said}' in finding(tmp_path, f"{FEED}aliases = {aliases}")


def test_two_feeds_cannot_have_one_alias(tmp_path: Path) -> None:
    text = f'{FEED}aliases = ["/rss"]\n[[feeds]]\nname = "b"\ntitle = "B"\naliases = ["/rss"]'
    assert 'is an alias of the feed "all" too; keep one of them' in finding(tmp_path, text)


def test_the_token_is_asked_for_by_those_alone_who_use_it(tmp_path: Path) -> None:
    assert loaded(tmp_path, FEED + OPERATOR).serve.token_env == "OPERATOR"
    assert secrets.operator_token("OPERATOR", {"OPERATOR": TOKEN}) == TOKEN
    for held, said in (("", "is not set"), ("secret", "16 characters or more"), ("s" * 20 + "\n", "one line of ASCII")):
        with pytest.raises(ValueError, match=said) as caught:
            secrets.operator_token("OPERATOR", {"OPERATOR": held})
        assert not held or held not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "parts"),
    [("127.0.0.1:8000", ("127.0.0.1", 8000)), ("[::1]:0", ("::1", 0)), ("a.org:80", ("a.org", 80))],
)
def test_an_address_has_two_parts(written: str, parts: tuple[str, int]) -> None:
    assert listening.host_and_port(listening.address(written)) == parts
