"""What DuckDB works out by itself, written out: whose column a name is, stars, GROUP BY ALL, aliases used again."""

from sqlglot import exp
from sqlglot.errors import OptimizeError, SchemaError
from sqlglot.optimizer.qualify_columns import qualify_columns
from sqlglot.optimizer.qualify_tables import qualify_tables
from sqlglot.transforms import eliminate_distinct_on, eliminate_qualify

from fleet.errors import QueryRefused
from query.dialects.asof import say_asof_joins
from query.dialects.kinds import annotate
from query.dialects.schema import table_schema
from query.dialects.target import Target


def resolve(tree: exp.Query, target: Target) -> exp.Query:
    """``tree`` with every column qualified, every output named and every expression typed."""
    for select in tree.find_all(exp.Select):
        _write_out_all(select, target)
    try:
        tree = _qualify(tree)
        if any(select.args.get("qualify") or _distinct_on(select) for select in tree.find_all(exp.Select)):
            rewritten = tree.transform(_without_qualify)
            assert isinstance(rewritten, exp.Query)
            tree = _qualify(rewritten)
    except (OptimizeError, SchemaError) as error:
        raise QueryRefused(f"The query cannot be said in another dialect: {str(error).splitlines()[0]}") from error
    return annotate(_qualify(say_asof_joins(tree, target)))


def _qualify(tree: exp.Query) -> exp.Query:
    tree = qualify_tables(tree, dialect="duckdb")
    return qualify_columns(tree, table_schema(), expand_alias_refs=True, dialect="duckdb")


def _write_out_all(select: exp.Select, target: Target) -> None:
    group, order = select.args.get("group"), select.args.get("order")
    if group is not None and (group.args.get("all") or _is_all(group.expressions)):
        keys = [item.unalias() for item in select.expressions if not item.find(exp.AggFunc)]
        select.set("group", exp.Group(expressions=[key.copy() for key in keys]) if keys else None)
    if order is not None and _is_all([ordered.this for ordered in order.expressions]):
        target.refuse(order, "ORDER BY ALL", "Name the columns.")
    for name in ("rollup", "cube", "grouping_sets"):
        if group is not None and group.args.get(name):
            target.refuse(group, name.replace("_", " ").upper())


def _is_all(expressions: list[exp.Expr]) -> bool:
    return [e.name.upper() for e in expressions if isinstance(e, exp.Column)] == ["ALL"] and len(expressions) == 1


def _without_qualify(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Select) and node.args.get("qualify"):
        kept = {name: node.args[name] for name in ("order", "limit", "offset", "with_") if node.args.get(name)}
        for name in kept:
            node.set(name, None)
        node = eliminate_qualify(node)
        for name, value in kept.items():
            node.set(name, value)
    return eliminate_distinct_on(node) if isinstance(node, exp.Select) and _distinct_on(node) else node


def _distinct_on(select: exp.Select) -> bool:
    distinct = select.args.get("distinct")
    return distinct is not None and bool(distinct.args.get("on"))
