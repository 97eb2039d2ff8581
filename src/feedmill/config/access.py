"""The rules for how a source's server is logged in to: between `auth`, `headers`, `url` and the environment.

Like `checks`, they read what TOML gave. This module must not know how a flaw is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from feedmill.config import secrets, values
from feedmill.config.findings import Flaw

__all__ = ["check"]

_KEYS = {"basic": ("username", "password_env"), "bearer": ("token_env",)}
_EXAMPLES = {"username": "feedmill", "password_env": "WIRE_PASSWORD", "token_env": "WIRE_TOKEN"}


def check(path: tuple[str, int], source: Mapping[str, Any], environ: Mapping[str, str]) -> Iterator[Flaw]:
    """Yield what is wrong with a source's `auth` and `headers`: keys, conflicts, variables that are missing."""
    auth, headers = source.get("auth"), source.get("headers")
    if isinstance(auth, dict):
        yield from _auth((*path, "auth"), auth, environ)
    has_login = _has_login(source.get("url"))
    if auth is not None and has_login:
        yield Flaw((*path, "auth"), 'cannot stand beside a user name or password in "url"; remove them there')
    if isinstance(headers, dict):
        other = '"auth"' if auth is not None else 'a user name or password in "url"' if has_login else ""
        yield from _headers((*path, "headers"), headers, environ, other_login=other)


def _auth(path: tuple[str | int, ...], auth: Mapping[str, Any], environ: Mapping[str, str]) -> Iterator[Flaw]:
    kind = auth.get("type")
    needed = _KEYS.get(kind, ()) if isinstance(kind, str) else ()
    if not needed:
        return
    for key in needed:
        if key not in auth:
            message = f'is missing, and type = "{kind}" needs it; add {key} = "{_EXAMPLES[key]}"'
            yield Flaw((*path, key), message)
    for key in auth:
        if key in _EXAMPLES and key not in needed:
            yield Flaw((*path, key), f'does nothing for type = "{kind}"; remove it')
    key = needed[-1]
    read = secrets.password if kind == "basic" else secrets.secret
    yield from _readable((*path, key), auth.get(key), read, environ)


def _readable(
    path: tuple[str | int, ...],
    name: object,
    read: Callable[[str, Mapping[str, str]], str],
    environ: Mapping[str, str],
) -> Iterator[Flaw]:
    try:
        variable = values.variable(name)
    except ValueError:
        return
    try:
        read(variable, environ)
    except ValueError as error:
        yield Flaw(path, f"names what is not there: {error}" if variable not in environ else f"is no use: {error}")


def _headers(
    path: tuple[str | int, ...], headers: Mapping[str, Any], environ: Mapping[str, str], *, other_login: str
) -> Iterator[Flaw]:
    try:
        fit = secrets.headers(headers)
    except ValueError:
        return
    for name, value in fit.items():
        if name.lower() == "authorization":
            if other_login:
                yield Flaw(path, f"cannot hold Authorization beside {other_login}; keep one of them")
            elif not any(secrets.variables(value)):
                yield Flaw(path, "must take the secret of Authorization from the environment: write ${NAME} for it")
        try:
            secrets.resolved(value, environ)
        except ValueError as error:
            yield Flaw(path, f"cannot be sent: {error}")


def _has_login(url: object) -> bool:
    try:
        return isinstance(url, str) and "@" in urlsplit(url).netloc
    except ValueError:
        return False
