"""Copies of the state, made and put back while others work on it.

A copy is a whole SQLite database of its own, without what could tell readers apart. This module must not know what the
state is for.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from feedmill.errors import StateDamaged, StateError, StateTooNew
from feedmill.store import audience
from feedmill.store.database import Database, taking_turns

__all__ = ["Copied", "back_up", "restore"]

_BUSY_SECONDS = 60
_MARK = b"SQLite format 3\0"
_PART = ".part"
_LEFT_BEHIND_SECONDS = 86_400
_BESIDE_LIVE = ("-wal", "-shm", "-journal", ".lock")
"""What SQLite, and whoever takes a turn, write beside a database."""
_MAKE_ROOM = "Choose another place, or make room."
_CHOOSE_ANOTHER = "Name a copy that `feedmill backup` made. The state was left as it is."


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy: how many bytes and live entries it has, and where what it replaced was put, if it replaced anything."""

    size: int
    entries: int
    kept: Path | None = None


def back_up(database: Database, file: Path, *, force: bool = False) -> Copied:
    """Write a consistent copy of the state to `file`, which is whole or not there at every moment.

    It is checked before it gets its name, and readable for its owner alone. With `force` it may replace a file.

    Raises:
        StateError: it cannot be written, `file` exists or is the state itself, or the state cannot be read.
        StateDamaged: the state is damaged, and so would be its copy.
    """
    _refuse_the_state(file, database.file)
    _sweep(file)
    with _file_errors(file, _MAKE_ROOM), _beside(file) as part:
        with _writing_errors(file):
            database.copy_to(part)
            copy = Database(f"sqlite:///{part}")
            try:
                with copy.writing() as connection:
                    audience.forget_clients(connection)
            finally:
                copy.close()
        entries = _settled(part, named=file)
        _sync(part)
        if force:
            part.replace(file)
        else:
            os.link(part, file)
        _sync(file.parent)
    return Copied(size=file.stat().st_size, entries=entries)


def restore(url: str, file: Path, now: datetime, on_wait: Callable[[], None] | None = None) -> Copied:
    """Replace the state at `url` by the copy in `file`, while no run is under way; whoever has the state open goes on
    with what the copy says.

    What was there is kept beside it, under a name with the date. A state that is damaged, or that a newer Feedmill
    wrote, is moved there: whoever has that one open must open it again. Killed at any moment, the state is the old one
    or the new one.

    Raises:
        StateDamaged: `file` is damaged, or not Feedmill's.
        StateTooNew: a newer Feedmill wrote `file`.
        StateError: one of the two cannot be read or written.
    """
    live = Path(make_url(url).database or "")
    was_there = live.exists() and live.stat().st_size > 0
    kept = live.with_name(f"{live.name}.{now:%Y%m%dT%H%M%SZ}") if was_there else None
    database = _usable(url)
    turn: AbstractContextManager[bool] = database.turn(on_wait) if database else taking_turns(live, on_wait)
    with turn, _file_errors(live, "Make its folder writable, and see that the disk has room."), _beside(live) as part:
        _copy(file, part, named=file)
        _check(part, named=file)
        Database(f"sqlite:///{part}").close()  # brings it to this version's tables
        entries = _settled(part, named=file)
        _sync(part)
        if database is not None and kept is not None and not _kept(database, live, kept):
            database.close()
            database = None
        if database is not None:
            _copy(part, live, named=live)
            database.settle()
            database.close()
        else:
            if kept is not None:
                _move_aside(live, kept)
            part.replace(live)
        _sync(live.parent)
    return Copied(size=live.stat().st_size, entries=entries, kept=kept)


def _usable(url: str) -> Database | None:
    try:
        return Database(url)
    except (StateDamaged, StateTooNew):
        return None


def _refuse_the_state(file: Path, live: Path | None) -> None:
    """A copy put in the place of an open database would damage it: its log would be applied to another one."""
    if live is None:
        return
    here = live.resolve()
    if file.resolve() in {here.with_name(here.name + suffix) for suffix in ("", *_BESIDE_LIVE)}:
        raise StateError("this is the state itself", where=str(file), hint="Name another file for the copy.")


def _kept(database: Database, live: Path, kept: Path) -> bool:
    """Copy what is there to `kept`; return False if so much of it is damaged that this cannot be done."""
    try:
        database.copy_to(kept)
    except StateDamaged:
        kept.unlink(missing_ok=True)
        return False
    kept.chmod(live.stat().st_mode & 0o777)
    return True


def _copy(source: Path, target: Path, *, named: Path) -> None:
    """Bring all of one database into another, in one transaction of the other."""
    with (
        _database_errors(source, source),
        closing(_connection(source, "ro")) as here,
        closing(_connection(target)) as there,
    ):
        here.backup(there)


def _connection(file: Path, mode: str = "rw") -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_SECONDS)


def _check(file: Path, *, named: Path) -> None:
    """See that a database is whole, and Feedmill's."""
    with _database_errors(file, named), closing(_connection(file)) as connection:
        said = [row[0] for row in connection.execute("PRAGMA integrity_check(1)")]
        dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if said != ["ok"] or dangling is not None:
        why = said[0] if said != ["ok"] else f"a row of {dangling[0]} leads nowhere"
        raise StateDamaged(f"the copy is damaged ({why})", where=str(named), hint=_CHOOSE_ANOTHER)
    if not {"alembic_version", "entries"} <= tables:
        raise StateDamaged("this is not a state of Feedmill's", where=str(named), hint=_CHOOSE_ANOTHER)


def _settled(file: Path, *, named: Path) -> int:
    """Bring a database into one file, and check it; return how many live entries it has."""
    _check(file, named=named)
    with _database_errors(file, named), closing(_connection(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        count: int = connection.execute("SELECT count(*) FROM entries WHERE withdrawn IS NULL").fetchone()[0]
    return count


def _move_aside(live: Path, kept: Path) -> None:
    """Give what is there a further name. Its log gets its new name first: SQLite would apply it to another database."""
    os.link(live, kept)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            live.with_name(live.name + suffix).rename(kept.with_name(kept.name + suffix))


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A new private file in the same folder, which is gone afterwards unless it got another name."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=_PART, dir=file.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for suffix in ("", *_BESIDE_LIVE):
            Path(name + suffix).unlink(missing_ok=True)


def _sweep(file: Path) -> None:
    """Remove what a killed backup left behind."""
    for part in file.parent.glob(f".{file.name}.*{_PART}*"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > _LEFT_BEHIND_SECONDS:
                part.unlink()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _file_errors(file: Path, hint: str) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise StateError(
            "there is such a file already", where=str(file), hint="Name another; --force replaces it."
        ) from error
    except OSError as error:
        raise StateError(f"cannot be written ({error.strerror or error})", where=str(file), hint=hint) from error


@contextmanager
def _writing_errors(file: Path) -> Iterator[None]:
    """Name `file` where no copy could be made: what is wrong is its disk, and not the state, which was opened."""
    try:
        yield
    except StateDamaged:
        raise
    except StateError as error:
        why = getattr(error.__cause__, "orig", None) or error.what
        raise StateError(f"cannot be written ({why})", where=str(file), hint=_MAKE_ROOM) from error


@contextmanager
def _database_errors(file: Path, named: Path) -> Iterator[None]:
    """Say what is wrong with `file`, which people know as `named`, in the words of `errors`."""
    try:
        with file.open("rb") as stream:
            if stream.read(len(_MARK)) != _MARK:
                raise StateDamaged("this is not a state of Feedmill's", where=str(named), hint=_CHOOSE_ANOTHER)
        yield
    except sqlite3.DatabaseError as error:
        if any(sign in str(error) for sign in ("malformed", "not a database")):
            raise StateDamaged(f"the copy is damaged ({error})", where=str(named), hint=_CHOOSE_ANOTHER) from error
        raise StateError(
            f"the copy cannot be put in place ({error})",
            where=str(named),
            hint="See that the disk has room. The state was left as it is.",
        ) from error
    except OSError as error:
        raise StateError(
            f"cannot be read ({error.strerror or error})", where=str(named), hint=_CHOOSE_ANOTHER
        ) from error
