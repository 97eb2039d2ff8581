"""What tells the world that a feed has changed: WebSub hubs, which pass it on to subscribers at once.

The W3C recommendation leaves open how a hub is told; all hubs take the notification of PubSubHubbub 0.4, section 7.1.
This module must not know when a hub is told, or what became of the feed.
"""

from __future__ import annotations

from collections.abc import Sequence

import requests

from feedmill.errors import NotifyError

__all__ = ["tell_hub"]

_CONNECT_SECONDS = 5
_READ_SECONDS = 10


def tell_hub(hub: str, topics: Sequence[str], user_agent: str) -> None:
    """Tell `hub` that the documents at the addresses `topics` have changed.

    Raises:
        NotifyError: it could not be reached, or did not accept that.
    """
    form = [("hub.mode", "publish"), *(("hub.url", topic) for topic in topics)]
    headers = {"User-Agent": user_agent}
    timeout = (_CONNECT_SECONDS, _READ_SECONDS)
    try:
        # A redirected POST would arrive as a GET; what a hub says beyond its status is for people, and not read.
        with requests.post(
            hub, data=form, headers=headers, timeout=timeout, allow_redirects=False, stream=True
        ) as answer:
            status, reason = answer.status_code, answer.reason or ""
    except (requests.RequestException, ValueError) as error:
        raise NotifyError(
            f"the hub cannot be reached: {type(error).__name__}", where=hub, hint="It is told again later"
        ) from error
    if not 200 <= status < 300:
        raise NotifyError(
            f"the hub answered {status} {reason}".rstrip(),
            where=hub,
            hint="It is told again later; see that hubs under [publish] names its publishing address",
        )
