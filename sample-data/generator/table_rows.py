"""Rows of the record tables: what is the same in each, and what Windows says beside what an assessment holds."""

from datetime import datetime

from fleet.records import Value
from fleet.tables import ColumnType, Table

Row = dict[str, Value]


def common(table: Table, at: datetime) -> Row:
    """A row of ``table`` that says nothing but when it became true."""
    empty: Row = {column.name: "" if column.type is ColumnType.STRING else None for column in table.columns}
    return empty | {
        "TimeGenerated": at,
        "ComputerEnvironment": "Non-Azure",
        "Type": table.name,
        "Day": at.date(),
    }
