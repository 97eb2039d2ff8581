"""Mail to a real SMTP server, and a webhook to a real HTTP server, both on loopback."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from factories import NOW
from feedmill import channels
from feedmill.channels import post, send_mail
from feedmill.errors import NotifyError
from feedmill.model import MailSettings

PEM = Path(__file__).with_name("localhost.pem")
SECRET = {"PASSWORD": "correct horse"}


class Mailbox:
    """What a mail server took, and what it says."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.recipients: list[list[str]] = []
        self.encrypted: list[bool] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd calls it so
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content))
        self.recipients.append(envelope.rcpt_tos)
        self.encrypted.append(session.ssl is not None)
        return self.answer


def _certificate() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(PEM)
    return context


def _login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and data.password == SECRET["PASSWORD"].encode()
    return AuthResult(success=good, handled=False)


@contextmanager
def mail_server(box: Mailbox, **options: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port, **options)
    server.start()
    try:
        yield port
    finally:
        server.stop()


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


def settings(port: int, scheme: str = "smtp", host: str = "localhost", **more: Any) -> MailSettings:
    server = f"{scheme}://{host}:{port}"
    return MailSettings(to=("ops@example.org", "desk@example.org"), sender="feeds@example.org", server=server, **more)


def send(mail: MailSettings, subject: str = "[Site] 1 problem", text: str = "source s: wörds\n") -> None:
    send_mail(mail, subject, text, NOW, SECRET)


def test_a_mail_arrives_whole(box: Mailbox) -> None:
    with mail_server(box) as port:
        send(settings(port), subject="[Site]\r\nBcc: evil@example.org")
    (message,) = box.messages
    assert message["Subject"] == "[Site] Bcc: evil@example.org"
    assert box.recipients == [["ops@example.org", "desk@example.org"]]
    assert (message["From"], message["Auto-Submitted"]) == ("feeds@example.org", "auto-generated")
    body = message.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert body.decode().strip() == "source s: wörds"
    assert box.encrypted == [False]


def test_a_password_goes_out_encrypted(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    options = {"tls_context": _certificate(), "authenticator": _login, "auth_required": True}
    with mail_server(box, **options) as port:
        send(settings(port, username="feeds", password_env="PASSWORD"))
    assert box.encrypted == [True]


def test_implicit_tls(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    with mail_server(box, ssl_context=_certificate()) as port:
        send(settings(port, "smtps"))
    assert len(box.messages) == 1


def test_a_wrong_password_is_told_without_the_password(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    options = {"tls_context": _certificate(), "authenticator": _login, "auth_required": True}
    with mail_server(box, **options) as port:
        mail = settings(port, username="feeds", password_env="PASSWORD")
        with pytest.raises(NotifyError, match="it answered 535") as raised:
            send_mail(mail, "s", "t", NOW, {"PASSWORD": "hunter2"})
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_no_password_for_a_server_whose_certificate_is_not_good(box: Mailbox, scheme: str) -> None:
    context = {"ssl_context": _certificate()} if scheme == "smtps" else {"tls_context": _certificate()}
    with mail_server(box, **context) as port, pytest.raises(NotifyError, match=r"(?i)certificate"):
        send(settings(port, scheme, username="feeds", password_env="PASSWORD"))
    assert box.messages == []


def test_without_a_password_any_encryption_is_better_than_none(box: Mailbox) -> None:
    with mail_server(box, tls_context=_certificate()) as port:
        send(settings(port))
    assert box.encrypted == [True]


def test_a_server_that_refuses(box: Mailbox) -> None:
    box.answer = "550 no such thing"
    with mail_server(box) as port, pytest.raises(NotifyError, match="it answered 550 no such thing"):
        send(settings(port))


def test_a_server_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotifyError, match=r"the mail cannot be sent \(Connection refused\)"):
        send(settings(port))
    with pytest.raises(NotifyError) as raised:
        post(f"http://somebody:secret@127.0.0.1:{port}/secret-path", [{"number": 1}], "Feedmill/1")
    assert str(raised.value) == (
        "http://127.0.0.1: cannot be reached: no connection, or it broke off. It is tried again later"
    )


@contextmanager
def silent() -> Iterator[int]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_server_that_says_nothing_has_a_total_time() -> None:
    with silent() as port, pytest.raises(NotifyError, match="no end within"):
        send_mail(settings(port), "s", "t", NOW, {}, seconds=0.2)
    with silent() as port, pytest.raises(NotifyError, match="no end within"):
        post(f"http://127.0.0.1:{port}/", [{}], "Feedmill", seconds=0.2)


@dataclass
class Hook:
    """A webhook: what was posted, and the statuses that it answers, the last for ever."""

    url: str = ""
    statuses: list[int] = field(default_factory=lambda: [204])
    bodies: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def hook(*statuses: int) -> Iterator[Hook]:
    known = Hook()
    known.statuses = list(statuses) or known.statuses

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/json"
            known.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response_only(known.statuses.pop(0) if len(known.statuses) > 1 else known.statuses[0])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        known.url = f"http://127.0.0.1:{server.server_address[1]}/secret-path"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield known
        finally:
            server.shutdown()
            thread.join()


def test_each_notice_is_posted() -> None:
    with hook() as known:
        assert post(known.url, [{"number": 1}, {"number": 2, "message": "wörds"}], "Feedmill/1") == 2
    assert known.bodies == [{"number": 1}, {"number": 2, "message": "wörds"}]


def test_what_was_taken_before_a_failure_is_not_posted_again() -> None:
    with hook(200, 500) as known:
        assert post(known.url, [{"number": 1}, {"number": 2}], "Feedmill/1") == 1


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_refuses_is_told_without_its_secret(status: int) -> None:
    with hook(status) as known, pytest.raises(NotifyError, match=f"it answered {status}") as raised:
        post(known.url, [{"number": 1}], "Feedmill/1")
    assert "secret-path" not in str(raised.value)


def test_a_password_stays_on_this_machine_where_nothing_is_encrypted(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(box, authenticator=_login, auth_require_tls=False) as port:
        mail = settings(port, username="feeds", password_env="PASSWORD")
        send(mail)
        monkeypatch.setattr(channels, "_is_here", lambda _: False)
        with pytest.raises(NotifyError, match="does not offer to encrypt"):
            send(mail)
    assert len(box.messages) == 1
