"""Values as literals of SQL: those of parameters, and those of expressions that rest on no column."""

from collections.abc import Mapping
from datetime import date, datetime

from duckdb import DuckDBPyConnection
from sqlglot import exp

from fleet.errors import BadInput

_PATTERNS = (exp.Glob, exp.RegexpLike, exp.RegexpReplace, exp.RegexpExtract, exp.Like, exp.ILike)


def literal(value: object) -> exp.Expr:
    """``value`` as sqlglot has it; times and days are casts of text."""
    if isinstance(value, datetime):
        return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), "TIMESTAMP")
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if value is None:
        return exp.Null()
    if isinstance(value, int):
        return exp.Literal.number(value)
    if isinstance(value, float):
        return exp.cast(exp.Literal.number(repr(value)), "DOUBLE")
    if isinstance(value, str):
        return exp.Literal.string(value)
    raise BadInput(f"A parameter of type {type(value).__name__} cannot be written as SQL.")


def fill_parameters(tree: exp.Query, values: Mapping[str, object]) -> exp.Query:
    """``tree`` with the values of its ``$name`` parameters."""
    folded = {name.casefold(): value for name, value in values.items()}

    def fill(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Placeholder | exp.Parameter):
            return _bracketed(literal(folded[node.name.casefold()]))
        return node

    tree.transform(fill, copy=False)
    return tree


def fold_patterns(connection: DuckDBPyConnection, tree: exp.Query) -> exp.Query:
    """``tree`` with patterns that rest on no column computed by DuckDB: ``upper(trim('cve-…'))`` is a text."""
    for node in tree.find_all(*_PATTERNS):
        pattern = node.expression
        if not isinstance(pattern, exp.Literal) and not pattern.find(exp.Column, exp.Identifier, exp.Query):
            row = connection.execute(f"SELECT CAST(({pattern.sql('duckdb')}) AS VARCHAR)").fetchone()
            node.set("expression", literal(row[0] if row else None))
    return tree


def _bracketed(value: exp.Expr) -> exp.Expr:
    """A negative number keeps its sign to itself: ``5 - -3`` is no comment."""
    return exp.Paren(this=value) if isinstance(value, exp.Literal) and value.name.startswith("-") else value
