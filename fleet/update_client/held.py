"""What a value of the registry holds, with its type: nothing is put back as something else than it was."""

from dataclasses import dataclass
from enum import StrEnum

from fleet.hostile import clean

MOST_CHARACTERS = 1_024
MOST_NUMBER = 2**32 - 1


class HeldKind(StrEnum):
    """Types of values; what is none of the first three is only told, and never written."""

    NUMBER = "dword"
    TEXT = "string"
    EXPANDED = "expand-string"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Held:
    """One value: its ``number``, or its ``text``; of another type what Windows calls that type, as ``text``."""

    kind: HeldKind
    number: int = 0
    text: str = ""

    @property
    def is_writable(self) -> bool:
        """Whether it could be put back, once another value has taken its place."""
        return self.kind is not HeldKind.OTHER

    def describe(self) -> str:
        """The value as one harmless line."""
        if self.kind is HeldKind.NUMBER:
            return str(self.number)
        if self.kind is HeldKind.OTHER:
            return f"a value that cannot be kept ({clean(self.text, 60)})"
        return clean(self.text, 300) or '""'


def number(value: int) -> Held:
    """A whole number, as most settings are."""
    return Held(HeldKind.NUMBER, number=value)


def text(value: str) -> Held:
    """A text."""
    return Held(HeldKind.TEXT, text=value)


def describe_held(held: Held | None) -> str:
    """The value, or that there is none."""
    return "not set" if held is None else held.describe()
