"""The last look: nothing is left that no pass has said, so that nothing is printed that an engine reads otherwise."""

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from query.dialects.engines import Engine
from query.dialects.saying import PLACE, construct_of, is_said
from query.dialects.target import Target

# What means the same in every engine, once its parts do.
_SHARED = (
    *(exp.Select, exp.With, exp.CTE, exp.From, exp.Join, exp.Lateral, exp.Where, exp.Group, exp.Having, exp.Order),
    *(exp.Ordered, exp.Limit, exp.Offset, exp.Distinct, exp.Union, exp.Intersect, exp.Except, exp.Subquery, exp.Values),
    *(exp.Table, exp.TableAlias, exp.Column, exp.Identifier, exp.Alias, exp.Star, exp.Paren, exp.Tuple),
    *(exp.Literal, exp.Null, exp.Boolean, exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Count, exp.Exists),
    *(exp.And, exp.Or, exp.Not, exp.Is, exp.In, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE),
    *(exp.NullSafeEQ, exp.NullSafeNEQ, exp.Add, exp.Sub, exp.Mul, exp.Neg),
    *(exp.Window, exp.WindowSpec, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Lag, exp.Lead, exp.Var),
    *(exp.DataType, exp.DataTypeParam),
)
_PARTS = frozenset(
    [
        "with_",
        "expressions",
        "distinct",
        "from_",
        "laterals",
        "joins",
        "where",
        "group",
        "having",
        "order",
        "limit",
        "offset",
        "kind",
    ]
)
_WITHOUT_NESTED_WITH = (Engine.TSQL,)


def check_said(tree: exp.Query, target: Target) -> None:
    """Refuse the first node of ``tree`` that neither every engine has nor a form put there."""
    for node in tree.walk():
        if not is_said(node) and type(node) not in _SHARED:
            target.refuse(node, construct_of(node))
        if (
            isinstance(node, exp.Table)
            and (node.args.get("sample") or not isinstance(node.this, exp.Identifier))
            and not is_said(node)
        ):
            target.refuse(node, "A source that is neither a table nor a query")
        if isinstance(node, exp.Select) and (
            odd := [name for name, value in node.args.items() if value and name not in _PARTS]
        ):
            target.refuse(node, odd[0].rstrip("_").upper())
        if isinstance(node, exp.With):
            _check_with(node, tree, target)
        if isinstance(node, exp.SetOperation) and not node.args.get("distinct") and type(node) is not exp.Union:
            target.refuse(node, f"{node.key.upper()} ALL")


def check_text(text: str, target: Target) -> None:
    """Refuse what the engine's own grammar, as sqlglot knows it, would not read."""
    if PLACE in text:
        target.refuse(exp.Null(), "The query", "A form of it lacks an argument.")
    try:
        sqlglot.parse_one(text, read=target.engine.value, error_level=sqlglot.ErrorLevel.RAISE)
    except SqlglotError as error:
        target.refuse(exp.Null(), "The query", str(error).splitlines()[0])


def _check_with(node: exp.With, tree: exp.Query, target: Target) -> None:
    if node.args.get("recursive"):
        target.refuse(node, "WITH RECURSIVE")
    if node.parent is not tree and target.engine in _WITHOUT_NESTED_WITH:
        target.refuse(node, "WITH inside of a query")
