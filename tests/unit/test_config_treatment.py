"""The keys of a source that treat its entries and log in to its server: what is right, and what is said of the rest."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from feedmill.config import json_schema, load
from feedmill.errors import ConfigError
from feedmill.model import Auth, Content, Replacement, Source, Treatment

FILE = """\
[site]
title = "T"
url = "https://example.org/"
[[feeds]]
name = "all"
title = "All"
[[sources]]
name = "wire"
kind = "{kind}"
{place}
{keys}
"""
ENVIRONMENT = {"PASSWORD": "s3cret of the wire", "TOKEN": "t0ken", "BROKEN": "s3cret\nof the wire", "EMPTY": ""}
WHERE = '[[sources]] "wire" (1st): '


def document(keys: str, kind: str = "feed") -> str:
    place = 'path = "p"' if kind in ("files", "mail") else 'url = "https://wire.example/feed"'
    return FILE.format(kind=kind, place=place, keys=keys)


def loaded(folder: Path, keys: str, kind: str = "feed") -> Source:
    path = folder / "config.toml"
    path.write_text(document(keys, kind), encoding="utf-8")
    (source,) = load(path, ENVIRONMENT).sources
    return source


def test_nothing_is_treated_by_default(tmp_path: Path) -> None:
    source = loaded(tmp_path, "")
    assert (source.treatment, source.auth, source.headers) == (Treatment(), None, ())


ALL = r"""
include = ['\bharga\b']
exclude = ["iklan", '(?i)promo']
categories_add = ["Kantor  berita"]
title_prefix = "[Wire] "
strip = [".ad", "p > a[href^='x']"]
replace = [{ pattern = '(a)b', with = '\1' }, { pattern = "x", with = "" }]
max_entries = 3
content = "summary"
"""


@pytest.mark.parametrize("kind", ["feed", "files", "mail", "page"])
def test_treatment(tmp_path: Path, kind: str) -> None:
    assert loaded(tmp_path, ALL, kind).treatment == Treatment(
        include=(r"\bharga\b",),
        exclude=("iklan", "(?i)promo"),
        categories_add=("Kantor berita",),
        title_prefix="[Wire]",
        strip=(".ad", "p > a[href^='x']"),
        replace=(Replacement(pattern="(a)b", template=r"\1"), Replacement(pattern="x", template="")),
        max_entries=3,
        content=Content.SUMMARY,
    )
    assert list(Draft202012Validator(json_schema()).iter_errors(tomllib.loads(document(ALL, kind)))) == []


@pytest.mark.parametrize(
    ("keys", "auth"),
    [
        ('auth = { type = "basic", username = "me", password_env = "PASSWORD" }',
         Auth(type="basic", username="me", secret_env="PASSWORD")),
        ('auth = { type = "bearer", token_env = "TOKEN" }', Auth(type="bearer", secret_env="TOKEN")),
        ('headers = { X-Key = "k ${TOKEN}", Authorization = "Token ${TOKEN}" }', None),
    ],
)  # fmt: skip
def test_logins_hold_names_and_no_secrets(tmp_path: Path, keys: str, auth: Auth | None) -> None:
    source = loaded(tmp_path, keys)
    assert source.auth == auth
    assert all(secret not in repr(source) for secret in ENVIRONMENT.values() if secret)
    assert list(Draft202012Validator(json_schema()).iter_errors(tomllib.loads(document(keys)))) == []


WRONG = [
    ("include = ['(']", '"include" (1st item) must be a regular expression: missing ), unterminated'),
    ("exclude = ['']", '"exclude" (1st item) must not be empty'),
    (f"exclude = ['{'x' * 1001}']", '"exclude" (1st item) must not be longer than 1000 characters'),
    ("strip = ['p[']", '"strip" (1st item) must be a CSS selector: '),
    ("strip = ['p::before']", '"strip" (1st item) must be a CSS selector: '),
    ("strip = ['a:hover']", '"strip" (1st item) cannot use :hover here'),
    ("strip = ['p', 'ul li:last-child']", '"strip" (2nd item) cannot use :last-child here'),
    ("strip = ['div:has(p)']", '"strip" (1st item) cannot use :has() here'),
    ("strip = ['p:not(:contains(\"x\"))']", '"strip" (1st item) cannot use :contains() here'),
    ("replace = ['x']", '"replace" (1st item) must be a table such as { pattern = "x+" }, not text'),
    ("replace = 'x'", '"replace" must be a list of tables in square brackets, not text'),
    ("replace = [{ pattern = 'x' }]", '"replace.with" (1st item) is missing; add with = "x"'),
    ("replace = [{ pattern = 'x', wiht = 'y', with = '' }]",
     'unknown key "replace.wiht"; did you mean "replace.with"?'),
    (r"replace = [{ pattern = 'x', with = '' }, { pattern = '(x)', with = '\2' }]",
     '"replace.with" (2nd item) does not fit its pattern: invalid group reference 2'),
    (r"replace = [{ pattern = 'x', with = '\g<n>' }]", '"replace.with" (1st item) does not fit its pattern: '),
    ("replace = [{ pattern = 'x', with = \"\\u0007\" }]", '"replace.with" (1st item) must not hold the control char'),
    ("max_entries = 0", '"max_entries" must be from 1 to 100000, not 0'),
    ('content = "all"', '"content" must be "full", "summary" or "link", not "all"'),
    ('auth = "me:secret"', '"auth" must be a table such as { type = "basic" }, not text'),
    ('auth = { type = "digest" }', '"auth.type" must be "basic" or "bearer", not "digest"'),
    ('auth = { type = "bearer" }', '"auth.token_env" is missing, and type = "bearer" needs it; add token_env = '),
    ('auth = { type = "basic", password_env = "PASSWORD" }', '"auth.username" is missing, and type = "basic"'),
    ('auth = { type = "basic", username = "a:b", password_env = "PASSWORD" }', '"auth.username" must not hold ":"'),
    ('auth = { type = "bearer", token_env = "TOKEN", username = "me" }',
     '"auth.username" does nothing for type = "bearer"; remove it'),
    ('auth = { type = "bearer", token_env = "MISSING" }',
     '"auth.token_env" names what is not there: the environment variable MISSING is not set'),
    ('auth = { type = "bearer", token_env = "EMPTY" }', '"auth.token_env" is no use: the environment variable EMPTY'),
    ('auth = { type = "basic", username = "me", password_env = "BROKEN" }',
     '"auth.password_env" is no use: what the environment variable BROKEN holds cannot be sent'),
    ('headers = "x"', '"headers" must be a table such as { X-Api-Key = "${WIRE_KEY}" }, not text'),
    ("headers = { X-Key = 3 }", '"headers" must hold text in quotes for X-Key, not a number'),
    ('headers = { "X Key" = "x" }', '"headers" must have names of headers for keys'),
    ('headers = { "X\\r\\nY" = "x" }', '"headers" must have names of headers for keys'),
    ('headers = { X = "a\\r\\nHost: b" }', '"headers" must hold one line of ASCII for X'),
    ('headers = { X = "a " }', '"headers" must hold one line of ASCII for X'),
    ('headers = { X = "é" }', '"headers" must hold one line of ASCII for X'),
    ('headers = { X = "${TOKEN" }', '"headers" must write environment variables as ${NAME}; X has something else'),
    ('headers = { X = "${MISSING}" }', '"headers" cannot be sent: the environment variable MISSING is not set'),
    ('headers = { X = "${BROKEN}" }', '"headers" cannot be sent: what the environment variable BROKEN holds'),
    ('headers = { X = "1", x = "2" }', '"headers" must not hold one header twice'),
    ('headers = { Authorization = "Bearer abc" }', '"headers" must take the secret of Authorization from the environ'),
    *(
        (f'headers = {{ {name} = "x" }}', f'"headers" must not hold {name}: Feedmill sets it as it has to be')
        for name in ("Host", "content-length", "Connection", "Cookie", "Proxy-Authorization", "Sec-X", "User-Agent")
    ),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "said"), WRONG, ids=[keys[:40] for keys, _ in WRONG])
def test_what_is_wrong(tmp_path: Path, keys: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, keys)
    (finding,) = caught.value.findings
    assert f"{WHERE}{said}" in finding
    assert "s3cret" not in finding


@pytest.mark.parametrize(
    "keys",
    [
        'auth = { type = "bearer" }',
        'auth = { type = "basic", username = "me" }',
        'auth = { type = "bearer", token_env = "T", username = "me" }',
        'headers = { "X Key" = "x" }',
        'headers = { X = "a " }',
        "replace = [{ pattern = 'x' }]",
        "max_entries = 0",
    ],
)
def test_the_schema_finds_it_too(keys: str) -> None:
    assert list(Draft202012Validator(json_schema()).iter_errors(tomllib.loads(document(keys))))


@pytest.mark.parametrize("kind", ["files", "mail"])
@pytest.mark.parametrize("keys", ['auth = { type = "bearer", token_env = "TOKEN" }', 'headers = { X = "x" }'])
def test_what_is_not_fetched_has_no_login(tmp_path: Path, kind: str, keys: str) -> None:
    with pytest.raises(ConfigError, match="does nothing for kind"):
        loaded(tmp_path, keys, kind)
    assert list(Draft202012Validator(json_schema()).iter_errors(tomllib.loads(document(keys, kind))))


def test_one_login_is_enough(tmp_path: Path) -> None:
    auth = 'auth = { type = "bearer", token_env = "TOKEN" }'
    header = 'headers = { authorization = "Token ${TOKEN}" }'
    with pytest.raises(ConfigError, match='cannot hold Authorization beside "auth"'):
        loaded(tmp_path, f"{auth}\n{header}")
    for keys, said in ((auth, '"auth" cannot stand beside'), (header, 'beside a user name or password in "url"')):
        text = document(keys).replace("https://wire", "https://me:s3cret@wire")
        (tmp_path / "config.toml").write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match=said) as caught:
            load(tmp_path / "config.toml", ENVIRONMENT)
        assert "s3cret" not in str(caught.value)
