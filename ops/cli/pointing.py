"""The place that an error means, shown: the line of the query and a caret below it."""

from collections.abc import Iterator

from fleet.errors import Position
from fleet.hostile import clean

# A query in one line may be longer than any screen: so much of it is shown on either side of the place.
_AROUND = 60


def point_at(error: Exception) -> Iterator[str]:
    """The line and the caret where ``error`` has a place in a query, else nothing."""
    position = getattr(error, "position", None)
    if not isinstance(position, Position):
        return
    first = max(0, position.column - 1 - _AROUND)
    before = position.source_line[first : position.column - 1]
    after = position.source_line[position.column - 1 : position.column - 1 + _AROUND]
    shown = "".join(clean(character) or " " for character in before)
    yield f"  {shown}{clean(after)}".rstrip()
    yield f"  {' ' * _width(shown)}^"


def _width(text: str) -> int:
    """Cells of a terminal: wide characters take two, marks upon others none."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
