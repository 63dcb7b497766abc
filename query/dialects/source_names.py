"""Sources that are called like a column of the answer get another name: to Spark ``machines.Place`` is a field."""

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope


def rename_sources(tree: exp.Query) -> exp.Query:
    """``tree`` with sources that no column of their SELECT is called like."""
    for scope in traverse_scope(tree):
        select = scope.expression
        if isinstance(select, exp.Select):
            taken = {item.alias_or_name for item in select.expressions}
            for alias in [name for name in scope.selected_sources if name in taken]:
                _rename(scope, alias, f"{alias}_rows")
    return tree


def _rename(scope: Scope, alias: str, name: str) -> None:
    node, _ = scope.selected_sources[alias]
    node.set("alias", exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
    for column in scope.expression.find_all(exp.Column):
        if column.table == alias:
            column.set("table", exp.to_identifier(name, quoted=True))
