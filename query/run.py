"""One query on its own connection: its views, its execution, its errors."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import duckdb

from fleet.errors import QueryFailed
from fleet.tables import UPDATE, UPDATE_HISTORY, find_table
from query.bounds import evaluator, first_days
from query.columns import view_columns
from query.connections import Connection
from query.file_columns import FileColumnsReader
from query.limits import Limits
from query.parse import without_semicolon
from query.plans import Plan
from query.problems import explain_error, explain_shortage, explain_stop, explain_translated_error, is_missing_file
from query.results import unique_names
from query.snapshots import SnapshotReader, TableSnapshot
from query.statement import Statement
from query.values import parquet_type, python_type
from query.views import quoted, tables_behind, view_sql
from query.watch import Watch
from query.wording import short_name

if TYPE_CHECKING:
    from query.arrow_stream import ArrowStream
    from query.past import Past

# What DuckDB raises where a signal handler has raised: in the main thread only.
_SIGNALLED = "Query interrupted"


class QueryRun:
    """A checked query with its values, on a connection of its own, watched."""

    def __init__(
        self,
        connection: Connection,
        plan: Plan,
        parameters: dict[str, object],
        watch: Watch,
        limits: Limits,
        snapshots: SnapshotReader,
        file_columns: FileColumnsReader,
        statement: Statement,
        past: "Past | None",
        pinned: datetime | None = None,
    ) -> None:
        self.cursor = connection.cursor
        self._connection = connection
        self._plan = plan
        self._parameters = parameters
        self._watch = watch
        self._limits = limits
        self._snapshots = snapshots
        self._file_columns = file_columns
        self._statement = statement
        self._past = past
        self._pinned = pinned
        self._has_views = False
        self._notes_on_days: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What of an earlier time the tables of the query do not tell, or tell of a later one."""
        if self._past is None:
            return self._notes_on_days
        from query.past import notes_on_past

        return (*notes_on_past(self._plan.tables), *self._notes_on_days)

    def execute(self) -> None:
        """Start the query: the connection then has its columns and its first rows."""
        self._execute("", self._plan.sql, "")
        described = self.cursor.description or []
        if any(python_type(str(column[1])) for column in described):
            before, after = _projection(described, python_type, unique_names(str(column[0]) for column in described))
            self._execute(before, self._inner(), after)

    def copy_to(self, uri: str, on_note: Callable[[str], None]) -> int:
        """Write the answer as Parquet and return the number of rows; ``on_note`` is told of columns that it renames."""
        before, after = self._typed_for_files(on_note)
        self._execute(f"COPY ({before}", self._inner(), f"{after}) TO '{uri}' (FORMAT parquet, COMPRESSION zstd)")
        row = self.cursor.fetchone()
        return int(row[0]) if row else 0

    def open_arrow(self, on_note: Callable[[str], None]) -> "ArrowStream":
        """The answer in Arrow's batches, its columns as `copy_to` has them."""
        from query.arrow_stream import ArrowStream

        before, after = self._typed_for_files(on_note)
        statement = f"{before}{self._inner()}{after}"
        with self.errors(len(before.encode())):
            self.cursor.fetchall()  # a relation wants a connection without an open result
            relation = self.cursor.sql(statement, params=self._parameters)
        return ArrowStream(relation, self.errors)

    def _typed_for_files(self, on_note: Callable[[str], None]) -> tuple[str, str]:
        """What goes before and after the query to give it names and types that files can have."""
        self._execute("SELECT * FROM (\n", self._inner(), "\n) LIMIT 0")
        described = self.cursor.description or []
        for note in self.notes:
            on_note(note)
        given = self._statement.names or unique_names(str(column[0]) for column in described)
        # Readers of Parquet, DuckDB and Spark among them, know no case in names.
        names = unique_names(given, str.casefold)
        for name, written in zip(given, names, strict=True):
            if name != written:
                on_note(
                    f"Column {short_name(name)} is called {short_name(written)} in the file: Parquet knows no case."
                )
        return _projection(described, parquet_type, names)

    @contextmanager
    def errors(self, shift: int = 0) -> Iterator[None]:
        """DuckDB's errors as ours; ``shift`` is where in the statement the user's text begins, in bytes."""
        self._check_watch()
        try:
            yield
        except duckdb.InterruptException as error:
            self._check_watch()
            raise QueryFailed("The query was interrupted.") from error
        except duckdb.OutOfMemoryException as error:
            self._check_watch()
            raise explain_shortage(error, self._limits) from error
        except RuntimeError as error:
            if str(error) != _SIGNALLED:
                raise
            raise KeyboardInterrupt from error
        except duckdb.Error as error:
            self._check_watch()
            if self._statement.is_translated:
                raise explain_translated_error(error) from error
            raise explain_error(error, self._plan.sql, shift, self._columns()) from error
        self._check_watch()

    def _execute(self, before: str, inner: str, after: str) -> None:
        """Run the user's text ``inner`` between what we put around it."""
        with self.errors(len(before.encode())):
            try:
                self._open_views(anew=False)
                self.cursor.execute(f"{before}{inner}{after}", self._parameters)
            except duckdb.Error as error:
                if not is_missing_file(error):
                    raise
                self._open_views(anew=True)
                self.cursor.execute(f"{before}{inner}{after}", self._parameters)

    def _open_views(self, *, anew: bool) -> None:
        """Make the views of the tables that the query names, all of one moment, without days it cannot need."""
        if self._has_views and not anew:
            return
        if self._past is not None:
            self._open_past(self._past, anew=anew)
        else:
            self._open_present(anew=anew)
        self._has_views = True

    def _open_present(self, *, anew: bool) -> None:
        days = first_days(self._plan.bounds, evaluator(self.cursor, self._parameters))
        snapshots = self._snapshots.read(tables_behind(self._plan.tables), anew=anew)
        if self._pinned is not None:
            from query.past import note_on_pinned

            note = note_on_pinned(self._pinned, snapshots)
            self._notes_on_days = (note,) if note else ()
        for name in sorted(self._plan.tables):
            behind = {table: snapshots[table].since(days.get(name)) for table in tables_behind([name])}
            is_history_of_use = snapshots[UPDATE_HISTORY.name].has_loaded if name == UPDATE.name else True
            if not is_history_of_use and self._plan.is_needed_only:
                behind[UPDATE_HISTORY.name] = TableSnapshot(UPDATE_HISTORY.name)
            self._connection.make_view(name, view_sql(name, self._with_columns(behind), self._plan.columns[name]))

    def _open_past(self, past: "Past", *, anew: bool) -> None:
        from query.past import REBUILT, note_on_beginning, past_view_sql, tables_behind_past

        days = first_days(self._plan.bounds, evaluator(self.cursor, self._parameters))
        snapshots = self._snapshots.read(tables_behind_past(self._plan.tables), anew=anew)
        last = past.at.astimezone(UTC).date()
        notes = (note_on_beginning(name, snapshots, last) for name in sorted(self._plan.tables))
        self._notes_on_days = tuple(note for note in notes if note)
        for name in sorted(self._plan.tables):
            behind = {table: snapshots[table].until(last) for table in tables_behind_past([name])}
            if name not in REBUILT:
                behind[name] = behind[name].since(days.get(name))
            self._connection.make_view(name, past_view_sql(name, self._with_columns(behind), past))

    def _with_columns(self, behind: Mapping[str, TableSnapshot]) -> dict[str, TableSnapshot]:
        self._snapshots.fetch_ahead(behind.values())
        read = partial(self._file_columns.read, self.cursor)
        return {name: replace(snapshot, columns=read(snapshot.uris)) for name, snapshot in behind.items()}

    def _inner(self) -> str:
        return without_semicolon(self.cursor, self._plan.sql)

    def _columns(self) -> list[str]:
        """The names that a misspelt column might have meant."""
        return [column.name for name in self._plan.tables for column in view_columns(find_table(name))]

    def _check_watch(self) -> None:
        if self._watch.reason is not None:
            raise explain_stop(self._watch.reason, self._limits)


def _projection(
    described: Sequence[tuple[object, ...]], stand_in: Callable[[str], str | None], names: Sequence[str]
) -> tuple[str, str]:
    """What goes before and after a query to give it ``names``, and other types where ``stand_in`` names one."""
    chosen = []
    for index, (name, column) in enumerate(zip(names, described, strict=True)):
        type_name = stand_in(str(column[1]))
        value = f"CAST(c{index} AS {type_name})" if type_name else f"c{index}"
        chosen.append(f"{value} AS {quoted(name)}")
    aliases = ", ".join(f"c{index}" for index in range(len(names)))
    return f"SELECT {', '.join(chosen)} FROM (\n", f"\n) AS answer({aliases})"  # noqa: S608 - names are quoted
