"""Lines of access logs: the combined format of nginx and Apache, and Caddy's JSON.

A line may hold anything that a client sent. This module must not know which addresses are feeds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address

import msgspec

__all__ = ["LONGEST_LINE", "Access", "read_line"]

LONGEST_LINE = 32 * 1024
"""Bytes; no server lets through headers that would make a longer line of themselves."""

_QUOTED = r'"((?:[^"\\]++|\\.)*+)"'
_COMBINED = re.compile(
    rf"(\S++) ([^\[]*+)\[([^\]]++)\] {_QUOTED} (\d{{3}}) (\d{{1,15}}|-)(?: {_QUOTED} {_QUOTED})?", re.ASCII
)
_ZONED = re.compile(r"(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d)(?::\d\d)? ([+-]\d{4})$", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ACCESSES = "http.log.access"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A request that was answered, on `day` (UTC). `target` is as the client wrote it; `size` are the bytes of the
    body. `conditional` is None where the log does not tell."""

    day: date
    address: str
    method: str
    target: str
    status: int
    size: int
    user_agent: str
    conditional: bool | None


class _Request(msgspec.Struct):
    method: str
    uri: str
    remote_ip: str = ""
    client_ip: str = ""
    headers: dict[str, list[str]] = {}


class _Caddy(msgspec.Struct):
    ts: float | str = ""
    logger: str = _ACCESSES
    request: _Request | None = None
    status: int = 0
    size: int = 0


_JSON = msgspec.json.Decoder(_Caddy)


def read_line(line: bytes) -> Access | None:
    """Return the request that a line of a log tells of; None if it tells of something else.

    Raises:
        ValueError: it is in neither format.
    """
    if line.startswith(b"{"):
        return _of_caddy(line)
    return _of_combined(line.decode(errors="replace"))


def _of_combined(line: str) -> Access:
    found = _COMBINED.match(line)
    if found is None:
        raise ValueError("not in the combined format")
    first, others, moment, request, status, size, _, user_agent = found.groups()
    method, _, rest = request.partition(" ")
    return Access(
        day=_day(moment),
        address=_client(first, others),
        method=method,
        target=rest.partition(" ")[0],
        status=int(status),
        size=0 if size == "-" else int(size),
        user_agent="" if user_agent in {None, "-"} else user_agent,
        conditional=True if status == "304" else None,
    )


def _client(first: str, others: str) -> str:
    """The client's address: Apache's vhost_combined has the site's own name before it."""
    second = others.partition(" ")[0]
    return second if _is_address(second) and not _is_address(first) else first


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _day(moment: str) -> date:
    found = _ZONED.match(moment)
    if found is None:
        raise ValueError("no time that can be read")
    return _day_of_minute(found[1], found[2])


@lru_cache(maxsize=1024)
def _day_of_minute(minute: str, zone: str) -> date:
    day, month, year = minute[:11].split("/")
    local = datetime(int(year), _MONTHS.index(month) + 1, int(day), int(minute[12:14]), int(minute[15:17]), tzinfo=UTC)
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    try:
        return (local + offset if zone[0] == "-" else local - offset).date()
    except OverflowError as error:
        raise ValueError("no time that can be read") from error


def _of_caddy(line: bytes) -> Access | None:
    try:
        told = _JSON.decode(line)
    except (msgspec.DecodeError, RecursionError) as error:  # no JSON, or not what Caddy writes
        raise ValueError(str(error)) from error
    request = told.request
    if request is None or not told.logger.startswith(_ACCESSES):
        return None
    headers = {name.lower(): values for name, values in request.headers.items()}
    return Access(
        day=_caddy_day(told.ts),
        address=request.client_ip or request.remote_ip,
        method=request.method,
        target=request.uri,
        status=told.status,
        size=max(told.size, 0),
        user_agent=" ".join(headers.get("user-agent", ())),
        conditional=("if-none-match" in headers or "if-modified-since" in headers) if headers else None,
    )


def _caddy_day(moment: float | str) -> date:
    """Caddy writes seconds since 1970, or a date in one of several forms that begin with year, month and day."""
    if isinstance(moment, str):
        return date.fromisoformat(moment[:10].replace("/", "-"))
    try:
        return datetime.fromtimestamp(moment, UTC).date()
    except (OverflowError, OSError) as error:
        raise ValueError("no time that can be read") from error
