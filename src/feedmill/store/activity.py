"""What was done and what it came to, in and out of the database: looks by source and day, totals, the last runs.

This module must not know what a look or a run does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import msgspec
from sqlalchemy import Connection, String, Table, bindparam, delete, func, literal, select
from sqlalchemy.dialects.sqlite import insert

from feedmill.model import Run, Tally
from feedmill.store.bulk import Bulk, parts
from feedmill.store.database import Database
from feedmill.store.schema import entries, look_days, look_totals, runs

__all__ = ["DAYS_KEPT", "RUNS_KEPT", "Activity", "count"]

DAYS_KEPT = 90
RUNS_KEPT = 100

_COUNTS = ("looks", "not_modified", "failed", "received", "new")


def _adding(table: Table) -> Bulk:
    """Return the insert that adds its counts to those of a row of the same key."""
    statement = insert(table)
    key = [column.name for column in table.primary_key]
    sums = {name: table.c[name] + statement.excluded[name] for name in _COUNTS}
    return Bulk(statement.on_conflict_do_update(index_elements=key, set_=sums), table)


_DAY = _adding(look_days)
_TOTAL = _adding(look_totals)
_sums = [func.sum(look_days.c[name]) for name in _COUNTS]
_BY_DAY = select(look_days.c.day, *_sums).where(look_days.c.day >= bindparam("since")).group_by(look_days.c.day)
_OF_SOURCES = select(look_days).where(
    look_days.c.day == bindparam("on"), look_days.c.source.in_(bindparam("sources", expanding=True))
)
_RUNS = select(runs.c.number, runs.c.report).order_by(runs.c.number.desc()).limit(bindparam("most"))
_LAST_RUN = select(func.max(runs.c.number))


def count(connection: Connection, day: date, tallies: Collection[tuple[str, Tally]]) -> None:
    """Add looks at sources, made on that day (UTC), to what is remembered of it, and of all time."""
    on = day.toordinal()
    rows = [(source, *_numbers(tally)) for source, tally in tallies]
    _DAY.run(connection, [(on, *row) for row in rows])
    _TOTAL.run(connection, rows)


class Activity:
    """What is remembered of looks and runs, in numbers.

    Every method raises StateError if the database cannot be used.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def record_run(self, run: Run) -> int:
        """Record a run, forget the oldest beyond 100, and days of looks beyond 90. Return its number."""
        oldest = run.began.date() - timedelta(days=DAYS_KEPT)
        with self._database.writing() as connection:
            number = (connection.execute(_LAST_RUN).scalar() or 0) + 1
            report = msgspec.json.encode(replace(run, number=number))
            connection.execute(insert(runs).values(number=number, report=report))
            connection.execute(delete(runs).where(runs.c.number <= number - RUNS_KEPT))
            connection.execute(delete(look_days).where(look_days.c.day < oldest.toordinal()))
        return number

    def runs(self, most: int = RUNS_KEPT) -> list[Run]:
        """Return the last runs, the newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_RUNS, {"most": most}).all()
        return [msgspec.json.decode(report, type=Run) for _, report in rows]

    def days(self, since: date) -> dict[date, Tally]:
        """Return the looks at all sources, by day (UTC)."""
        with self._database.reading() as connection:
            rows = connection.execute(_BY_DAY, {"since": since.toordinal()}).all()
        return {date.fromordinal(day): Tally(*numbers) for day, *numbers in rows}

    def days_of(self, sources: Sequence[str], since: date, until: date) -> dict[str, dict[date, Tally]]:
        """Return the looks at these sources, by source and day (UTC), from `since` to `until`."""
        found: dict[str, dict[date, Tally]] = {source: {} for source in sources}
        with self._database.reading() as connection:
            for on in range(since.toordinal(), until.toordinal() + 1):
                for some in parts(sources):
                    for _, source, *numbers in connection.execute(_OF_SOURCES, {"on": on, "sources": some}):
                        found[source][date.fromordinal(on)] = Tally(*numbers)
        return found

    def totals(self) -> dict[str, Tally]:
        """Return all looks that were ever made, by source."""
        with self._database.reading() as connection:
            return {source: Tally(*numbers) for source, *numbers in connection.execute(select(look_totals))}

    def published(self, since: date, sources: Sequence[str] | None = None) -> dict[str, dict[date, int]]:
        """Return how many entries of each of these sources bear the date of a day (UTC) from `since` on.

        Without any named, those of all sources together, under an empty name.
        """
        of_day = func.substr(entries.c.published, 1, 10, type_=String)
        source = literal("") if sources is None else entries.c.source
        query = (
            select(source, of_day, func.count())
            .where(entries.c.published >= datetime.combine(since, time(), UTC))
            .group_by(source, of_day)
        )
        asked = [None] if sources is None else parts(sources)
        found: dict[str, dict[date, int]] = {}
        with self._database.reading() as connection:
            for some in asked:
                rows = connection.execute(query if some is None else query.where(entries.c.source.in_(some)))
                for name, day, number in rows:
                    found.setdefault(name, {})[date.fromisoformat(day)] = number
        return found

    @contextmanager
    def watch(self) -> Iterator[Callable[[], bool]]:
        """Open a function that says whether anything was written to the state, by anybody, since it was asked last.

        It may be called from one thread at a time.
        """
        with self._database.versions() as version:
            last = version()

            def changed() -> bool:
                nonlocal last
                before, last = last, version()
                return before != last

            yield changed


def _numbers(tally: Tally) -> tuple[int, ...]:
    return tally.looks, tally.not_modified, tally.failed, tally.received, tally.new
