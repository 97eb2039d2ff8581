"""How looks and publishings ended, and what is remembered of sources and feeds from one to the next.

This module must not know how any of it is stored or shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from feedmill.model.look import Hints, Problem, Validators

__all__ = [
    "Condition",
    "FeedOutcome",
    "FeedState",
    "HostState",
    "Made",
    "Outcome",
    "Ping",
    "Report",
    "SiteOutcome",
    "SourceState",
    "Status",
    "Version",
]


class Status(StrEnum):
    """How a look at a source, or the publishing of a feed, ended."""

    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SKIPPED = "skipped"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one look at a source ended, for the report, the log and the next look.

    `problems` are parts that were wrong while the rest was used; `next` is when it is looked at again.
    """

    source: str
    status: Status
    new: int = 0
    changed: int = 0
    withdrawn: int = 0
    error: str | None = None
    problems: tuple[Problem, ...] = ()
    next: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOutcome:
    """How the publishing of one feed ended. `files` are its documents, as paths within the publishing folder;
    `problems` say what is amiss with entries that were published all the same.

    One that is `held` failed, and its last good version stays until somebody decides.
    """

    name: str
    status: Status
    entries: int = 0
    files: tuple[str, ...] = ()
    error: str | None = None
    problems: tuple[Problem, ...] = ()
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOutcome:
    """How the publishing of the site's own documents ended: which were `written`, as paths within the publishing
    folder, and why others could not be."""

    written: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a run ended: one outcome for each source and each feed that it was about, and one for the site."""

    sources: tuple[Outcome, ...] = ()
    feeds: tuple[FeedOutcome, ...] = ()
    site: SiteOutcome = SiteOutcome()
    seconds: float = 0.0


class Condition(StrEnum):
    """How a source is doing: it was never collected, is well, fails, or its server said that it is gone for good."""

    NEW = "new"
    WELL = "well"
    FAILING = "failing"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is remembered of a source between two looks.

    `settings` is a digest of the configuration that shaped its stored entries; when it differs, everything is read
    again. `asked_url` is the address that it had in the configuration then, without login: what its server said is told
    of that one.
    `address` is where the source is asked since its own address was seen to have moved for good: `moved_to` is where it
    was last redirected to permanently, `moved_looks` how many looks in a row ended there. `hints` are the last that its
    server and its feed gave. `rhythm` is the wait that suits how often it has news, `looks` which of its last looks
    found something ("1") or nothing ("0"), the newest last.
    `failures` counts looks in a row that failed, `error` is the last failure's message. `wait_until` is the server's
    own word. `next_look` None means never looked at, or, with `gone`, never again.
    """

    name: str
    settings: str = ""
    asked_url: str | None = None
    validators: Validators = Validators()
    address: str | None = None
    moved_to: str | None = None
    moved_looks: int = 0
    hints: Hints = Hints()
    rhythm: timedelta | None = None
    looks: str = ""
    last_look: datetime | None = None
    last_success: datetime | None = None
    next_look: datetime | None = None
    wait_until: datetime | None = None
    failures: int = 0
    error: str | None = None
    gone: bool = False

    @property
    def condition(self) -> Condition:
        """How the source is doing."""
        if self.gone:
            return Condition.GONE
        if self.failures:
            return Condition.FAILING
        return Condition.WELL if self.last_success else Condition.NEW


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """What is remembered of a host that asked to be left alone: how many times in a row, and until when all of its
    sources are."""

    host: str
    strikes: int = 0
    wait_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """A hub that is still to be told of a change of the document at `topic`: `failures` in a row, the last `error`."""

    hub: str
    topic: str
    due: datetime
    failures: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is remembered of a feed: the newest date it ever carried, when its bytes last changed, its size.

    `held` says why what would be published now is held back; `pinned` is the number of the version that it was rolled
    back to. `rules` is a mark of the rules by which it was made.
    """

    name: str
    updated: datetime
    last_change: datetime | None = None
    entries: int = 0
    error: str | None = None
    held: str | None = None
    pinned: int | None = None
    rules: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the documents of a feed were made from the last time: `inputs` is a digest of all of it but the time, which
    was `at`; from `until` on the same inputs may make other documents, never if it is None."""

    inputs: str
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A state of a feed's documents that was published once; `paths` are those that were kept, within the publishing
    folder, and `size` is what they take in bytes.
    """

    number: int
    published: datetime
    entries: int
    paths: tuple[str, ...]
    size: int
