"""What a table holds and how fast it grows, by its log: no data is read."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fleet.tables import DAY, Table, TableKind
from ops.home import Home
from ops.store.numbers import told
from ops.store.place import tables_of

_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class TableStats:
    """A table in numbers. ``oldest`` and ``newest`` are by TimeGenerated; growth is that of the last 30 days.

    None is where nothing tells: an empty table, or one that does not grow but is replaced.
    """

    table: str
    rows: int = 0
    files: int = 0
    size_bytes: int = 0
    days: int | None = None
    oldest: datetime | None = None
    newest: datetime | None = None
    rows_a_month: int | None = None
    bytes_a_month: int | None = None


def read_stats(home: Home, table: Table, today: date) -> TableStats:
    """The stats of ``table`` as it is now.

    Raises:
        HomeUnusable: its log cannot be read.
    """
    place = tables_of(home) / table.name
    with told(place, "read"):
        opened = place.open()
        if opened is None:
            return TableStats(table.name)
        actions = opened.get_add_actions(flatten=True)

    def column(name: str) -> list[object]:
        return list(actions.column(name).to_pylist()) if name in actions.schema.names else [None] * actions.num_rows

    rows, sizes = ([n if isinstance(n, int) else 0 for n in column(name)] for name in ("num_records", "size_bytes"))
    days = [day if isinstance(day, date) else None for day in column(f"partition.{DAY.name}")]
    is_history = table.kind is TableKind.HISTORY
    recent = [index for index, day in enumerate(days) if day is not None and day > today - _MONTH]
    return TableStats(
        table=table.name,
        rows=sum(rows),
        files=len(sizes),
        size_bytes=sum(sizes),
        days=len({day for day in days if day is not None}) if is_history else None,
        oldest=min((at for at in column("min.TimeGenerated") if isinstance(at, datetime)), default=None),
        newest=max((at for at in column("max.TimeGenerated") if isinstance(at, datetime)), default=None),
        rows_a_month=sum(rows[index] for index in recent) if is_history else None,
        bytes_a_month=sum(sizes[index] for index in recent) if is_history else None,
    )
