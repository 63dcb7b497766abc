"""The tables as queries see them: every declared column, typed as declared, over the files of one version.

`Update` is what is needed now and every update that was installed or fell away: docs/decisions/0002-update-view.md; and
what was loaded of machines that Patchdeck has never assessed: docs/decisions/0010-loaded-history.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from fleet.tables import DAY, LOADED_AT, MACHINE, TABLES, UPDATE, UPDATE_HISTORY, Column, ColumnType, Table
from query.columns import SQL_TYPES, view_columns
from query.snapshots import TableSnapshot

Wanted = frozenset[str] | None

# As files have it; `_value` makes of it what queries see.
_STORED_TYPES = {ColumnType.DATETIME: "TIMESTAMPTZ", ColumnType.DATE: "TIMESTAMPTZ"}


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
    shown = ", ".join(quoted(column.name) for column in _chosen(view_columns(UPDATE), wanted))
    judged = None if wanted is None else wanted | {"updatestate", "computer", LOADED_AT.name.casefold()}
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

    A column that a file does not have is null there, and undeclared ones are left out. ``wanted`` is as in `view_sql`.
    """
    columns = _chosen(view_columns(table), wanted)
    if not snapshot.uris:
        nothing = ", ".join(f"CAST(NULL AS {SQL_TYPES[c.type]}) AS {quoted(c.name)}" for c in columns)
        return f"SELECT {nothing} WHERE false"
    values = ", ".join(f"{_value(column)} AS {quoted(column.name)}" for column in columns)
    return f"SELECT {values} FROM {_read(snapshot, columns)}"  # noqa: S608 - declared names


def _chosen(columns: Sequence[Column], wanted: Wanted) -> list[Column]:
    """Those that are wanted, or the first one: rows can be counted by any."""
    if wanted is None:
        return list(columns)
    return [column for column in columns if column.name.casefold() in wanted] or [columns[0]]


def _value(column: Column) -> str:
    """The column as queries see it: times are plain UTC, and the day is that of the time, as is the folder's."""
    if column is DAY:
        return f"CAST({_plain_time('TimeGenerated')} AS DATE)"
    if column.type is ColumnType.DATETIME:
        return _plain_time(column.name)
    return quoted(column.name)


def _plain_time(name: str) -> str:
    """A time without its zone; a CAST would go through the calendar for each row, and takes 25 times as long."""
    return f"make_timestamp(epoch_us({quoted(name)}))"


def _read(snapshot: TableSnapshot, columns: Iterable[Column]) -> str:
    """The files, read with the declared types: with a schema, DuckDB opens none of them only to learn what is in it."""
    stored = {"TimeGenerated" if column is DAY else column.name: column.type for column in columns}
    schema = ", ".join(
        f"'{name}': {{name: '{name}', type: '{_STORED_TYPES.get(type_, SQL_TYPES[type_])}', default_value: NULL}}"
        for name, type_ in stored.items()
    )
    files = ", ".join("'" + uri.replace("'", "''") + "'" for uri in snapshot.uris)
    return f"read_parquet([{files}], schema = MAP {{{schema}}})"


def quoted(name: str) -> str:
    """``name`` as SQL takes it whatever it holds."""
    return '"' + name.replace('"', '""') + '"'
