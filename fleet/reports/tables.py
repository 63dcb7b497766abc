"""The tables of a report: rows that a query answered with, and which query that was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

Row = tuple[object, ...]


class ChartKind(StrEnum):
    """What a chart is drawn with."""

    BAR = "bar"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class ReportChart:
    """The chart of a table: the column along it, and the columns that are drawn."""

    kind: ChartKind
    x: str
    y: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column: its name, what it means, its unit, and its type as DuckDB calls it."""

    name: str
    meaning: str = ""
    unit: str = ""
    type: str = "VARCHAR"

    @property
    def heading(self) -> str:
        """The name, with its unit where that says more."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.type.startswith(_NUMBERS)


_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True, slots=True)
class Citation:
    """Where figures come from.

    Args:
        command: gives the same figures again, as it is typed.
        name: of the query; empty where none was asked.
        parameters: by name, as the query got them, long ones shortened.
        text: the query itself.
        is_own: the query is this home's own, in the place of a predefined one.
    """

    command: str
    name: str = ""
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    text: str = ""
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table of a report.

    Args:
        key: its name on the command line and in names of files.
        help: what is in it.
        if_empty: what no rows mean.
        notes: what whoever reads it must know, a sentence each.
        is_cut: there were more rows than a report holds.
    """

    key: str
    title: str
    help: str
    columns: tuple[ReportColumn, ...]
    rows: Sequence[Row]
    citation: Citation
    if_empty: str = "Nothing."
    chart: ReportChart | None = None
    notes: tuple[str, ...] = ()
    is_cut: bool = False

    def column(self, name: str) -> list[object]:
        """The values of the column called ``name``; none where there is no such column."""
        names = [column.name for column in self.columns]
        if name not in names:
            return []
        index = names.index(name)
        return [row[index] for row in self.rows]

    def count(self, name: str) -> int:
        """The sum of a column of counts; 0 where there is none."""
        return sum(int(value) for value in self.column(name) if isinstance(value, int))

    def counts_by(self, label: str, name: str) -> dict[str, int]:
        """The counts in the column ``name``, by what the column ``label`` says."""
        pairs = zip(self.column(label), self.column(name), strict=False)
        return {str(key): int(value) for key, value in pairs if isinstance(value, int)}
