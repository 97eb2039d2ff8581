"""Every error that Feedmill raises on purpose, as one tree:

    FeedmillError
    ├── ConfigError            config.toml is wrong: carries every finding at once
    ├── StateError             the database cannot be used
    │   ├── StateDamaged       it is not a database, or a damaged one: left as it is
    │   └── StateTooNew        a newer Feedmill wrote it: left as it is
    ├── CollectError           one source could not be collected: its last good entries stay
    │   ├── NetworkError       no connection, no answer, no end within the deadline
    │   ├── AddressRefused     the network guard forbids the address
    │   ├── TooLarge           more bytes than the limit
    │   ├── StatusError        the server answered with an error status
    │   └── FolderError        an article folder cannot be read
    ├── EntryRefused       the schema forbids what a source brought: nothing of that look is kept
    ├── NormalizeError         a document is not what it should be: it is reported and skipped
    ├── RenderError            entries could not be made into a document
    ├── NotifyError            a hub could not be told; it is told again later
    ├── ServeError             the web server cannot listen
    └── PublishError           a document could not be published: the last good one stays
        ├── CheckFailed        it failed its own check
        ├── Held               a change that may be a mistake waits for somebody's word
        └── WriteFailed        the folder could not be written

Each carries what is wrong, where, and what to do. This module must not know who raises them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

__all__ = [
    "AddressRefused",
    "CheckFailed",
    "CollectError",
    "ConfigError",
    "EntryRefused",
    "FeedmillError",
    "FolderError",
    "Held",
    "NetworkError",
    "NormalizeError",
    "NotifyError",
    "PublishError",
    "RenderError",
    "ServeError",
    "StateDamaged",
    "StateError",
    "StateTooNew",
    "StatusError",
    "TooLarge",
    "WriteFailed",
]


class FeedmillError(Exception):
    """The root. `what` says what is wrong, `where` the file, line, source or URL, `hint` what to do."""

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if not self.hint:
            return text
        return f"{text.rstrip('.')}. {self.hint}"


class ConfigError(FeedmillError):
    """config.toml is wrong. `findings` lists every error, each already with its table, key and line."""

    def __init__(self, findings: Sequence[str], *, where: str = "") -> None:
        super().__init__("\n".join(findings), where="", hint="")
        self.findings = tuple(findings)
        self.file = where


class StateError(FeedmillError):
    """The state database cannot be used."""


class StateDamaged(StateError):
    """The state database is damaged or is something else. It is never overwritten."""


class StateTooNew(StateError):
    """The state database was written by a newer version. It is never overwritten."""


class CollectError(FeedmillError):
    """A source could not be collected.

    `wait` is how long the server asks to be left alone (None: it did not say); `gone` is its 410.
    """

    def __init__(
        self, what: str, *, where: str = "", hint: str = "", wait: timedelta | None = None, gone: bool = False
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.wait = wait
        self.gone = gone


class NetworkError(CollectError):
    """The server could not be reached, or did not finish within the deadline."""


class AddressRefused(CollectError):
    """The network guard forbids the address that would be connected to."""


class TooLarge(CollectError):
    """More bytes came than the limit allows."""


class StatusError(CollectError):
    """The server answered with an HTTP status that is not a success. `host` is its name, after redirects."""

    def __init__(
        self,
        what: str,
        *,
        status: int,
        where: str = "",
        hint: str = "",
        wait: timedelta | None = None,
    ) -> None:
        super().__init__(what, where=where, hint=hint, wait=wait, gone=status == 410)
        self.status = status
        self.host: str | None = None


class FolderError(CollectError):
    """An article folder is missing or cannot be read."""


class EntryRefused(FeedmillError):
    """What a source brought breaks a guarantee of the schema. Nothing of that look was stored."""


class NormalizeError(FeedmillError):
    """A document is not a feed or an article that can be read."""


class RenderError(FeedmillError):
    """Entries could not be rendered."""


class NotifyError(FeedmillError):
    """A hub could not be told that a document has changed."""


class ServeError(FeedmillError):
    """The web server cannot listen where it should."""


class PublishError(FeedmillError):
    """A document could not be published. What was published before stays."""


class CheckFailed(PublishError):
    """A rendered document failed its own check and was not published."""


class Held(PublishError):
    """A feed is kept as it is: publishing it would change it in a way that may be a mistake."""


class WriteFailed(PublishError):
    """The publishing folder could not be written."""
