"""Spread, percentiles and bits of many values."""

from collections.abc import Callable

from query.kql import tree
from query.kql.aggregates.aggregate import Aggregate, if_condition
from query.kql.bound import Bound
from query.kql.errors import KqlProblem
from query.kql.signature import Arguments
from query.kql.text_forms import json_of
from query.kql.types import KqlType

_KINDS = "number|timespan|datetime"


def _spread(function: str, *, has_condition: bool) -> Callable[[Arguments, str], Bound]:
    def write(arguments: Arguments, _order: str) -> Bound:
        sql = f"{function}({arguments[0].sql})"
        sql = if_condition(sql, arguments[1]) if has_condition else sql
        # Of one value there is no spread of a sample: Kusto says nought.
        return Bound(f"coalesce({sql}, 0)" if function.endswith("samp") else sql, KqlType.REAL)

    return write


def _covariance(function: str, *, has_condition: bool) -> Callable[[Arguments, str], Bound]:
    def write(arguments: Arguments, _order: str) -> Bound:
        sql = f"{function}({arguments[0].sql}, {arguments[1].sql})"
        return Bound(if_condition(sql, arguments[2]) if has_condition else sql, KqlType.REAL)

    return write


def share(arguments: Arguments, index: int) -> str:
    """A percentile as DuckDB wants it: between 0 and 1.

    Raises:
        KqlProblem: it is not written out, or not between 0 and 100.
    """
    literal = arguments[index].literal
    if isinstance(literal, bool) or not isinstance(literal, int | float) or not 0 <= literal <= 100:
        raise arguments.problem(index, "a percentile is written out, between 0 and 100.")
    return f"{literal / 100:.10g}"


def percentile_of(value: Bound, arguments: Arguments, index: int) -> Bound:
    """The value below or at which so many of a hundred are: the nearest rank, as Kusto has it."""
    return Bound(f"quantile_disc({value.sql}, {share(arguments, index)})", value.type)


def _percentile(arguments: Arguments, _order: str) -> Bound:
    return percentile_of(arguments[0], arguments, 1)


def _percentiles_array(arguments: Arguments, _order: str) -> Bound:
    value, given = arguments[0], arguments[1].literal
    if isinstance(given, list):
        shares = [f"{number / 100:.10g}" for number in given]
    else:
        shares = [share(arguments, index) for index in range(1, len(arguments))]
    items = ", ".join(json_of(Bound(f"quantile_disc({value.sql}, {one})", value.type)).sql for one in shares)
    return Bound(f"json_array({items})", KqlType.DYNAMIC)


def percentile_name(of: str, percentile: tree.Expression) -> str:
    """``percentile_x_95``; a point in the number is a line below."""
    if not isinstance(percentile, tree.Literal):
        raise KqlProblem("A percentile is written out, between 0 and 100.", percentile.span)
    return f"percentile_{of}_{percentile.value}".replace(".", "_")


def _bits(function: str) -> Callable[[Arguments, str], Bound]:
    return lambda arguments, _order: Bound(f"{function}({arguments[0].operand}::BIGINT)", KqlType.LONG)


def _spreads(name: str, function: str, what: str) -> tuple[Aggregate, Aggregate]:
    return (
        Aggregate(f"{name}(value: number|timespan): real", f"{what}.", _spread(function, has_condition=False), name),
        Aggregate(
            f"{name}if(value: number|timespan, condition: condition): real",
            f"{what}, over the rows for which the condition holds.",
            _spread(function, has_condition=True),
            f"{name}if",
        ),
    )


def _covariances(name: str, function: str, what: str) -> tuple[Aggregate, Aggregate]:
    parameters = "one: number, other: number"
    return (
        Aggregate(f"{name}({parameters}): real", f"{what}.", _covariance(function, has_condition=False), name),
        Aggregate(
            f"{name}if({parameters}, condition: condition): real",
            f"{what}, over the rows for which the condition holds.",
            _covariance(function, has_condition=True),
            f"{name}if",
        ),
    )


STATISTICS = (
    *_spreads("stdev", "stddev_samp", "The standard deviation of a sample"),
    *_spreads("stdevp", "stddev_pop", "The standard deviation of all"),
    *_spreads("variance", "var_samp", "The variance of a sample"),
    *_spreads("variancep", "var_pop", "The variance of all"),
    *_covariances("covariance", "covar_samp", "The covariance of a sample"),
    *_covariances("covariancep", "covar_pop", "The covariance of all"),
    Aggregate(
        f"percentile(value: {_KINDS}, percentile: number)",
        "The value at or below which so many of a hundred are.",
        _percentile,
        "percentile",
    ),
    Aggregate(
        f"percentiles(value: {_KINDS}, percentile: number...)",
        "Several percentiles, a column each.",
        _percentile,
        "percentile",
        is_of_rows=True,
    ),
    Aggregate(
        f"percentiles_array(value: {_KINDS}, percentile: number|dynamic...): dynamic",
        "Several percentiles as an array.",
        _percentiles_array,
        "percentiles",
    ),
    Aggregate("binary_all_and(value: whole): long", "The bits that all values have.", _bits("bit_and")),
    Aggregate("binary_all_or(value: whole): long", "The bits that some value has.", _bits("bit_or")),
    Aggregate("binary_all_xor(value: whole): long", "The bits that an odd number of values has.", _bits("bit_xor")),
)
