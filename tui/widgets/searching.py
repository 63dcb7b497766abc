"""Search in what was typed before, as one types: what is looked for, and the newest line that holds it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class HistorySearch:
    """A search in ``lines``, the newest last; ``before`` is what the line held when it began."""

    lines: Sequence[str]
    before: str
    wanted: str = ""

    @property
    def found(self) -> tuple[str, ...]:
        """The lines that hold what is looked for, whatever the case, the newest first."""
        wanted = self.wanted.casefold()
        return tuple(line for line in reversed(self.lines) if wanted in line.casefold())

    def typed(self, key: str, character: str | None) -> "HistorySearch | None":
        """The search with one letter more or less; None where the key is no affair of it."""
        if key == "backspace":
            return replace(self, wanted=self.wanted[:-1])
        if character is None or not character.isprintable():
            return None
        return replace(self, wanted=self.wanted + character)
