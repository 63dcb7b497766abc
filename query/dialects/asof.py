"""ASOF joins as joins with a source whose rows know when the next begins: a moment falls into one of them at most."""

from sqlglot import exp

from query.dialects.target import Target

_NEXT = "patchdeck_next"


def say_asof_joins(tree: exp.Query, target: Target) -> exp.Query:
    """``tree`` without ASOF, whose columns are resolved. Of rows with the same time, one is chosen, as by DuckDB."""
    for join in list(tree.find_all(exp.Join)):
        if "ASOF" in (join.method.upper(), join.side.upper(), join.kind.upper()):
            _say(join, target)
    return tree


def _say(join: exp.Join, target: Target) -> None:
    alias = join.this.alias_or_name
    conditions = list(join.args["on"].flatten()) if isinstance(join.args.get("on"), exp.And) else []
    ranges = [c for c in conditions if isinstance(c, exp.GTE | exp.LTE)]
    keys = [_own(c, alias) for c in conditions if isinstance(c, exp.EQ)]
    if len(ranges) != 1 or len(keys) != len(conditions) - 1 or not all(keys) or not isinstance(join.this, exp.Table):
        target.refuse(join, "ASOF JOIN on anything but equal columns and one time that is not later")
    latest = _own(ranges[0], alias)
    is_before = latest is ranges[0].expression if isinstance(ranges[0], exp.GTE) else latest is ranges[0].this
    if latest is None:
        target.refuse(join, "ASOF JOIN on a computed time")
    moment = ranges[0].this if latest is ranges[0].expression else ranges[0].expression
    following = exp.Window(
        this=(exp.Lead if is_before else exp.Lag)(this=latest.copy()),
        partition_by=[key.copy() for key in keys if key is not None],
        order=exp.Order(expressions=[exp.Ordered(this=latest.copy(), nulls_first=False)]),
    )
    inner = (
        exp.select(exp.Star())
        .from_(join.this.copy())
        .where(exp.Not(this=exp.Is(this=latest.copy(), expression=exp.Null())))
    )
    inner.append("expressions", exp.alias_(following, _NEXT, quoted=True))
    join.set("this", exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True))))
    following_column = exp.column(_NEXT, alias, quoted=True)
    compare = exp.LT if is_before else exp.GT
    is_last = exp.Or(
        this=exp.Is(this=following_column, expression=exp.Null()),
        expression=compare(this=moment.copy(), expression=following_column.copy()),
    )
    join.set("on", exp.and_(join.args["on"], exp.paren(is_last)))
    join.set("method", None)


def _own(condition: exp.Expr, alias: str) -> exp.Column | None:
    """The side of a comparison that is a column of the joined source."""
    for side in (condition.this, condition.expression):
        if isinstance(side, exp.Column) and side.table == alias:
            return side
    return None
