"""SQL as somebody would put it to a plain DuckDB over the files of the tables: no gate, no thread, no file system."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import duckdb

from bench.by_hand_questions import written
from fleet.tables import LOADED_AT, TABLES, UPDATE, UPDATE_HISTORY, ColumnType, Table, TableKind, find_table
from query.bounds import asks_for_needed_only, day_bounds, evaluator, first_days
from query.clock import create_clock, set_clock
from query.gate import check_query
from query.macros import Macros
from query.snapshots import SnapshotReader, TableSnapshot
from query.views import quoted, tables_behind


class ByHand:
    """A plain DuckDB whose views read local files with all columns as they are, times as plain UTC."""

    def __init__(self, tables_dir: Path, now: datetime) -> None:
        self._tables_dir = tables_dir
        self._now = now
        self._connection = duckdb.connect(config={"memory_limit": "4GB"})
        self._connection.execute("SET TimeZone = 'UTC'")
        create_clock(self._connection)
        set_clock(self._connection, now)
        self._macros = Macros(self._connection)

    def question(self, sql: str, parameters: Mapping[str, object]) -> Callable[[], object]:
        """Asks ``sql`` and fetches its rows; opens the days that its author would have named."""
        query = check_query(self._connection, sql, [table.name for table in TABLES], is_ours=True)
        self._macros.provide(sql)
        values = {name: _plain(parameters[name]) for name in query.parameters}
        days = first_days(day_bounds(query, self._connection), evaluator(self._connection, values))
        snapshots = SnapshotReader(self._tables_dir).read(tables_behind(query.tables))
        is_needed_only = asks_for_needed_only(query)
        views = []
        for name in query.tables:
            behind = {table: snapshots[table].since(days.get(name)) for table in tables_behind([name])}
            body = self._select(find_table(name), behind[name])
            if name == UPDATE.name and not is_needed_only:
                history = self._select(UPDATE_HISTORY, behind[UPDATE_HISTORY.name])
                body += f" UNION ALL BY NAME SELECT * EXCLUDE ({LOADED_AT.name}) FROM ({history}) "
                body += "WHERE UpdateState <> 'Needed'"
            views.append(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {body}")

        def ask() -> object:
            for view in views:
                self._connection.execute(view)
            return self._connection.execute(sql, values).fetchall()

        return ask

    def written(self, name: str) -> Callable[[], list[tuple[object, ...]]]:
        """Asks the question ``name`` of `bench.by_hand_questions` over the files."""
        sql = written(name, self._tables_dir, self._now)
        return lambda: self._connection.execute(sql).fetchall()

    def _select(self, table: Table, snapshot: TableSnapshot) -> str:
        files = ", ".join(f"'{self._tables_dir}/{uri.partition('://')[2]}'" for uri in snapshot.uris)
        types = {ColumnType.DATETIME: "TIMESTAMP", ColumnType.DYNAMIC: "JSON"}
        casts = ", ".join(f"CAST({c.name} AS {types[c.type]}) AS {c.name}" for c in table.columns if c.type in types)
        is_history = table.kind is TableKind.HISTORY
        day = "" if is_history else ", CAST(TimeGenerated AS DATE) AS Day"
        read = f"read_parquet([{files}], union_by_name = true, hive_partitioning = {str(is_history).lower()})"
        return f"SELECT * REPLACE ({casts}){day} FROM {read}"

    def __enter__(self) -> "ByHand":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._connection.close()


def _plain(value: object) -> object:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value
