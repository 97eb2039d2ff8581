"""The connection to the state database: opening, migrating, transactions, taking turns.

It turns every database failure into a StateError that says what to do. This module must not know what is stored.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Lock
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from feedmill.errors import EntryRefused, FeedmillError, StateDamaged, StateError, StateTooNew
from feedmill.store.schema import REVISION, metadata

__all__ = ["Database", "taking_turns"]

_log = logging.getLogger(__name__)
_MIGRATIONS = Path(__file__).with_name("migrations")
_BUSY_SECONDS = 60
_PATIENCE_SECONDS = 0.5
"""How long a wait for the turn goes on before it is asked whether to go on."""
_KEEP = "It was left as it is; restore a copy, or move it away to start with an empty state."


class Database:
    """A SQLite database (WAL, foreign keys on), migrated to this version's schema when it is opened.

    Raises:
        StateDamaged: the file is damaged, or not Feedmill's.
        StateTooNew: a newer Feedmill wrote it.
        StateError: it cannot be opened, read or written.
    """

    def __init__(self, url: str) -> None:
        self._where = make_url(url).database or ":memory:"
        self._file = None if self._where == ":memory:" else Path(self._where)
        if self._file is not None:
            self._prepare(self._file)
        self._engine = self._connect(url)
        self._one_writer = Lock()
        self._writer = self._engine.execution_options(feedmill_begin="BEGIN IMMEDIATE")
        if self._is_new() or self._revision() != REVISION:
            with self.turn():
                self._migrate()

    @property
    def file(self) -> Path | None:
        """The file that it is in; None for one in memory."""
        return self._file

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the state."""
        with self._plain_errors(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that writes: all of it or nothing, one writer at a time."""
        # SQLite lets those that wait for each other sleep, and longer each time; a lock wakes them.
        with self._one_writer, self._plain_errors(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def turn(self, on_wait: Callable[[], None] | None = None, stop: Event | None = None) -> Iterator[bool]:
        """Keep every other process on this state waiting; a killed process gives its turn up by dying.

        `on_wait` is called once if another process has the turn. Yields whether the turn was got: it was not if `stop`
        was set while waiting.
        """
        if self._file is None:
            yield True
            return
        with taking_turns(self._file, on_wait, stop) as got:
            yield got

    def settle(self) -> bool:
        """Bring all that was committed to the disk, so that what is published next survives a power cut with it.

        Returns whether all of it is there; it is not if another connection kept an old view open for too long.
        """
        busy, _, _ = self._alone("PRAGMA wal_checkpoint(FULL)")
        if busy:
            _log.warning("state: another program keeps reading it; until it ends, a power cut may undo the last looks")
        return not busy

    def copy_to(self, file: Path) -> None:
        """Write a consistent copy of the whole state to `file`, which must not exist."""
        self._alone("VACUUM INTO ?", str(file))

    @contextmanager
    def versions(self) -> Iterator[Callable[[], int]]:
        """Open a function that returns a number which is another one once anybody has written to the state."""
        bare = self._engine.execution_options(feedmill_begin="")
        with self._plain_errors(), bare.connect() as connection:
            yield lambda: int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())

    def _alone(self, statement: str, *parameters: str) -> tuple[Any, ...]:
        """Run a statement that no transaction may surround; return its row, if it gives one."""
        bare = self._engine.execution_options(feedmill_begin="")
        with self._plain_errors(), bare.connect() as connection:
            result = connection.exec_driver_sql(statement, parameters)
            return tuple(result.one()) if result.returns_rows else ()

    def _prepare(self, file: Path) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.exists() and file.stat().st_size and not _is_sqlite(file):
                raise StateDamaged("this is not a state database", where=str(file), hint=_KEEP)
        except OSError as error:
            raise _cannot(error.strerror or str(error), self._where) from error

    def _connect(self, url: str) -> Engine:
        engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, max_overflow=-1)

        @event.listens_for(engine, "connect")
        def configure(connection: object, _: object) -> None:
            # The driver's own transactions begin too late to keep a reading and its writing together.
            connection.isolation_level = None  # type: ignore[attr-defined]
            cursor = connection.cursor()  # type: ignore[attr-defined]
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            statement = connection.get_execution_options().get("feedmill_begin")
            if statement is None:  # to read: it waits for nobody, cannot fail, and is done for every question
                connection.connection.cursor().execute("BEGIN")
            elif statement:
                connection.exec_driver_sql(statement)

        return engine

    def _is_new(self) -> bool:
        return self._file is None or not self._file.exists() or not self._file.stat().st_size

    def _revision(self) -> str | None:
        with self._plain_errors(), self._engine.connect() as connection:
            tables = set(inspect(connection).get_table_names())
            if "alembic_version" in tables:
                return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if tables:
            raise StateDamaged("this database belongs to another program", where=self._where, hint=_KEEP)
        return None

    def _migrate(self) -> None:
        current = self._revision()
        if current == REVISION:  # another process was faster
            return
        if current is None:  # nothing is there that could be migrated
            with self.writing() as connection:
                metadata.create_all(connection)
                connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
                connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISION})
            return
        # Imported here, since it costs more than all the rest and is needed once in a version's life.
        from alembic import command
        from alembic.config import Config
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if current not in known:
            raise StateTooNew(
                f"a newer Feedmill wrote this state (schema {current}; this one knows up to {REVISION})",
                where=self._where,
                hint="It was left as it is; upgrade Feedmill, or restore the copy made before the upgrade.",
            )
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        _log.debug("state: migrated %s from %s to %s", self._where, current, REVISION)

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._translated(error) from error

    def _translated(self, error: DBAPIError) -> FeedmillError:
        message = str(error.orig)
        if isinstance(error, IntegrityError):
            return EntryRefused(
                f"the state refuses what was brought ({message})",
                hint="This is a defect in Feedmill; please report it. Nothing of this look was stored.",
            )
        if any(sign in message for sign in ("malformed", "not a database", "file is encrypted")):
            return StateDamaged(f"the state database is damaged ({message})", where=self._where, hint=_KEEP)
        if "locked" in message or "busy" in message:
            return StateError(
                "another program keeps the state database locked",
                where=self._where,
                hint="Stop it, or wait until it is done, and run again: nothing was lost.",
            )
        return _cannot(message, self._where)


@contextmanager
def taking_turns(file: Path, on_wait: Callable[[], None] | None = None, stop: Event | None = None) -> Iterator[bool]:
    """The turn of the database in `file`: `Database.turn` explains it. It needs no database that can be opened.

    Raises:
        StateError: the folder cannot be written.
    """
    lock = FileLock(f"{file}.lock")
    try:
        got = _acquired(lock, 0)
        if not got and on_wait is not None:
            on_wait()
        while not got and not (stop is not None and stop.is_set()):
            got = _acquired(lock, _PATIENCE_SECONDS)
    except OSError as error:
        raise _cannot(str(error), str(file)) from error
    try:
        yield got
    finally:
        lock.release()


def _cannot(why: str, where: str) -> StateError:
    return StateError(
        f"the state database cannot be used ({why})",
        where=where,
        hint="Make its folder writable and see that the disk has room, or set another [state] url.",
    )


def _is_sqlite(file: Path) -> bool:
    """Return whether SQLite takes the file for a database.

    It is not looked at past SQLite: to close a file gives up all locks that this process has on it (POSIX.1-2017,
    fcntl), also those of other connections, which would then lose their write-ahead log to the next process that comes.
    """
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.OperationalError:  # locked, or not to be opened: whoever uses it is told
        return True
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorcode != sqlite3.SQLITE_NOTADB
    return True


def _acquired(lock: FileLock, seconds: float) -> bool:
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        return False
    return True
