"""The columns that queries see, and their types in SQL."""

from collections.abc import Mapping

from fleet.tables import DAY, Column, ColumnType, Table

SQL_TYPES: Mapping[ColumnType, str] = {
    ColumnType.STRING: "VARCHAR",
    ColumnType.DATETIME: "TIMESTAMP",
    ColumnType.DATE: "DATE",
    ColumnType.BOOL: "BOOLEAN",
    ColumnType.INT: "INTEGER",
    ColumnType.LONG: "BIGINT",
    ColumnType.REAL: "DOUBLE",
    ColumnType.DYNAMIC: "JSON",
}


def view_columns(table: Table) -> tuple[Column, ...]:
    """The columns of the view over ``table``; every one has a Day, so that `Update` and its history fit together."""
    return table.columns if DAY in table.columns else (*table.columns, DAY)
