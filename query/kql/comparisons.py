"""``== != < <= > >=`` and ``between``: a null differs from every value, and is less than none."""

from datetime import datetime

from query.kql.bound import Bound
from query.kql.coercion import convert
from query.kql.errors import KqlProblem
from query.kql.tree import Span
from query.kql.types import KqlType

_TEXTS = (KqlType.STRING, KqlType.GUID)


def compare(operator: str, left: Bound, right: Bound, span: Span, *, is_condition: bool) -> Bound:
    """``left operator right``.

    As a condition, where a null means false, the SQL is plain. As a value it is exact: a null equals no value, two
    nulls compare to a null.

    Raises:
        KqlProblem: KQL does not compare these types.
    """
    left, right = alike(left, right, operator, span)
    if operator not in ("==", "!="):
        if left.type in _TEXTS or left.type is KqlType.DYNAMIC:
            message = f"{operator!r} does not order a {left.type.value}: write strcmp(…) {operator} 0, or todouble(…)."
            raise KqlProblem(message, span)
        return _comparison(f"{left.compared} {operator} {right.compared}")
    if left.type is KqlType.DYNAMIC:
        left, right = (Bound(f"json_normalize({side.sql})", KqlType.STRING) for side in (left, right))
        return _equality(operator, left, right, is_condition=is_condition, is_never_null=False)
    is_never_null = left.type is KqlType.STRING and right.type is KqlType.STRING
    return _equality(operator, left, right, is_condition=is_condition, is_never_null=is_never_null)


def between(value: Bound, low: Bound, high: Bound, span: Span, *, is_negated: bool) -> Bound:
    """``value between (low .. high)``, both ends in it; a timespan as ``high`` counts from ``low``.

    Raises:
        KqlProblem: KQL does not compare these types.
    """
    value, low = alike(value, low, "between", span)
    value, high = alike(value, high, "between", span)
    word = "NOT BETWEEN" if is_negated else "BETWEEN"
    return _comparison(f"{value.compared} {word} {low.compared} AND {high.compared}")


def alike(left: Bound, right: Bound, operator: str, span: Span) -> tuple[Bound, Bound]:
    """Both sides under one type, as KQL compares them.

    Raises:
        KqlProblem: it does not.
    """
    if left.type is right.type or (left.type.is_number and right.type.is_number):
        return left, right
    if left.type in _TEXTS and right.type in _TEXTS:
        return _as_guid_text(left), _as_guid_text(right)
    if KqlType.DYNAMIC in (left.type, right.type):
        return _undo_dynamic(left, right), _undo_dynamic(right, left)
    pair = _bool_and_text(left, right) or _bool_and_number(left, right)
    if pair is None:
        advice = _advice(left, right)
        raise KqlProblem(f"{operator!r} cannot compare {left.type.value} with {right.type.value}: {advice}.", span)
    return pair


def _equality(operator: str, left: Bound, right: Bound, *, is_condition: bool, is_never_null: bool) -> Bound:
    if is_never_null or (is_condition and operator == "=="):
        return _comparison(f"{left.compared} {'=' if operator == '==' else '<>'} {right.compared}")
    word = "IS NOT DISTINCT FROM" if operator == "==" else "IS DISTINCT FROM"
    sql = f"{left.compared} {word} {right.compared}"
    if is_condition or any(side.is_literal and side.literal is not None for side in (left, right)):
        return _comparison(sql)
    if left.type is KqlType.STRING and right.type is KqlType.STRING:
        return _comparison(sql)
    return Bound(f"if({left.operand} IS NULL AND {right.operand} IS NULL, NULL, {sql})", KqlType.BOOL)


def _comparison(sql: str) -> Bound:
    return Bound(sql, KqlType.BOOL, is_atom=False)


def _as_guid_text(value: Bound) -> Bound:
    if value.type is KqlType.GUID:
        return value
    if value.is_literal and isinstance(value.literal, str):
        return Bound(value.sql.lower(), KqlType.GUID, literal=value.literal.lower(), is_literal=True)
    return Bound(f"lower({value.sql})", KqlType.GUID)


def _undo_dynamic(value: Bound, other: Bound) -> Bound:
    """A dynamic value as one of the type that it is compared with; a number only if JSON has a number there."""
    if value.type is not KqlType.DYNAMIC:
        return value
    if other.type.is_number:
        return Bound(f"kql_number({value.sql})", KqlType.REAL)
    return convert(value, other.type)


def _bool_and_text(left: Bound, right: Bound) -> tuple[Bound, Bound] | None:
    """``Optional == "false"`` is written on the pages of Azure's tables, where the column is a bool."""
    for value, text in ((left, right), (right, left)):
        if value.type is KqlType.BOOL and text.type is KqlType.STRING:
            literal = text.literal.lower() if isinstance(text.literal, str) else ""
            if literal in ("true", "false"):
                return value, Bound(literal, KqlType.BOOL, literal=literal == "true", is_literal=True)
    return None


def _bool_and_number(left: Bound, right: Bound) -> tuple[Bound, Bound] | None:
    types = {left.type, right.type}
    if KqlType.BOOL in types and (types - {KqlType.BOOL}) <= {KqlType.INT, KqlType.LONG}:
        return tuple(  # type: ignore[return-value]  # a generator of two
            Bound(f"CAST({side.sql} AS INTEGER)", KqlType.INT) if side.type is KqlType.BOOL else side
            for side in (left, right)
        )
    return None


def _advice(left: Bound, right: Bound) -> str:
    for value, other in ((left, right), (right, left)):
        if value.type is KqlType.STRING and other.type is not KqlType.STRING:
            text = value.literal if isinstance(value.literal, str) else "…"
            name = {KqlType.DATETIME: "datetime", KqlType.TIMESPAN: "timespan"}.get(other.type, f"to{other.type.value}")
            is_written = isinstance(value.literal, str) and not isinstance(value.literal, datetime)
            quote = '"' if is_written and name.startswith("to") else ""
            return f"write {name}({quote}{text}{quote})"
    return "convert one of them, for example with tostring(…) or todatetime(…)"
