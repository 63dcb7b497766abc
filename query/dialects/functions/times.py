"""Times and days: all are UTC without a zone, so that no session's zone matters."""

from sqlglot import exp

from query.dialects.functions.handler import Handler
from query.dialects.functions.spans import MICROSECONDS, elapsed, shift, span_of
from query.dialects.kinds import Kind, kind
from query.dialects.saying import Forms, say
from query.dialects.target import Target

TO_TIME: Forms = {
    "spark": "CAST({0} AS TIMESTAMP)",
    "trino": "CAST({0} AS TIMESTAMP(6))",
    "snowflake": "CAST({0} AS TIMESTAMP_NTZ)",
    "bigquery": "CAST({0} AS DATETIME)",
    "tsql": "CAST({0} AS DATETIME2(6))",
    "postgres": "CAST({0} AS TIMESTAMP)",
}
_TRUNC: Forms = {
    "spark": "DATE_TRUNC('{unit}', {0})",
    "trino": "DATE_TRUNC('{unit}', {0})",
    "snowflake": "DATE_TRUNC('{unit}', {0})",
    "bigquery": "DATETIME_TRUNC({0}, {unit})",
    "tsql": "DATETRUNC({unit}, {0})",
    "postgres": "DATE_TRUNC('{unit}', {0})",
}
_WEEKS = {"bigquery": "ISOWEEK", "tsql": "ISO_WEEK"}
_DAYS_BETWEEN: Forms = {
    "spark": "CAST(DATEDIFF({1}, {0}) AS BIGINT)",
    "trino": "DATE_DIFF('DAY', {0}, {1})",
    "snowflake": "DATEDIFF(DAY, {0}, {1})",
    "bigquery": "DATE_DIFF({1}, {0}, DAY)",
    "tsql": "DATEDIFF_BIG(DAY, {0}, {1})",
    "postgres": "CAST({1} - {0} AS BIGINT)",
}
_MOVE_DAY: dict[str, Forms] = {
    "+": {
        "spark": "DATE_ADD({0}, CAST({1} AS INT))",
        "trino": "DATE_ADD('DAY', {1}, {0})",
        "snowflake": "DATEADD(DAY, {1}, {0})",
        "bigquery": "DATE_ADD({0}, INTERVAL {1} DAY)",
        "tsql": "DATEADD(DAY, {1}, {0})",
        "postgres": "{0} + CAST({1} AS INT)",
    },
    "-": {
        "spark": "DATE_SUB({0}, CAST({1} AS INT))",
        "trino": "DATE_ADD('DAY', -{1}, {0})",
        "snowflake": "DATEADD(DAY, -{1}, {0})",
        "bigquery": "DATE_SUB({0}, INTERVAL {1} DAY)",
        "tsql": "DATEADD(DAY, -{1}, {0})",
        "postgres": "{0} - CAST({1} AS INT)",
    },
}
_SIGNS = {
    "spark": {"%Y": "yyyy", "%m": "MM", "%d": "dd", "%H": "HH", "%M": "mm", "%S": "ss"},
    "trino": {"%Y": "%Y", "%m": "%m", "%d": "%d", "%H": "%H", "%M": "%i", "%S": "%s"},
    "snowflake": {"%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "HH24", "%M": "MI", "%S": "SS"},
    "bigquery": {sign: sign for sign in ("%Y", "%m", "%d", "%H", "%M", "%S")},
    "tsql": {"%Y": "yyyy", "%m": "MM", "%d": "dd", "%H": "HH", "%M": "mm", "%S": "ss"},
    "postgres": {"%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "HH24", "%M": "MI", "%S": "SS"},
}
_FORMATTED: Forms = {
    "spark": "DATE_FORMAT({0}, '{format}')",
    "trino": "DATE_FORMAT({0}, '{format}')",
    "snowflake": "TO_CHAR({0}, '{format}')",
    "bigquery": "FORMAT_DATETIME('{format}', {0})",
    "tsql": "FORMAT({0}, '{format}')",
    "postgres": "TO_CHAR({0}, '{format}')",
}
_PARTS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "QUARTER")


def as_time(node: exp.Expr, target: Target) -> exp.Expr:
    """``node``, a time or a day, as a time; a written text too."""
    if kind(node) is Kind.TIME:
        return node
    if kind(node) is Kind.DAY or isinstance(node, exp.Literal):
        said = say(node, target, TO_TIME, node)
        said.type = exp.DataType.build("TIMESTAMP")
        return said
    return target.refuse(node, f"{node.sql('duckdb')[:60]} where a time is needed", "Cast it to TIMESTAMP.")


def truncate(node: exp.Expr, moment: exp.Expr, unit: str, target: Target) -> exp.Expr:
    """The beginning of the unit of time that ``moment`` lies in."""
    named = _WEEKS.get(target.engine.value, unit) if unit == "WEEK" else unit
    if unit not in ("SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"):
        target.refuse(node, f"date_trunc() to a {unit.lower()}")
    said = say(
        node, target, {key: form.replace("{unit}", named) for key, form in _TRUNC.items()}, as_time(moment, target)
    )
    said.type = exp.DataType.build("TIMESTAMP")
    return said


def _trunc(node: exp.Expr, target: Target) -> exp.Expr:
    return truncate(node, node.this, _unit(node.args.get("unit")), target)


def _boundaries(node: exp.Expr, target: Target) -> exp.Expr:
    """``date_diff``: how many beginnings of a unit lie between two times."""
    start, end, unit = node.expression, node.this, _unit(node.args.get("unit"))
    if unit == "DAY":
        days = [
            say(side, target, {"*": "CAST({0} AS DATE)"}, side) if kind(side) is Kind.TIME else side
            for side in (start, end)
        ]
        return say(node, target, _DAYS_BETWEEN, *days)
    if unit not in MICROSECONDS or unit == "MILLISECOND":
        target.refuse(node, f"date_diff() in {unit.lower()}s")
    if unit == "MICROSECOND":
        return elapsed(node, as_time(start, target), as_time(end, target), unit, target)
    if target.engine.value == "tsql":
        return say(
            node, target, {"tsql": f"DATEDIFF_BIG({unit}, {{0}}, {{1}})"}, as_time(start, target), as_time(end, target)
        )
    return elapsed(node, truncate(node, start, unit, target), truncate(node, end, unit, target), unit, target)


def _whole_units(node: exp.Expr, target: Target) -> exp.Expr:
    """``date_sub``: how many whole units have passed between two times."""
    unit_literal, start, end = node.expressions
    unit = _unit(unit_literal)
    if unit not in MICROSECONDS:
        target.refuse(node, f"date_sub() in {unit.lower()}s")
    return elapsed(node, as_time(start, target), as_time(end, target), unit, target)


def _add_sub(node: exp.Expr, target: Target) -> exp.Expr:
    left, right = node.this, node.expression
    sign = "+" if isinstance(node, exp.Add) else "-"
    kinds = (kind(left), kind(right))
    if sign == "+" and kinds[0] is Kind.SPAN and kinds[1] in (Kind.TIME, Kind.DAY):
        left, right, kinds = right, left, kinds[::-1]
    if kinds[1] is Kind.SPAN and kinds[0] in (Kind.TIME, Kind.DAY):
        return shift(node, as_time(left, target), span_of(right, target), sign, target)
    if kinds[0] is Kind.DAY and kinds[1] is Kind.INTEGER:
        return say(node, target, _MOVE_DAY[sign], left, right)
    if kinds == (Kind.DAY, Kind.DAY) and sign == "-":
        return say(node, target, _DAYS_BETWEEN, right, left)
    if kind(node) is Kind.SPAN:
        return node  # what compares it says it
    if not set(kinds) <= {Kind.INTEGER, Kind.REAL, Kind.DECIMAL, Kind.NOTHING}:
        target.refuse(node, node.sql("duckdb")[:80], "The types of its parts are not known: cast them.")
    return node


def _format(node: exp.Expr, target: Target) -> exp.Expr:
    """``strftime`` with the signs for year, month, day, hour, minute and second."""
    pattern, text = node.args.get("format"), ""
    if not isinstance(pattern, exp.Literal):
        target.refuse(node, "strftime() with a computed format")
    rest = pattern.name
    while rest:
        sign = rest[:2] if rest[0] == "%" else rest[0]
        if (len(sign) == 2 and sign not in _SIGNS["bigquery"]) or sign.isalpha() or sign in "'\"":
            target.refuse(node, f"strftime() with {pattern.name!r}")
        text += _SIGNS[target.engine.value].get(sign, sign)
        rest = rest[len(sign) :]
    forms = {key: form.replace("{format}", text) for key, form in _FORMATTED.items()}
    return say(node, target, forms, as_time(node.this, target))


def _extract(node: exp.Expr, target: Target) -> exp.Expr:
    part, moment = _unit(node.this), node.expression
    return _part(node, part, moment, target)


def _date_part(node: exp.Expr, target: Target) -> exp.Expr:
    return _part(node, _unit(node.expressions[0]), node.expressions[1], target)


def _part_of(part: str) -> Handler:
    return lambda node, target: _part(node, part, node.this, target)


def _part(node: exp.Expr, part: str, moment: exp.Expr, target: Target) -> exp.Expr:
    if part not in _PARTS:
        target.refuse(node, f"The {part.lower()} of a time")
    form: Forms = {
        "tsql": f"DATEPART({part}, {{0}})",
        "postgres": f"CAST(EXTRACT({part} FROM {{0}}) AS BIGINT)",
        "*": f"EXTRACT({part} FROM {{0}})",
    }
    return say(node, target, form, moment)


def _bucket(node: exp.Expr, target: Target) -> exp.Expr:
    """``time_bucket`` of one hour, day, week or month: the beginning of it. Weeks begin on Mondays in DuckDB too."""
    interval = node.this
    if isinstance(interval, exp.Interval) and interval.this.name == "1" and not node.args.get("zone"):
        unit = _unit(interval.args.get("unit"))
        if unit in ("MINUTE", "HOUR", "DAY", "WEEK", "MONTH"):
            return truncate(node, node.expression, unit, target)
    return target.refuse(node, "time_bucket() of anything but one minute, hour, day, week or month")


def _unit(node: object) -> str:
    name = node.name if isinstance(node, exp.Expr) else ""
    return name.upper().rstrip("S")


def _epoch(node: exp.Expr, target: Target) -> exp.Expr:
    """``epoch(b - a)``: seconds with their fraction."""
    difference = node.this.unnest()
    if not isinstance(difference, exp.Sub) or kind(difference) is not Kind.SPAN:
        target.refuse(node, "epoch() of anything but a difference of two times")
    start, end = as_time(difference.expression, target), as_time(difference.this, target)
    micros = elapsed(node, start, end, "MICROSECOND", target)
    real: Forms = {
        "bigquery": "CAST({0} AS FLOAT64) / 1000000",
        "tsql": "CAST({0} AS FLOAT) / 1000000",
        "postgres": "CAST({0} AS DOUBLE PRECISION) / 1000000",
        "*": "CAST({0} AS DOUBLE) / 1000000",
    }
    return say(node, target, real, micros)


TIMES: dict[type[exp.Expr], Handler] = {
    exp.TimestampTrunc: _trunc,
    exp.DateTrunc: _trunc,
    exp.DateDiff: _boundaries,
    exp.Add: _add_sub,
    exp.Sub: _add_sub,
    exp.TimeToStr: _format,
    exp.Extract: _extract,
    exp.TimeToUnix: _epoch,
    exp.DateBin: _bucket,
    exp.Year: _part_of("YEAR"),
    exp.Month: _part_of("MONTH"),
    exp.Day: _part_of("DAY"),
    exp.Hour: _part_of("HOUR"),
    exp.Minute: _part_of("MINUTE"),
}
TIMES_BY_NAME: dict[str, Handler] = {"date_sub": _whole_units, "datesub": _whole_units, "date_part": _date_part}
