"""A running query, its rows read in Arrow's record batches: types kept, times in UTC, memory of a few batches."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import duckdb
from arro3.core import RecordBatch, RecordBatchReader, Schema
from duckdb import DuckDBPyRelation


class ArrowStream:
    """The answer of a query that still runs: hold it no longer than `query.engine.QueryEngine.stream_arrow` is open."""

    def __init__(self, relation: DuckDBPyRelation, errors: Callable[[], AbstractContextManager[None]]) -> None:
        self._errors = errors
        with errors():
            self._reader = RecordBatchReader.from_arrow(relation)
        self.schema: Schema = self._reader.schema

    def batches(self) -> Iterator[RecordBatch]:
        """The rows, once.

        Raises:
            QueryFailed, QueryTimedOut, QueryCancelled: the query came to a bad end.
        """
        while (batch := self._next()) is not None:
            yield batch

    def _next(self) -> RecordBatch | None:
        with self._errors():
            try:
                return next(self._reader, None)
            # Through Arrow's C interface DuckDB's errors come as text in a plain Exception.
            except Exception as error:
                raise duckdb.Error(str(error).removeprefix("C Data interface error: ")) from error
