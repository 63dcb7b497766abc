"""Rows that moved up or down: the terminal can move them itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui.cells.row import UNKNOWN, Cell

# At the edges are borders and the thumb of a scroll bar, which do not move along.
_EDGE = 3
_FEWEST_ROWS = 3


@dataclass(frozen=True, slots=True)
class Move:
    """The rows from ``top`` to ``bottom`` move up by ``count``, down where that is negative."""

    top: int
    bottom: int
    count: int


def find_move(before: Sequence[Sequence[Cell]], changed: Mapping[int, Sequence[Cell]]) -> Move | None:
    """The move that brings most of the ``changed`` rows (by number) to what they are to be; None: none is worth it."""
    if len(changed) < _FEWEST_ROWS:
        return None
    known = {_middle(before[y]): y for y in changed if UNKNOWN not in before[y][:1]}
    came = {y: known[middle] for y, row in changed.items() if (middle := _middle(row)) in known}
    counts = Counter(source - y for y, source in came.items() if source != y)
    if not counts:
        return None
    count, _ = counts.most_common(1)[0]
    rows = [y for y, source in came.items() if source - y == count]
    if len(rows) < _FEWEST_ROWS or len({_middle(changed[y]) for y in rows}) < _FEWEST_ROWS:
        return None  # blank rows are alike wherever they are
    top, bottom = min(rows), max(rows)
    move = Move(min(top, top + count), max(bottom, bottom + count), count)
    still = sum(y not in changed for y in range(move.top, move.bottom + 1))
    return move if len(rows) > still + abs(count) else None


def move_rows(rows: list[list[Cell]], move: Move) -> None:
    """Does with ``rows`` what the terminal does; what comes in is not known."""
    band = rows[move.top : move.bottom + 1]
    fresh = [[UNKNOWN] * len(band[0]) for _ in range(abs(move.count))]
    rows[move.top : move.bottom + 1] = (
        [*band[move.count :], *fresh] if move.count > 0 else [*fresh, *band[: move.count]]
    )


def _middle(row: Sequence[Cell]) -> tuple[Cell, ...]:
    return tuple(row[_EDGE:-_EDGE])
