"""What is offered at a place, and in which order."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

# A list of more is not read; typing another letter shortens it.
MOST_CANDIDATES = 60


class Sort(StrEnum):
    """What a candidate is, as it is called beside it."""

    VALUE = "value"
    OPERATOR = "operator"
    COLUMN = "column"
    TABLE = "table"
    FUNCTION = "function"
    KEYWORD = "keyword"
    PLAIN = ""  # what needs no word beside it: names of commands, of machines


@dataclass(frozen=True, slots=True)
class Candidate:
    """``text`` is what is written when it is taken; ``meaning`` says in a line what it is."""

    text: str
    sort: Sort
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """A column whose values are wanted: the table it is of, as far as that is known."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What may stand from ``start`` up to the cursor.

    ``wanted`` is the column whose values would fit here; the caller may look them up and complete again.
    """

    start: int
    candidates: tuple[Candidate, ...] = ()
    wanted: ColumnValues | None = None


def fitting(candidates: Iterable[Candidate], typed: str) -> tuple[Candidate, ...]:
    """The candidates that ``typed`` begins, then those in which it begins a part, then those that hold it.

    Within each of these as given; each text once.
    """
    wanted = typed.casefold().lstrip("\"'")
    ranked: dict[str, tuple[int, int, Candidate]] = {}
    for number, each in enumerate(candidates):
        rank = _rank(each.text, wanted)
        if rank is not None and each.text not in ranked:
            ranked[each.text] = (rank, number, each)
    return tuple(item[2] for item in sorted(ranked.values(), key=lambda item: item[:2])[:MOST_CANDIDATES])


def quoted(values: Iterable[str], mark: str) -> list[Candidate]:
    """``values`` as texts between ``mark``, written so that the language reads exactly them."""
    if mark == "'":
        return [Candidate("'" + value.replace("'", "''") + "'", Sort.VALUE) for value in values]
    return [Candidate('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"', Sort.VALUE) for value in values]


def _rank(text: str, wanted: str) -> int | None:
    folded = text.casefold().lstrip("\"'")
    if folded.startswith(wanted):
        return 0
    position = folded.find(wanted)
    if position < 0 or len(wanted) < 2:
        return None
    lead = len(text) - len(text.lstrip("\"'"))
    at = text[lead + position]
    return 1 if at.isupper() or text[lead + position - 1] in "_ -." else 2
