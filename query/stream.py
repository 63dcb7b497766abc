"""A running query, its rows read in batches."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager

from duckdb import DuckDBPyConnection

from query.results import Chart, ResultColumn, Row, unique_names
from query.values import rows_converter

# DuckDB's vector size: what it computes at a time.
_BATCH_ROWS = 2_048


class ResultStream:
    """The answer of a query that still runs: hold it no longer than `query.engine.QueryEngine.stream` is open.

    ``truncated`` and ``elapsed_seconds`` are final once `batches` has ended; ``chart`` and ``notes`` are those of
    `Result`.
    """

    def __init__(
        self,
        cursor: DuckDBPyConnection,
        max_rows: int | None,
        errors: Callable[[], AbstractContextManager[None]],
        started_at: float,
        *,
        names: Iterable[str] | None = None,
        chart: Chart | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.columns = _describe(cursor, names)
        self.chart = chart
        self.notes = notes
        self.truncated = False
        self._cursor = cursor
        self._max_rows = max_rows
        self._errors = errors
        self._started_at = started_at

    @property
    def elapsed_seconds(self) -> float:
        """Time since the query was asked."""
        return time.monotonic() - self._started_at

    def batches(self) -> Iterator[list[Row]]:
        """The rows in batches, at most as many as the row limit allows; once.

        Raises:
            QueryFailed, QueryTimedOut, QueryCancelled: the query came to a bad end.
        """
        return map(rows_converter(self.columns), self.raw_batches())

    def raw_batches(self) -> Iterator[Sequence[Row]]:
        """As `batches`, the values as DuckDB gives them: for whoever needs few of them and converts those.

        `query.values.row_converter` makes rows of `batches` of them; it takes ten times as long as to fetch them.
        """
        left = self._max_rows
        while rows := self._fetch():
            if left is not None and len(rows) > left:
                self.truncated = True
                rows = rows[:left]
            if rows:
                yield rows
            if self.truncated:
                return
            left = None if left is None else left - len(rows)

    def _fetch(self) -> Sequence[Row]:
        with self._errors():
            return self._cursor.fetchmany(_BATCH_ROWS)


def _describe(cursor: DuckDBPyConnection, names: Iterable[str] | None) -> tuple[ResultColumn, ...]:
    described = cursor.description or []
    unique = unique_names(names or (str(column[0]) for column in described))
    return tuple(ResultColumn(name, str(column[1]).strip('"')) for name, column in zip(unique, described, strict=True))
