"""Conditions on any column: ``* has "term"``."""

from query.kql import tree
from query.kql.bound import BoundColumn
from query.kql.errors import KqlProblem
from query.kql.types import KqlType

_TERMS = ("has", "contains", "hasprefix", "hassuffix")
# What is true of a text where it is true of a part of it between line breaks.
_OF_PARTS = frozenset((*_TERMS, *(f"{word}_cs" for word in _TERMS)))


def anywhere(condition: tree.Binary, columns: tuple[BoundColumn, ...]) -> tree.Expression:
    """``* operator value`` as that condition on each of ``columns`` which may hold such a value, joined by ``or``.

    Raises:
        KqlProblem: none of them may.
    """
    span, right = condition.span, condition.right
    if condition.operator in _OF_PARTS and isinstance(right, tree.Literal) and "\n" not in str(right.value):
        return tree.Binary(span, condition.operator, _joined(columns, span), right)
    is_text = not isinstance(right, tree.Literal) or right.type is KqlType.STRING
    found: tree.Expression | None = None
    for column in columns:
        if not is_text and isinstance(right, tree.Literal) and column.type is not right.type:
            continue
        name = tree.Name(span, column.name)
        left = name if column.type is KqlType.STRING or not is_text else text_of(name)
        one = tree.Binary(span, condition.operator, left, right)
        found = tree.Binary(span, "or", found, one) if found else one
    if found is None:
        raise KqlProblem("No column can hold this.", span)
    return found


def _joined(columns: tuple[BoundColumn, ...], span: tree.Span) -> tree.Expression:
    """The texts of all columns, a line each: one search through them instead of one for each."""
    names = [(tree.Name(span, column.name), column.type) for column in columns]
    texts = [name if type_ is KqlType.STRING else text_of(name) for name, type_ in names]
    line_break = tree.Literal(span, "\n", KqlType.STRING)
    return tree.Call(span, tree.Name(span, "strcat_delim"), (line_break, *texts))


def starless(condition: tree.Expression, columns: tuple[BoundColumn, ...]) -> tree.Expression:
    """``condition`` with each ``* operator value`` spelt out."""
    match condition:
        case tree.Binary(_, _, tree.Star(), _):
            return anywhere(condition, columns)
        case tree.Binary(span, "and" | "or" as word, left, right):
            one, other = starless(left, columns), starless(right, columns)
            return condition if one is left and other is right else tree.Binary(span, word, one, other)
        case tree.Call(span, tree.Name(_, "not") as name, (inner,)):
            return tree.Call(span, name, (starless(inner, columns),))
        case _:
            return condition


def text_of(value: tree.Expression) -> tree.Expression:
    """``tostring(value)``."""
    return tree.Call(value.span, tree.Name(value.span, "tostring"), (value,))
