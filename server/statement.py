"""Statements that run with every number and every call: SQLAlchemy writes each once, and the driver runs it as it is.

SQLAlchemy's way from a statement to its rows takes some 40 µs each time, three times what SQLite needs to run one of
these, and a call next is a dozen and a half of them. All that is asked more seldom goes the usual way, by
`conn.execute`. The two mix freely on one connection.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, NoResultFound
from sqlalchemy.sql import ClauseElement

_GIVEN = object()
"""In place of a bound value: it comes with each run."""

Bind = tuple[str, Any, Callable[[Any], Any] | None]


class Statement:
    """A SELECT, INSERT, UPDATE or DELETE; its `bindparam`s are given by name with each run, and names that it has not
    are passed over. It may hold no IN, whose number of values would change the text, and an INSERT gives every column
    that has a default in Python.

    Errors of the driver arrive as SQLAlchemy's, IntegrityError and so on.
    """

    def __init__(self, clause: Any) -> None:
        self.clause = clause
        self._plans: dict[str, _Plan] = {}

    def all(self, conn: Connection, **values: Any) -> list[Any]:
        """Every row, columns by name."""
        return self._plan(conn).rows(conn, values)

    def one(self, conn: Connection, **values: Any) -> Any:
        row = self.one_or_none(conn, **values)
        if row is None:
            raise NoResultFound(str(self.clause))
        return row

    def one_or_none(self, conn: Connection, **values: Any) -> Any:
        rows = self._plan(conn).rows(conn, values)
        if len(rows) > 1:
            raise MultipleResultsFound(str(self.clause))
        return rows[0] if rows else None

    def scalar(self, conn: Connection, **values: Any) -> Any:
        """The first column of the one row."""
        return self.one(conn, **values)[0]

    def run(self, conn: Connection, **values: Any) -> int:
        """How many rows it changed."""
        return int(self._plan(conn).execute(conn, values).rowcount)

    def _plan(self, conn: Connection) -> "_Plan":
        dialect = conn.dialect
        plan = self._plans.get(dialect.name)
        if plan is None:
            plan = self._plans[dialect.name] = _Plan(self.clause, dialect)
        return plan


class _Plan:
    """A statement in the words of one database."""

    def __init__(self, clause: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = clause.compile(dialect=dialect)
        self._sql = str(compiled)
        if "POSTCOMPILE" in self._sql:
            raise TypeError(f"its text would change with its values: {self._sql}")
        if missing := [column.name for column in getattr(compiled, "insert_prefetch", ())]:
            raise TypeError(f"{', '.join(missing)} must be given, for nobody fills in defaults: {self._sql}")
        names = compiled.positiontup if compiled.positional else list(compiled.binds)
        self._binds: list[Bind] = [_bind(name, compiled.binds[name], dialect) for name in names]
        self._names: list[str] | None = None if compiled.positional else names
        columns = list(getattr(clause, "exported_columns", ()))
        names_of = [column.key for column in columns]
        self._row = namedtuple("Row", names_of, rename=True)._make  # type: ignore[attr-defined]  # mypy knows no names but written ones
        self._readers = [_reader(column.type, dialect) for column in columns]

    def rows(self, conn: Connection, values: Mapping[str, Any]) -> list[Any]:
        found, row, readers = self.execute(conn, values).fetchall(), self._row, self._readers
        if not any(readers):
            return [row(cells) for cells in found]
        return [
            row([cell if read is None else read(cell) for cell, read in zip(cells, readers, strict=True)])
            for cells in found
        ]

    def execute(self, conn: Connection, values: Mapping[str, Any]) -> Any:
        """The driver's cursor."""
        arguments: Any = [
            (values[name] if write is None else write(values[name])) if fixed is _GIVEN else fixed
            for name, fixed, write in self._binds
        ]
        if self._names is not None:
            arguments = dict(zip(self._names, arguments, strict=True))
        driver: Any = conn.connection.driver_connection
        try:
            return driver.execute(self._sql, arguments)
        except conn.dialect.loaded_dbapi.Error as error:
            raise DBAPIError.instance(
                self._sql, None, error, conn.dialect.loaded_dbapi.Error, dialect=conn.dialect
            ) from error


def _bind(name: str, bind: Any, dialect: Dialect) -> Bind:
    write = bind.type.dialect_impl(dialect).bind_processor(dialect)
    if bind.required:
        return name, _GIVEN, write
    return name, bind.effective_value if write is None else write(bind.effective_value), None


def _reader(kind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    read: Callable[[Any], Any] | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return read
