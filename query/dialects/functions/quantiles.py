"""Quantiles: DuckDB's own interpolation where an engine has the sorted list, but for the last bit.

DuckDB multiplies and adds in one step where its library does, so that bit depends on the machine even there.
"""

from sqlglot import exp

from query.dialects.functions.handler import kept
from query.dialects.kinds import Kind, kind
from query.dialects.saying import Forms, say
from query.dialects.target import Target

QUANTILE = "patchdeck_quantile"

_QUANTILE: Forms = {
    "snowflake": "PERCENTILE_CONT({1}) WITHIN GROUP (ORDER BY {0})",
    "postgres": "PERCENTILE_CONT({1}) WITHIN GROUP (ORDER BY {0})",
}


# Those that go before OVER; other engines have them as aggregates only: query.dialects.windows.
_OVER: Forms = {
    "spark": "PERCENTILE({0}, {1})",
    "bigquery": "PERCENTILE_CONT({0}, {1})",
    "snowflake": "PERCENTILE_CONT({1}) WITHIN GROUP (ORDER BY {0})",
    "tsql": "PERCENTILE_CONT({1}) WITHIN GROUP (ORDER BY {0})",
}


def say_quantile(node: exp.Expr, target: Target) -> exp.Expr:
    """The value below which a share of the numbers lies, between its two neighbours; the median is that of half."""
    share = node.expression if node.args.get("expression") is not None else exp.Literal.number("0.5")
    if kind(node.this) not in (Kind.INTEGER, Kind.REAL, Kind.DECIMAL) or not isinstance(share, exp.Literal):
        target.refuse(node, "A quantile of what is no number, or of several shares")
    value: Forms = {"bigquery": "CAST({0} AS FLOAT64)", "tsql": "CAST({0} AS FLOAT)", "*": "CAST({0} AS DOUBLE)"}
    real = say(node, target, {**value, "postgres": "CAST({0} AS DOUBLE PRECISION)"}, node.this)
    if isinstance(node.parent, exp.Window):
        return say(node, target, _OVER, real, share)
    if target.engine.value == "tsql":
        return kept(exp.Anonymous(this=QUANTILE, expressions=[real, share.copy()]))
    if target.engine.value in ("spark", "trino", "bigquery"):
        return _interpolated(node, target, real, share)
    return say(node, target, _QUANTILE, real, share)


def _interpolated(node: exp.Expr, target: Target, value: exp.Expr, share: exp.Expr) -> exp.Expr:
    """From the sorted list: between its two elements around the place ``(count - 1) * share``."""
    lists: Forms = {
        "spark": "SORT_ARRAY(COLLECT_LIST({0}))",
        "trino": "ARRAY_SORT(ARRAY_AGG({0}) FILTER(WHERE {0} IS NOT NULL))",
        "bigquery": "ARRAY_AGG({0} IGNORE NULLS ORDER BY {0})",
    }
    element: Forms = {
        "spark": "GET({0}, CAST({1}((COUNT({2}) - 1) * CAST({3} AS DOUBLE)) AS INT))",
        "trino": "ELEMENT_AT({0}, CAST({1}((COUNT({2}) - 1) * CAST({3} AS DOUBLE)) AS BIGINT) + 1)",
        "bigquery": "{0}[SAFE_OFFSET(CAST({1}((COUNT({2}) - 1) * {3}) AS INT64))]",
    }
    sorted_list = say(node, target, lists, value)
    low, high = (
        say(
            node,
            target,
            {name: form.replace("{1}", rounding) for name, form in element.items()},
            sorted_list,
            exp.Null(),
            value,
            share,
        )
        for rounding in ("FLOOR", "CEIL")
    )
    place: Forms = {
        "*": "((COUNT({0}) - 1) * CAST({1} AS DOUBLE))",
        "trino": "((COUNT({0}) - 1) * CAST({1} AS DOUBLE))",
        "bigquery": "((COUNT({0}) - 1) * {1})",
    }
    at = say(node, target, place, value, share)
    return say(node, target, {"*": "{0} * (1 - ({2} - FLOOR({2}))) + {1} * ({2} - FLOOR({2}))"}, low, high, at)
