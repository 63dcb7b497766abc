"""Equal values as one object: what ten thousand machines have in common is kept once."""

from typing import TypeVar

_T = TypeVar("_T")

# What is common is met soon; what is each machine's own would only be kept here, too.
_MOST_KEPT = 4096


class SharedValues:
    """Gives for each value the equal one that was met first, of as many as are kept. For values that never change."""

    def __init__(self) -> None:
        self._met: dict[object, object] = {}

    def share(self, value: _T, key: object = None) -> _T:
        """``value``, or the one equal to it that is kept. ``key`` stands for a value that has no hash."""
        known_by = value if key is None else key
        met = self._met.get(known_by)
        if met is None:
            if len(self._met) < _MOST_KEPT:
                self._met[known_by] = value
            return value
        return met  # type: ignore[return-value]  # equal, and of the same kind: every user keeps its own
