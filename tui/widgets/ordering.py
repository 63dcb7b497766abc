"""The order of rows: by a column's own values, what is unknown always last."""

from collections.abc import Sequence
from typing import Any

from tui.widgets.rows import Row


def sort_indexes(indexes: Sequence[int], rows: Sequence[Row], column: int, *, is_descending: bool) -> list[int]:
    """``indexes`` ordered by ``column`` of their rows; equal ones keep their order, None comes last both ways."""
    values = {index: sort_value(rows[index], column) for index in indexes}
    known = [index for index in indexes if values[index] is not None]
    unknown = [index for index in indexes if values[index] is None]
    # Any: the values of one column are of one type; which one does not matter here.
    ordering: dict[int, Any] = values
    return sorted(known, key=ordering.__getitem__, reverse=is_descending) + unknown


def sort_value(row: Row, column: int) -> object:
    """What the cell sorts by: its own value, else its text whatever the case."""
    return row.order[column] if row.order else row.cells[column].casefold()
