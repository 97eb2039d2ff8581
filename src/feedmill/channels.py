"""The ways out to an operator: mail, and a web address that notices are posted to.

Each of them is given a total time, whatever the other side does. The network guard does not apply: the operator named
these addresses. This module must not know when anybody is told, or what of.
"""

from __future__ import annotations

import json
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from ipaddress import ip_address
from threading import Thread
from time import monotonic
from urllib.parse import urlsplit

import requests

from feedmill.config.secrets import password
from feedmill.errors import NotifyError
from feedmill.model import MailSettings

__all__ = ["post", "send_mail"]

_LATER = "It is tried again later"
_STEP_SECONDS = 10.0
_TOTAL_SECONDS = 30.0


def send_mail(
    mail: MailSettings,
    subject: str,
    text: str,
    now: datetime,
    environ: Mapping[str, str],
    *,
    seconds: float = _TOTAL_SECONDS,
) -> None:
    """Send a mail to everybody in `mail`. The password is in `environ`.

    By `smtps://` everything is encrypted; by `smtp://` what the server offers to encrypt is (STARTTLS, RFC 3207). A
    password goes out only encrypted, to a server whose certificate is good for its name, or to this machine.

    Raises:
        NotifyError: it could not be sent.
    """
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer by a machine
    message.set_content(text)
    _within(seconds, lambda: _send(mail, message, environ), mail.server)


def post(url: str, notices: Sequence[Mapping[str, object]], user_agent: str, *, seconds: float = _TOTAL_SECONDS) -> int:
    """Post each of `notices` to `url` as JSON, as many as there is time for; return how many were taken.

    Raises:
        NotifyError: the first was not taken.
    """
    ends = monotonic() + seconds
    # An address may hold a secret: only its host is told.
    where = "{0.scheme}://{0.hostname}".format(urlsplit(url))
    for number, notice in enumerate(notices):
        try:
            _within(ends - monotonic(), lambda notice=notice: _post(url, notice, user_agent, where), where)  # type: ignore[misc]
        except NotifyError:
            if number:
                return number
            raise
    return len(notices)


def _post(url: str, notice: Mapping[str, object], user_agent: str, where: str) -> None:
    headers = {"User-Agent": user_agent, "Content-Type": "application/json"}
    try:
        body = json.dumps(notice).encode()
        with requests.post(
            url, data=body, headers=headers, timeout=_STEP_SECONDS, allow_redirects=False, stream=True
        ) as answer:
            status, reason = answer.status_code, answer.reason or ""
    except (requests.RequestException, ValueError) as error:
        raise NotifyError(f"cannot be reached: {_why(error)}", where=where, hint=_LATER) from None
    if not 200 <= status < 300:
        raise NotifyError(f"it answered {status} {reason}".rstrip(), where=where, hint=_LATER)


def _why(error: Exception) -> str:
    """Say what is wrong without the words of the error: they have the whole address."""
    for kind, words in (
        (requests.exceptions.SSLError, "its certificate is not good, or it does not speak TLS"),
        (requests.Timeout, f"no answer within {_STEP_SECONDS:.0f} seconds"),
        (requests.ConnectionError, "no connection, or it broke off"),
    ):
        if isinstance(error, kind):
            return words
    return type(error).__name__


def _send(mail: MailSettings, message: EmailMessage, environ: Mapping[str, str]) -> None:
    with _mail_errors(mail.server), _connected(mail) as server:
        if mail.username is not None and mail.password_env is not None:
            server.login(mail.username, password(mail.password_env, environ))
        server.send_message(message)


@contextmanager
def _connected(mail: MailSettings) -> Iterator[smtplib.SMTP]:
    parts = urlsplit(mail.server)
    host, port = parts.hostname or "", parts.port or 0
    if parts.scheme == "smtps":
        with smtplib.SMTP_SSL(host, port, timeout=_STEP_SECONDS, context=ssl.create_default_context()) as server:
            yield server
        return
    with smtplib.SMTP(host, port, timeout=_STEP_SECONDS) as server:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=_context(secret=mail.username is not None))
        elif mail.username is not None and not _is_here(host):
            raise NotifyError(
                "the server does not offer to encrypt, so that the password would be read on the way",
                where=mail.server,
                hint="Use smtps://, or another server",
            )
        yield server


def _context(*, secret: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not secret:
        # Encrypted for anybody is better than not at all: so mail servers do among themselves (RFC 7435).
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _mail_errors(server: str) -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        raise NotifyError(f"it answered {error.smtp_code} {said}", where=server, hint=_LATER) from error
    except smtplib.SMTPRecipientsRefused as error:
        raise NotifyError(f"it refuses {', '.join(error.recipients)}", where=server, hint=_LATER) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise NotifyError(f"the mail cannot be sent ({why})", where=server, hint=_LATER) from error


def _within(seconds: float, call: Callable[[], None], where: str) -> None:
    """Call, and wait no longer than so many seconds: who sends a byte now and then would hold up any other limit.

    Raises:
        NotifyError: `call` raised it, or took longer.
    """
    failure: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001  # it is raised where somebody waits
            failure.append(error)

    thread = Thread(target=run, name="feedmill-channel", daemon=True)
    thread.start()
    thread.join(max(seconds, 0))
    if thread.is_alive():
        raise NotifyError(f"no end within {_TOTAL_SECONDS:.0f} seconds", where=where, hint=_LATER)
    if failure:
        raise failure[0]
