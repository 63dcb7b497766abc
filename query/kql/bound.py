"""What the binder makes of the tree: SQL with types, and the names that are in reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from query.kql import tree
from query.kql.types import KqlType


@dataclass(frozen=True, slots=True)
class Bound:
    """A value as SQL.

    Attributes:
        sql: an expression of DuckDB.
        type: its type; a STRING is never null.
        is_atom: whether it may stand beside an operator without brackets (a column, a literal, a call).
        literal: the value where it was written out; ``is_literal`` tells a written null from no literal.
        is_arithmetic: whether it needs no brackets beside a comparison (a sum, a difference).
    """

    sql: str
    type: KqlType
    is_atom: bool = True
    literal: object = None
    is_literal: bool = False
    is_arithmetic: bool = False

    @property
    def compared(self) -> str:
        """The SQL as one side of a comparison."""
        return self.sql if self.is_atom or self.is_arithmetic else f"({self.sql})"

    @property
    def operand(self) -> str:
        """The SQL, in brackets where it needs them."""
        return self.sql if self.is_atom else f"({self.sql})"


@dataclass(frozen=True, slots=True)
class BoundColumn:
    """A column of a relation: ``name`` as KQL has it (its case counts), ``sql_name`` unique whatever the case."""

    name: str
    sql_name: str
    type: KqlType

    @property
    def value(self) -> Bound:
        """The column as a value."""
        return Bound('"' + self.sql_name.replace('"', '""') + '"', self.type)


@dataclass(frozen=True, slots=True)
class Relation:
    """The rows of one pipe step: ``name`` is that of its CTE, or of a table."""

    name: str
    columns: tuple[BoundColumn, ...]


class Scope(Protocol):
    """The names that an expression may use, and the queries inside of it."""

    @property
    def columns(self) -> tuple[BoundColumn, ...]:
        """The columns of the rows at hand, in order; none for a value outside of any row."""
        ...

    @property
    def allows_aggregates(self) -> bool:
        """Whether count() and its like may stand here: in summarize, make-series and top-nested."""
        ...

    @property
    def order(self) -> str:
        """``ORDER BY …`` of the rows at hand, for aggregates that keep it (``make_list``); empty for none."""
        ...

    @property
    def window(self) -> str:
        """What windows stand over: the order, within a subtable of mv-apply or partition; empty for none."""
        ...

    def value(self, name: tree.Name) -> Bound:
        """The column, ``let`` value or parameter of that name.

        Raises:
            KqlError: there is none; names the nearest.
        """
        ...

    def side(self, path: tree.Path) -> Bound | None:
        """The column that ``$left.x`` or ``$right.x`` means; None for a path that begins with neither."""
        ...

    def relation(self, query: tree.Query) -> Relation:
        """The rows of a query inside an expression (``in ((…))``, ``toscalar(…)``), as a CTE of their own."""
        ...

    def table(self, expression: tree.Expression) -> Relation | None:
        """The rows that a name, a call or a subquery means, as a CTE of their own; None where it means a value."""
        ...

    def function(self, call: tree.Call) -> Bound | None:
        """The value of a call of a function that ``let`` defined; None where none has that name."""
        ...


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables that a query may name, each with its columns in order, and its parameters with their types."""

    tables: Mapping[str, tuple[tuple[str, KqlType], ...]]
    parameters: Mapping[str, KqlType]
