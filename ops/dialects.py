"""A query of ours, or the views that it needs, in the SQL of another engine."""

from collections.abc import Mapping
from datetime import datetime

from fleet.errors import BadInput, QueryFailed
from fleet.tables import TABLES
from ops.home import Home
from ops.store.place import tables_of
from query.dialects.engines import Engine
from query.dialects.translate import translate
from query.dialects.views import StoredTable, view_statements
from query.place import Place


def say_query(
    sql: str, engine: Engine, parameters: Mapping[str, object], *, title: str, now: datetime | None, table_prefix: str
) -> str:
    """``sql``, DuckDB's, as text for ``engine``; raises as `query.dialects.translate.translate`."""
    return translate(
        sql, engine, parameters=parameters, title=title, now=now, table_prefix=_checked_prefix(table_prefix)
    )


def say_views(home: Home, engine: Engine, table_prefix: str) -> str:
    """The statements that make our tables known to ``engine``, with the columns that the store of ``home`` has.

    Raises:
        QueryFailed: a table's log cannot be read.
    """
    tables = tables_of(home)
    stored = {table.name: _stored(table.name, tables / table.name) for table in TABLES}
    return view_statements(engine, stored, _checked_prefix(table_prefix))


def _stored(name: str, place: Place) -> StoredTable:
    from deltalake.exceptions import DeltaError

    from ops.store.numbers import explain

    try:
        table = place.open()
    except (DeltaError, OSError) as error:
        raise QueryFailed(f"Table {name} cannot be read: {explain(error, place)}") from error
    if table is None:
        return StoredTable(name)
    where = str(place.path.resolve()) if place.is_local else place.where
    return StoredTable(name, where, [field.name for field in table.schema().fields])


def _checked_prefix(prefix: str) -> str:
    parts = prefix.rstrip(".").split(".") if prefix else []
    if any(not part or not part.isprintable() or set(part) & set("`\"'[];") for part in parts):
        raise BadInput(
            f"Table prefix {prefix!r} is not usable: write names with dots between them, like catalog.schema."
        )
    return ".".join(parts)
