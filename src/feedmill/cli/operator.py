"""Whom the operator of a site is reached by: the channels of `[alerts]`, put together.

What each of them needs is loaded when it is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from feedmill import alerts, times
from feedmill.config import Config
from feedmill.model import MailSettings, Notice
from feedmill.pipeline import Channel
from feedmill.times import iso

__all__ = ["channels"]


def channels(config: Config, environ: Mapping[str, str]) -> dict[str, Channel]:
    """Return how the site's operator is told of problems, by name; `environ` holds the password."""
    made: dict[str, Channel] = {}
    if config.alerts is not None and config.alerts.email is not None:
        made["email"] = partial(_mail, config, config.alerts.email, environ)
    if config.alerts is not None and config.alerts.webhook is not None:
        made["webhook"] = partial(_post, config, config.alerts.webhook)
    return made


def _mail(config: Config, mail: MailSettings, environ: Mapping[str, str], notices: Sequence[Notice]) -> int:
    from feedmill.channels import send_mail

    told = "\n\n".join(f"{iso(notice.at)}  {alerts.line(notice)}" for notice in notices)
    text = f"{told}\n\n`feedmill status` shows how all is doing now.\n\n-- \nFeedmill, for {config.site.url}\n"
    send_mail(mail, f"[{config.site.title}] {alerts.headline(notices)}", text, times.now(), environ)
    return len(notices)


def _post(config: Config, url: str, notices: Sequence[Notice]) -> int:
    from feedmill.channels import post

    return post(url, [_posted(config, notice) for notice in notices], config.fetch.user_agent)


def _posted(config: Config, notice: Notice) -> dict[str, object]:
    """A notice as it is posted. Chat programs show what is under `text`."""
    return {
        "site": config.site.url,
        "number": notice.number,
        "at": iso(notice.at),
        "subject": notice.subject,
        "kind": notice.kind.value,
        "over": notice.over,
        "message": notice.message,
        "text": f"{config.site.title}: {alerts.line(notice)}",
    }
