"""Counts, sums, averages and extremes."""

from query.kql.aggregates.aggregate import Aggregate, aggregate_value, if_condition
from query.kql.bound import Bound
from query.kql.coercion import wider
from query.kql.signature import Arguments
from query.kql.types import KqlType

_DISTINCT = "How many distinct values there are, exactly."


def _count(_arguments: Arguments, _order: str) -> Bound:
    # KQL has count() alone; count(x) is written, and counts all rows too.
    return Bound("count(*)", KqlType.LONG)


def _countif(arguments: Arguments, _order: str) -> Bound:
    return Bound(if_condition("count(*)", arguments[0]), KqlType.LONG)


def _dcount(arguments: Arguments, _order: str) -> Bound:
    return Bound(f"count(DISTINCT {_distinct(arguments[0])})", KqlType.LONG)


def _dcountif(arguments: Arguments, _order: str) -> Bound:
    return Bound(if_condition(f"count(DISTINCT {_distinct(arguments[0])})", arguments[1]), KqlType.LONG)


def _distinct(value: Bound) -> str:
    return f"json_normalize({value.sql})" if value.type is KqlType.DYNAMIC else value.sql


def _sum(arguments: Arguments, _order: str) -> Bound:
    return _total(arguments[0], f"sum({arguments[0].sql})")


def _sumif(arguments: Arguments, _order: str) -> Bound:
    return _total(arguments[0], if_condition(f"sum({arguments[0].sql})", arguments[1]))


def _total(value: Bound, sql: str) -> Bound:
    """A sum: of no rows it is nought."""
    type_ = wider(value.type, KqlType.LONG) if value.type.is_number else value.type
    sql = f"coalesce({sql}, 0)"
    return Bound(sql if type_ is KqlType.REAL else f"CAST({sql} AS {type_.sql_type})", type_)


def _avg(arguments: Arguments, _order: str) -> Bound:
    return _mean(arguments[0], f"avg({arguments[0].sql})")


def _avgif(arguments: Arguments, _order: str) -> Bound:
    return _mean(arguments[0], if_condition(f"avg({arguments[0].sql})", arguments[1]))


def _mean(value: Bound, sql: str) -> Bound:
    if value.type in (KqlType.DATETIME, KqlType.REAL):
        return Bound(sql, value.type)
    if value.type is KqlType.TIMESPAN:
        return Bound(f"CAST(trunc({sql}) AS BIGINT)", KqlType.TIMESPAN)
    if value.type is KqlType.DECIMAL:
        return Bound(f"CAST({sql} AS {value.type.sql_type})", value.type)
    return Bound(sql, KqlType.REAL)


def _extreme(name: str, *, has_condition: bool) -> Aggregate:
    function = name.removesuffix("if")

    def write(arguments: Arguments, _order: str) -> Bound:
        value = arguments[0]
        if value.type is KqlType.DYNAMIC:
            raise arguments.problem(0, "a dynamic value has no order: write tolong(…), todatetime(…) or tostring(…).")
        sql = f"{function}({value.sql})"
        return aggregate_value(if_condition(sql, arguments[1]) if has_condition else sql, value.type)

    what = "The largest value" if function == "max" else "The smallest value"
    rows = " of the rows for which the condition holds." if has_condition else "; nulls do not count."
    parameters = "value: any, condition: condition" if has_condition else "value: any"
    return Aggregate(f"{name}({parameters})", what + rows, write, name)


COUNTS = (
    Aggregate("count([value: column]): long", "How many rows there are.", _count, "count"),
    Aggregate("countif(condition: condition): long", "How many rows hold the condition.", _countif, "countif"),
    Aggregate("dcount(value: any, [accuracy: whole]): long", _DISTINCT, _dcount, "dcount"),
    Aggregate("count_distinct(value: any): long", _DISTINCT, _dcount, "count_distinct"),
    Aggregate(
        "dcountif(value: any, condition: condition, [accuracy: whole]): long",
        "How many distinct values there are in the rows for which the condition holds, exactly.",
        _dcountif,
        "dcountif",
    ),
    Aggregate(
        "count_distinctif(value: any, condition: condition): long",
        "How many distinct values there are in the rows for which the condition holds, exactly.",
        _dcountif,
        "count_distinctif",
    ),
    Aggregate("sum(value: number|timespan)", "The sum; nought for no rows.", _sum, "sum"),
    Aggregate(
        "sumif(value: number|timespan, condition: condition)",
        "The sum over the rows for which the condition holds.",
        _sumif,
        "sumif",
    ),
    Aggregate("avg(value: number|timespan|datetime)", "The mean; nulls do not count.", _avg, "avg"),
    Aggregate(
        "avgif(value: number|timespan|datetime, condition: condition)",
        "The mean over the rows for which the condition holds.",
        _avgif,
        "avgif",
    ),
    _extreme("max", has_condition=False),
    _extreme("maxif", has_condition=True),
    _extreme("min", has_condition=False),
    _extreme("minif", has_condition=True),
)  # fmt: skip
