"""What is to be exported of a table: its rows, in which order, and how they are parted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fleet.errors import BadInput, UnknownName
from fleet.tables import DAY, Table
from query.arrow_files import About

_KEY = "__partition_"
DAILY = "day"
MONTHLY = "month"


@dataclass(frozen=True, slots=True)
class Partition:
    """A column by which rows are parted into folders: its name there, and the SQL of its value as text."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """The rows by TimeGenerated: from ``since`` on and before ``until``; None: without that bound."""

    since: datetime | None = None
    until: datetime | None = None


def partitions_of(table: Table, names: Sequence[str]) -> tuple[Partition, ...]:
    """What ``names`` mean for ``table``: day, month, or columns, whatever the case.

    Raises:
        UnknownName: there is no such column.
        BadInput: one is named twice.
    """
    found = tuple(_partition_of(table, name) for name in names)
    if len({partition.name for partition in found}) < len(found):
        raise BadInput("--partition names a column twice.")
    return found


def query_of(table: Table, partitions: Sequence[Partition], bounds: Bounds) -> tuple[str, dict[str, object]]:
    """The SELECT of the rows, sorted as they are stored within each part, with its parameters.

    The values of ``partitions`` are columns at the end, called as `key_names` says; columns they hold are left out.
    """
    keys = [f"{partition.sql} AS {name}" for partition, name in zip(partitions, key_names(partitions), strict=True)]
    held = ", ".join(f'"{p.name}"' for p in partitions if p.name in (DAY.name, *table.column_names))
    rows = f"* EXCLUDE ({held})" if held else "*"
    sides = (("since", ">=", bounds.since), ("until", "<", bounds.until))
    parameters: dict[str, object] = {name: _naive(at) for name, _, at in sides if at is not None}
    conditions = [f"TimeGenerated {sign} CAST(${name} AS TIMESTAMP)" for name, sign, at in sides if at is not None]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    order = ", ".join([*key_names(partitions), *(f'"{name}"' for name in table.sort_by)])
    # The order is by columns that are left out too, so it stands inside.
    inner = f'SELECT *, {", ".join(keys)} FROM "{table.name}"' if keys else f'SELECT * FROM "{table.name}"'  # noqa: S608
    return f"SELECT {rows} FROM ({inner}{where}) ORDER BY {order}", parameters  # noqa: S608 - declared names


def key_names(partitions: Sequence[Partition]) -> tuple[str, ...]:
    """The names of the columns at the end of `query_of`."""
    return tuple(f"{_KEY}{number}" for number, _ in enumerate(partitions))


def describe_table(table: Table) -> About:
    """What a file says of the table and of each of its columns."""
    columns = {
        column.name: {"description": column.meaning, "type": column.type.value}
        | ({"unit": column.unit} if column.unit else {})
        for column in (*table.columns, DAY)
    }
    return About({"patchdeck.table": table.name, "patchdeck.meaning": table.meaning, "patchdeck.times": "UTC"}, columns)


def _partition_of(table: Table, name: str) -> Partition:
    if name.casefold() == DAILY:
        return Partition(DAY.name, f'CAST("{DAY.name}" AS VARCHAR)')
    if name.casefold() == MONTHLY:
        return Partition("Month", f"strftime(\"{DAY.name}\", '%Y-%m')")
    by_folded = {column.casefold(): column for column in table.column_names}
    if name.casefold() not in by_folded:
        raise UnknownName(f"column of {table.name}", name, (DAILY, MONTHLY, *table.column_names))
    column = by_folded[name.casefold()]
    return Partition(column, f"nullif(CAST(\"{column}\" AS VARCHAR), '')")


def _naive(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
