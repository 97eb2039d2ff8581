"""How single values of config.toml are written: text, numbers, durations, sizes, languages, zones, expressions.

Each rule takes whatever TOML gave and returns the value, or raises ValueError whose message follows the key's
name in a sentence ("must be ..."). This module must not know which key it judges.
"""

# ruff: noqa: TRY004 - ValueError, and no other, is what pydantic collects

from __future__ import annotations

import json
import re
import warnings
import zoneinfo
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches

__all__ = [
    "DURATION_PATTERN",
    "LANGUAGE_PATTERN",
    "NAME_PATTERN",
    "RESERVED_NAMES",
    "SIZE_PATTERN",
    "VARIABLE_PATTERN",
    "choice",
    "did_you_mean",
    "duration",
    "email",
    "expression",
    "feed_name",
    "flag",
    "furniture",
    "language",
    "line",
    "name",
    "one_of",
    "shown",
    "size",
    "text",
    "timezone",
    "type_name",
    "variable",
    "whole",
]

NAME_PATTERN = r"^[a-z0-9-]{1,64}$"
DURATION_PATTERN = r"^(?=[0-9])([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$"
SIZE_PATTERN = r"^[0-9]+(B|KB|MB|GB|KiB|MiB|GiB)$"
# RFC 5646 section 2.1, without the reserved four- to eight-letter languages: nobody's language is "english".
LANGUAGE_PATTERN = (
    r"^([A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"
    r"(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[0-9A-WY-Za-wy-z](-[A-Za-z0-9]{2,8})+)*(-[xX](-[A-Za-z0-9]{1,8})+)?"
    r"|[xX](-[A-Za-z0-9]{1,8})+|i-[a-z]{3,8})$"
)

# They have a place of their own beside the feeds: in the published folder, or in the web server.
RESERVED_NAMES = ("archive", "healthz", "metrics", "private", "status", "websub")

VARIABLE_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"

_NAME = re.compile(NAME_PATTERN)
_LANGUAGE = re.compile(LANGUAGE_PATTERN)
_DURATION = re.compile(DURATION_PATTERN)
_SIZE = re.compile(r"([0-9]+)(B|KB|MB|GB|KiB|MiB|GiB)")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
# XML 1.0 section 2.2: what no feed can carry, plus the C1 controls, which are there by mistake.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_PASSWORD = re.compile(r"//[^@\s]+:[^@\s]+@")
_BYTES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_LONGEST_SHOWN = 60


def type_name(value: object) -> str:
    """Return what a person would call a TOML value."""
    if isinstance(value, bool):
        return str(value).lower()
    names: dict[type, str] = {
        str: "text",
        int: "a number",
        float: "a number",
        Mapping: "a table",
        Sequence: "a list",
        datetime: "a date",
        date: "a date",
        time: "a time of day",
    }
    return next((said for kind, said in names.items() if isinstance(value, kind)), "that")


def shown(value: str) -> str:
    """Return a text in quotes for a message: short, on one line, without a URL's password."""
    value = _PASSWORD.sub("//***@", value)
    if len(value) > _LONGEST_SHOWN:
        value = value[: _LONGEST_SHOWN - 1] + "…"
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in quoted)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` was probably meant to be."""
    words = {known_word.lower(): known_word for known_word in known}
    close = get_close_matches(word.lower(), list(words), n=1, cutoff=0.6)
    return words[close[0]] if close else None


def one_of(words: Sequence[str]) -> str:
    """Return `"a", "b" or "c"`."""
    quoted = [f'"{word}"' for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def text(value: object) -> str:
    """Text of one or more lines, not empty, without characters that XML forbids."""
    if not isinstance(value, str):
        raise ValueError(f"must be text in quotes, not {type_name(value)}")
    if found := _UNPRINTABLE.search(value):
        raise ValueError(f"must not hold the control character U+{ord(found[0]):04X}; remove it")
    if not value.strip():
        raise ValueError("must not be empty; write something or remove the key")
    return value.strip()


def line(value: object) -> str:
    """Text of one line; runs of white space become one space."""
    return " ".join(text(value).split())


def flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false without quotes, not {_said(value)}")
    return value


def whole(low: int, high: int) -> Callable[[object], int]:
    """Return the rule for a whole number from `low` to `high`."""

    def rule(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"must be a whole number without quotes, from {low} to {high}, not {_said(value)}")
        if not low <= value <= high:
            raise ValueError(f"must be from {low} to {high}, not {value if abs(value) < 10**12 else 'that'}")
        return value

    return rule


def choice(*words: str) -> Callable[[object], str]:
    """Return the rule for one of `words`."""

    def rule(value: object) -> str:
        word = text(value)
        if word not in words:
            meant = did_you_mean(word, words)
            hint = f'; did you mean "{meant}"?' if meant else ""
            raise ValueError(f"must be {one_of(words)}, not {shown(word)}{hint}")
        return word

    return rule


def duration(low: str, high: str) -> Callable[[object], timedelta]:
    """Return the rule for a duration such as `"1h30m"`, from `low` to `high`."""
    least, most = _span(low), _span(high)

    def rule(value: object) -> timedelta:
        if isinstance(value, int) and not isinstance(value, bool):
            raise ValueError(f'must say its unit, as in "{_few(value)}s", "{_few(value)}m" or "{_few(value)}h"')
        written = text(value)
        if not _DURATION.fullmatch(written):
            units = "weeks w, days d, hours h, minutes m and seconds s, in this order"
            raise ValueError(f'must be a duration such as "90s", "5m" or "1h30m" ({units}), not {shown(written)}')
        try:
            span = _span(written)
        except OverflowError:
            span = timedelta.max
        if not least <= span <= most:
            raise ValueError(f'must be from "{low}" to "{high}", not {shown(written)}')
        return span

    return rule


def size(low: str, high: str) -> Callable[[object], int]:
    """Return the rule for a number of bytes such as `"10MiB"`, from `low` to `high`."""
    least, most = _amount(low), _amount(high)

    def rule(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            raise ValueError(f'must say its unit, as in "{_few(value)}MiB" or "{_few(value)}KiB"')
        written = text(value)
        if not _SIZE.fullmatch(written):
            raise ValueError(
                f'must be a size such as "10MiB", "512KiB" or "5MB" (units {", ".join(_BYTES)}), not {shown(written)}'
            )
        if len(written) > _LONGEST_SHOWN or not least <= _amount(written) <= most:
            raise ValueError(f'must be from "{low}" to "{high}", not {shown(written)}')
        return _amount(written)

    return rule


def name(value: object) -> str:
    """The name of a source or a feed: it becomes a folder, part of a URL and an argument on the command line."""
    written = text(value)
    if _NAME.fullmatch(written):
        return written
    simple = re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-")[:64]
    hint = f', such as "{simple}"' if simple else ""
    raise ValueError(f"must be 1 to 64 small letters a-z, digits and hyphens{hint}, not {shown(written)}")


def variable(value: object) -> str:
    """The name of an environment variable (POSIX.1-2017 section 8.1). Messages never repeat it: it may be a secret."""
    written = text(value)
    if not re.fullmatch(VARIABLE_PATTERN.strip("^$"), written):
        raise ValueError(
            'must be the name of an environment variable, such as "MAIL_PASSWORD", and not the secret itself'
        )
    return written


def feed_name(value: object) -> str:
    """A name that no other part of the published site has."""
    written = name(value)
    if written in RESERVED_NAMES:
        raise ValueError(f"must be another name: {shown(written)} is kept for a page of Feedmill's own")
    return written


def furniture(value: object) -> str:
    """A line to remove from articles; with `*` at its end, the beginning of such lines."""
    written = line(value)
    if not written.strip("* "):
        raise ValueError('must hold more than "*": that would remove every line')
    return written


def language(value: object) -> str:
    """A language tag that is well-formed by BCP 47 (RFC 5646 section 2.1)."""
    tag = text(value)
    if _LANGUAGE.fullmatch(tag):
        return tag
    dashed = tag.replace("_", "-").partition(".")[0]
    hint = f'; did you mean "{dashed}"?' if _LANGUAGE.fullmatch(dashed) else ""
    raise ValueError(f'must be a language tag such as "en", "id" or "pt-BR", not {shown(tag)}{hint}')


def timezone(value: object) -> str:
    """A time zone of the IANA database."""
    zone = text(value)
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        meant = did_you_mean(zone, zoneinfo.available_timezones())
        hint = f'; did you mean "{meant}"?' if meant else ""
        raise ValueError(f'must be a time zone such as "Asia/Jakarta" or "UTC", not {shown(zone)}{hint}') from None
    return zone


def email(value: object) -> str:
    """An e-mail address that RSS can carry (RFC 5322 section 3.4.1, dot-atom form)."""
    address = text(value)
    if not _EMAIL.fullmatch(address):
        raise ValueError(f'must be an e-mail address such as "editor@example.org", not {shown(address)}')
    return address


def expression(value: object) -> str:
    """A regular expression in Python's notation.

    One that Python warns about counts as wrong: its meaning may change, and the warning would come up at every run.
    """
    if not isinstance(value, str):
        raise ValueError(f"must be a regular expression in quotes, not {type_name(value)}")
    if not value:
        raise ValueError("must not be empty: that would match everything")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(value)
    except re.error as error:
        place = "" if error.pos is None else f" at character {error.pos + 1}"
        raise ValueError(f"must be a regular expression: {error.msg}{place} of {shown(value)}") from None
    except (Warning, OverflowError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise ValueError(f"must be a regular expression: {reason} in {shown(value)}") from None
    return value


def _said(value: object) -> str:
    return shown(value) if isinstance(value, str) else type_name(value)


def _few(value: int) -> int:
    """`value` for an example, where it could be one."""
    return value if 0 < value < 10_000 else 30


def _span(written: str) -> timedelta:
    units = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
    parts = re.findall(r"([0-9]+)([wdhms])", written)
    if any(len(digits) > 12 for digits, _ in parts):
        raise OverflowError
    return timedelta(**{units[unit]: int(digits) for digits, unit in parts})


def _amount(written: str) -> int:
    parts = _SIZE.fullmatch(written)
    if parts is None:
        raise ValueError(f"not a size: {written}")
    return int(parts[1]) * _BYTES[parts[2]]
