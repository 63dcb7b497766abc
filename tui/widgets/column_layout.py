"""Which columns of a table fit, and how wide each is: whole columns give way, the edge cuts none in half."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tui.widgets.rows import Row, TableColumn


@dataclass(frozen=True, slots=True)
class PlacedColumn:
    """A column that is shown: its index among all columns and its width in cells."""

    index: int
    width: int


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """The columns shown, and how many are not."""

    placed: tuple[PlacedColumn, ...]
    gap: int
    dropped: int


def widest_cells(columns: Sequence[TableColumn], rows: Sequence[Row]) -> list[int]:
    """How wide the widest cell of each column is, in cells of the terminal; 0 where there is none."""
    by_column = list(zip(*(row.cells for row in rows), strict=True)) if rows else [()] * len(columns)
    return [_widest(texts) for texts in by_column]


def widest_then(
    columns: Sequence[TableColumn], rows: Sequence[Row], before: Sequence[int], gone: Sequence[Row], come: Sequence[Row]
) -> list[int]:
    """`widest_cells` of ``rows``: those whose it was ``before``, without ``gone`` and with ``come``, both few."""
    if len(gone) + len(come) > len(rows) // 10:
        return widest_cells(columns, rows)
    lost, got = widest_cells(columns, gone), widest_cells(columns, come)
    return [
        new if new >= old else _widest([row.cells[index] for row in rows]) if left >= old else old
        for index, (old, left, new) in enumerate(zip(before, lost, got, strict=True))
    ]


def natural_widths(columns: Sequence[TableColumn], rows: Sequence[Row]) -> list[int]:
    """How wide each column wants to be: its widest cell or heading, between its least and its most; 0: not there."""
    return wanted_widths(columns, widest_cells(columns, rows))


def wanted_widths(columns: Sequence[TableColumn], widest: Sequence[int]) -> list[int]:
    """`natural_widths`, of the widest cell of each column."""
    return [_natural(column, cells) for column, cells in zip(columns, widest, strict=True)]


def lay_out(
    columns: Sequence[TableColumn], natural: Sequence[int], width: int, *, skip: int = 0, chosen: Sequence[int] = ()
) -> ColumnLayout:
    """The columns that fit ``width`` cells. The first column always stays; ``skip`` columns after it are passed over.

    Columns shrink towards their least width before one is dropped; the column of the highest priority number goes
    first, of several the last. Columns that are not there are neither passed over nor counted. Where some are
    ``chosen``, only these are there, in that order, and the last goes first.
    """
    there = [0, *(index for index in (chosen or range(1, len(columns))) if index and natural[index])]
    kept = [0, *there[1 + skip :]]
    gap = 2 if width >= WIDE_CELLS else 1
    while len(kept) > 1 and _least_total(columns, natural, kept, gap) > width:
        kept.remove(kept[-1] if chosen else max(kept[1:], key=lambda index: (columns[index].priority, index)))
    widths = _shrink(columns, natural, kept, width - gap * (len(kept) - 1))
    placed = tuple(PlacedColumn(index, widths[index]) for index in kept)
    return ColumnLayout(placed, gap, len(there) - len(kept))


# From here on two spaces stand between columns; below, each cell counts.
WIDE_CELLS = 100


def _natural(column: TableColumn, widest: int) -> int:
    if column.is_sparse and not widest:
        return 0
    return min(column.most, max(column.least, len(column.heading) + 1, widest))


def _least(column: TableColumn, natural: int) -> int:
    return natural if column.is_number else min(natural, max(column.least, column.least_of_long, len(column.heading)))


def _least_total(columns: Sequence[TableColumn], natural: Sequence[int], kept: Sequence[int], gap: int) -> int:
    return sum(_least(columns[index], natural[index]) for index in kept) + gap * (len(kept) - 1)


def _shrink(columns: Sequence[TableColumn], natural: Sequence[int], kept: Sequence[int], room: int) -> dict[int, int]:
    widths = {index: natural[index] for index in kept}
    excess = sum(widths.values()) - room
    while excess > 0:
        slack = {index: widths[index] - _least(columns[index], natural[index]) for index in kept}
        widest = max(kept, key=lambda index: (slack[index], index))
        if slack[widest] <= 0:
            widths[kept[0]] = max(1, widths[kept[0]] - excess)
            break
        widths[widest] -= 1
        excess -= 1
    return widths


def _widest(texts: Sequence[str]) -> int:
    joined_is_ascii = all(map(str.isascii, texts))
    return max(map(len if joined_is_ascii else cell_len, texts), default=0)
