"""Whoever stands behind a deed: by the numbers of their users, since names can be several for one."""

from collections.abc import Collection
from dataclasses import dataclass

_ROOT = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody. ``numbers`` are those of all users that they acted as or logged in as, root only where nobody else is
    known; ``name`` is how they are shown.
    """

    numbers: tuple[int, ...] = ()
    name: str = ""

    @property
    def is_known(self) -> bool:
        """Whether it can be told who it is: root alone may be anybody who has its password."""
        return any(number != _ROOT for number in self.numbers)

    def is_among(self, numbers: Collection[int]) -> bool:
        """Whether they may be one of the users with these numbers."""
        return any(number in numbers for number in self.numbers)
