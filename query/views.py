"""The tables as queries see them: every declared column, typed as declared, over the files of one version.

`Update` is what is needed now and every update that was installed or fell away: docs/decisions/0002-update-view.md; and
what was loaded of machines that Patchdeck has never assessed: docs/decisions/0010-loaded-history.md.
"""

from collections.abc import Iterable, Iterator, Mapping

from fleet.tables import DAY, LOADED_AT, MACHINE, TABLES, UPDATE, UPDATE_HISTORY, Table, TableKind
from query.columns import SQL_TYPES
from query.snapshots import TableSnapshot


def tables_behind(views: Iterable[str]) -> frozenset[str]:
    """The stored tables that ``views`` are made of."""
    named = frozenset(views)
    return named | {UPDATE_HISTORY.name, MACHINE.name} if UPDATE.name in named else named


def view_sql(name: str, snapshots: Mapping[str, TableSnapshot]) -> str:
    """The statement that makes the view ``name``, one of `fleet.tables`, over ``snapshots``."""
    table = next(table for table in TABLES if table.name == name)
    body = select_sql(table, snapshots[name])
    if table is UPDATE:
        body = " UNION ALL BY NAME ".join((body, *history_in_update(snapshots)))
    return f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {body}"


def history_in_update(snapshots: Mapping[str, TableSnapshot]) -> Iterator[str]:
    """What of the history is in `Update`: what was settled, and what else is known of machines never assessed here."""
    snapshot = snapshots[UPDATE_HISTORY.name]
    history = f"SELECT * EXCLUDE ({LOADED_AT.name}) FROM ({select_sql(UPDATE_HISTORY, snapshot)})"  # noqa: S608 - ours
    if not snapshot.has_loaded:
        yield f"{history} WHERE UpdateState <> 'Needed'"
    else:
        yield f"{history} WHERE lower(UpdateState) <> 'needed'"  # Azure wrote it in several ways
        assessed = (
            f"SELECT lower(Computer) FROM ({select_sql(MACHINE, snapshots[MACHINE.name])}) WHERE LastAnswered NOTNULL"  # noqa: S608
        )
        # Azure has fully qualified names; a machine may be enrolled by the first label.
        names = ("lower(Computer)", "split_part(lower(Computer), '.', 1)")
        is_strange = " AND ".join(f"{name} NOT IN ({assessed})" for name in names)
        yield f"{history} WHERE lower(UpdateState) = 'needed' AND {LOADED_AT.name} NOTNULL AND {is_strange}"


def select_sql(table: Table, snapshot: TableSnapshot) -> str:
    """The SELECT over the rows of ``snapshot``, one of ``table``, with the columns and types that are declared."""
    columns = [f"CAST({quoted(c.name)} AS {SQL_TYPES[c.type]}) AS {quoted(c.name)}" for c in table.columns]
    if DAY not in table.columns:
        columns.append(f'CAST(TimeGenerated AS DATE) AS "{DAY.name}"')
    return f"SELECT {', '.join(columns)} FROM ({_source(table, snapshot)})"  # noqa: S608 - declared names


def _source(table: Table, snapshot: TableSnapshot) -> str:
    """The rows of the files; a column that no file has is null, `select_sql` leaves out undeclared ones."""
    nothing = ", ".join(f"CAST(NULL AS {SQL_TYPES[c.type]}) AS {quoted(c.name)}" for c in table.columns)
    empty = f"SELECT {nothing} WHERE false"
    if not snapshot.uris:
        return empty
    files = ", ".join("'" + uri.replace("'", "''") + "'" for uri in snapshot.uris)
    # Without hive_types DuckDB guesses; without union_by_name it drops what only newer files have.
    is_history = table.kind is TableKind.HISTORY
    day = f", hive_partitioning = true, hive_types = {{'{DAY.name}': DATE}}" if is_history else ""
    read = f"read_parquet([{files}], union_by_name = true{day})"
    return f"{empty} UNION ALL BY NAME SELECT * FROM {read}"  # noqa: S608 - our own file names, quoted


def quoted(name: str) -> str:
    """``name`` as SQL takes it whatever it holds."""
    return '"' + name.replace('"', '""') + '"'
