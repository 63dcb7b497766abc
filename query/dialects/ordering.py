"""ORDER BY and GROUP BY as every engine takes them: expressions name no output columns, and constants do not group."""

from sqlglot import exp

from query.dialects.engines import Engine
from query.dialects.target import Target

_ANSWER = "patchdeck_answer"


def settle_order(tree: exp.Query, target: Target) -> exp.Query:
    """``tree`` with orders that any engine takes; an order that means nothing is left out."""
    for query in list(tree.find_all(exp.Query)):
        order = query.args.get("order")
        if order is None:
            continue
        if query is not tree and not query.args.get("limit") and not query.args.get("offset"):
            query.set("order", None)
        elif isinstance(query, exp.Select):
            _inline_names(query, order, target)
    return _wrap_ordered_union(_below_windows(tree))


def settle_groups(tree: exp.Query) -> exp.Query:
    """``tree`` without constants among the keys of GROUP BY, unless they are all there is."""
    for group in tree.find_all(exp.Group):
        keys = [key for key in group.expressions if key.find(exp.Column)]
        if keys:
            group.set("expressions", keys)
    return tree


def _inline_names(select: exp.Select, order: exp.Order, target: Target) -> None:
    named = {item.alias: item.this for item in select.expressions if isinstance(item, exp.Alias)}
    is_distinct = select.args.get("distinct") is not None
    for ordered in order.expressions:
        is_bare = isinstance(ordered.this, exp.Column)
        if is_bare and (is_distinct or target.engine is not Engine.TSQL or ordered.args.get("nulls_first") is None):
            continue
        for column in list(ordered.find_all(exp.Column)):
            if not column.table and column.name in named:
                if is_distinct:
                    target.refuse(column, "SELECT DISTINCT ordered by an expression", "Put it into a CTE.")
                value = named[column.name].copy()
                column.replace(value if column is ordered.this else exp.paren(value) if _is_loose(value) else value)


def _below_windows(tree: exp.Query) -> exp.Query:
    """A SELECT ordered by window functions has them as columns of a SELECT below: not all engines order by them."""
    order = tree.args.get("order")
    if not isinstance(tree, exp.Select) or order is None or not _needs_columns(tree, order):
        return tree
    names = [item.alias_or_name for item in tree.expressions]
    for place, ordered in enumerate(order.expressions, 1):
        if isinstance(ordered.this, exp.Column) and not ordered.this.table and ordered.this.name in names:
            ordered.this.replace(exp.column(ordered.this.name, _ANSWER, quoted=True))
            continue
        tree.append("expressions", exp.alias_(ordered.this.copy(), f"order_{place}", quoted=True))
        ordered.this.replace(exp.column(f"order_{place}", _ANSWER, quoted=True))
    kept = {name: tree.args[name] for name in ("order", "limit", "offset", "with_") if tree.args.get(name)}
    for name in kept:
        tree.set(name, None)
    outer = exp.select(*(exp.alias_(exp.column(name, _ANSWER, quoted=True), name, quoted=True) for name in names))
    outer = outer.from_(exp.Subquery(this=tree, alias=exp.TableAlias(this=exp.to_identifier(_ANSWER, quoted=True))))
    for name, value in kept.items():
        outer.set(name, value)
    return outer


def _needs_columns(select: exp.Select, order: exp.Order) -> bool:
    """Spark sorts neither by windows nor, beside them, by aggregates that are no column."""
    has_window = any(item.find(exp.Window) for item in select.expressions)
    return order.find(exp.Window) is not None or (has_window and order.find(exp.AggFunc) is not None)


def _is_loose(value: exp.Expr) -> bool:
    return isinstance(value, exp.Binary | exp.Not | exp.Between | exp.In | exp.Is)


def _wrap_ordered_union(tree: exp.Query) -> exp.Query:
    """A union ordered by expressions becomes the source of a SELECT, where its columns are columns."""
    order = tree.args.get("order")
    if not isinstance(tree, exp.SetOperation) or order is None:
        return tree
    if all(isinstance(ordered.this, exp.Column) for ordered in order.expressions):
        return tree
    kept = {name: tree.args[name] for name in ("order", "limit", "offset") if tree.args.get(name)}
    with_ = tree.args.get("with_")
    for name in (*kept, "with_"):
        tree.set(name, None)
    names = [item.alias_or_name for item in tree.selects]
    outer = exp.select(*(exp.column(name, _ANSWER, quoted=True) for name in names))
    outer.set("expressions", [exp.alias_(column, column.name, quoted=True) for column in outer.expressions])
    outer.set(
        "from_",
        exp.From(this=exp.Subquery(this=tree, alias=exp.TableAlias(this=exp.to_identifier(_ANSWER, quoted=True)))),
    )
    outer.set("with_", with_)
    for name, value in kept.items():
        outer.set(name, value)
    for column in outer.args["order"].find_all(exp.Column):
        column.set("table", exp.to_identifier(_ANSWER, quoted=True))
    return outer
