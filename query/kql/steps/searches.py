"""``search``: a term in any column, of the rows at hand or of given tables."""

from query.kql import tree
from query.kql.bound import BoundColumn
from query.kql.definitions import Context
from query.kql.errors import KqlProblem
from query.kql.names import matches
from query.kql.rows import Rows
from query.kql.sources import bind_named_rows, table_rows
from query.kql.steps.conditions import filtered
from query.kql.steps.unions import united
from query.kql.types import KqlType

_SOURCE = "$table"


def bind_search(context: Context, rows: Rows, step: tree.Search) -> Rows:
    """``| search condition``."""
    return filtered(context, rows, _spelt_out(step.condition, rows.columns))


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
            return _anywhere(condition, operator, tree.Literal(condition.span, text, KqlType.STRING), columns)
        case tree.Binary(span, "and" | "or" as word, left, right):
            return tree.Binary(span, word, _spelt_out(left, columns), _spelt_out(right, columns))
        case tree.Call(span, tree.Name(_, "not") as name, (inner,)):
            return tree.Call(span, name, (_spelt_out(inner, columns),))
        case tree.Binary(_, operator, tree.Star(), right):
            return _anywhere(condition, operator, right, columns)
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


def _anywhere(
    condition: tree.Expression, operator: str, right: tree.Expression, columns: tuple[BoundColumn, ...]
) -> tree.Expression:
    span = condition.span
    found: tree.Expression | None = None
    is_text = not isinstance(right, tree.Literal) or right.type is KqlType.STRING
    for column in columns:
        if not is_text and isinstance(right, tree.Literal) and column.type is not right.type:
            continue
        name: tree.Expression = tree.Name(span, column.name)
        left = name if column.type is KqlType.STRING or not is_text else _text_of(name)
        one = tree.Binary(span, operator, left, right)
        found = tree.Binary(span, "or", found, one) if found else one
    if found is None:
        raise KqlProblem("No column can hold this.", span)
    return found


def _as_text(value: tree.Expression, columns: tuple[BoundColumn, ...]) -> tree.Expression:
    is_text = isinstance(value, tree.Name) and any(
        column.name == value.text and column.type is KqlType.STRING for column in columns
    )
    return value if is_text else _text_of(value)


def _text_of(value: tree.Expression) -> tree.Expression:
    return tree.Call(value.span, tree.Name(value.span, "tostring"), (value,))
