"""``search``: a term in any column, of the rows at hand or of given tables."""

from query.kql import tree
from query.kql.bound import BoundColumn
from query.kql.definitions import Context
from query.kql.errors import KqlProblem
from query.kql.items import Item
from query.kql.literals_in_sql import text_literal
from query.kql.names import matches
from query.kql.rows import Rows
from query.kql.sources import bind_named_rows, table_rows
from query.kql.steps.any_column import anywhere, text_of
from query.kql.steps.conditions import filtered
from query.kql.steps.projections import projected
from query.kql.steps.unions import united
from query.kql.types import KqlType

_SOURCE = "$table"


def bind_search(context: Context, rows: Rows, step: tree.Search) -> Rows:
    """``| search condition``; ``$table`` says where the rows are from."""
    found = filtered(context, rows, _spelt_out(step.condition, rows.columns))
    if found.has(_SOURCE):
        return found
    found = context.program.written(found, step.span)
    label = Item(_SOURCE, text_literal(rows.label, step.span))
    columns = [Item(column.name, column.value) for column in found.columns]
    return projected(context, found, [label, *columns], step.span, "searched")


def search_tables(context: Context, source: tree.Search) -> Rows:
    """``search in (tables) condition``; without tables, all of them. ``$table`` says where a row is from."""
    parts = [part for one in source.tables for part in _tables(context, one)]
    if not source.tables:
        parts = [table_rows(context, name) for name in context.schema.tables]
    if not parts:
        raise KqlProblem("None of the tables exists.", source.span)
    rows = united(context, parts, source.span, _SOURCE)
    return filtered(context, rows, _spelt_out(source.condition, rows.columns[1:]))


def _tables(context: Context, one: tree.Name | tree.Wildcard) -> list[Rows]:
    if isinstance(one, tree.Name):
        return [bind_named_rows(context.apart(), one)]
    found = [table_rows(context, name) for name in context.schema.tables if matches(one, name)]
    if not found:
        raise KqlProblem(f"No table is called like {one.pattern!r}.", one.span)
    return found


def _spelt_out(condition: tree.Expression, columns: tuple[BoundColumn, ...]) -> tree.Expression:
    """``condition`` with each term, and each ``*``, as a condition on every column."""
    match condition:
        case tree.Literal(_, str() as term, KqlType.STRING):
            operator, text = _operator_of(term)
            term_literal = tree.Literal(condition.span, text, KqlType.STRING)
            return anywhere(tree.Binary(condition.span, operator, tree.Star(condition.span), term_literal), columns)
        case tree.Binary(span, "and" | "or" as word, left, right):
            return tree.Binary(span, word, _spelt_out(left, columns), _spelt_out(right, columns))
        case tree.Call(span, tree.Name(_, "not") as name, (inner,)):
            return tree.Call(span, name, (_spelt_out(inner, columns),))
        case tree.Binary(_, _, tree.Star(), _):
            return anywhere(condition, columns)
        case tree.Binary(span, "has" | ":", left, tree.Literal(_, str() as term)):
            operator, text = _operator_of(term)
            return tree.Binary(span, operator, _as_text(left, columns), tree.Literal(span, text, KqlType.STRING))
        case _:
            return condition


def _operator_of(term: str) -> tuple[str, str]:
    """A term is a whole word, whatever its case; a star leaves one end open, or both."""
    if term.startswith("*") and term.endswith("*") and len(term) > 1:
        return "contains", term[1:-1]
    if term.endswith("*"):
        return "hasprefix", term[:-1]
    if term.startswith("*"):
        return "hassuffix", term[1:]
    return "has", term


def _as_text(value: tree.Expression, columns: tuple[BoundColumn, ...]) -> tree.Expression:
    is_text = isinstance(value, tree.Name) and any(
        column.name == value.text and column.type is KqlType.STRING for column in columns
    )
    return value if is_text else text_of(value)
