"""NULL as a column of a union, with the type that the column has in another branch: some engines take it for a text."""

from sqlglot import exp

from query.dialects.functions.casts import null_of
from query.dialects.kinds import Kind, kind
from query.dialects.target import Target


def type_nulls(tree: exp.Query, target: Target) -> exp.Query:
    """``tree`` with typed NULLs in unions."""
    for union in tree.find_all(exp.SetOperation):
        if not isinstance(union.parent, exp.SetOperation):
            branches = [query for query in _branches(union) if isinstance(query, exp.Select)]
            for items in zip(*(branch.expressions for branch in branches), strict=False):
                _type_column(items, target)
    return tree


def _type_column(items: tuple[exp.Expr, ...], target: Target) -> None:
    known = next(
        (kind(item.unalias()) for item in items if kind(item.unalias()) not in (Kind.NOTHING, Kind.UNKNOWN)), None
    )
    for item in items:
        value = item.unalias()
        if known is not None and isinstance(value, exp.Null):
            value.replace(null_of(known, target, value))


def _branches(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.SetOperation):
        return [*_branches(node.left), *_branches(node.right)]
    return _branches(node.this) if isinstance(node, exp.Subquery) else [node]
