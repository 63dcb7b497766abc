"""What a definition's text says before it is known what it means: tables, lists and single values, each with its line.

TOML tells what type a value has. A plain value of YAML has none here: ``no``, ``02:30`` and ``6.10`` are what the key
expects, not a boolean, 150 minutes and 6.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from fleet.errors import BadInput

DEEPEST = 12
# A list of 1,000 machines has 30 kB; readers of YAML and TOML take some seconds for what is ten times as long.
MOST_CHARACTERS = 300_000

Value = str | int | float | bool | date | datetime | time


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value. ``is_plain``: text whose type is what the key expects."""

    value: Value
    line: int
    is_plain: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A list, in order."""

    items: tuple["Node", ...]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """Keys and their values, in order; ``key_lines`` are the lines of the keys."""

    entries: Mapping[str, "Node"]
    key_lines: Mapping[str, int]
    line: int


Node = Scalar | Listed | Table


def refused(line: int, message: str) -> BadInput:
    """The error for what stands on ``line``."""
    return BadInput(f"line {line}: {message}")
