"""Casts. Those that engines round, print or read in their own ways are refused."""

from sqlglot import exp

from query.dialects.functions.handler import Handler, operand
from query.dialects.functions.numbers import TO_REAL
from query.dialects.functions.times import TO_TIME
from query.dialects.kinds import Kind, kind
from query.dialects.saying import Forms, say
from query.dialects.target import Target

TYPES: dict[Kind, Forms] = {
    Kind.TEXT: {"spark": "STRING", "bigquery": "STRING", "postgres": "TEXT", "tsql": "VARCHAR(MAX)", "*": "VARCHAR"},
    Kind.INTEGER: {"bigquery": "INT64", "*": "BIGINT"},
    Kind.REAL: {"bigquery": "FLOAT64", "tsql": "FLOAT", "postgres": "DOUBLE PRECISION", "*": "DOUBLE"},
    Kind.BOOL: {"tsql": "BIT", "bigquery": "BOOL", "*": "BOOLEAN"},
    Kind.DAY: {"*": "DATE"},
    Kind.TIME: {
        "trino": "TIMESTAMP(6)",
        "snowflake": "TIMESTAMP_NTZ",
        "bigquery": "DATETIME",
        "tsql": "DATETIME2(6)",
        "*": "TIMESTAMP",
    },
}
TYPES[Kind.JSON] = TYPES[Kind.TEXT]
_DAY_TEXT: Forms = {
    "snowflake": "TO_CHAR({0}, 'YYYY-MM-DD')",
    "tsql": "CONVERT(VARCHAR(10), {0}, 23)",
    "postgres": "TO_CHAR({0}, 'YYYY-MM-DD')",
    "trino": "CAST({0} AS VARCHAR)",
    "*": "CAST({0} AS STRING)",
}
_BOOL_TEXT: Forms = {"*": "CASE WHEN {0} THEN 'true' WHEN NOT {0} THEN 'false' END"}
# Digits are written out: a number in braces is a place for an argument.
_DAY_DIGITS = "[0-9][0-9][0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_IS_DAY = f"^{_DAY_DIGITS}$"
_LAST_DAY = "EXTRACT(DAY FROM CAST(SUBSTRING({0}, 1, 7) || '-01' AS DATE) + INTERVAL '1 MONTH' - INTERVAL '1 DAY')"
_TRY: dict[Kind, Forms] = {
    Kind.DAY: {
        "bigquery": "SAFE_CAST({0} AS DATE)",
        "postgres": f"CASE WHEN {{0}} ~ '{_IS_DAY}' THEN CASE WHEN CAST(SUBSTRING({{0}}, 9, 2) AS INT) <= {_LAST_DAY} "
        "THEN CAST({0} AS DATE) END END",
        "*": "TRY_CAST({0} AS DATE)",
    },
    Kind.INTEGER: {
        "spark": "CASE WHEN {0} RLIKE '^-?[0-9]{1,18}$' THEN CAST({0} AS BIGINT) END",
        "trino": "CASE WHEN REGEXP_LIKE({0}, '^-?[0-9]{1,18}$') THEN CAST({0} AS BIGINT) END",
        "postgres": "CASE WHEN {0} ~ '^-?[0-9]{1,18}$' THEN CAST({0} AS BIGINT) END",
        "bigquery": "CASE WHEN REGEXP_CONTAINS({0}, r'^-?[0-9]{1,18}$') THEN CAST({0} AS INT64) END",
        "snowflake": "CASE WHEN REGEXP_LIKE({0}, '-?[0-9]{1,18}') THEN CAST({0} AS BIGINT) END",
    },
}
_IS_TIME = f"^{_DAY_DIGITS}[ T][0-9][0-9]:[0-9][0-9]:[0-9][0-9]([.][0-9]+)?(Z|[+]00:00)?$"
_TRY[Kind.TIME] = {
    "spark": "TRY_CAST({0} AS TIMESTAMP)",
    "trino": "TRY_CAST(REPLACE(REGEXP_REPLACE({0}, '(Z|[+]00:00)$', ''), 'T', ' ') AS TIMESTAMP(6))",
    "snowflake": "CAST(CONVERT_TIMEZONE('UTC', TRY_TO_TIMESTAMP_TZ({0})) AS TIMESTAMP_NTZ)",
    "bigquery": "DATETIME(SAFE_CAST({0} AS TIMESTAMP), 'UTC')",
    "tsql": "CAST(TRY_CAST({0} AS DATETIMEOFFSET(6)) AT TIME ZONE 'UTC' AS DATETIME2(6))",
    "postgres": f"CASE WHEN {{0}} ~ '{_IS_TIME}' THEN CAST({{0}} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END",
}
# What fits; the largest of 64 bits that a floating-point number holds is 1024 below the end.
_BOUNDS = {
    exp.DType.INT: (-(2**31), 2**31 - 1),
    exp.DType.BIGINT: (-(2**63), 2**63 - 1024),
}
_NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.REAL)
_SAME = {
    *((one, one) for one in (Kind.TEXT, Kind.JSON, Kind.DAY, Kind.BOOL, Kind.REAL)),
    *((one, other) for one in (Kind.TEXT, Kind.JSON) for other in (Kind.TEXT, Kind.JSON)),
}


def type_named(of: Kind, target: Target) -> str | None:
    """What the engine calls the type of that kind; None where it has none."""
    forms = TYPES.get(of, {})
    return forms.get(target.engine.value, forms.get("*"))


def null_of(of: Kind, target: Target, node: exp.Expr) -> exp.Expr:
    """NULL with a type, which an engine may need to know."""
    name = type_named(of, target)
    return say(node, target, {"*": f"CAST(NULL AS {name})"}) if name else exp.Null()


def _cast(node: exp.Expr, target: Target) -> exp.Expr:
    if node.meta.get("clock"):
        return operand(node)
    source, to = kind(node.this), kind(node)
    if to is Kind.SPAN:
        return node  # what adds it says it
    if isinstance(node.this, exp.Null) or source is Kind.NOTHING:
        return null_of(to, target, node)
    if (
        isinstance(node.this, exp.Literal)
        and node.this.is_string
        and to in (Kind.DAY, Kind.TIME, Kind.INTEGER, Kind.REAL)
    ):
        return _to(node, to, target)
    if (source, to) in _SAME:
        return operand(node)
    return _between(node, source, to, target)


def _between(  # noqa: C901 - a table of pairs
    node: exp.Expr, source: Kind, to: Kind, target: Target
) -> exp.Expr:
    value = node.this
    if to is Kind.REAL and source in _NUMBERS:
        return say(node, target, TO_REAL, value)
    if to is Kind.INTEGER and (source is Kind.INTEGER or _is_whole(value)):
        return _to(node, to, target)
    if to is Kind.INTEGER and source is Kind.BOOL:
        return say(node, target, {"*": "CASE WHEN {0} THEN 1 WHEN NOT {0} THEN 0 END"}, value)
    if to is Kind.TEXT and source is Kind.INTEGER:
        return _to(node, to, target)
    if to is Kind.TEXT and source is Kind.BOOL:
        return say(node, target, _BOOL_TEXT, value)
    if to is Kind.TEXT and source is Kind.DAY:
        return say(node, target, _DAY_TEXT, value)
    if {source, to} == {Kind.DAY, Kind.TIME}:
        return say(node, target, TO_TIME if to is Kind.TIME else {"*": "CAST({0} AS DATE)"}, value)
    if source is to is Kind.TIME:
        return operand(node)
    if source is Kind.TEXT and to in _TRY:
        return say(node, target, _TRY[to], value)
    return target.refuse(
        node, f"{node.sql('duckdb')[:80]}", "Engines round, print or read such values in their own ways."
    )


def _is_whole(value: exp.Expr) -> bool:
    """Whether a number had its fraction rounded away before; those forms are marked by what made them."""
    return bool(value.meta.get("whole"))


def _to(node: exp.Expr, to: Kind, target: Target) -> exp.Expr:
    return say(node, target, {"*": f"CAST({{0}} AS {type_named(to, target)})"}, node.this)


def _try_cast(node: exp.Expr, target: Target) -> exp.Expr:
    source, to = kind(node.this), kind(node)
    if source in (Kind.TEXT, Kind.JSON) and to in _TRY:
        return say(node, target, _TRY[to], node.this)
    type_ = node.args["to"].this
    if to is Kind.INTEGER and source is Kind.REAL and _is_whole(node.this) and type_ in _BOUNDS:
        low, high = _BOUNDS[type_]
        within = f"CASE WHEN {{0}} >= {low} AND {{0}} <= {high} THEN CAST({{0}} AS {type_named(to, target)}) END"
        return say(node, target, {"*": within}, node.this)
    return _cast(node, target)


CASTS: dict[type[exp.Expr], Handler] = {exp.Cast: _cast, exp.TryCast: _try_cast}
