"""Answers queries over the record tables. Blocking: meant for a thread; several threads may ask at once.

The layers that keep a query from doing anything but read are in docs/decisions/0004-query-sandbox.md.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING
from uuid import uuid4

from duckdb import DuckDBPyConnection

from fleet.errors import BadInput
from fleet.tables import TABLES
from query.catalogue import CatalogueTable, list_catalogue
from query.ceiling import CEILING
from query.clock import set_clock
from query.connections import Connections
from query.database import close_database, open_database, table_files
from query.file_columns import FileColumnsReader
from query.files import ExportFiles
from query.language import QueryLanguage
from query.limits import Limits
from query.macros import Macros
from query.outfile import written_aside
from query.parameters import bind_parameters
from query.place import Place, place_of
from query.plans import Plan, Plans
from query.problems import untranslatable
from query.results import Result, Row
from query.run import QueryRun
from query.snapshots import SnapshotReader
from query.statement import Statement, read_statement
from query.stream import ResultStream
from query.watch import Watch

if TYPE_CHECKING:
    from query.arrow_stream import ArrowStream
    from query.past import Past

_NONE: Mapping[str, object] = MappingProxyType({})


class QueryEngine:
    """A locked database over the tables of one home.

    Args:
        tables: where the Delta tables lie, which need not exist; a path is a folder of this machine.
        temp_dir: where a query that outgrows its memory may lay data aside.
        limits: the most that any query may take; one query can be given less.
        now: the instant that every query takes for now; None for the real one, or that of ``as_of``.
        as_of: the earlier time whose state is to answer, see `query.past`; None for what is stored now.
    """

    def __init__(
        self,
        tables: Path | Place,
        temp_dir: Path,
        limits: Limits,
        now: datetime | None = None,
        as_of: "Past | None" = None,
    ) -> None:
        self._limits = limits
        self._now = now or (as_of.at if as_of else None)
        self._past = as_of
        self._spill_dir = temp_dir / f"query-{uuid4().hex}"
        with suppress(OSError):  # only a query that outgrows its memory needs it, and then says so
            temp_dir.mkdir(parents=True, exist_ok=True)
        self._exports = ExportFiles()
        self._snapshots = SnapshotReader(tables)
        self._file_columns = FileColumnsReader(table_files(place_of(tables)).open)
        self._database = open_database(tables, self._spill_dir, limits, self._exports)
        self._connections = Connections(self._database)
        self._macros = Macros(self._database)
        self._plans = Plans()
        self._running: dict[Watch, DuckDBPyConnection] = {}
        self._lock = Lock()

    def run(
        self,
        text: str,
        parameters: Mapping[str, object] = _NONE,
        limits: Limits | None = None,
        language: QueryLanguage = QueryLanguage.SQL,
    ) -> Result:
        """The whole answer to ``text``, a query in ``language``, up to the row limit.

        Raises:
            QueryRefused: it is not one SELECT over the tables, or makes no sense over them, or is KQL that is not
                translated.
            UnknownName: a table, column, function or parameter that does not exist.
            BadInput: a parameter has no value.
            QueryFailed, QueryTimedOut, QueryCancelled: it did not come to an end.
        """
        with self.stream(text, parameters, limits, language) as stream:
            rows: list[Row] = []
            for batch in stream.batches():
                rows += batch
            elapsed = stream.elapsed_seconds
            return Result(stream.columns, rows, stream.truncated, elapsed, stream.chart, stream.notes)

    @contextmanager
    def stream(
        self,
        text: str,
        parameters: Mapping[str, object] = _NONE,
        limits: Limits | None = None,
        language: QueryLanguage = QueryLanguage.SQL,
    ) -> Iterator[ResultStream]:
        """The answer to ``text`` in batches, for results that are not to be held in memory; raises as `run`."""
        started_at = time.monotonic()
        within = limits or self._limits
        statement = read_statement(text, language, parameters)
        with self._prepared(statement, within) as run:
            run.execute()
            yield ResultStream(
                run.cursor,
                within.rows,
                run.errors,
                started_at,
                names=statement.names,
                chart=statement.chart,
                notes=run.notes,
            )

    def write_parquet(
        self,
        text: str,
        parameters: Mapping[str, object],
        path: Path,
        limits: Limits | None = None,
        language: QueryLanguage = QueryLanguage.SQL,
        *,
        on_note: Callable[[str], None] | None = None,
    ) -> int:
        """Write the answer to ``text`` to ``path`` as Parquet and return the number of rows; no row limit.

        The file is written aside and renamed. ``on_note`` is told what `Result.notes` would hold, and of columns that
        have another name in the file. Raises as `run`, and QueryFailed where ``path`` cannot be written.
        """
        within = limits or self._limits
        with (
            self._prepared(read_statement(text, language, parameters), within) as run,
            written_aside(path) as file,
            self._exports.opened(file) as uri,
        ):
            return run.copy_to(uri, on_note or _let_go)

    @contextmanager
    def stream_arrow(
        self,
        text: str,
        parameters: Mapping[str, object] = _NONE,
        limits: Limits | None = None,
        language: QueryLanguage = QueryLanguage.SQL,
        *,
        on_note: Callable[[str], None] | None = None,
    ) -> Iterator["ArrowStream"]:
        """As `write_parquet`, in Arrow's batches, for whoever writes other files of them."""
        within = limits or self._limits
        with self._prepared(read_statement(text, language, parameters), within) as run:
            yield run.open_arrow(on_note or _let_go)

    def explain(
        self, text: str, parameters: Mapping[str, object] = _NONE, language: QueryLanguage = QueryLanguage.SQL
    ) -> str:
        """The SQL that ``text`` runs as: itself, or what KQL becomes, one CTE a pipe step. Nothing is run.

        What KQL becomes is told even where it is too large to be run.

        Raises:
            QueryRefused, UnknownName: it would be refused; says where.
        """
        statement = read_statement(text, language, parameters)
        if not statement.is_translated:
            with self._connections.lent() as connection:
                self._plan(connection.cursor, statement)
        return statement.sql

    def explain_kql(self, text: str, parameters: Mapping[str, object] = _NONE) -> str:
        """As `explain`, for KQL."""
        return self.explain(text, parameters, QueryLanguage.KQL)

    def cancel(self) -> None:
        """Stop what is running now, from any thread; without effect when nothing runs."""
        with self._lock:
            running = tuple(self._running)
        for watch in running:
            watch.cancel()

    def progress(self) -> float | None:
        """How much of what runs now is done, from 0 to 1, as DuckDB estimates; None where nothing runs or it does not.

        Of several queries, the one that began first; from any thread.
        """
        with self._lock:
            percent = next((cursor.query_progress() for cursor in self._running.values()), -1.0)
        return percent / 100 if 0 <= percent <= 100 else None

    def catalogue(self) -> tuple[CatalogueTable, ...]:
        """The tables and columns that a query may name, with their meanings."""
        return list_catalogue()

    def hold(self) -> None:
        """Answer all further queries from the tables as they are at this moment, whatever is written meanwhile.

        Raises:
            QueryFailed: a table's log cannot be read.
        """
        self._snapshots.hold(table.name for table in TABLES)

    def close(self) -> None:
        """Stop what is running and give everything back."""
        self.cancel()
        self._connections.close()
        close_database(self._database)
        shutil.rmtree(self._spill_dir, ignore_errors=True)

    def __enter__(self) -> "QueryEngine":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _prepared(self, statement: Statement, limits: Limits) -> Iterator[QueryRun]:
        """Checks ``statement`` and holds what it needs while it runs."""
        with self._connections.lent() as connection:
            cursor = connection.cursor
            plan = self._plan(cursor, statement)
            self._macros.provide(statement.sql)
            values = bind_parameters(plan.parameters, statement.values)
            set_clock(cursor, self._now or datetime.now(UTC))
            ceiling = CEILING.raise_for(limits.memory_bytes)
            with ceiling, Watch(cursor.interrupt, limits, self._spill_dir) as watch, self._cancellable(watch, cursor):
                yield QueryRun(
                    connection,
                    plan,
                    values,
                    watch,
                    limits,
                    self._snapshots,
                    self._file_columns,
                    statement,
                    self._past,
                    self._now,
                )

    @contextmanager
    def _cancellable(self, watch: Watch, cursor: DuckDBPyConnection) -> Iterator[None]:
        with self._lock:
            self._running[watch] = cursor
        try:
            yield
        finally:
            with self._lock:
                del self._running[watch]

    def _plan(self, cursor: DuckDBPyConnection, statement: Statement) -> Plan:
        try:
            return self._plans.of(cursor, statement.sql, is_ours=statement.is_translated)
        except BadInput as error:
            if not statement.is_translated:
                raise
            raise untranslatable(str(error)) from error


def _let_go(_note: str) -> None:
    """Whoever wants to know of notes gives a function of its own."""
