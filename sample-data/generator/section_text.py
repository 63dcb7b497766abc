"""One section of an answer to the probe, as it is to be printed."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """Its name, lines, exit status, and what it printed on standard error."""

    name: str
    lines: Sequence[str] = ()
    status: int = 0
    said: str = ""

    @property
    def text(self) -> str:
        """Its standard output."""
        return "".join(f"{line}\n" for line in self.lines)
