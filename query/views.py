"""The tables as queries see them: every declared column, typed as declared, over the files of one version.

`Update` is what is needed now and every update that was installed or fell away: docs/decisions/0002-update-view.md; and
what was loaded of machines that Patchdeck has never assessed: docs/decisions/0010-loaded-history.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from fleet.tables import DAY, LOADED_AT, MACHINE, TABLES, UPDATE, UPDATE_HISTORY, Column, Table, TableKind
from query.columns import SQL_TYPES, view_columns
from query.file_columns import FileColumns
from query.snapshots import TableSnapshot

Wanted = frozenset[str] | None

_TIME = UPDATE.columns[0]


def tables_behind(views: Iterable[str]) -> frozenset[str]:
    """The stored tables that ``views`` are made of."""
    named = frozenset(views)
    return named | {UPDATE_HISTORY.name, MACHINE.name} if UPDATE.name in named else named


def view_sql(name: str, snapshots: Mapping[str, TableSnapshot], wanted: Wanted = None) -> str:
    """The statement that makes the view ``name``, one of `fleet.tables`, over ``snapshots``.

    ``wanted`` are the columns that it must have, casefolded, of those that there are; None for all.
    """
    table = next(table for table in TABLES if table.name == name)
    body = select_sql(table, snapshots[name], wanted)
    if table is UPDATE:
        body = " UNION ALL ".join((body, *history_in_update(snapshots, wanted)))
    return f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {body}"


def history_in_update(snapshots: Mapping[str, TableSnapshot], wanted: Wanted = None) -> Iterator[str]:
    """What of the history is in `Update`: what was settled, and what else is known of machines never assessed here.

    The columns are those of `Update`, in the same order.
    """
    snapshot = snapshots[UPDATE_HISTORY.name]
    if not snapshot.uris:
        return
    chosen = _chosen(view_columns(UPDATE), wanted)
    shown = ", ".join(quoted(column.name) for column in chosen)
    judged = frozenset(
        name.casefold() for name in (*(c.name for c in chosen), "UpdateState", "Computer", LOADED_AT.name)
    )
    history = f"SELECT {shown} FROM ({select_sql(UPDATE_HISTORY, snapshot, judged)})"  # noqa: S608 - ours
    if not snapshot.has_loaded:
        yield f"{history} WHERE UpdateState <> 'Needed'"
    else:
        yield f"{history} WHERE lower(UpdateState) <> 'needed'"  # Azure wrote it in several ways
        machines = select_sql(MACHINE, snapshots[MACHINE.name], frozenset({"computer", "lastanswered"}))
        assessed = f"SELECT lower(Computer) FROM ({machines}) WHERE LastAnswered NOTNULL"  # noqa: S608
        # Azure has fully qualified names; a machine may be enrolled by the first label.
        names = ("lower(Computer)", "split_part(lower(Computer), '.', 1)")
        is_strange = " AND ".join(f"{name} NOT IN ({assessed})" for name in names)
        yield f"{history} WHERE lower(UpdateState) = 'needed' AND {LOADED_AT.name} NOTNULL AND {is_strange}"


def select_sql(table: Table, snapshot: TableSnapshot, wanted: Wanted = None) -> str:
    """The SELECT over the rows of ``snapshot``, one of ``table``, with the columns and types that are declared.

    A column that no file has is null, and undeclared ones are left out. ``wanted`` is as in `view_sql`.
    """
    columns = _chosen(view_columns(table), wanted)
    if not snapshot.uris:
        nothing = ", ".join(f"{_null(column)} AS {quoted(column.name)}" for column in columns)
        return f"SELECT {nothing} WHERE false"
    stored = snapshot.columns
    is_partitioned = table.kind is TableKind.HISTORY
    values = ", ".join(f"{_value(column, stored, is_partitioned)} AS {quoted(column.name)}" for column in columns)
    if stored.are_alike:
        return f"SELECT {values} FROM {_read(snapshot, is_partitioned)}"  # noqa: S608 - declared names
    # Some file may lack a column that others have, or all may.
    nothing = ", ".join(f"{_null(column)} AS {quoted(column.name)}" for column in columns)
    read = _read(snapshot, is_partitioned, "union_by_name = true")
    return f"SELECT {values} FROM (SELECT {nothing} WHERE false UNION ALL BY NAME SELECT * FROM {read})"  # noqa: S608


def _chosen(columns: Sequence[Column], wanted: Wanted) -> list[Column]:
    """Those that are wanted, or the first one: rows can be counted by any."""
    if wanted is None:
        return list(columns)
    return [column for column in columns if column.name.casefold() in wanted] or [columns[0]]


def _null(column: Column) -> str:
    return f"CAST(NULL AS {SQL_TYPES[column.type]})"


def _value(column: Column, stored: FileColumns, is_partitioned: bool) -> str:
    """The column as queries see it: of its declared type, times as plain UTC."""
    type_ = SQL_TYPES[column.type]
    if column is DAY:
        return quoted(DAY.name) if is_partitioned else f"CAST({_value(_TIME, stored, is_partitioned)} AS DATE)"
    if stored.are_alike and column.name.casefold() not in stored.types:
        return _null(column)
    found = stored.types.get(column.name.casefold())
    if found == "TIMESTAMP WITH TIME ZONE" and type_ == "TIMESTAMP":
        # A CAST goes through the calendar for each row, and takes 25 times as long.
        return f"make_timestamp(epoch_us({quoted(column.name)}))"
    return quoted(column.name) if found == type_ else f"CAST({quoted(column.name)} AS {type_})"


def _read(snapshot: TableSnapshot, is_partitioned: bool, *options: str) -> str:
    """The files; without hive_types DuckDB guesses what a day is."""
    files = "[" + ", ".join("'" + uri.replace("'", "''") + "'" for uri in snapshot.uris) + "]"
    day = f"hive_partitioning = true, hive_types = {{'{DAY.name}': DATE}}" if is_partitioned else ""
    return f"read_parquet({', '.join(filter(None, (files, *options, day)))})"


def quoted(name: str) -> str:
    """``name`` as SQL takes it whatever it holds."""
    return '"' + name.replace('"', '""') + '"'
