"""What is in a table and which of it is shown: rows, filter, order and marks, without a screen."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from tui.widgets.changed_places import changed_places
from tui.widgets.column_layout import natural_widths, wanted_widths, widest_cells, widest_then
from tui.widgets.filtering import joined_text, matching, parse_filter
from tui.widgets.ordering import sort_indexes
from tui.widgets.rows import Row, TableColumn

if TYPE_CHECKING:
    from textual.widget import Widget

Clock = Callable[[], datetime | None]


@dataclass(frozen=True, slots=True)
class Sorting:
    """The column that rows are sorted by, and which way."""

    column: int
    is_descending: bool = False


class Tail(Protocol):
    """Rows behind those of a table that are too many to keep: shown as they are, neither sorted nor filtered."""

    @property
    def tail_count(self) -> int:
        """How many there are now."""
        ...

    def tail_row(self, position: int) -> Row:
        """One of them, 0 for the first."""
        ...


# Which rows are marked, and the one under the cursor, by their keys.
Place = tuple[frozenset[str], str | None]


def shown_now_of(widget: "Widget") -> Clock:
    """What ages in ``widget`` are reckoned from: the time that its screen shows, None where that says none."""
    return lambda: getattr(widget.screen, "shown_now", None)


class Contents:
    """The rows of a table with ``columns``. Positions count the rows that are shown, from 0. A filter compares ages
    with times by ``clock``.
    """

    def __init__(self, columns: Sequence[TableColumn], clock: Clock = lambda: None) -> None:
        self.columns = tuple(columns)
        self._clock = clock
        self.rows: list[Row] = []
        self.marks: set[str] = set()
        self.sorting: Sorting | None = None
        self.filter_text = ""
        self.natural = [0] * len(self.columns)
        self._widest: list[int] | None = None
        # What a filter looks for in each row, from the first filter on: of ten thousand rows 2 MB.
        self._joined: list[str] | None = None
        self._index_of: dict[str, int] = {}
        self._shown: list[int] = []
        self.tail: Tail | None = None

    def __len__(self) -> int:
        return len(self._shown) + self.tail_count

    def __getitem__(self, position: int) -> Row:
        kept = len(self._shown)
        if position >= kept and self.tail is not None:
            return self.tail.tail_row(position - kept)
        return self.rows[self._shown[position]]

    @property
    def tail_count(self) -> int:
        """How many rows are shown behind ``rows``: none while a filter or an order holds, which know only these."""
        is_plain = self.sorting is None and not self.filter_text.strip()
        return self.tail.tail_count if self.tail is not None and is_plain else 0

    @property
    def shown(self) -> list[Row]:
        """The rows that the filter lets through, in the order shown."""
        return [self.rows[index] for index in self._shown]

    @property
    def marked(self) -> list[Row]:
        """The marked rows, those that the filter hides too."""
        return [row for row in self.rows if row.key in self.marks]

    def set_rows(self, rows: Iterable[Row]) -> None:
        """Other rows; marks stay with their keys, filter and order stay as they are."""
        # Of rows that are the very same as before, the words and the widths are known.
        before, self.rows = self.rows, list(rows)
        if (places := self._places_of_others(before)) is not None:
            self._take(places, before)
        else:
            self._take_all(before)
        self.natural = wanted_widths(self.columns, self._widest or ())
        self.arrange()

    def _places_of_others(self, before: Sequence[Row]) -> list[int] | None:
        """Where few of the rows are others than ``before``, and of the same keys; None where that is not all."""
        if len(before) != len(self.rows) or self._widest is None:
            return None
        places = changed_places(before, self.rows)
        is_all = len(places) <= len(before) // 10 and all(before[at].key == self.rows[at].key for at in places)
        return places if is_all else None

    def _take(self, places: Sequence[int], before: Sequence[Row]) -> None:
        come = [self.rows[at] for at in places]
        if self._joined is not None:
            for at, row in zip(places, come, strict=True):
                self._joined[at] = joined_text(row)
        gone = [before[at] for at in places]
        self._widest = widest_then(self.columns, self.rows, self._widest or (), gone, come)

    def _take_all(self, before: Sequence[Row]) -> None:
        self._index_of = {row.key: index for index, row in enumerate(self.rows)}
        if self._joined is not None:
            known = {id(row): joined for row, joined in zip(before, self._joined, strict=True)}
            self._joined = [known.get(id(row)) or joined_text(row) for row in self.rows]
        were, are = set(map(id, before)), set(map(id, self.rows))
        come = [row for row in self.rows if id(row) not in were]
        gone = [row for row in before if id(row) not in are]
        if self._widest is None:
            self._widest = widest_cells(self.columns, self.rows)
        else:
            self._widest = widest_then(self.columns, self.rows, self._widest, gone, come)
        self.marks &= self._index_of.keys()

    def take_back(self, marks: Iterable[str]) -> None:
        """Marks the rows with ``marks`` that there are, beside those that are marked."""
        self.marks |= self._index_of.keys() & set(marks)

    def append(self, rows: Sequence[Row]) -> None:
        """More rows, behind those that there are."""
        self._index_of |= {row.key: index for index, row in enumerate(rows, len(self.rows))}
        self.rows += rows
        if self._joined is not None:
            self._joined += map(joined_text, rows)
        self._widen(rows)
        if self.sorting is None and not self.filter_text.strip():
            self._shown += range(len(self.rows) - len(rows), len(self.rows))
        else:
            self.arrange()

    def replace(self, rows: Iterable[Row]) -> set[str]:
        """Puts each row in the place of the one with its key, and gives the keys that there are. Nothing moves."""
        known = [row for row in rows if row.key in self._index_of]
        for row in known:
            index = self._index_of[row.key]
            self.rows[index] = row
            if self._joined is not None:
                self._joined[index] = joined_text(row)
        self._widen(known)
        return {row.key for row in known}

    def _widen(self, rows: Sequence[Row]) -> None:
        # Never narrower, so that nothing moves: how wide the widest are is found when there are other rows.
        wanted = natural_widths(self.columns, rows)
        self.natural = [max(pair) for pair in zip(self.natural, wanted, strict=True)]
        self._widest = None

    def arrange(self) -> None:
        """Finds anew which rows are shown, in which order."""
        shown = list(range(len(self.rows)))
        if self.filter_text.strip():
            if self._joined is None:
                self._joined = [*map(joined_text, self.rows)]
            shown = matching(self.rows, self._joined, parse_filter(self.filter_text, self.columns), self._clock())
        if self.sorting is not None:
            shown = sort_indexes(shown, self.rows, self.sorting.column, is_descending=self.sorting.is_descending)
        self._shown = shown

    def mark(self, keys: Iterable[str]) -> None:
        """Marks the rows with ``keys`` that there are, and no other."""
        self.marks = self._index_of.keys() & set(keys)

    def position_of(self, key: str | None) -> int | None:
        """Where the row with ``key`` is shown, None where it is not."""
        index = self._index_of.get(key) if key is not None else None
        return self._shown.index(index) if index is not None and index in self._shown else None
