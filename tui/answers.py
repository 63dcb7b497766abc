"""An answer while its rows come in: written by the thread that asks, read by the screen."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from query.values import row_converter
from tui.garbage import include_all, spare_what_is_there
from tui.rows.result_rows import RowMaker, result_columns
from tui.widgets.rows import Row

if TYPE_CHECKING:
    from query.results import Chart, ResultColumn
    from query.results import Row as Values
    from query.spool import RowSpool

# So many rows are sorted, filtered and searched at once; those behind them are only looked at, page by page.
SEARCHED_ROWS = 100_000
# The table takes in so many in some 10 ms.
ROWS_AT_ONCE = 2_000
_ROWS_A_BREATH = 512
_BREATH_SECONDS = 0.002
# Rows are in no cycle. To look through them for garbage again and again while more of them come would hold up the
# screen for a tenth of a second each time.
_ROWS_SPARED_AT_ONCE = 8_192


class Answer:
    """The rows of one question, as they come. ``row_limit`` is the limit that held for it, None for none.

    The first `SEARCHED_ROWS` are kept, the others are laid aside in ``temp_dir``: memory does not grow with them.
    """

    def __init__(
        self, columns: "tuple[ResultColumn, ...]", temp_dir: Path, row_limit: int | None, chart: "Chart | None" = None
    ) -> None:
        self.columns = columns
        self.table_columns = result_columns(columns)
        self._convert = row_converter(columns)
        self._make_row = RowMaker(columns)
        self.row_limit = row_limit
        self.chart = chart
        self.is_complete = False
        self.is_stopped = False
        self.truncated = False
        self.elapsed_seconds = 0.0
        self.notes: tuple[str, ...] = ()
        self._temp_dir = temp_dir
        self._kept: list[Values] = []
        self._fresh: list[Row] = []
        self._spool: RowSpool | None = None
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept) + self.tail_count

    @property
    def tail_count(self) -> int:
        """How many rows lie behind those that are kept."""
        return len(self._spool) if self._spool is not None else 0

    def take(self, batch: "Sequence[Values]") -> None:
        """Takes the next rows, their values as DuckDB gives them; for the thread that asks.

        Raises:
            OSError: there is no room for them on the disk.
        """
        room = SEARCHED_ROWS - len(self._kept)
        head, rest = batch[: max(0, room)], batch[max(0, room) :]
        for start in range(0, len(head), _ROWS_A_BREATH):
            self._keep(head[start : start + _ROWS_A_BREATH])
        if rest:
            if self._spool is None:
                from query.spool import RowSpool

                self._spool = RowSpool(self._temp_dir)
            self._spool.append(rest)
            time.sleep(_BREATH_SECONDS)

    def _keep(self, values: "Sequence[Values]") -> None:
        make = self._make_row
        rows = [make(number, each) for number, each in enumerate(values, len(self._kept))]
        with self._lock:
            self._kept += values
            self._fresh += rows
        if len(self._kept) % _ROWS_SPARED_AT_ONCE < len(values):
            spare_what_is_there()
        # Python runs one thread at a time: without a pause the screen would wait for its turn at each step of a key.
        time.sleep(_BREATH_SECONDS)

    def finish(self, *, truncated: bool, elapsed_seconds: float, notes: tuple[str, ...]) -> None:
        """No more rows come."""
        self.truncated, self.elapsed_seconds, self.notes = truncated, elapsed_seconds, notes
        self.is_complete = True

    def fresh_rows(self) -> list[Row]:
        """The next of the kept rows that came and were not given yet: no more at once than a key may wait for."""
        with self._lock:
            fresh, self._fresh = self._fresh[:ROWS_AT_ONCE], self._fresh[ROWS_AT_ONCE:]
        return fresh

    @property
    def has_fresh(self) -> bool:
        """Whether kept rows came that were not given yet."""
        return bool(self._fresh)

    def values(self, number: int) -> "Values":
        """The values of row ``number``, 0 for the first."""
        return self._convert(self._raw_values(number))

    def _raw_values(self, number: int) -> "Values":
        if number < len(self._kept):
            return self._kept[number]
        if self._spool is None:
            raise IndexError(number)
        return self._spool[number - len(self._kept)]

    def tail_row(self, position: int) -> Row:
        """A row behind the kept ones, 0 for the first of them."""
        number = len(self._kept) + position
        return self._make_row(number, self._raw_values(number))

    def every_row(self) -> "Iterator[Values]":
        """All rows that came, in order."""
        return (self.values(number) for number in range(len(self)))

    def close(self) -> None:
        """Gives back what was laid aside."""
        include_all()
        if self._spool is not None:
            self._spool.close()
