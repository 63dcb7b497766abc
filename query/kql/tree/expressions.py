"""Values, as they were written."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from query.kql.tree.spans import Span
from query.kql.types import KqlType

if TYPE_CHECKING:
    from query.kql.tree.queries import Query


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that was written out.

    ``value`` is a bool, int, float, Decimal, str, naive UTC datetime, whole number of ticks (timespan), or whatever
    JSON can say (dynamic); None for a null of ``type``.
    """

    span: Span
    value: object
    type: KqlType


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a column, a table, a function or of what ``let`` defined; also written ``['name']``."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Path:
    """``base.name``: a member of a dynamic value, or a column of one side of a join (``$left.x``)."""

    span: Span
    base: "Expression"
    name: Name


@dataclass(frozen=True, slots=True)
class Element:
    """``base[index]``: an element of a dynamic array, or a member of a bag."""

    span: Span
    base: "Expression"
    index: "Expression"


@dataclass(frozen=True, slots=True)
class Star:
    """``*``, alone or as an argument."""

    span: Span


@dataclass(frozen=True, slots=True)
class Named:
    """``name = value``, and ``(a, b) = value`` where an expression gives several columns."""

    span: Span
    names: tuple[Name, ...]
    value: "Expression"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function, an aggregate, or of what ``let`` defined."""

    span: Span
    name: Name
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """``-value`` or ``+value``."""

    span: Span
    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    """Two values and what stands between them, as written but in lower case: ``+``, ``==``, ``=~``, ``!has_cs``, …"""

    span: Span
    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Membership:
    """``left in (items)``; ``operator`` is in, !in, in~, !in~, has_any or has_all. One item may be a `Subquery`."""

    span: Span
    operator: str
    left: "Expression"
    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Between:
    """``left between (low .. high)``; ``is_negated`` for ``!between``."""

    span: Span
    is_negated: bool
    left: "Expression"
    low: "Expression"
    high: "Expression"


@dataclass(frozen=True, slots=True)
class Subquery:
    """A query where a value is expected: the argument of ``toscalar`` and ``materialize``, or of ``in``."""

    span: Span
    query: "Query"


Expression = Literal | Name | Path | Element | Star | Named | Call | Unary | Binary | Membership | Between | Subquery
