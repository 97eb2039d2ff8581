"""An IMAP folder -> Fetched: the messages that came since the last look.

The folder is opened with EXAMINE and messages are fetched with BODY.PEEK, so that nothing is changed or marked as
seen (RFC 9051 sections 6.3.3 and 6.4.5). Which messages are new is told by UIDVALIDITY and UIDs (section 2.3.1.1).
The password comes from the environment, and goes to the server alone. This module must not know what a message says.
"""

from __future__ import annotations

import base64
import imaplib
import os
import re
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from feedmill.collect.http import HttpClient
from feedmill.collect.mail import LOOK_BYTES, MEDIA_TYPE, left_for_later, too_large
from feedmill.errors import CollectError, NetworkError, TooLarge
from feedmill.model import Document, Fetched, Problem, Source
from feedmill.times import utc

__all__ = ["collect"]

MOST = 200
"""Messages that one look fetches. The first look takes the newest ones, and leaves those before them alone."""

_BATCH = 20  # messages asked for at once
_BATCH_BYTES = 4 * 1024 * 1024
_LINE_COST = 200  # bytes that a line costs besides its own, so that many short ones cannot fill the memory
_HEADROOM = 16 * 1024 * 1024  # bytes for all that is not a message
_VALIDITY, _NEXT = "uidvalidity", "uidnext"  # names of the two stamps
_LIST = "(UID FLAGS INTERNALDATE RFC822.SIZE)"
_ATOM = re.compile(r"[A-Za-z0-9!#$&'+,./:;<=>?@^_`|~-]+")  # what needs no quotes: RFC 9051 section 9, ATOM-CHAR
_GONE = re.compile(rb"\\(?:deleted|draft)\b", re.IGNORECASE)
_UID, _SIZE = re.compile(rb"\bUID (\d{1,10})\b"), re.compile(rb"\bRFC822\.SIZE (\d{1,15})\b")
_FLAGS, _DATE = re.compile(rb"\bFLAGS \(([^)]*)\)"), re.compile(rb'\bINTERNALDATE "([^"]{1,40})"')


@dataclass(frozen=True, slots=True)
class _Address:
    host: str
    port: int
    tls: bool
    user: str
    folder: str

    @classmethod
    def of(cls, source: Source) -> _Address:
        """Take the address apart: RFC 5092, section 3."""
        parts = urlsplit(source.url or "")
        tls = parts.scheme == "imaps"
        return cls(
            host=parts.hostname or "",
            port=parts.port or (993 if tls else 143),
            tls=tls,
            user=unquote(parts.netloc.rpartition("@")[0]),
            folder=unquote(parts.path.strip("/")) or "INBOX",
        )

    def __str__(self) -> str:
        return f"{'imaps' if self.tls else 'imap'}://{self.host}:{self.port}/{self.folder}"


@dataclass(frozen=True, slots=True)
class _Listed:
    uid: int
    size: int
    gone: bool
    came: datetime | None


def collect(
    source: Source, stamps: Mapping[str, str], http: HttpClient, environ: Mapping[str, str] = os.environ
) -> Fetched:
    """Fetch the messages of the IMAP folder at the `url` of `source` that came since `stamps` were made.

    Raises:
        CollectError: the server could not be reached or asked, or it refuses the password.
    """
    address = _Address.of(source)
    try:
        secret = _secret(source, environ)
        with http.dialled(address.host, address.port, tls=address.tls) as sock:
            session = _Session(sock)
            try:
                return _asked(source, stamps, address, secret, session)
            finally:
                session.file.close()  # while it is open, so is the connection
    except imaplib.IMAP4.error as error:
        # A server's words might hold what was sent to it, so that they are not repeated.
        broken = isinstance(error, imaplib.IMAP4.abort)
        what = "the server broke off the conversation" if broken else "the server refuses what it was asked"
        raise NetworkError(what, where=str(address), hint="It may not be an IMAP server") from None
    except CollectError as error:
        error.where = error.where or str(address)
        raise


def _secret(source: Source, environ: Mapping[str, str]) -> str:
    name = source.password_env or ""
    secret = environ.get(name, "").rstrip("\r\n")
    if not secret:
        hint = f"Put the password of source {source.name!r} into it, where Feedmill is started"
        raise CollectError(f"the environment variable {name} is not set", hint=hint)
    if any(character in secret for character in "\0\r\n"):
        raise CollectError(f"the environment variable {name} holds more than one line")
    return secret


def _asked(source: Source, stamps: Mapping[str, str], address: _Address, secret: str, session: _Session) -> Fetched:
    _log_in(session, source, address, secret)
    count = _examine(session, address)
    validity = _number(session, "UIDVALIDITY")
    if validity is None:
        raise CollectError("the server keeps no lasting numbers for messages (UIDVALIDITY)")
    same = stamps.get(_VALIDITY) == str(validity)
    after = int(stamps.get(_NEXT, "1")) if same else 1
    following = _number(session, "UIDNEXT")
    if count == 0 or (same and following is not None and following <= after):
        kept = {_VALIDITY: str(validity), _NEXT: str(max(after, following or 1))}
        return Fetched(source=source.name, unchanged=True, stamps=kept)
    listed = _listed(session, after=after, first=None if same else max(1, count - MOST + 1))
    look = _Look(source, after)
    documents = tuple(look.documents(session, listed, validity))
    session.leave()
    # A message may have come between the two answers.
    upto = look.following if look.left else max(look.following, following or 1)
    return Fetched(
        source=source.name,
        documents=documents,
        unchanged=not documents and not look.problems,
        stamps={_VALIDITY: str(validity), _NEXT: str(upto)},
        problems=tuple(look.problems),
    )


class _Session(imaplib.IMAP4):
    """An IMAP session over a connection that stands already; it refuses to read without end."""

    def __init__(self, sock: socket.socket) -> None:
        self._dialled = sock
        self._room = LOOK_BYTES + _HEADROOM
        super().__init__()

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return self._dialled

    def read(self, size: int) -> bytes:
        """Read a literal."""
        self._spend(size)
        return super().read(size)

    def readline(self) -> bytes:
        """Read a line."""
        line = super().readline()
        self._spend(len(line) + _LINE_COST)
        return line

    def leave(self) -> None:
        """Say goodbye; what the server says to that is nobody's business."""
        try:
            self.logout()
        except (imaplib.IMAP4.error, OSError, CollectError, ValueError):
            return

    def _spend(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise TooLarge("the server sends more than was asked for")


def _log_in(session: _Session, source: Source, address: _Address, secret: str) -> None:
    """Log in with SASL PLAIN (RFC 4616); with LOGIN where the server has only that, and its rules for words hold."""
    try:
        if "AUTH=PLAIN" in session.capabilities:
            session.authenticate("PLAIN", lambda _: f"\0{address.user}\0{secret}".encode())
        elif "LOGINDISABLED" in session.capabilities:
            raise CollectError("the server lets nobody in by password", hint="It may want imaps:// in `url`")
        elif not (secret.isascii() and _ATOM.fullmatch(address.user)):
            raise CollectError("the server cannot be told this user name or password", hint="Use plain ASCII for both")
        else:
            session.login(address.user, secret)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise CollectError(
            f"the server refuses the user {address.user} with the password in {source.password_env}",
            hint="Check both; some services want a password made for one program alone",
        ) from None


def _examine(session: _Session, address: _Address) -> int:
    """Open the folder for reading only. Returns how many messages are in it."""
    status, data = session.select(_mailbox(address.folder), readonly=True)
    if status != "OK":
        raise CollectError(f"there is no folder {address.folder!r} that can be read", hint="Correct the path of `url`")
    count = data[0] if data else None
    return int(count) if isinstance(count, bytes) and count.isdigit() and len(count) < 12 else 0


def _number(session: _Session, name: str) -> int | None:
    _, data = session.response(name)
    value = data[-1] if data else None
    return int(value) if isinstance(value, bytes) and value.isdigit() and len(value) < 12 else None


def _listed(session: _Session, *, after: int, first: int | None) -> list[_Listed]:
    """Return what is said of the messages from the number `first` on, or from the UID `after` on."""
    if first is None:
        status, data = session.uid("FETCH", f"{after}:*", _LIST)
    else:
        status, data = session.fetch(f"{first}:*", _LIST)
    if status != "OK":
        raise NetworkError("the server does not list its messages")
    found = {}
    for line in _lines(data):
        uid, size = _UID.search(line), _SIZE.search(line)
        # "5:*" names the last message even if its number is lower (RFC 9051 section 9, seq-range).
        if uid and size and int(uid[1]) >= after:
            flags, came = _FLAGS.search(line), _DATE.search(line)
            gone = bool(flags and _GONE.search(flags[1]))
            found[int(uid[1])] = _Listed(int(uid[1]), int(size[1]), gone, _moment(came[1]) if came else None)
    return [found[uid] for uid in sorted(found)]


def _lines(data: Iterable[object]) -> Iterator[bytes]:
    for item in data:
        line = item[0] if isinstance(item, tuple) else item
        if isinstance(line, bytes):
            yield line


def _moment(written: bytes) -> datetime | None:
    try:
        return utc(parsedate_to_datetime(written.decode("ascii", "replace").strip()))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


@dataclass(slots=True)
class _Look:
    """Fetches messages, oldest first. `following` is the UID from which on the next look asks, `left` counts those
    that it had no room for."""

    source: Source
    following: int
    left: int = 0
    problems: list[Problem] = field(default_factory=list)

    def documents(self, session: _Session, listed: Sequence[_Listed], validity: int) -> Iterator[Document]:
        room, got = LOOK_BYTES, 0
        for batch in _batches(listed[:MOST], self.source.max_file):
            wanted = [message for message in batch if self._is_wanted(message)]
            size = sum(message.size for message in wanted)
            if got and size > room:
                break
            try:
                bodies = _bodies(session, wanted) if wanted else {}
            except (OSError, imaplib.IMAP4.abort):
                if not got:
                    raise
                break  # what came so far is kept, so that a slow server is read to its end some day
            for message in batch:
                yield from self._document(message, bodies, validity)
            room, got = room - size, got + len(batch)
            self.following = batch[-1].uid + 1
        self.left = len(listed) - got
        if self.left:
            self.problems.append(left_for_later(self.left, self.source.name))

    def _is_wanted(self, message: _Listed) -> bool:
        return not message.gone and message.size <= self.source.max_file

    def _document(self, message: _Listed, bodies: Mapping[int, bytes], validity: int) -> Iterator[Document]:
        where = f"{self.source.name}: message {message.uid}"
        if message.uid in bodies:
            name = f"{validity}/{message.uid}"
            yield Document(name=name, body=bodies[message.uid], media_type=MEDIA_TYPE, modified=message.came)
        elif self._is_wanted(message):
            self.problems.append(Problem(where=where, message="the server did not give it; skipped"))
        elif not message.gone:
            self.problems.append(too_large(self.source, where, message.size))


def _batches(listed: Sequence[_Listed], limit: int) -> Iterator[list[_Listed]]:
    """Split messages into what is asked for at once; what is over the limit will not be asked for."""
    batch: list[_Listed] = []
    size = 0
    for message in listed:
        counted = 0 if message.size > limit else message.size
        if batch and (len(batch) == _BATCH or size + counted > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += counted
    if batch:
        yield batch


def _bodies(session: _Session, wanted: Sequence[_Listed]) -> dict[int, bytes]:
    """Return the messages that the server gives, by UID, without marking them as seen."""
    _, data = session.uid("FETCH", ",".join(str(message.uid) for message in wanted), "(UID BODY.PEEK[])")
    found: dict[int, bytes] = {}
    waiting: bytes | None = None
    for item in data:
        line, literal = item if isinstance(item, tuple) else (item, None)
        if not isinstance(line, bytes):
            continue
        if isinstance(literal, bytes):
            waiting = literal
        uid = _UID.search(line)  # before its literal, as most servers write it, or behind
        if uid and waiting is not None:
            found[int(uid[1])] = waiting
        if uid or literal is None:
            waiting = None
    return found


def _mailbox(name: str) -> str:
    """Return the name of a folder as IMAP writes it: modified UTF-7 (RFC 3501 section 5.1.3), in quotes."""
    parts = []
    for plain, other in re.findall(r"([ -~]+)|([^ -~]+)", name):
        if plain:
            parts.append(plain.replace("&", "&-"))
        else:
            coded = base64.b64encode(other.encode("utf-16-be", "replace")).decode("ascii").rstrip("=")
            parts.append(f"&{coded.replace('/', ',')}-")
    written = "".join(parts).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{written}"'
