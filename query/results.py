"""Answers of queries: columns, rows, and whether the row limit cut them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result: its name, unique in the result, and its DuckDB type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Chart:
    """How a query asks for its answer to be drawn: the kind of chart, and its options as they were written."""

    kind: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A whole answer. ``truncated`` says that the row limit cut it: there were more rows.

    ``chart`` is what the query asks for, None where it asks for none; ``notes`` are what whoever reads the answer must
    know of it, a sentence each.

    Values are str, int, float, Decimal, bool, aware UTC datetime, date, list, dict and None; whatever else DuckDB has
    (intervals, times, UUIDs, bytes) comes as text.
    """

    columns: tuple[ResultColumn, ...]
    rows: list[Row]
    truncated: bool
    elapsed_seconds: float
    chart: Chart | None = None
    notes: tuple[str, ...] = ()

    def batches(self) -> Iterator[list[Row]]:
        """The rows, all in one batch: what `query.export` reads."""
        yield self.rows


class Rows(Protocol):
    """What can be written to a file: a `Result`, or a `query.stream.ResultStream`."""

    @property
    def columns(self) -> tuple[ResultColumn, ...]:
        """The columns, in order."""
        ...

    def batches(self) -> Iterator[list[Row]]:
        """The rows in batches, once."""
        ...


def unique_names(names: Iterable[str], key: Callable[[str], str] = str) -> tuple[str, ...]:
    """``names`` with those that came before made unique: ``name``, ``name_1``, ``name_2``.

    Those with the same ``key`` are the same: ``str.casefold`` where a reader knows no case.
    """
    given = list(names)
    keys = {key(name) for name in given}
    taken: set[str] = set()
    unique: list[str] = []
    for name in given:
        fresh, number = name, 0
        while key(fresh) in taken or (number and key(fresh) in keys):
            number += 1
            fresh = f"{name}_{number}"
        taken.add(key(fresh))
        unique.append(fresh)
    return tuple(unique)
