"""Operators that take other tables in, or take values apart."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from query.kql.tree.expressions import Call, Expression, Name
from query.kql.tree.names import Wildcard
from query.kql.tree.spans import Span
from query.kql.types import KqlType

if TYPE_CHECKING:
    from query.kql.tree.queries import Operator, Query

from query.kql.tree.row_operators import Options


@dataclass(frozen=True, slots=True)
class Join:
    """``join kind=… (right) on conditions``; ``lookup`` where ``is_lookup``. ``kind`` is empty where none is written.

    A condition is a `Name` that both sides have, or ``$left.a == $right.b`` as a `Binary`; several are one each.
    """

    span: Span
    kind: str
    right: "Query"
    conditions: tuple[Expression, ...]
    is_lookup: bool = False
    options: Options = ()


@dataclass(frozen=True, slots=True)
class Union:
    """``union kind=… withsource=name tables``, as an operator or as what a query begins with."""

    span: Span
    tables: "tuple[Query | Wildcard, ...]"
    kind: str = ""
    source_column: str = ""
    options: Options = ()


@dataclass(frozen=True, slots=True)
class ExpandedColumn:
    """``name = value to typeof(type)``; ``name`` is None where none is written."""

    span: Span
    name: Name | None
    value: Expression
    type: KqlType | None = None


@dataclass(frozen=True, slots=True)
class MvExpand:
    """``mv-expand``. ``bag_expansion`` is array, bag or empty; ``index_column`` that of with_itemindex."""

    span: Span
    columns: tuple[ExpandedColumn, ...]
    bag_expansion: str = ""
    index_column: str = ""
    limit: Expression | None = None


@dataclass(frozen=True, slots=True)
class MvApply:
    """``mv-apply columns on (subquery)``: ``operators`` are applied to the elements of each row."""

    span: Span
    columns: tuple[ExpandedColumn, ...]
    operators: "tuple[Operator, ...]"
    index_column: str = ""
    limit: Expression | None = None


@dataclass(frozen=True, slots=True)
class ParseText:
    """A text that must stand at this place of what is parsed."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class ParseColumn:
    """A column that takes what stands here; ``name`` is None for ``*``."""

    span: Span
    name: Name | None
    type: KqlType = KqlType.STRING


@dataclass(frozen=True, slots=True)
class Parse:
    """``parse kind=… value with pattern``; ``parse-where`` where ``drops_others``; kind simple, relaxed or regex."""

    span: Span
    value: Expression
    pattern: tuple[ParseText | ParseColumn, ...]
    kind: str = "simple"
    flags: str = ""
    drops_others: bool = False


@dataclass(frozen=True, slots=True)
class Render:
    """``render chart with (properties)``: rows stay as they are; the pane draws them."""

    span: Span
    chart: str
    properties: Options = ()


@dataclass(frozen=True, slots=True)
class Serialize:
    """``serialize``, which may add columns as ``extend`` does."""

    span: Span
    columns: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class As:
    """``as name``."""

    span: Span
    name: Name


@dataclass(frozen=True, slots=True)
class MakeSeries:
    """``make-series aggregates on axis from first to last step step by keys``; defaults stand beside aggregates."""

    span: Span
    aggregates: tuple[Expression, ...]
    defaults: tuple[Expression | None, ...]
    axis: Expression
    first: Expression | None
    last: Expression | None
    step: Expression
    keys: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """``search "text"``, ``search in (tables) condition`` or ``| search condition``."""

    span: Span
    condition: Expression
    tables: tuple[Name | Wildcard, ...] = ()


@dataclass(frozen=True, slots=True)
class GetSchema:
    """``getschema``."""

    span: Span


@dataclass(frozen=True, slots=True)
class Invoke:
    """``invoke function(arguments)``."""

    span: Span
    call: Call


@dataclass(frozen=True, slots=True)
class Composite:
    """An operator that is short for several: ``sample-distinct 5 of a`` is ``distinct a`` and ``take 5``."""

    span: Span
    operators: "tuple[Operator, ...]"


@dataclass(frozen=True, slots=True)
class Partition:
    """``partition by column (subquery)``: ``operators`` are applied to the rows of each value by themselves."""

    span: Span
    key: Name
    operators: "tuple[Operator, ...]"


@dataclass(frozen=True, slots=True)
class NestedLevel:
    """``count of key by aggregate``: one level of top-nested; ``count`` is None for all values of the key."""

    span: Span
    count: Expression | None
    key: Expression
    aggregate: Expression
    is_ascending: bool = False


@dataclass(frozen=True, slots=True)
class TopNested:
    """``top-nested count of key by aggregate, …``: each level within the values that the one before chose."""

    span: Span
    levels: tuple[NestedLevel, ...]


@dataclass(frozen=True, slots=True)
class Evaluate:
    """``evaluate plugin(arguments)``."""

    span: Span
    call: Call


@dataclass(frozen=True, slots=True)
class Unsupported:
    """An operator of KQL that is known by name and not translated; ``name`` as written."""

    span: Span
    name: str
