"""Connections that an engine keeps between questions, each with the views that it has made.

Binding the views of a year's files takes longer than most questions. A view is its connection's own, and stands for as
long as the same statement would make it: the files of a Delta version never change.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

import duckdb
from duckdb import DuckDBPyConnection

from query.database import count_progress

# As many as ask at once now and then; more are closed after their question.
_MOST_KEPT = 4


class Connection:
    """A connection for one question at a time: ``cursor`` is DuckDB's."""

    def __init__(self, database: DuckDBPyConnection) -> None:
        self.cursor = database.cursor()
        self._views: dict[str, str] = {}
        count_progress(self.cursor)

    def make_view(self, name: str, statement: str) -> None:
        """Run ``statement``, which makes the view ``name`` or replaces it, unless the view is what it makes."""
        if self._views.get(name) != statement:
            self._views.pop(name, None)
            self.cursor.execute(statement)
            self._views[name] = statement

    def let_go(self) -> None:
        """Forget the last answer, read to its end or not."""
        self.cursor.execute("SELECT 1")
        self.cursor.fetchall()


class Connections:
    """The connections to ``database``."""

    def __init__(self, database: DuckDBPyConnection) -> None:
        self._database = database
        self._idle: list[Connection] = []
        self._most_kept = _MOST_KEPT
        self._lock = Lock()

    @contextmanager
    def lent(self) -> Iterator[Connection]:
        """A connection that nobody else has. One whose question fails is closed and not kept."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        connection = connection or Connection(self._database)
        is_fit = False
        try:
            yield connection
            with suppress(duckdb.Error):
                connection.let_go()
                is_fit = True
        finally:
            self._take_back(connection, is_fit=is_fit)

    def close(self) -> None:
        """Close those that are kept; those that are lent are closed when they come back."""
        with self._lock:
            self._most_kept = 0
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.cursor.close()

    def _take_back(self, connection: Connection, *, is_fit: bool) -> None:
        with self._lock:
            if is_fit and len(self._idle) < self._most_kept:
                self._idle.append(connection)
                return
        connection.cursor.close()
