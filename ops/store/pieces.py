"""Rows of large tables, a piece at a time: 1,000 machines that lack 129 updates each are 200 MB of rows in each of two.

New rows wait compressed until they are written; stored ones are read where they are needed; a commit takes one piece
after the other. So what a scan takes of memory hardly grows with what is missing.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from io import BytesIO

import polars as pl

from fleet.tables import Table

# Of Update and UpdateHistory.
_BYTES_A_ROW = 1_500
_ROWS_READ_AT_ONCE = 16_384
_BY_NAME = "Computer"
_BY_ID = "SourceComputerId"


@dataclass(frozen=True, slots=True)
class Pieces:
    """The rows of ``table`` in its order, ``rows_at_most`` of them: ``make`` begins anew at each call."""

    table: Table
    make: Callable[[], Iterator[pl.DataFrame]]
    rows_at_most: int

    def estimated_size(self) -> int:
        """About the bytes that they take in memory."""
        return self.rows_at_most * _BYTES_A_ROW


class PackedFrames:
    """Frames of one table in the order in which they were added, compressed to some hundredth."""

    def __init__(self) -> None:
        self.rows = 0
        self._packed: list[bytes] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Keep ``frame`` after the others."""
        if frame.is_empty():
            return
        packed = BytesIO()
        frame.write_ipc(packed, compression="zstd")
        self._packed.append(packed.getvalue())
        self.rows += frame.height

    def __bool__(self) -> bool:
        return bool(self._packed)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        return (pl.read_ipc(BytesIO(packed)) for packed in self._packed)


class StoredRows:
    """The rows of a CURRENT table as they are before a batch; all that is held of most is whose they are."""

    def __init__(self, rows: pl.LazyFrame) -> None:
        self._rows = rows
        self._read_from, self._read_last = 0, rows.head(0).collect()
        self._owners = rows.select(_BY_ID, _BY_NAME).collect().with_row_index("row")

    @property
    def rows(self) -> int:
        """How many they are."""
        return self._owners.height

    def of_machines(self, machine_ids: Collection[str]) -> pl.DataFrame:
        """Those of the machines."""
        return self._read(pl.col(_BY_ID).is_in(list(machine_ids)))

    def with_replaced(self, table: Table, machine_ids: Collection[str], frames: PackedFrames) -> Iterator[pl.DataFrame]:
        """All of them in the table's order, with ``frames``, which are in it, in the place of those of the machines.

        The rows of one machine are never in two of the frames.
        """
        is_kept = ~pl.col(_BY_ID).is_in(list(machine_ids))
        for frame in frames:
            last = frame[_BY_NAME][-1]
            between = self._read(is_kept & (pl.col(_BY_NAME) <= last))
            yield frame if between.is_empty() else pl.concat([between, frame]).sort(table.sort_by, maintain_order=True)
            is_kept &= pl.col(_BY_NAME) > last
        yield self._read(is_kept).sort(table.sort_by, maintain_order=True)

    def _read(self, are_wanted: pl.Expr) -> pl.DataFrame:
        """Those rows. They are asked for in about their order, so that each is read once."""
        wanted = self._owners.filter(are_wanted)["row"]
        if wanted.is_empty():
            return self._read_last.head(0)
        first, end = wanted[0], wanted[-1] + 1
        if first < self._read_from or end > self._read_from + self._read_last.height:
            self._read_from = first
            self._read_last = self._rows.slice(first, max(end - first, _ROWS_READ_AT_ONCE)).collect()
        return self._read_last.select(pl.all().gather(wanted - self._read_from))
