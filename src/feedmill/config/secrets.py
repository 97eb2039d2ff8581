"""Secrets: they stand in environment variables, and the configuration holds no more than their names.

No message here repeats a value that might be a secret. This module must not know where one is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from feedmill.config.values import line, shown, type_name

__all__ = [
    "HEADER_NAME_PATTERN",
    "headers",
    "operator_token",
    "password",
    "resolved",
    "secret",
    "username",
    "variables",
]

HEADER_NAME_PATTERN = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$"

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# RFC 9110 section 5.5, without obs-text; one line, and no space at the ends
_VALUE = re.compile(r"[!-~](?:[ -~\t]{0,8190}[!-~])?")
_LEAST_TOKEN = 16
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_OURS = frozenset(
    (
        "a-im", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "cookie",
        "cookie2", "date", "expect", "forwarded", "from", "host", "http2-settings", "if-match", "if-modified-since",
        "if-none-match", "if-range", "if-unmodified-since", "keep-alive", "max-forwards", "origin",
        "proxy-authenticate", "proxy-authorization", "proxy-connection", "range", "referer", "set-cookie", "te",
        "trailer", "transfer-encoding", "upgrade", "user-agent", "via",
    )
)  # fmt: skip


def headers(value: object) -> dict[str, str]:
    """Request headers by name; each name once, in whatever letters."""
    if not isinstance(value, dict):
        raise ValueError(f'must be a table such as {{ X-Api-Key = "${{WIRE_KEY}}" }}, not {type_name(value)}')  # noqa: TRY004
    found = {_header_name(name): _header_value(name, content) for name, content in value.items()}
    if len({name.lower() for name in found}) < len(found):
        raise ValueError("must not hold one header twice")
    return found


def username(value: object) -> str:
    """A user name that can be sent (RFC 7617 section 2)."""
    written = line(value)
    if ":" in written:
        raise ValueError('must not hold ":", with which no server could read it')
    return written


def _header_name(value: object) -> str:
    """The name of a request header (RFC 9110 section 5.1) that is not Feedmill's own affair."""
    written = line(value)
    if not re.fullmatch(HEADER_NAME_PATTERN.strip("^$"), written):
        raise ValueError(f"must have names of headers for keys, such as X-Api-Key, not {shown(written)}")
    if written.lower() in _OURS or written.lower().startswith(("proxy-", "sec-")):
        hint = "; set contact under [fetch]" if written.lower() in ("user-agent", "from") else ""
        raise ValueError(f"must not hold {written}: Feedmill sets it as it has to be{hint}")
    return written


def _header_value(name: str, value: object) -> str:
    """The value of a request header: one line of ASCII; `${NAME}` stands for an environment variable."""
    if not isinstance(value, str):
        raise ValueError(f"must hold text in quotes for {name}, not {type_name(value)}")  # noqa: TRY004 - as in values
    if not _VALUE.fullmatch(value):
        raise ValueError(f"must hold one line of ASCII for {name}, without spaces at its ends")
    if "${" in _REFERENCE.sub("", value):
        raise ValueError(f"must write environment variables as ${{NAME}}; {name} has something else")
    return value


def variables(value: str) -> Iterator[str]:
    """Yield the names of the environment variables in a header's value."""
    return (match[1] for match in _REFERENCE.finditer(value))


def resolved(value: str, environ: Mapping[str, str]) -> str:
    """Return a header's value with its environment variables put in.

    Raises:
        ValueError: one is missing, empty, or cannot be sent; the message names it and never holds its value.
    """
    return _REFERENCE.sub(lambda match: secret(match[1], environ), value)


def password(name: str, environ: Mapping[str, str]) -> str:
    """Return what an environment variable holds, if it can be a password (RFC 7617 section 2).

    Raises:
        ValueError: it is missing or empty, or holds control characters.
    """
    value = environ.get(name, "")
    if not value:
        raise ValueError(f"the environment variable {name} is not set; set it, or correct its name")
    if _CONTROL.search(value):
        raise ValueError(f"what the environment variable {name} holds cannot be sent: it must be one line")
    return value


def secret(name: str, environ: Mapping[str, str]) -> str:
    """Return what an environment variable holds, if it can be sent in a header.

    Raises:
        ValueError: it is missing, empty, or not one line of ASCII.
    """
    value = environ.get(name, "")
    if not value:
        raise ValueError(f"the environment variable {name} is not set; set it, or correct its name")
    if not _VALUE.fullmatch(value):
        what = "cannot be sent: it must be one line of ASCII without spaces at its ends"
        raise ValueError(f"what the environment variable {name} holds {what}")
    return value


def operator_token(name: str, environ: Mapping[str, str]) -> str:
    """Return the operator's token, which an environment variable holds.

    Raises:
        ValueError: it is missing, not one line of ASCII, or could be guessed.
    """
    token = secret(name, environ)
    if len(token) < _LEAST_TOKEN:
        what = f"could be guessed: it must have {_LEAST_TOKEN} characters or more"
        raise ValueError(f"what the environment variable {name} holds {what}")
    return token
