"""SEMI and ANTI joins as EXISTS, which every engine has; joins that only DuckDB has are refused."""

from sqlglot import exp

from query.dialects.target import Target

_REFUSED = ("POSITIONAL", "NATURAL")


def say_joins(tree: exp.Query, target: Target) -> exp.Query:
    """``tree`` with joins of the kinds inner, left, right, full and cross only."""
    for select in list(tree.find_all(exp.Select)):
        for join in list(select.args.get("joins") or []):
            if join.method.upper() in _REFUSED or join.side.upper() in _REFUSED:
                target.refuse(join, f"{join.method or join.side} JOIN")
            if join.kind.upper() in ("SEMI", "ANTI"):
                _as_exists(select, join, target)
    return tree


def _as_exists(select: exp.Select, join: exp.Join, target: Target) -> None:
    if join is not select.args["joins"][-1]:
        target.refuse(join, f"{join.kind} JOIN before another join", "Put it last.")
    inner = exp.select(exp.Literal.number(1)).from_(join.this)
    found = exp.Exists(this=inner.where(_condition(select, join, target)))
    join.pop()
    select.where(exp.not_(found) if join.kind.upper() == "ANTI" else found, copy=False)


def _condition(select: exp.Select, join: exp.Join, target: Target) -> exp.Expr:
    condition = join.args.get("on")
    if isinstance(condition, exp.Expr):
        return condition
    names = join.args.get("using") or target.refuse(join, f"{join.kind} JOIN without a condition")
    source = select.args["from_"].this
    return exp.and_(
        *(
            exp.EQ(
                this=exp.column(name.name, join.this.alias_or_name, quoted=True),
                expression=exp.column(name.name, source.alias_or_name, quoted=True),
            )
            for name in names
        )
    )
