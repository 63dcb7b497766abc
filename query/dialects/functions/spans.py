"""Spans of time, which have no form of their own here: only what is added to a time, or compared with a difference."""

from dataclasses import dataclass

from sqlglot import exp

from query.dialects.kinds import Kind, kind
from query.dialects.saying import Forms, say
from query.dialects.target import Target

# Microseconds of the units that always are as long.
MICROSECONDS = {
    "MICROSECOND": 1,
    "MILLISECOND": 1_000,
    "SECOND": 1_000_000,
    "MINUTE": 60_000_000,
    "HOUR": 3_600_000_000,
    "DAY": 86_400_000_000,
}
# DATE_DIFF counts no microseconds: those of the seconds, and the six digits behind them.
_TRINO_DIGITS = "CAST(SUBSTRING(CAST(CAST({place} AS TIMESTAMP(6)) AS VARCHAR), 21, 6) AS BIGINT)"
_TRINO_MICROSECONDS = (
    "DATE_DIFF('SECOND', DATE_TRUNC('SECOND', {0}), DATE_TRUNC('SECOND', {1})) * 1000000 + "
    + _TRINO_DIGITS.replace("{place}", "{1}")
    + " - "
    + _TRINO_DIGITS.replace("{place}", "{0}")
)
_SPARK_SPANS = {
    "DAY": "MAKE_DT_INTERVAL({1})",
    "HOUR": "MAKE_DT_INTERVAL(0, {1})",
    "MINUTE": "MAKE_DT_INTERVAL(0, 0, {1})",
    "SECOND": "MAKE_DT_INTERVAL(0, 0, 0, {1})",
    "MONTH": "MAKE_YM_INTERVAL(0, {1})",
    "YEAR": "MAKE_YM_INTERVAL({1})",
}


@dataclass(frozen=True, slots=True)
class Span:
    """So many of a unit: SECOND, MINUTE, HOUR, DAY, MONTH or YEAR."""

    count: exp.Expr
    unit: str


def span_of(node: exp.Expr, target: Target) -> Span:
    """``to_days(3)``, ``INTERVAL '14 hours'``, ``INTERVAL 1 DAY * n``; anything else is refused."""
    node = node.unnest()
    if isinstance(node, exp.ToDays):
        return _whole(node.this, "DAY", node, target)
    if isinstance(node, exp.Anonymous) and node.name.lower().startswith("to_") and len(node.expressions) == 1:
        return _whole(node.expressions[0], node.name[3:].upper().rstrip("S"), node, target)
    if isinstance(node, exp.Interval) and isinstance(node.this, exp.Expr) and node.args.get("unit") is not None:
        count = exp.Literal.number(node.this.name) if isinstance(node.this, exp.Literal) else node.this
        return _whole(_typed(count), str(node.args["unit"].name).upper().rstrip("S"), node, target)
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal):
        return _written(node, target)
    if isinstance(node, exp.Mul):
        sides = (node.this, node.expression)
        spans = [side for side in sides if kind(side) is Kind.SPAN]
        numbers = [side for side in sides if kind(side) is Kind.INTEGER]
        if len(spans) == len(numbers) == 1:
            span = span_of(spans[0], target)
            return Span(exp.paren(exp.Mul(this=span.count.copy(), expression=numbers[0].copy())), span.unit)
    return target.refuse(node, "A span of time that is not written as INTERVAL or to_days() and its like")


def shift(node: exp.Expr, moment: exp.Expr, span: Span, sign: str, target: Target) -> exp.Expr:
    """``moment`` with ``span`` added (sign +) or taken away (-)."""
    number = span.count.name if isinstance(span.count, exp.Literal) else ""
    minus = "-" if sign == "-" else ""
    forms: dict[str, str] = {
        "trino": f"DATE_ADD('{span.unit}', {minus}{{1}}, {{0}})",
        "snowflake": f"DATEADD({span.unit}, {minus}{{1}}, {{0}})",
        "bigquery": f"{'DATETIME_SUB' if minus else 'DATETIME_ADD'}({{0}}, INTERVAL {{1}} {span.unit})",
        "tsql": f"DATEADD({span.unit}, {minus}{{1}}, {{0}})",
    }
    if number.isdigit():
        forms["spark"] = forms["trino"] = f"{{0}} {sign} INTERVAL '{number}' {span.unit}"
        forms["postgres"] = f"{{0}} {sign} INTERVAL '{number} {span.unit}'"
    else:
        forms["spark"] = f"{{0}} {sign} {_SPARK_SPANS[span.unit]}"
        forms["postgres"] = f"{{0}} {sign} {{1}} * INTERVAL '1 {span.unit}'"
    return say(node, target, forms, moment, span.count)


def elapsed(node: exp.Expr, start: exp.Expr, end: exp.Expr, unit: str, target: Target) -> exp.Expr:
    """Whole units from ``start`` to ``end``, both times, cut off towards zero; only units that always are as long."""
    length = MICROSECONDS[unit]
    micros: Forms = {
        "snowflake": "DATEDIFF(MICROSECOND, {0}, {1})",
        "bigquery": "DATETIME_DIFF({1}, {0}, MICROSECOND)",
        "tsql": "DATEDIFF_BIG(MICROSECOND, {0}, {1})",
        "postgres": "EXTRACT(EPOCH FROM ({1} - {0})) * 1000000",
    }
    whole: Forms = {
        "snowflake": f"CAST(TRUNC({{0}} / {length}) AS BIGINT)",
        "bigquery": f"DIV({{0}}, {length})",
        "tsql": f"{{0}} / CAST({length} AS BIGINT)",
        "postgres": f"CAST(TRUNC({{0}} / {length}) AS BIGINT)",
    }
    if target.engine.value == "spark":
        return say(node, target, {"spark": f"TIMESTAMPDIFF({unit}, {{0}}, {{1}})"}, start, end)
    if target.engine.value == "trino":
        if unit == "MICROSECOND":
            return say(node, target, {"trino": _TRINO_MICROSECONDS}, start, end)
        return say(node, target, {"trino": f"DATE_DIFF('{unit}', {{0}}, {{1}})"}, start, end)
    return say(node, target, whole, say(node, target, micros, start, end))


def _written(node: exp.Cast, target: Target) -> Span:
    """``CAST('7 days' AS INTERVAL)``."""
    number, _, unit = node.this.name.strip().partition(" ")
    if not number.isdigit() or not unit.isalpha():
        target.refuse(node, f"The span of time {node.this.name!r}", "Write it like '7 days'.")
    return _whole(_typed(exp.Literal.number(number)), unit.upper().rstrip("S"), node, target)


def _whole(count: exp.Expr, unit: str, node: exp.Expr, target: Target) -> Span:
    if unit == "MICROSECOND" and isinstance(count, exp.Literal) and count.name.isdigit():
        count, unit = _in_greatest(int(count.name))
    if unit == "WEEK":
        count, unit = _times(count, 7), "DAY"
    if unit == "QUARTER":
        count, unit = _times(count, 3), "MONTH"
    if kind(count) is not Kind.INTEGER or unit not in ("SECOND", "MINUTE", "HOUR", "DAY", "MONTH", "YEAR"):
        target.refuse(node, "A span of time that is not a whole number of seconds or more")
    return Span(count.copy(), unit)


def _in_greatest(microseconds: int) -> tuple[exp.Expr, str]:
    """So many microseconds in the greatest unit that they are whole numbers of."""
    for unit in ("DAY", "HOUR", "MINUTE", "SECOND"):
        if microseconds % MICROSECONDS[unit] == 0:
            return _typed(exp.Literal.number(microseconds // MICROSECONDS[unit])), unit
    return _typed(exp.Literal.number(microseconds)), "MICROSECOND"


def _times(count: exp.Expr, factor: int) -> exp.Expr:
    if isinstance(count, exp.Literal) and count.name.isdigit():
        return _typed(exp.Literal.number(int(count.name) * factor))
    product = exp.paren(exp.Mul(this=count.copy(), expression=exp.Literal.number(factor)))
    product.type = count.type
    return product


def _typed(count: exp.Expr) -> exp.Expr:
    if isinstance(count, exp.Literal) and count.name.isdigit():
        count.type = exp.DataType.build("INT")
    return count
