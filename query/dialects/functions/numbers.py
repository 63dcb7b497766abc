"""Numbers: ``/`` divides exactly and ``//`` cuts off, ``round`` rounds halves away from zero, in every engine."""

from functools import reduce

from sqlglot import exp

from query.dialects.functions.handler import Handler, operand
from query.dialects.kinds import Kind, kind
from query.dialects.saying import Forms, say
from query.dialects.target import Target

_NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.REAL)
TO_REAL: Forms = {
    "bigquery": "CAST({0} AS FLOAT64)",
    "tsql": "CAST({0} AS FLOAT)",
    "postgres": "CAST({0} AS DOUBLE PRECISION)",
    "*": "CAST({0} AS DOUBLE)",
}


def as_real(node: exp.Expr, target: Target) -> exp.Expr:
    """``node``, a number, as a floating-point one."""
    if kind(node) is Kind.REAL:
        return node
    if kind(node) not in _NUMBERS:
        target.refuse(node, f"{node.sql('duckdb')[:60]} where a number is needed", "Cast it to DOUBLE.")
    said = say(node, target, TO_REAL, node)
    said.type = exp.DataType.build("DOUBLE")
    return said


def _divide(node: exp.Expr, target: Target) -> exp.Expr:
    """Numbers above zero: what DuckDB calls infinite is infinite or an error elsewhere."""
    left, right = as_real(node.this, target), as_real(node.expression, target)
    return say(node, target, {"*": "{0} / {1}", "bigquery": "IEEE_DIVIDE({0}, {1})"}, left, right)


def _divide_whole(node: exp.Expr, target: Target) -> exp.Expr:
    if kind(node.this) is not Kind.INTEGER or kind(node.expression) is not Kind.INTEGER:
        target.refuse(node, "// of what are no whole numbers")
    forms: Forms = {
        "spark": "{0} DIV {1}",
        "trino": "{0} / {1}",
        "snowflake": "({0} - MOD({0}, {1})) / {1}",
        "bigquery": "DIV({0}, {1})",
        "tsql": "{0} / {1}",
        "postgres": "{0} / {1}",
    }
    return say(node, target, forms, node.this, node.expression)


def _rest(node: exp.Expr, target: Target) -> exp.Expr:
    if kind(node.this) is not Kind.INTEGER or kind(node.expression) is not Kind.INTEGER:
        target.refuse(node, "% of what are no whole numbers")
    forms: Forms = {"snowflake": "MOD({0}, {1})", "bigquery": "MOD({0}, {1})", "*": "{0} % {1}"}
    return say(node, target, forms, node.this, node.expression)


def _round(node: exp.Expr, target: Target) -> exp.Expr:
    digits = node.args.get("decimals") or exp.Literal.number(0)
    if not isinstance(digits, exp.Literal) or not digits.name.isdigit() or kind(node.this) not in _NUMBERS:
        target.refuse(node, "round() to a computed or negative number of digits, or of what is no number")
    if kind(node.this) is not Kind.REAL:
        return say(node, target, {"*": "ROUND({0}, {1})"}, node.this, digits)
    # As DuckDB does it; other engines round the number's decimal form, which may give another last digit.
    factor = exp.Literal.number(10 ** int(digits.name))
    scaled = say(node, target, {"*": "{0} * {1}"}, node.this, factor) if digits.name != "0" else node.this
    rounded: Forms = {
        "tsql": "ROUND({0}, 0)",
        "postgres": "(TRUNC({0}) + CASE WHEN ABS({0} - TRUNC({0})) >= 0.5 THEN SIGN({0}) ELSE 0 END)",
        "*": "ROUND({0})",
    }
    whole = say(node, target, rounded, scaled)
    return say(node, target, {"*": "{0} / {1}"}, whole, factor) if digits.name != "0" else whole


def _whole(name: str) -> Handler:
    def handle(node: exp.Expr, target: Target) -> exp.Expr:
        if kind(node.this) is Kind.INTEGER:
            return operand(node)
        forms: Forms = {"tsql": {"CEIL": "CEILING"}.get(name, name) + "({0})", "*": f"{name}({{0}})"}
        said = say(node, target, forms, as_real(node.this, target))
        return say(node, target, {"spark": "CAST({0} AS DOUBLE)", "*": "{0}"}, said)

    return handle


_TRUNCATED: Forms = {
    "spark": "CASE WHEN {0} < 0 THEN CEIL({0}) ELSE FLOOR({0}) END",
    "trino": "TRUNCATE({0})",
    "tsql": "ROUND({0}, 0, 1)",
    "*": "TRUNC({0})",
}


def _truncate(node: exp.Expr, target: Target) -> exp.Expr:
    """``trunc``; Spark counts it as a whole number, so it is only said where it becomes one."""
    if kind(node.this) is Kind.INTEGER:
        return operand(node)
    if node.args.get("decimals") or (target.engine.value == "spark" and not isinstance(node.parent, exp.Cast)):
        target.refuse(node, "trunc() to a number of digits, or of what is not cast to a whole number")
    said = say(node, target, _TRUNCATED, as_real(node.this, target))
    said.meta["whole"] = True
    return said


def _absolute(node: exp.Expr, target: Target) -> exp.Expr:
    if kind(node.this) not in _NUMBERS:
        target.refuse(node, "abs() of what is no number")
    return say(node, target, {"*": "ABS({0})"}, node.this)


def _extreme(name: str) -> Handler:
    """``greatest`` and ``least`` leave nulls out, which not all engines do."""

    def pair(node: exp.Expr, target: Target, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        by_hand = f"CASE WHEN {{0}} IS NULL THEN {{1}} WHEN {{1}} IS NULL THEN {{0}} ELSE {name}({{0}}, {{1}}) END"
        forms: Forms = {"trino": by_hand, "bigquery": by_hand, "snowflake": f"{name}_IGNORE_NULLS({{0}}, {{1}})"}
        return say(node, target, {"*": f"{name}({{0}}, {{1}})", **forms}, left, right)

    def handle(node: exp.Expr, target: Target) -> exp.Expr:
        arguments = [node.this, *node.expressions]
        said: exp.Expr = reduce(lambda left, right: pair(node, target, left, right), arguments)
        return said

    return handle


def _arithmetic(node: exp.Expr, target: Target) -> exp.Expr:
    if kind(node) is Kind.SPAN:
        return node
    parts = [part for part in (node.this, node.args.get("expression")) if isinstance(part, exp.Expr)]
    if any(kind(part) not in (*_NUMBERS, Kind.NOTHING) for part in parts):
        target.refuse(node, node.sql("duckdb")[:80], "The types of its parts are not known: cast them.")
    return node


NUMBERS: dict[type[exp.Expr], Handler] = {
    exp.Div: _divide,
    exp.IntDiv: _divide_whole,
    exp.Mod: _rest,
    exp.Mul: _arithmetic,
    exp.Neg: _arithmetic,
    exp.Round: _round,
    exp.Floor: _whole("FLOOR"),
    exp.Ceil: _whole("CEIL"),
    exp.Abs: _absolute,
    exp.Trunc: _truncate,
    exp.Greatest: _extreme("GREATEST"),
    exp.Least: _extreme("LEAST"),
}
