"""What tells the world that a feed has changed: WebSub hubs, which pass it on to subscribers at once.

The W3C recommendation leaves open how a hub is told; all hubs take the notification of PubSubHubbub 0.4, section 7.1.
This module must not know when a hub is told, or what became of the feed.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from typing import NamedTuple

import requests

from feedmill.errors import NotifyError

__all__ = ["tell_hub"]

_CONNECT_SECONDS = 5
_READ_SECONDS = 10
_SECONDS = 20.0
"""What telling one hub may take in all: a read timeout begins anew with every byte that a hub lets drip."""


class _Answer(NamedTuple):
    status: int
    reason: str


def tell_hub(hub: str, topics: Sequence[str], user_agent: str) -> None:
    """Tell `hub` that the documents at the addresses `topics` have changed.

    Raises:
        NotifyError: it could not be reached, did not accept that, or took too long for it.
    """
    told: queue.SimpleQueue[_Answer | requests.RequestException | ValueError] = queue.SimpleQueue()

    def tell() -> None:
        try:
            told.put(_told(hub, topics, user_agent))
        except (requests.RequestException, ValueError) as error:
            told.put(error)

    # What waits for an answer cannot be interrupted; the thread that does is left behind when time is up.
    threading.Thread(target=tell, name=f"telling {hub}", daemon=True).start()
    try:
        answer = told.get(timeout=_SECONDS)
    except queue.Empty:
        raise NotifyError(
            f"the hub did not answer within {_SECONDS:g} s", where=hub, hint="It is told again later"
        ) from None
    if isinstance(answer, Exception):
        raise NotifyError(
            f"the hub cannot be reached: {type(answer).__name__}", where=hub, hint="It is told again later"
        ) from answer
    status, reason = answer
    if not 200 <= status < 300:
        raise NotifyError(
            f"the hub answered {status} {reason}".rstrip(),
            where=hub,
            hint="It is told again later; see that hubs under [publish] names its publishing address",
        )


def _told(hub: str, topics: Sequence[str], user_agent: str) -> _Answer:
    form = [("hub.mode", "publish"), *(("hub.url", topic) for topic in topics)]
    headers = {"User-Agent": user_agent}
    timeout = (_CONNECT_SECONDS, _READ_SECONDS)
    # A redirected POST would arrive as a GET; what a hub says beyond its status is for people, and not read.
    with requests.post(hub, data=form, headers=headers, timeout=timeout, allow_redirects=False, stream=True) as answer:
        return _Answer(answer.status_code, answer.reason or "")
