"""``where``: conditions wait unwritten, so that several are one WHERE, beside the table where they can."""

from dataclasses import replace

from query.kql import tree
from query.kql.definitions import Context
from query.kql.program import select, where
from query.kql.rows import Rows, StoredColumn, plain
from query.kql.scope import RowScope
from query.kql.steps.any_column import starless
from query.kql.steps.windows import with_windows, without_values
from query.kql.types import KqlType
from query.kql.values import bind_condition

# What is false of the empty text whatever a text of at least one character stands on the right.
_POSITIVE = ("has", "contains", "startswith", "endswith", "hasprefix", "hassuffix")
_FALSE_OF_EMPTY = frozenset(("==", "=~", ">", ">=", *_POSITIVE, *(f"{word}_cs" for word in _POSITIVE)))


def bind_where(context: Context, rows: Rows, step: tree.Where) -> Rows:
    """``where condition``."""
    return filtered(context, rows, starless(step.condition, rows.columns))


def filtered(context: Context, rows: Rows, condition: tree.Expression) -> Rows:
    """The rows for which ``condition`` is true; null is not."""
    for written in _conjuncts(condition):
        rows, (part,) = with_windows(context, rows, [written], written.span)
        scope = RowScope(context, _as_stored(rows) if _is_false_of_null(part) else rows)
        found = bind_condition(part, scope)
        sql = found.operand if " OR " in found.sql else found.sql
        if scope.uses_windows:
            body = [*select(["*"], rows.source), *where(rows.conditions), f"QUALIFY {sql}"]
            source = context.program.add("filtered", body, part.span)
            rows = without_values(replace(rows, source=source, conditions=()))
        else:
            rows = replace(rows, conditions=(*rows.conditions, sql))
    return rows


def _conjuncts(condition: tree.Expression) -> list[tree.Expression]:
    parts: list[tree.Expression] = []
    while isinstance(condition, tree.Binary) and condition.operator == "and":
        parts.append(condition.right)
        condition = condition.left
    found = [condition, *reversed(parts)]
    if len(found) == 1:
        return found
    return [inner for part in found for inner in _conjuncts(part)]


def _is_false_of_null(condition: tree.Expression) -> bool:
    """Whether a row is left out as well where a text of it is null instead of empty.

    Then the column is compared as the table holds it, which files can be skipped by.
    """
    match condition:
        case tree.Binary(_, "and" | "or", left, right):
            return _is_false_of_null(left) and _is_false_of_null(right)
        case tree.Binary(_, operator, tree.Name(), tree.Literal(_, value, KqlType.STRING)):
            return operator in _FALSE_OF_EMPTY and bool(value)
        case tree.Membership(_, "in" | "in~" | "has_any", tree.Name(), items):
            return all(isinstance(one, tree.Literal) and bool(one.value) for one in items)
        case tree.Call(_, tree.Name(_, "isnotempty" | "notempty"), (tree.Name(),)):
            return True
        case _:
            return False


def _as_stored(rows: Rows) -> Rows:
    columns = tuple(plain(column) if isinstance(column, StoredColumn) else column for column in rows.columns)
    return replace(rows, columns=columns)
