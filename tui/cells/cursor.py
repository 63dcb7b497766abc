"""The shortest sequence that brings a cursor from one place to another."""

Place = tuple[int, int]
"""A row and a column, counted from 0."""

# From so many on, a number is shorter than as many backspaces.
_FEWEST_NUMBERED = 4


def to_reach(place: Place | None, target: Place) -> str:
    """What brings the cursor from ``place`` to ``target``; None: it may be anywhere.

    It goes down by IND, which stays in its column whatever the line makes of line feeds.
    """
    y, x = target
    straight = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"
    if place is None or y < place[0]:
        return straight
    steps = _down(y - place[0]) + _aside(x - place[1])
    return min(steps, straight, key=len)


def _down(rows: int) -> str:
    return "\x1bD" * rows if rows <= 1 else f"\x1b[{rows}B"


def _aside(columns: int) -> str:
    if columns > 0:
        return f"\x1b[{columns}C" if columns > 1 else "\x1b[C"
    return "\b" * -columns if -columns < _FEWEST_NUMBERED else f"\x1b[{-columns}D"
