"""Rows on their way through a pipe."""

from dataclasses import dataclass, replace

from query.kql.bound import Bound, BoundColumn, Relation
from query.kql.errors import unknown
from query.kql.names import SqlNames, quoted
from query.kql.tree import Name
from query.kql.types import KqlType


@dataclass(frozen=True, slots=True)
class StoredColumn(BoundColumn):
    """A text column as a table holds it: null there is the empty text of KQL."""

    @property
    def value(self) -> Bound:
        """The column as a value, never null."""
        return Bound(f"coalesce({quoted(self.sql_name)}, '')", self.type)


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of the order that rows have."""

    column: BoundColumn
    is_ascending: bool
    nulls_first: bool

    @property
    def sql(self) -> str:
        """The key as ORDER BY takes it."""
        direction = "ASC" if self.is_ascending else "DESC"
        return f"{self.column.value.sql} {direction} NULLS {'FIRST' if self.nulls_first else 'LAST'}"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows between two steps: those of ``source`` for which ``conditions`` hold.

    Attributes:
        source: a CTE or a table, as it stands in FROM.
        columns: the columns that KQL sees.
        conditions: what WHERE will ask for; not yet written.
        order: what the rows are sorted by; its columns may be unseen.
        unseen: names of columns that ``source`` has beside ``columns``.
        group: the column that tells the subtables of mv-apply apart.
        label: the name that ``union withsource`` shows.
    """

    source: str
    columns: tuple[BoundColumn, ...]
    conditions: tuple[str, ...] = ()
    order: tuple[OrderKey, ...] = ()
    unseen: frozenset[str] = frozenset()
    group: BoundColumn | None = None
    label: str = ""

    @property
    def relation(self) -> Relation:
        """The rows as expressions see them."""
        return Relation(self.source, self.columns)

    @property
    def sql_names(self) -> SqlNames:
        """Names for more columns beside those that are there."""
        return SqlNames((*(column.sql_name for column in self.columns), *self.unseen))

    @property
    def order_by(self) -> str:
        """``ORDER BY …`` of the rows; empty where they have no order."""
        return "ORDER BY " + ", ".join(key.sql for key in self.order) if self.order else ""

    @property
    def window(self) -> str:
        """What a window over the rows stands over: their order, each subtable by itself; empty where none is known."""
        group = f"PARTITION BY {self.group.value.sql} " if self.group and self.order else ""
        return group + self.order_by

    @property
    def carried(self) -> tuple[BoundColumn, ...]:
        """The columns that every step must hand on: those of the order, and the group."""
        columns = [key.column for key in self.order] + ([self.group] if self.group else [])
        return tuple({column.sql_name: column for column in columns}.values())

    def column(self, name: Name) -> BoundColumn:
        """The column of that name.

        Raises:
            KqlProblem: there is none; names the nearest.
        """
        for column in self.columns:
            if column.name == name.text:
                return column
        raise unknown("column", name.text, (column.name for column in self.columns), name.span)

    def has(self, name: str) -> bool:
        """Whether there is a column of that name."""
        return any(column.name == name for column in self.columns)


def plain(column: BoundColumn) -> BoundColumn:
    """``column`` once its value was written to a column of its own."""
    return BoundColumn(column.name, column.sql_name, column.type)


def renamed(column: BoundColumn, name: str) -> BoundColumn:
    """``column`` under another name of KQL."""
    return replace(column, name=name)


def columns_of(names: "list[tuple[str, KqlType]]") -> tuple[BoundColumn, ...]:
    """Columns of those names and types, with names of SQL that differ whatever the case."""
    sql_names = SqlNames()
    return tuple(BoundColumn(name, sql_names.fresh(name), type_) for name, type_ in names)
