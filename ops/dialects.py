"""A query of ours, or the views that it needs, in the SQL of another engine."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from fleet.errors import BadInput, QueryFailed
from fleet.tables import TABLES
from ops.home import Home
from query.dialects.engines import Engine
from query.dialects.translate import translate
from query.dialects.views import StoredTable, view_statements


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
    stored = {table.name: _stored(table.name, home.tables_dir / table.name) for table in TABLES}
    return view_statements(engine, stored, _checked_prefix(table_prefix))


def _stored(name: str, path: Path) -> StoredTable:
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError, TableNotFoundError

    try:
        table = DeltaTable(path)
    except TableNotFoundError:
        return StoredTable(name)
    except (DeltaError, OSError) as error:
        raise QueryFailed(f"Table {name} cannot be read: {str(error).splitlines()[0]}") from error
    return StoredTable(name, str(path.resolve()), [field.name for field in table.schema().fields])


def _checked_prefix(prefix: str) -> str:
    parts = prefix.rstrip(".").split(".") if prefix else []
    if any(not part or not part.isprintable() or set(part) & set("`\"'[];") for part in parts):
        raise BadInput(
            f"Table prefix {prefix!r} is not usable: write names with dots between them, like catalog.schema."
        )
    return ".".join(parts)
