"""The record tables and their columns, as rows."""

from fleet.tables import TABLES, Table, find_table
from ops.cli.listing import Column, Listing
from ops.config import Settings
from ops.home import Home
from query.place import Place

_TABLES = (
    Column("name", "Table"),
    Column("kind", "Kind"),
    Column("rows", "Rows", is_number=True),
    Column("files", "Files", is_number=True),
    Column("size_bytes", "Bytes", is_number=True),
    Column("version", "Version", is_number=True),
    Column("meaning", "Meaning"),
)
_COLUMNS = (Column("name", "Column"), Column("type", "Type"), Column("unit", "Unit"), Column("meaning", "Meaning"))


def list_tables(home: Home, settings: Settings) -> tuple[Listing, int]:
    """A row for each declared table, and how many are broken; a table that nothing was written to has no version."""
    from ops.cli.care_run import of_each
    from ops.store.place import tables_of

    tables = tables_of(home)
    rows, broken = of_each(settings, TABLES, lambda table: _table_row(table, tables / table.name))
    return Listing(_TABLES, rows), broken


def list_columns(name: str) -> Listing:
    """A row for each column of the table called ``name``.

    Raises:
        UnknownName: there is no such table.
    """
    columns = find_table(name).columns
    return Listing(_COLUMNS, [(column.name, column.type, column.unit, column.meaning) for column in columns])


def _table_row(table: Table, place: Place) -> tuple[object, ...]:
    from ops.store.numbers import measure_table

    size = measure_table(place)
    return (table.name, table.kind, size.rows, size.files, size.size_bytes, size.version, table.meaning)
