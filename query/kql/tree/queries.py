"""A whole query: its source, its operators, and the statements before it."""

from dataclasses import dataclass
from typing import TypeAlias

from query.kql.tree.expressions import Call, Expression, Name
from query.kql.tree.names import ColumnType, Wildcard
from query.kql.tree.row_operators import (
    Count,
    Distinct,
    Extend,
    Project,
    ProjectAway,
    ProjectRename,
    ProjectReorder,
    Sort,
    Summarize,
    Take,
    Top,
    Where,
)
from query.kql.tree.spans import Span
from query.kql.tree.table_operators import (
    As,
    Composite,
    Evaluate,
    GetSchema,
    Invoke,
    Join,
    MakeSeries,
    MvApply,
    MvExpand,
    Parse,
    Partition,
    Render,
    Search,
    Serialize,
    TopNested,
    Union,
    Unsupported,
)
from query.kql.types import KqlType


@dataclass(frozen=True, slots=True)
class DataTable:
    """``datatable (columns) [values]``, row after row."""

    span: Span
    columns: tuple[ColumnType, ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class RangeSource:
    """``range name from first to last step step``."""

    span: Span
    name: Name
    first: Expression
    last: Expression
    step: Expression


@dataclass(frozen=True, slots=True)
class Print:
    """``print a, b = c``: one row."""

    span: Span
    columns: tuple[Expression, ...]


Operator = (
    Where | Project | ProjectAway | ProjectRename | ProjectReorder | Extend | Summarize | Distinct | Sort | Top | Take
    | Count | Join | Union | MvExpand | MvApply | Parse | Render | Serialize | As | MakeSeries | Search | GetSchema
    | Invoke | Evaluate | Composite | Partition | TopNested
    | Unsupported
)  # fmt: skip

# `Call` covers functions that ``let`` defined, ``table("name")``, ``materialize(…)`` and what is refused by name.
Source: TypeAlias = "Name | Call | DataTable | RangeSource | Print | Union | Search | Wildcard | Query | Unsupported"


@dataclass(frozen=True, slots=True)
class Query:
    """A source and what it is piped through."""

    span: Span
    source: Source
    operators: tuple[Operator, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function: a scalar of ``type``, or a table with ``columns`` where ``type`` is None."""

    span: Span
    name: Name
    type: KqlType | None
    default: Expression | None = None
    columns: tuple[ColumnType, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """``(parameters) { body }``."""

    span: Span
    parameters: tuple[Parameter, ...]
    body: "Script"


@dataclass(frozen=True, slots=True)
class Let:
    """``let name = value;``. A name alone may mean a value or a table: only the schema tells."""

    span: Span
    name: Name
    value: "Expression | Query | Function"


@dataclass(frozen=True, slots=True)
class QueryParameters:
    """``declare query_parameters (…);``."""

    span: Span
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """Statements and the query at their end; in the body of a function, a scalar may stand there."""

    span: Span
    statements: tuple[Let | QueryParameters, ...]
    result: "Query | Expression"
