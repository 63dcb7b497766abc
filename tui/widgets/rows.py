"""Rows and columns of the large table: plain tuples."""

from dataclasses import dataclass
from typing import NamedTuple

from tui.tones import Tone


class Row(NamedTuple):
    """One row: its key, the text of each cell, the tone of each cell, and what each cell sorts by.

    ``tones`` and ``order`` may be empty: every cell is normal, and sorts by its text.
    """

    key: str
    cells: tuple[str, ...]
    tones: tuple[Tone, ...] = ()
    order: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table on the screen.

    ``priority`` is the order in which columns give way when the table is narrow: the highest goes first, 0 never.
    A column is as wide as its widest cell, between ``least`` and ``most`` cells. Where room is short it gives way down
    to ``least``, or to ``least_of_long`` where its cells are longer: titles, which nobody knows by their begin. One
    with ``most`` 0 is never shown: it is there to filter and to sort by. One that ``is_sparse`` is not there while none
    of its cells says anything.
    """

    name: str
    heading: str
    most: int = 40
    least: int = 3
    is_number: bool = False
    priority: int = 1
    is_sparse: bool = False
    least_of_long: int = 0
