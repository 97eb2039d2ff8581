"""Statements for rows by the thousand: compiled once in the life of the program, and given to the driver as they are.

SQLAlchemy looks at every value of every row anew; what it found out about the columns the first time holds for all of
them. This module must not know what is in the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects.sqlite import insert

__all__ = ["CHUNK", "Bulk", "parts", "upsert"]

CHUNK = 400
"""How many values go into one statement's list, and how many rows are made ready at once."""

_Processor = Callable[[Any], Any]


class Bulk:
    """An insert of whole rows, run with tuples that have a value for each column of the table, in its order."""

    def __init__(self, statement: Insert, table: Table) -> None:
        self._statement = statement
        self._columns = list(table.columns)
        self._ready: tuple[str, list[_Processor | None]] | None = None

    def run(self, connection: Connection, rows: Collection[Sequence[Any]]) -> None:
        """Run the statement once for each row."""
        if not rows:
            return
        sql, processors = self._ready or self._prepare(connection)
        columns: list[Sequence[Any]] = []
        for process, values in zip(processors, zip(*rows, strict=True), strict=True):
            columns.append(values if process is None else list(map(process, values)))
        connection.exec_driver_sql(sql, list(zip(*columns, strict=True)))

    def _prepare(self, connection: Connection) -> tuple[str, list[_Processor | None]]:
        dialect = connection.dialect
        compiled = self._statement.compile(dialect=dialect, column_keys=[column.name for column in self._columns])
        processors: list[_Processor | None] = [
            column.type.dialect_impl(dialect).bind_processor(dialect) for column in self._columns
        ]
        self._ready = ready = (str(compiled), processors)
        return ready


def upsert(table: Table, *kept: str) -> Bulk:
    """Return the insert that replaces a row of the same key, but for its columns `kept`."""
    statement = insert(table)
    key = [column.name for column in table.primary_key]
    changed = {column.name: statement.excluded[column.name] for column in table.columns}
    for name in (*key, *kept):
        del changed[name]
    return Bulk(statement.on_conflict_do_update(index_elements=key, set_=changed), table)


def parts(values: Sequence[Any], size: int = CHUNK) -> list[Sequence[Any]]:
    """Cut a list into pieces that fit into one statement's parameters."""
    return [values[start : start + size] for start in range(0, len(values), size)]
