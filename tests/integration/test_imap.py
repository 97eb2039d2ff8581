"""IMAP folders: read from a real server, and from one that misbehaves."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feedmill.collect import imap
from feedmill.collect.http import HttpClient
from feedmill.errors import AddressRefused, CollectError, NetworkError, TooLarge
from feedmill.model import Fetched, FetchSettings, Source
from mailserver import PASSWORD, USER, Mailserver, mailserver

PEM = Path(__file__).with_name("localhost.pem")
ENVIRONMENT = {"SECRET": PASSWORD}


def client(**settings: Any) -> HttpClient:
    usual: dict[str, Any] = {
        "user_agent": "Feedmill/test",
        "allow_hosts": ("127.0.0.1", "localhost"),
        "host_delay": timedelta(0),
        "timeout": timedelta(seconds=20),
    }
    return HttpClient(FetchSettings(**(usual | settings)))


def letter(number: int, text: str = "Hello.") -> bytes:
    return f"From: News <news@example.org>\nSubject: Letter {number}\nMessage-ID: <{number}@x>\n\n{text}\n".encode()


def look(url: str, before: Fetched | None = None, *, max_file: int = 5 * 1024 * 1024, **settings: Any) -> Fetched:
    source = Source(name="s", kind="mail", url=url, password_env="SECRET", max_file=max_file)
    return imap.collect(source, before.stamps if before else {}, client(**settings), ENVIRONMENT)


def subjects(fetched: Fetched) -> list[str]:
    lines = [line for document in fetched.documents for line in document.body.decode().splitlines()]
    return [line.removeprefix("Subject: ") for line in lines if line.startswith("Subject: ")]


@pytest.fixture(scope="module")
def running() -> Iterator[Mailserver]:
    with mailserver(PEM) as server:
        yield server


@pytest.fixture
def server(running: Mailserver, request: pytest.FixtureRequest) -> tuple[Mailserver, str]:
    """The server, and the name of a folder of this test's own."""
    name = f"test{abs(hash(request.node.nodeid))}"
    running.create(name)
    return running, name


# --- a real server ------------------------------------------------------------------------------


@pytest.mark.needs("dovecot")
def test_new_messages_are_fetched_once(server: tuple[Mailserver, str]) -> None:
    dovecot, folder = server
    dovecot.deliver(letter(1), letter(2), folder=folder)
    first = look(dovecot.url(folder))
    assert sorted(subjects(first)) == ["Letter 1", "Letter 2"]
    assert first.present is None
    assert all(document.modified and document.modified.tzinfo is UTC for document in first.documents)
    again = look(dovecot.url(folder), first)
    assert again.unchanged
    assert again.documents == ()
    dovecot.deliver(letter(3), folder=folder)
    assert subjects(look(dovecot.url(folder), again)) == ["Letter 3"]


@pytest.mark.needs("dovecot")
def test_nothing_is_marked_as_seen(server: tuple[Mailserver, str]) -> None:
    dovecot, folder = server
    dovecot.deliver(letter(1), folder=folder)
    assert subjects(look(dovecot.url(folder))) == ["Letter 1"]
    assert "S" not in "".join(dovecot.flags(folder))


@pytest.mark.needs("dovecot")
def test_over_tls_with_a_certificate_that_is_trusted(
    server: tuple[Mailserver, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot, folder = server
    dovecot.deliver(letter(1), folder=folder)
    with pytest.raises(NetworkError, match=r"imaps://localhost:\d+/\w+: the server's certificate is not to be trusted"):
        look(dovecot.url(folder, tls=True))
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    assert subjects(look(dovecot.url(folder, tls=True))) == ["Letter 1"]


@pytest.mark.needs("dovecot")
def test_a_folder_that_was_made_anew_is_read_anew(server: tuple[Mailserver, str]) -> None:
    dovecot, folder = server
    dovecot.deliver(letter(1), folder=folder)
    first = look(dovecot.url(folder))
    other = Fetched(source="s", stamps={**first.stamps, "uidvalidity": "1"})
    assert subjects(look(dovecot.url(folder), other)) == ["Letter 1"]


@pytest.mark.needs("dovecot")
def test_an_empty_folder_and_names_in_other_letters(running: Mailserver) -> None:
    running.create("Kabar & Ünïcode/Surat")
    assert look(running.url("Kabar%20%26%20%C3%9Cn%C3%AFcode/Surat")).unchanged
    with pytest.raises(CollectError, match="there is no folder 'Nowhere' that can be read"):
        look(running.url("Nowhere"))


@pytest.mark.needs("dovecot")
def test_large_deleted_and_many_messages(server: tuple[Mailserver, str], monkeypatch: pytest.MonkeyPatch) -> None:
    dovecot, folder = server
    dovecot.deliver(letter(1), letter(2, "x" * 5000), folder=folder)
    dovecot.deliver(letter(3), folder=folder, flags="T")
    dovecot.deliver(letter(4), folder=folder, flags="D")
    dovecot.deliver(letter(5), folder=folder)
    fetched = look(dovecot.url(folder), max_file=2000)
    assert sorted(subjects(fetched)) == ["Letter 1", "Letter 5"]
    assert "more than max_file = 2000; skipped" in str(fetched.problems[0])
    assert look(dovecot.url(folder), fetched, max_file=2000).unchanged
    monkeypatch.setattr(imap, "MOST", 2)
    dovecot.deliver(letter(6), letter(7), letter(8), folder=folder)
    first = look(dovecot.url(folder), fetched)
    assert len(first.documents) == 2
    assert "1 more messages are waiting" in str(first.problems[0])
    second = look(dovecot.url(folder), first)
    assert sorted(subjects(first) + subjects(second)) == ["Letter 6", "Letter 7", "Letter 8"]
    assert len(look(dovecot.url(folder)).documents) == 2, "the first look takes the newest ones alone"


@pytest.mark.needs("dovecot")
def test_a_wrong_password_is_said_and_never_shown(
    server: tuple[Mailserver, str], caplog: pytest.LogCaptureFixture
) -> None:
    dovecot, folder = server
    caplog.set_level(logging.DEBUG)
    source = Source(name="s", kind="mail", url=dovecot.url(folder), password_env="SECRET")
    with pytest.raises(CollectError) as caught:
        imap.collect(source, {}, client(), {"SECRET": "hunter2"})
    assert str(caught.value).startswith(
        f"imap://127.0.0.1:{dovecot.plain}/{folder}: the server refuses the user {USER}"
    )
    assert "with the password in SECRET" in str(caught.value)
    assert "hunter2" not in str(caught.value) + caplog.text


@pytest.mark.needs("dovecot")
def test_the_network_guard_is_asked(server: tuple[Mailserver, str]) -> None:
    dovecot, folder = server
    with pytest.raises(AddressRefused, match="loopback"):
        look(dovecot.url(folder), allow_hosts=())


@pytest.mark.parametrize(("environment", "said"), [({}, "is not set"), ({"SECRET": "a\nb"}, "more than one line")])
def test_a_password_that_is_missing_or_odd(environment: dict[str, str], said: str) -> None:
    source = Source(name="s", kind="mail", url="imaps://me@mail.example/INBOX", password_env="SECRET")
    with pytest.raises(CollectError, match=f"imaps://mail.example:993/INBOX: the environment variable SECRET .*{said}"):
        imap.collect(source, {}, client(), environment)


# --- a server that misbehaves ---------------------------------------------------------------------

Script = Callable[[socket.socket, bytes, str], bool | None]
"""Answers a command: the connection, its tag, its words. True: it is answered."""

GREETING = b"* OK hello\r\n"


@pytest.fixture
def scripted() -> Iterator[Callable[[Script], str]]:
    """Start a server on loopback that says what a test tells it; all else it answers as a well-meaning one."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(script: Script, greeting: bytes = GREETING) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        thread = threading.Thread(target=_serve, args=(listener, script, greeting), daemon=True)
        threads.append(thread)
        thread.start()
        return f"imap://me@127.0.0.1:{listener.getsockname()[1]}/INBOX"

    yield start
    for listener in listeners:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(timeout=10)


USUAL = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
    "EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 6] x\r\n",
    "FETCH": b"* 1 FETCH (UID 5 FLAGS () RFC822.SIZE 5)\r\n",
}


def _serve(listener: socket.socket, script: Script, greeting: bytes) -> None:
    with suppress(OSError):
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(greeting)
            for line in lines:
                tag, _, words = line.partition(b" ")
                said = words.decode().strip().upper()
                if script(connection, tag, said):
                    continue
                if said.startswith("AUTHENTICATE"):
                    connection.sendall(b"+ \r\n")
                    lines.readline()
                usual = next((answer for word, answer in USUAL.items() if said.startswith(word)), b"")
                connection.sendall(usual + tag + b" OK done\r\n")


def answering(word: str, answer: bytes, *, done: bool = True) -> Script:
    def script(connection: socket.socket, tag: bytes, said: str) -> bool | None:
        if word not in said:
            return None
        connection.sendall(answer + (tag + b" OK done\r\n" if done else b""))
        return True

    return script


def test_a_body_that_comes_before_its_number(scripted: Callable[[Script], str]) -> None:
    url = scripted(answering("BODY.PEEK", b"* 1 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (BODY[] {5}\r\nhello UID 5)\r\n"))
    (document,) = look(url).documents
    assert (document.name, document.body) == ("7/5", b"hello")


@pytest.mark.parametrize(
    "answer", [b"", b"* 1 FETCH (UID 5 BODY[] NIL)\r\n", b"* 1 FETCH (UID 9 BODY[] {2}\r\nhi)\r\n"]
)
def test_a_message_that_is_not_given(scripted: Callable[[Script], str], answer: bytes) -> None:
    fetched = look(scripted(answering("BODY.PEEK", answer)))
    assert fetched.documents == ()
    assert [str(problem) for problem in fetched.problems] == ["s: message 5: the server did not give it; skipped"]
    assert fetched.stamps == {"uidvalidity": "7", "uidnext": "6"}


@pytest.mark.parametrize(
    ("script", "kind", "said"),
    [
        (answering("BODY.PEEK", b"* 1 FETCH (UID 5 BODY[] {99999999999}\r\n", done=False), TooLarge, "more than was"),
        (
            answering("FETCH", b"* 1 FETCH (UID 5 BODY[] {" + b"9" * 5000 + b"}\r\n", done=False),
            NetworkError,
            "cannot be read",
        ),
        (answering("FETCH", b"x" * 2_000_000), NetworkError, "refuses what it"),
        (answering("FETCH", b"* NOTHING\r\n" * 400_000), TooLarge, "the server sends more than was asked for"),
        (answering("EXAMINE", b"* 1 EXISTS\r\n"), CollectError, "keeps no lasting numbers"),
        (answering("CAPABILITY", b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n"), CollectError, "nobody in by password"),
        (answering("FETCH", b"* BYE enough\r\n"), NetworkError, "broke off the conversation"),
        (answering("FETCH", b"\x00\xff\r\n"), NetworkError, "broke off the conversation"),
    ],
)
def test_answers_that_no_server_should_give(
    scripted: Callable[[Script], str], script: Script, kind: type[CollectError], said: str
) -> None:
    with pytest.raises(kind, match=said) as caught:
        look(scripted(script))
    assert caught.value.where.startswith("imap://127.0.0.1:")


def test_a_server_that_drips(scripted: Callable[[Script], str]) -> None:
    def drip(connection: socket.socket, tag: bytes, said: str) -> bool | None:
        pause = threading.Event()
        while "FETCH" in said:
            connection.sendall(b"* 1 X\r\n")
            pause.wait(0.01)
        return None

    with pytest.raises(NetworkError, match=r"not finished within 0\.3 s"):
        look(scripted(drip), timeout=timedelta(seconds=0.3))


def test_what_came_before_a_break_is_kept(scripted: Callable[[Script], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "_BATCH", 1)

    def script(connection: socket.socket, tag: bytes, said: str) -> bool | None:
        if "RFC822.SIZE" in said:
            connection.sendall(
                b"* 1 FETCH (UID 4 RFC822.SIZE 2)\r\n* 2 FETCH (UID 5 RFC822.SIZE 2)\r\n" + tag + b" OK done\r\n"
            )
        elif "FETCH 4" in said:
            connection.sendall(b"* 1 FETCH (UID 4 BODY[] {2}\r\nhi)\r\n" + tag + b" OK done\r\n")
        elif "FETCH 5" in said:
            connection.shutdown(socket.SHUT_RDWR)
        else:
            return None
        return True

    fetched = look(scripted(script))
    assert [document.name for document in fetched.documents] == ["7/4"]
    assert fetched.stamps == {"uidvalidity": "7", "uidnext": "5"}
    assert "1 more messages are waiting" in str(fetched.problems[0])


def test_login_where_the_server_has_nothing_else(scripted: Callable[[Script], str]) -> None:
    heard: list[str] = []

    def script(connection: socket.socket, tag: bytes, said: str) -> bool | None:
        heard.append(said)
        return answering("CAPABILITY", b"* CAPABILITY IMAP4rev1\r\n")(connection, tag, said)

    url = scripted(script)
    source = Source(name="s", kind="mail", url=url, password_env="SECRET")
    imap.collect(source, {}, client(), {"SECRET": 'a"b\\c\n'})
    assert 'LOGIN ME "A\\"B\\\\C"' in heard
    with pytest.raises(CollectError, match="cannot be told this user name or password"):
        imap.collect(Source(name="s", kind="mail", url=scripted(script), password_env="S"), {}, client(), {"S": "ä"})


def test_what_is_no_imap_server(upstream: Any) -> None:
    with pytest.raises(NetworkError):
        look(f"imap://me@127.0.0.1:{upstream.port}/INBOX", timeout=timedelta(seconds=0.5))


def test_the_date_of_delivery(scripted: Callable[[Script], str]) -> None:
    listed = b'* 1 FETCH (UID 5 INTERNALDATE " 2-Nov-2026 14:00:00 +0700" RFC822.SIZE 5)\r\n'

    def script(connection: socket.socket, tag: bytes, said: str) -> bool | None:
        if "RFC822.SIZE" in said:
            return answering("FETCH", listed)(connection, tag, said)
        return answering("BODY", b"* 1 FETCH (UID 5 BODY[] {5}\r\nhello)\r\n")(connection, tag, said)

    (document,) = look(scripted(script)).documents
    assert document.modified == datetime(2026, 11, 2, 7, tzinfo=UTC)
