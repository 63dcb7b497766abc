"""Names that are no values: patterns of names, columns with types."""

from dataclasses import dataclass

from query.kql.tree.expressions import Name
from query.kql.tree.spans import Span
from query.kql.types import KqlType


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Names with ``*`` in them: tables of a union, columns of project-away."""

    span: Span
    pattern: str


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column and its type, as in ``datatable (a: string)``."""

    span: Span
    name: Name
    type: KqlType
