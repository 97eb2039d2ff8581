"""Whether a text is a crontab line's five time fields, as crontab(5) writes them.

This module must not know who runs by it: it only says whether it can be understood and ever comes true.
"""

from __future__ import annotations

import re

from feedmill.config.values import shown, text

__all__ = ["cron"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# Field, lowest, highest, and the names that stand for numbers. Sunday is both 0 and 7.
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    ("day of the week", 0, 7, {name: number for number, name in enumerate(_WEEKDAYS)}),
)
_ITEM = re.compile(r"(?:\*|([0-9]{1,4}|[a-z]{3})(?:-([0-9]{1,4}|[a-z]{3}))?)(?:/([0-9]{1,4}))?")
_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


def cron(value: object) -> str:
    """Return the five fields in small letters, with single spaces between them and months as numbers.

    Raises:
        ValueError: they are not five, one is out of its range, or they name a day that no month has.
    """
    written = text(value)
    fields = written.lower().split()
    if written.lower() in _MACROS:
        raise ValueError(f'must be written out: {shown(written)} is "{_MACROS[written.lower()]}"')
    if len(fields) != len(_FIELDS):
        raise ValueError(
            "must have five fields (minute, hour, day of the month, month, day of the week), "
            f'such as "0 6 * * mon-fri", not {shown(written)}'
        )
    sets = [_numbers(field, *rule) for field, rule in zip(fields, _FIELDS, strict=True)]
    days, months = sets[2], sets[3]
    if fields[4].startswith("*") and all(min(days) > _LONGEST_MONTH[month - 1] for month in months):
        raise ValueError(f"never comes: no such month has the day that {shown(written)} names")
    # Names of months are taken in every place where crontab(5) takes a number: not every scheduler does.
    fields[3] = re.sub(r"[a-z]+", lambda found: str(_MONTHS.index(found[0]) + 1), fields[3])
    return " ".join(fields)


def _numbers(field: str, called: str, low: int, high: int, names: dict[str, int]) -> set[int]:
    numbers: set[int] = set()
    for item in field.split(","):
        parts = _ITEM.fullmatch(item)
        if parts is None:
            raise ValueError(f"must be five crontab fields: {shown(item)} is not a {called}")
        first, last = (_number(part, called, low, high, names) for part in parts.groups()[:2])
        if first is None:
            first, last = low, high
        elif last is None:
            last = first
            if parts[3]:
                raise ValueError(f'must be five crontab fields: write {shown(item)} as "{first}-{high}/{parts[3]}"')
        if last < first and high == 7:  # over the end of the week, as in fri-mon
            last += 7
        step = int(parts[3] or 1)
        if first > last or not 1 <= step <= max(1, last - first):
            raise ValueError(f"must be five crontab fields: range or step of {shown(item)} does not fit the {called}")
        numbers.update(range(first, last + 1, step))
    return numbers


def _number(part: str | None, called: str, low: int, high: int, names: dict[str, int]) -> int | None:
    if part is None:
        return None
    number = names.get(part, int(part) if part.isdecimal() else -1)
    if not low <= number <= high:
        or_names = f" or {next(iter(names))} to {list(names)[-1]}" if names else ""
        raise ValueError(f"must be five crontab fields: the {called} {shown(part)} is not {low} to {high}{or_names}")
    return number
