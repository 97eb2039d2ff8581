"""robots.txt (RFC 9309): whether an address of a host may be asked for, and how far apart its requests shall be.

The rules of a host are remembered for a day, in memory, as long as the HTTP client that fetched them. This module must
not know what the addresses lead to.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from protego import Protego

from feedmill.collect.addresses import shown
from feedmill.collect.http import HttpClient
from feedmill.errors import AddressRefused, CollectError, StatusError
from feedmill.model import Validators

__all__ = ["LONGEST_PAUSE", "PRODUCT", "Robots", "robots_of"]

PRODUCT = "Feedmill"
"""What robots.txt calls this program: the product token of its User-Agent (RFC 9309 section 2.2.1)."""

LONGEST_PAUSE = 30.0
"""Seconds of a Crawl-delay that a look waits for; where a server wants more, a look makes one request."""

_FRESH = timedelta(hours=24)  # RFC 9309 section 2.4
_FAILED = timedelta(minutes=5)  # so that the sources of a run do not each ask a host that is down
_LARGEST = 512_000  # bytes; RFC 9309 section 2.5 asks for 500 KiB at least
_MOST_HOSTS = 500

_GROUP = re.compile(r"(?i)^\s*user[- ]?agent\s*[:\s]\s*([^#\r\n]*)")


@dataclass(slots=True)
class _Known:
    """What is known of one host. `refusal` is why it cannot be asked now."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    until: datetime | None = None
    rules: Protego | None = None
    validators: Validators = field(default_factory=Validators)
    refusal: CollectError | None = None


class Robots:
    """The robots.txt files of all hosts, each fetched when it is first needed; safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def permit(self, url: str, http: HttpClient, now: datetime) -> float:
        """Return the seconds that the host of `url` wants between two requests, 0 if it does not say.

        Raises:
            CollectError: robots.txt forbids the address, or could not be had, which forbids it for now (RFC 9309
                section 2.3.1.4).
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        known = self._of(origin)
        with known.lock:
            if known.until is None or now >= known.until:
                self._read(known, f"{origin}/robots.txt", http, now)
            rules, refusal = known.rules, known.refusal
        if refusal is not None:
            raise _again(refusal)
        if rules is None:
            return 0.0
        if not rules.can_fetch(url, PRODUCT):
            hint = f"Ask its operator to allow {PRODUCT}, or remove this source"
            raise CollectError("its robots.txt forbids this address", where=shown(url), hint=hint)
        return rules.crawl_delay(PRODUCT) or 0.0

    def _of(self, origin: str) -> _Known:
        with self._lock:
            known = self._known.setdefault(origin, _Known())
            self._known.move_to_end(origin)
            if len(self._known) > _MOST_HOSTS:
                self._known.popitem(last=False)
            return known

    def _read(self, known: _Known, address: str, http: HttpClient, now: datetime) -> None:
        known.refusal = None
        try:
            answer = http.get(address, now=now, validators=known.validators, accept="text/plain, */*;q=0.5")
        except AddressRefused:
            raise
        except CollectError as error:
            if _unavailable(error):
                known.rules, known.validators, known.until = None, Validators(), now + _FRESH
            elif known.rules is not None:
                known.until = now + _FAILED  # what it said last still holds (RFC 9309 section 2.4)
            else:
                known.refusal, known.until = error, now + max(_FAILED, error.wait or _FAILED)
            return
        if answer.status != 304:
            known.rules = Protego.parse(_ours(answer.body[:_LARGEST].decode("utf-8-sig", "replace")))
        known.validators, known.until = answer.validators, now + _FRESH


_of_client: WeakKeyDictionary[HttpClient, Robots] = WeakKeyDictionary()
_lock = threading.Lock()


def robots_of(http: HttpClient) -> Robots:
    """Return the rules that were learnt with this client."""
    with _lock:
        return _of_client.setdefault(http, Robots())


def _unavailable(error: CollectError) -> bool:
    """Whether there is no robots.txt, so that everything is allowed (RFC 9309 section 2.3.1.3).

    429 is a server that is asked too often, not one without rules.
    """
    return isinstance(error, StatusError) and 400 <= error.status < 500 and error.status != 429


def _ours(text: str) -> str:
    """Return the rules with all groups for others made one: their number would multiply that of the rules."""
    lines = []
    for line in text.splitlines():
        group = _GROUP.match(line)
        if group is not None:
            name = group[1].strip().partition("/")[0].rstrip("*").lower()
            whose = "*" if not name else PRODUCT if name == PRODUCT.lower() else "others"
            line = f"User-agent: {whose}"  # noqa: PLW2901
        lines.append(line)
    return "\n".join(lines)


def _again(error: CollectError) -> CollectError:
    hint = "Until it can be read, nothing there may be asked for; it is tried again later"
    return CollectError(f"its robots.txt cannot be had: {error.what}", where=error.where, hint=hint, wait=error.wait)
