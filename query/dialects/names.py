"""One spelling for each name while passes work, and everybody's own again at the end.

DuckDB takes names in any case, sqlglot and some engines do not. Two tables spell a column differently (``UpdateID``,
``UpdateId``), so a column of a table is spelled as that table declares it.
"""

from collections.abc import Iterable, Iterator, Mapping

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from fleet.tables import TABLES
from query.columns import view_columns

Spelling = Mapping[str, str]

_TABLES = {table.name.casefold(): table for table in TABLES}


def fold_case(tree: exp.Query, columns: Iterable[str]) -> Spelling:
    """Make all names of ``tree`` lower case; gives how to spell them, ``columns`` being those of the answer."""
    spelling = {name.casefold(): name for name in (*_declared(), *_given(tree), *reversed([*columns]))}
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", identifier.name.casefold())
        identifier.set("quoted", True)
    return spelling


def spell_names(tree: exp.Query, spelling: Spelling) -> exp.Query:
    """``tree`` with each name as it was written, and those of tables and their columns as declared."""
    stored = {id(column): table for column, table in _stored_columns(tree)}
    for node in list(tree.find_all(exp.Table)):
        if node.meta.get("stored"):
            node.this.set("this", _TABLES[node.name.casefold()].name)
            node.this.meta["spelled"] = True
    for column in tree.find_all(exp.Column):
        if (name := stored.get(id(column))) is not None and isinstance(column.this, exp.Identifier):
            declared = {c.name.casefold(): c.name for c in view_columns(_TABLES[name])}
            column.this.set("this", declared.get(column.name, column.name))
            column.this.meta["spelled"] = True
    for identifier in tree.find_all(exp.Identifier):
        if not identifier.meta.get("spelled"):
            identifier.set("this", spelling.get(identifier.name, identifier.name))
    return tree


def mark_stored(tree: exp.Query) -> exp.Query:
    """``tree`` with a mark on each of our tables, which a CTE of the same name is not."""
    for scope in traverse_scope(tree):
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and source.name in _TABLES:
                source.meta["stored"] = True
    return tree


def _stored_columns(tree: exp.Query) -> Iterator[tuple[exp.Column, str]]:
    for scope in traverse_scope(tree):
        for column in scope.columns:
            table = _source(scope, column.table)
            if isinstance(table, exp.Table) and table.meta.get("stored"):
                yield column, table.name.casefold()


def _source(scope: Scope | None, alias: str) -> object:
    while scope is not None:
        if alias in scope.sources:
            return scope.sources[alias]
        scope = scope.parent
    return None


def _declared() -> Iterator[str]:
    for table in TABLES:
        yield from (column.name for column in view_columns(table))
    for table in TABLES:
        yield table.name


def _given(tree: exp.Query) -> Iterable[str]:
    """Names that the text gives, the first spelling of each last, so that it wins."""
    found = [node.args["alias"].name for node in tree.find_all(exp.Alias)]
    for alias in tree.find_all(exp.TableAlias):
        found += [part.name for part in (alias.this, *alias.columns) if part is not None]
    return [str(name) for name in reversed(found)]
