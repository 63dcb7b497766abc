"""What a change record is made of, whatever it is written in. Texts are raw: each writer escapes them."""

from dataclasses import dataclass

from fleet.hostile import scrub


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ``level`` is 1 for the title."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what is said of each, in order; those with nothing to say are left away."""

    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; each row has as many cells as there are headers."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Points:
    """A list of lines."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Lines of a log, as they are, but for characters that steer a terminal."""

    text: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines, each harmless."""
        return tuple(scrub(line) for line in self.text.split("\n"))


Block = Heading | Facts | Grid | Points | Words | Verbatim
